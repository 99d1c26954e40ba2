// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/playback/view_state.h"

#include "core/analysis/steps.h"
#include "ui/document/faults.h"

#include <algorithm>

namespace packetarium::ui {

ViewState::ViewState(Document &document, Playback &playback, ThemeHub &hub, QObject *parent)
    : QObject(parent), m_document(document), m_playback(playback), m_hub(hub) {
  connect(&playback, &Playback::rebuilt, this, &ViewState::onRebuilt);
  connect(&playback, &Playback::truncated, this, &ViewState::onTruncated);
  connect(&playback, &Playback::traceGrown, this, &ViewState::traceGrown);
  connect(&playback, &Playback::frameChanged, this, &ViewState::frameChanged);
  connect(&playback, &Playback::cursorChanged, this, &ViewState::cursorChanged);
  connect(&document, &Document::changed, this, [this](ChangeEvent event) {
    dropLostMarks();
    Q_EMIT documentChanged(event);
  });
}

const scenario::Node *ViewState::documentNode(std::uint32_t node) const {
  if (node >= network().nodes.size()) return nullptr;
  // Indices follow the order of the document; only while it is being edited they may not.
  const std::string &id = network().nodes[node].id;
  const auto &nodes = scenario().nodes;
  if (node < nodes.size() && nodes[node].id == id) return &nodes[node];
  return scenario().node(id);
}

const scenario::Link *ViewState::documentLink(std::uint32_t link) const {
  if (link >= network().links.size()) return nullptr;
  const std::string &id = network().links[link].id;
  const auto &links = scenario().links;
  if (link < links.size() && links[link].id == id) return &links[link];
  return scenario().link(id);
}

QString ViewState::nodeName(std::uint32_t node) const {
  if (node >= network().nodes.size()) return {};
  return QString::fromStdString(network().nodes[node].name);
}

QString ViewState::linkName(std::uint32_t link) const {
  if (link >= network().links.size()) return {};
  const auto &ends = network().links[link].ends;
  return nodeName(ends[0].node.value) + QStringLiteral(" – ") + nodeName(ends[1].node.value);
}

std::optional<std::size_t> ViewState::phase() const {
  const auto stop =
      analysis::currentPhaseStop(chronicle(), frame().cursor.upTo, m_playback.phaseStops());
  if (!stop || *stop >= scenario().phases.size()) return std::nullopt;
  return stop;
}

void ViewState::select(const Selection &selection) {
  if (selection == m_selection) // several may be marked instead
    return setMarked(m_selectedId.empty() ? std::vector<std::string>{} : std::vector{m_selectedId});
  m_selection = selection;
  m_selectedId.clear();
  if (selection.kind == Selection::Kind::Node && selection.node.value < network().nodes.size())
    m_selectedId = network().nodes[selection.node.value].id;
  if (selection.kind == Selection::Kind::Link && selection.link.value < network().links.size())
    m_selectedId = network().links[selection.link.value].id;
  setByteRange({});
  setMarked(m_selectedId.empty() ? std::vector<std::string>{} : std::vector{m_selectedId});
  Q_EMIT selectionChanged();
}

bool ViewState::isMarked(std::string_view id) const {
  return std::find(m_marked.begin(), m_marked.end(), id) != m_marked.end();
}

void ViewState::setMarked(std::vector<std::string> ids) {
  if (ids == m_marked) return;
  m_marked = std::move(ids);
  Q_EMIT markedChanged();
}

void ViewState::mark(std::vector<std::string> ids) {
  if (ids.size() == 1) {
    if (const NodeIndex node = built().node(ids.front()); node.valid())
      return select(Selection::ofNode(node));
    if (const LinkIndex link = built().link(ids.front()); link.valid())
      return select(Selection::ofLink(link));
  }
  clearSelection();
  setMarked(std::move(ids));
}

void ViewState::toggleMark(const std::string &id) {
  std::vector<std::string> ids = m_marked;
  if (std::erase(ids, id) == 0) ids.push_back(id);
  mark(std::move(ids));
}

void ViewState::dropLostMarks() {
  const auto lost = [this](const std::string &id) {
    const auto &notes = scenario().notes;
    return scenario().node(id) == nullptr && scenario().link(id) == nullptr &&
           std::none_of(notes.begin(), notes.end(), [&id](const auto &n) { return n.id == id; });
  };
  std::vector<std::string> ids = m_marked;
  if (std::erase_if(ids, lost) > 0) setMarked(std::move(ids));
}

Selection ViewState::packetOf(trace::Sequence record) const {
  const trace::Record *r = trace().record(record);
  if (r == nullptr || r->packet == 0) return {};
  const wire::Packet *packet = trace().packet(r->packet);
  Selection selection;
  selection.kind = Selection::Kind::Packet;
  selection.record = record;
  selection.packet = r->packet;
  selection.origin = packet != nullptr ? packet->origin : 0;
  return selection;
}

void ViewState::selectRecord(trace::Sequence record) { select(packetOf(record)); }

void ViewState::hover(const Selection &what) {
  if (what == m_hovered) return;
  m_hovered = what;
  Q_EMIT hoveredChanged();
}

void ViewState::pointTo(std::optional<SimTime> at) {
  if (at == m_pointedTime) return;
  m_pointedTime = at;
  Q_EMIT pointedTimeChanged();
}

void ViewState::setByteRange(ByteRange range) {
  if (range == m_byteRange) return;
  m_byteRange = range;
  Q_EMIT byteRangeChanged();
}

void ViewState::setLayerModel(analysis::LayerModel model) {
  if (model == m_layerModel) return;
  m_layerModel = model;
  Q_EMIT layerModelChanged();
}

void ViewState::onRebuilt() {
  hover({});
  Selection kept;
  if (m_selection.kind == Selection::Kind::Node) {
    const NodeIndex node = built().node(m_selectedId);
    if (node.valid()) kept = Selection::ofNode(node);
  } else if (m_selection.kind == Selection::Kind::Link) {
    const LinkIndex link = built().link(m_selectedId);
    if (link.valid()) kept = Selection::ofLink(link);
  }
  const bool changed = !(kept == m_selection);
  m_selection = kept;
  if (kept.isNone()) m_selectedId.clear();
  Q_EMIT rebuilt();
  if (changed) Q_EMIT selectionChanged();
}

void ViewState::onTruncated(quint64 from) {
  if (m_hovered.isPacket() && m_hovered.record >= from) hover({});
  Q_EMIT truncated(from);
  if (m_selection.isPacket() && m_selection.record >= from) clearSelection();
}

} // namespace packetarium::ui
