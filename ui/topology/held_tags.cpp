// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/held_tags.h"

#include "ui/cluster/cluster_watch.h"
#include "ui/topology/label_placer.h"

#include <QEasingCurve>
#include <QFontMetricsF>
#include <QStringList>

#include <algorithm>
#include <cmath>

namespace packetarium::ui {
namespace {

constexpr int glideMs = 520;
constexpr double tagsFromEdge = 18; // beside smaller tiles there are none

QString textOf(std::uint32_t address) {
  return QString::fromStdString(wire::Ipv4Address{address}.text());
}

} // namespace

HeldTags::HeldTags(ViewState &state, QObject *parent) : QObject(parent), m_state(state) {
  m_glide.setStartValue(0.0);
  m_glide.setEndValue(1.0);
  m_glide.setDuration(glideMs);
  m_glide.setEasingCurve(QEasingCurve::InOutCubic);
  connect(&m_glide, &QVariantAnimation::valueChanged, this, &HeldTags::moved);
  connect(&m_glide, &QVariantAnimation::finished, this, [this] {
    for (auto &[address, tag] : m_tags) tag.gliding = false;
    Q_EMIT moved();
  });
}

bool HeldTags::update() {
  std::map<std::uint32_t, std::vector<std::uint32_t>> holders;
  for (const analysis::HeldAddress &held : clusterOf(m_state).addresses)
    holders[held.address.value].push_back(held.node);
  bool changed = false;
  bool glides = false;
  for (auto &[address, nodes] : holders) {
    Tag &tag = m_tags[address];
    if (tag.nodes == nodes) continue;
    changed = true;
    // From where it was seen last, even if nobody held it meanwhile.
    if (!tag.boxes.empty()) tag.from = tag.boxes.front();
    const bool elsewhere =
        !tag.nodes.empty() && nodes.size() == 1 && tag.nodes.front() != nodes.front();
    tag.gliding = elsewhere && !tag.from.isEmpty() && !m_state.hub().reduceMotion();
    glides = glides || tag.gliding;
    tag.nodes = nodes;
  }
  for (auto &[address, tag] : m_tags)
    if (!holders.contains(address) && !tag.nodes.empty()) {
      changed = true;
      tag.gliding = false;
      if (!tag.boxes.empty()) tag.from = tag.boxes.front();
      tag.nodes.clear();
    }
  if (glides) {
    m_glide.stop();
    m_glide.start();
  }
  return changed;
}

void HeldTags::place(const CanvasScene &scene, StaticLayer &layer) {
  const QFontMetricsF metrics(m_state.typography().tiny());
  for (auto &[address, tag] : m_tags) {
    if (tag.nodes.empty()) continue;
    tag.boxes.clear();
    const QSizeF size(std::ceil(metrics.horizontalAdvance(textOf(address))) + 14,
                      metrics.height() + 5);
    for (const std::uint32_t node : tag.nodes) {
      QRectF box;
      if (node < scene.tiles().size() && scene.tiles()[node].width() >= tagsFromEdge) {
        std::vector<QRectF> places = placesAround(layer.outline(node), size, 9);
        std::swap(places[0], places[2]); // above first: names stand below
        if (const auto place = layer.placer().find(places)) box = places[*place];
      }
      if (!box.isEmpty()) layer.block(box);
      tag.boxes.push_back(box);
    }
  }
}

void HeldTags::paintTag(QPainter &painter, const QRectF &box, const QString &text,
                        bool contested) const {
  if (box.isEmpty()) return;
  const Theme &theme = m_state.theme();
  const QColor ink = contested ? theme.bad : theme.accent;
  painter.setPen(QPen(ink, 1.2));
  painter.setBrush(contested ? theme.badSoft : theme.accentSoft);
  painter.drawRoundedRect(box, 4, 4);
  painter.setFont(m_state.typography().tiny());
  painter.setPen(ink);
  painter.drawText(box, Qt::AlignCenter, text);
}

QRectF HeldTags::onItsWay(const Tag &tag, QRectF end) const {
  const double share = m_glide.currentValue().toDouble();
  if (tag.gliding && !end.isEmpty())
    end.moveCenter(tag.from.center() + (end.center() - tag.from.center()) * share);
  return end;
}

void HeldTags::paint(QPainter &painter) const {
  for (const auto &[address, tag] : m_tags) {
    const bool contested = tag.nodes.size() > 1;
    for (const QRectF &end : tag.boxes) {
      if (tag.nodes.empty()) break;
      paintTag(painter, onItsWay(tag, end), textOf(address), contested);
    }
  }
}

QString HeldTags::addressesOf(std::uint32_t node) const {
  QStringList texts;
  for (const auto &[address, tag] : m_tags)
    if (std::find(tag.nodes.begin(), tag.nodes.end(), node) != tag.nodes.end())
      texts << textOf(address);
  return texts.join(u'\n');
}

QRectF HeldTags::boxOf(wire::Ipv4Address address) const {
  const auto at = m_tags.find(address.value);
  return at != m_tags.end() && !at->second.nodes.empty() && !at->second.boxes.empty()
             ? at->second.boxes.front()
             : QRectF();
}

QRectF HeldTags::shownBoxOf(wire::Ipv4Address address) const {
  const QRectF end = boxOf(address);
  return end.isEmpty() ? end : onItsWay(m_tags.at(address.value), end);
}

} // namespace packetarium::ui
