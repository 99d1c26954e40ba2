// SPDX-License-Identifier: GPL-3.0-or-later
// What lies at a point of the canvas, and what is said about it.
#include "core/scenario/scenario.h"
#include "ui/cluster/cluster_watch.h"
#include "ui/cluster/consensus_watch.h"
#include "ui/cluster/member_words.h"
#include "ui/cluster/role_words.h"
#include "ui/cluster/server_watch.h"
#include "ui/document/faults.h"
#include "ui/topology/canvas.h"
#include "ui/widgets/format.h"

#include <QAccessible>

namespace packetarium::ui {
namespace {

constexpr double noteMargin = 4;

QString healthText(trace::NodeHealth health) {
  switch (health) {
  case trace::NodeHealth::Up: return Canvas::tr("up");
  case trace::NodeHealth::Crashed: return Canvas::tr("crashed");
  case trace::NodeHealth::Paused: return Canvas::tr("paused");
  case trace::NodeHealth::Starting: return Canvas::tr("starting");
  }
  return {};
}

} // namespace

// A note lies over links; a name belongs to its node.
CanvasHit Canvas::hitAt(QPointF point) const {
  const CanvasHit hit = m_scene.hitAt(point, m_state.frame(), falling());
  if (hit.kind != CanvasHit::Kind::Nothing && hit.kind != CanvasHit::Kind::Link) return hit;
  if (!showsWords(m_scene)) return hit;
  for (std::size_t i = m_scene.model().notes.size(); i-- > 0;)
    if (noteBoxOf(i).adjusted(-noteMargin, -noteMargin, noteMargin, noteMargin).contains(point))
      return {CanvasHit::Kind::Note, static_cast<std::uint32_t>(i), 0};
  for (std::uint32_t i = 0; i < m_scene.tiles().size(); ++i)
    if (m_staticLayer.nameBox(i).contains(point)) return {CanvasHit::Kind::Node, i, 0};
  return hit;
}

std::optional<std::uint32_t> Canvas::nodeAt(QPointF point) const {
  const CanvasHit hit = hitAt(point);
  if (hit.kind == CanvasHit::Kind::Node) return hit.index;
  return std::nullopt;
}

std::optional<std::uint32_t> Canvas::handleAt(QPointF point) const {
  const auto isOn = [&](std::uint32_t node) {
    for (const QRectF &box : handlesOf(node))
      if (box.contains(point)) return true;
    return false;
  };
  // Where a handle reaches over a neighbour's tile, the tile is meant.
  for (const QRectF &tile : m_scene.tiles())
    if (tile.contains(point)) return std::nullopt;
  if (m_handleNode && isOn(*m_handleNode)) return m_handleNode;
  const Selection &selection = m_state.selection();
  if (selection.kind == Selection::Kind::Node && isOn(selection.node.value))
    return selection.node.value;
  return std::nullopt;
}

QRectF Canvas::noteBoxOf(std::size_t note) const {
  if (note >= m_scene.model().notes.size()) return {};
  return noteBox(m_scene.model().notes[note], m_scene.transform(), m_state.typography());
}

std::optional<std::uint32_t> Canvas::noteIndex(std::string_view id) const {
  const auto &notes = m_scene.model().notes;
  for (std::uint32_t i = 0; i < notes.size(); ++i)
    if (notes[i].id == id) return i;
  return std::nullopt;
}

std::string Canvas::idOf(const CanvasHit &hit) const {
  const auto &network = m_state.network();
  if (hit.kind == CanvasHit::Kind::Node && hit.index < network.nodes.size())
    return network.nodes[hit.index].id;
  if (hit.kind == CanvasHit::Kind::Link && hit.index < network.links.size())
    return network.links[hit.index].id;
  if (hit.kind == CanvasHit::Kind::Note && hit.index < m_scene.model().notes.size())
    return m_scene.model().notes[hit.index].id;
  return {};
}

Selection Canvas::selectionOf(const CanvasHit &hit) const {
  switch (hit.kind) {
  case CanvasHit::Kind::Node: return Selection::ofNode({hit.index});
  case CanvasHit::Kind::Link: return Selection::ofLink({hit.index});
  case CanvasHit::Kind::Packet:
  case CanvasHit::Kind::Drop: return m_state.packetOf(hit.record);
  case CanvasHit::Kind::Note:
  case CanvasHit::Kind::Nothing: break;
  }
  return {};
}

QString Canvas::toolTipOf(const CanvasHit &hit) const {
  const QString text = descriptionOf(hit);
  if (hit.kind == CanvasHit::Kind::Node)
    return text + tr("\nDrag moves it, a handle at its edge links it"
                     "\nRight click or F: let it fail");
  if (hit.kind == CanvasHit::Kind::Link && hit.index < m_look.links.size() &&
      m_look.links[hit.index].up)
    return text + tr("\nRight click or F: cut it");
  return text;
}

QString Canvas::conditionLines(std::uint32_t node) const {
  const auto &conditions = m_state.frame().conditions;
  if (node >= conditions.size()) return {};
  const analysis::NodeView &is = conditions[node];
  QString text;
  if (is.slowness != 1)
    text +=
        tr("\nits processor is %1 slower").arg(valueText(FaultAction::SetSlowness, is.slowness));
  if (is.clockOffset != Duration{})
    text +=
        tr("\nits clock is %1")
            .arg(valueText(FaultAction::SetClockOffset, static_cast<double>(is.clockOffset.ns())));
  if (is.clockDriftPpm != 0)
    text += tr("\nits clock runs %1").arg(valueText(FaultAction::SetClockDrift, is.clockDriftPpm));
  if (is.partition != 0) text += tr("\non side %1 of a partition").arg(is.partition);
  return text;
}

// What it is and how it is, for the eye and for a screen reader.
QString Canvas::descriptionOf(const CanvasHit &hit) const {
  const analysis::Frame &frame = m_state.frame();
  if (hit.kind == CanvasHit::Kind::Node && hit.index < frame.nodes.size() &&
      hit.index < m_look.nodes.size()) {
    const CanvasModel::Node &node = m_scene.model().nodes[hit.index];
    QString text = node.name;
    if (!node.address.isEmpty()) text += QStringLiteral("\n") + node.address;
    text += QStringLiteral("\n") + healthText(frame.nodes[hit.index]);
    if (m_look.nodes[hit.index].degraded) text += tr(", a cable of it is cut");
    if (const auto *server = ServerWatch::of(m_state).of(hit.index))
      text += QStringLiteral("\n") + serverHealthWords(*server);
    for (const analysis::RoleView *role : rolesOf(clusterOf(m_state), hit.index))
      text += QStringLiteral("\n") + roleSentence(*role, clusterOf(m_state));
    if (const auto *member = memberOf(consensusOf(m_state), hit.index))
      for (const QString &line : memberLines(*member, m_state.frame().cursor.at, m_state))
        text += QStringLiteral("\n") + line;
    for (const auto &ring : consensusOf(m_state).rings)
      if (ring.node == hit.index && !ring.hints.empty())
        text += ring.hints.size() == 1 ? tr("\nkeeps a hint for another node")
                                       : tr("\nkeeps %1 hints for others").arg(ring.hints.size());
    const QString held = m_tags->addressesOf(hit.index);
    if (!held.isEmpty())
      text += tr("\nholds %1").arg(QString(held).replace(u'\n', QStringLiteral(", ")));
    text += conditionLines(hit.index);
    for (const scenario::Conflict &conflict : m_badges->of(hit.index))
      text += QStringLiteral("\n") + QString::fromStdString(conflict.sentence);
    return text;
  }
  if (hit.kind == CanvasHit::Kind::Link && hit.index < frame.links.size() &&
      hit.index < m_look.links.size()) {
    const analysis::LinkView &link = frame.links[hit.index];
    QString text = m_state.linkName(hit.index);
    if (!link.up) return text + QStringLiteral("\n") + m_look.links[hit.index].condition;
    text += QStringLiteral("\n") + m_look.links[hit.index].caption;
    if (link.loss > 0) text += tr("\n%1 of frames are lost").arg(formatPercent(link.loss));
    if (link.duplicate > 0)
      text += tr("\n%1 of frames come twice").arg(formatPercent(link.duplicate));
    if (link.reorder > 0) text += tr("\n%1 of frames come late").arg(formatPercent(link.reorder));
    if (link.corrupt > 0)
      text += tr("\n%1 of frames are corrupted").arg(formatPercent(link.corrupt));
    if (link.blocked != 0)
      text += QStringLiteral("\n") +
              valueText(m_state.scenario(), idOf(hit), FaultAction::SetBlocked, link.blocked);
    text += tr("\nin use %1 there, %2 back")
                .arg(formatPercent(link.directions[0].utilisation),
                     formatPercent(link.directions[1].utilisation));
    return text;
  }
  if (hit.kind == CanvasHit::Kind::Packet || hit.kind == CanvasHit::Kind::Drop) {
    const trace::Record *record = m_state.trace().record(hit.record);
    if (record == nullptr) return {};
    QString text = const_cast<Canvas *>(this)->packetLabel(record->packet);
    if (hit.kind == CanvasHit::Kind::Drop) {
      const auto sentence = trace::sentence(static_cast<trace::DropReason>(record->detail));
      return text + QStringLiteral("\n") +
             QString::fromUtf8(sentence.data(), static_cast<qsizetype>(sentence.size())) +
             tr("\nClick: why?");
    }
    return text + QStringLiteral("\n") + formatBytes(trace::sentArgs(*record).frameBytes);
  }
  return {};
}

// A screen reader hears what the ring shows.
void Canvas::announce() {
  const Selection &selection = m_state.selection();
  QString text = tr("Nothing is selected");
  if (selection.kind == Selection::Kind::Node)
    text = descriptionOf({CanvasHit::Kind::Node, selection.node.value, 0});
  if (selection.kind == Selection::Kind::Link)
    text = descriptionOf({CanvasHit::Kind::Link, selection.link.value, 0});
  if (selection.isPacket()) text = packetLabel(selection.packet);
  if (m_state.marked().size() > 1) text = tr("%1 things are marked").arg(m_state.marked().size());
  if (m_linkTool.isActive()) text = m_linkTool.words();
  if (m_knife.isActive()) text = m_knife.words();
  setAccessibleDescription(text.replace(u'\n', QStringLiteral(", ")));
  QAccessibleEvent event(this, QAccessible::DescriptionChanged);
  QAccessible::updateAccessibility(&event);
}

} // namespace packetarium::ui
