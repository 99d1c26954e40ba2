// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/canvas_model.h"

#include <algorithm>
#include <map>
#include <utility>

namespace packetarium::ui {
namespace {

// The address people know a node by: of a home router the outside one, else the first.
QString addressOf(const net::NodeSpec &spec) {
  const auto text = [](const net::InterfaceSpec &i) {
    return QString::fromStdString(i.address->address.text());
  };
  if (spec.nat && spec.nat->outsideInterface < spec.interfaces.size()) {
    const auto &outside = spec.interfaces[spec.nat->outsideInterface];
    if (outside.address) return QStringLiteral("NAT ") + text(outside);
  }
  for (const auto &interface : spec.interfaces)
    if (interface.address) return text(interface);
  return {};
}

std::string_view iconOfNode(const scenario::Node &node) {
  for (const scenario::Program &program : node.programs)
    if (program.kind == "dns-server" && scenario::isHost(node.kind)) return "dns";
  return iconOf(node.kind);
}

} // namespace

std::string_view iconOf(scenario::NodeKind kind) {
  switch (kind) {
  case scenario::NodeKind::Host: return "host";
  case scenario::NodeKind::Laptop: return "laptop";
  case scenario::NodeKind::Server: return "server";
  case scenario::NodeKind::Switch: return "switch";
  case scenario::NodeKind::Router: return "router";
  case scenario::NodeKind::HomeRouter: return "home-router";
  }
  return "host";
}

QRectF CanvasModel::bounds() const {
  QRectF all;
  for (const Node &node : nodes) all |= QRectF(node.at - QPointF(64, 40), QSizeF(128, 104));
  for (const Note &note : notes) all |= QRectF(note.at, QSizeF(120, 24));
  return all;
}

CanvasModel canvasModelOf(const scenario::Scenario &scenario, const net::Blueprint &network) {
  CanvasModel model;
  model.nodes.reserve(network.nodes.size());
  for (std::size_t i = 0; i < network.nodes.size(); ++i) {
    const net::NodeSpec &spec = network.nodes[i];
    const scenario::Node *node = i < scenario.nodes.size() && scenario.nodes[i].id == spec.id
                                     ? &scenario.nodes[i]
                                     : scenario.node(spec.id);
    CanvasModel::Node shown;
    shown.name = QString::fromStdString(node != nullptr ? node->name : spec.name);
    if (node != nullptr) {
      shown.at = QPointF(node->position.x, node->position.y);
      shown.icon = iconOfNode(*node);
    }
    // A router has an address on every link; none of them is its own.
    if (node == nullptr || node->kind != scenario::NodeKind::Router)
      shown.address = addressOf(spec);
    model.nodes.push_back(std::move(shown));
  }
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<std::size_t>> pairs;
  for (const net::LinkSpec &spec : network.links) {
    const std::uint32_t a = spec.ends[0].node.value;
    const std::uint32_t b = spec.ends[1].node.value;
    pairs[std::minmax(a, b)].push_back(model.links.size());
    model.links.push_back({a, b, 0});
  }
  for (const auto &[ends, links] : pairs) {
    for (std::size_t i = 0; i < links.size(); ++i) {
      auto &link = model.links[links[i]];
      const double lane = (static_cast<double>(i) - static_cast<double>(links.size() - 1) / 2) * 14;
      link.lane = link.a == ends.first ? lane : -lane;
    }
  }
  for (const scenario::CanvasNote &note : scenario.notes)
    model.notes.push_back(
        {note.id, QPointF(note.position.x, note.position.y), QString::fromStdString(note.text)});
  return model;
}

} // namespace packetarium::ui
