// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/playback/carried_frame.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>

namespace packetarium::ui {
namespace {

/// Index in after of each index in before; noneValue for what is gone.
template <class Specs>
std::vector<std::uint32_t> indicesIn(const Specs &after, const Specs &before) {
  std::unordered_map<std::string_view, std::uint32_t> byId;
  for (std::uint32_t i = 0; i < after.size(); ++i) byId.emplace(after[i].id, i);
  std::vector<std::uint32_t> found;
  for (const auto &spec : before) {
    const auto at = byId.find(spec.id);
    found.push_back(at == byId.end() ? NodeIndex::noneValue : at->second);
  }
  return found;
}

std::uint32_t lookUp(const std::vector<std::uint32_t> &indices, std::uint32_t old) {
  return old < indices.size() ? indices[old] : NodeIndex::noneValue;
}

/// Those that lie on links which are still there, on their new indices.
template <class Views> Views onLinks(Views views, const std::vector<std::uint32_t> &links) {
  for (auto &view : views) view.link = lookUp(links, view.link);
  std::erase_if(views, [](const auto &view) { return view.link == LinkIndex::noneValue; });
  return views;
}

} // namespace

analysis::Frame untouchedFrame(const net::Blueprint &network) {
  analysis::Frame frame;
  frame.nodes.assign(network.nodes.size(), trace::NodeHealth::Up);
  for (const net::LinkSpec &spec : network.links) {
    analysis::LinkView view;
    view.up = spec.up;
    view.rateBps = spec.rateBps;
    view.delay = spec.delay;
    view.jitter = spec.jitter;
    view.loss = spec.loss;
    view.queueLimit = spec.queuePackets;
    frame.links.push_back(view);
  }
  return frame;
}

analysis::Frame carriedFrame(const analysis::Frame &last, const net::Blueprint &before,
                             const net::Blueprint &after) {
  analysis::Frame frame = untouchedFrame(after);
  const auto nodes = indicesIn(after.nodes, before.nodes);
  const auto links = indicesIn(after.links, before.links);
  for (std::uint32_t i = 0; i < last.nodes.size(); ++i)
    if (const auto to = lookUp(nodes, i); to != NodeIndex::noneValue)
      frame.nodes[to] = last.nodes[i];
  for (std::uint32_t i = 0; i < last.links.size(); ++i) {
    const auto to = lookUp(links, i);
    if (to == LinkIndex::noneValue) continue;
    // Its conditions may be what was edited; whether it is cut shows best.
    if (before.links[i].up == after.links[to].up) frame.links[to].up = last.links[i].up;
    frame.links[to].directions = last.links[i].directions;
  }
  frame.packets = onLinks(last.packets, links);
  for (analysis::PacketView &packet : frame.packets) packet.sent = packet.packet = 0;
  frame.queued = onLinks(last.queued, links);
  for (analysis::QueuedView &waiting : frame.queued) waiting.queued = waiting.packet = 0;
  frame.flows = onLinks(last.flows, links);
  for (analysis::OpenFault fault : last.faults) {
    if (fault.node != NodeIndex::noneValue) fault.node = lookUp(nodes, fault.node);
    if (fault.link != LinkIndex::noneValue) fault.link = lookUp(links, fault.link);
    if (fault.node != NodeIndex::noneValue || fault.link != LinkIndex::noneValue)
      frame.faults.push_back(fault);
  }
  frame.inFlightTotal = last.inFlightTotal;
  return frame;
}

} // namespace packetarium::ui
