// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/frame.h"
#include "core/analysis/journey.h"
#include "ui/document/document.h"
#include "ui/playback/playback.h"
#include "ui/theme/theme_hub.h"

#include <QObject>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace packetarium::ui {

// What is chosen. One for all views.
struct Selection {
  enum class Kind { None, Node, Link, Packet };
  Kind kind = Kind::None;
  NodeIndex node;
  LinkIndex link;
  // A packet is named by a record about it: FrameSent, or FrameQueued, FrameReceived or
  // FrameDropped. origin (0: not known) is the same for all its hops and forms.
  trace::Sequence record = 0;
  PacketId packet = 0;
  PacketId origin = 0;

  static Selection ofNode(NodeIndex n) { return {Kind::Node, n, {}, 0, 0, 0}; }
  static Selection ofLink(LinkIndex l) { return {Kind::Link, {}, l, 0, 0, 0}; }
  [[nodiscard]] bool isNone() const { return kind == Kind::None; }
  [[nodiscard]] bool isNode(std::uint32_t n) const { return kind == Kind::Node && node.value == n; }
  [[nodiscard]] bool isLink(std::uint32_t l) const { return kind == Kind::Link && link.value == l; }
  [[nodiscard]] bool isPacket() const { return kind == Kind::Packet; }
  bool operator==(const Selection &) const = default;
};

// A part of the frame's bytes under the pointer or chosen, [from, to); shared by the layers view
// and the bytes so that each lights up the other.
struct ByteRange {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  [[nodiscard]] bool isEmpty() const { return from >= to; }
  bool operator==(const ByteRange &) const = default;
};

// What all views share: the document, the run, the frame being shown, one selection, the theme. A
// view gets a reference to it and to nothing else; it reads values here, and asks for changes
// through document() and playback().
class ViewState : public QObject {
  Q_OBJECT
public:
  ViewState(Document &document, Playback &playback, ThemeHub &hub, QObject *parent = nullptr);

  [[nodiscard]] Document &document() const { return m_document; }
  [[nodiscard]] Playback &playback() const { return m_playback; }
  [[nodiscard]] const ThemeHub &hub() const { return m_hub; }
  [[nodiscard]] const Theme &theme() const { return m_hub.theme(); }
  [[nodiscard]] const Typography &typography() const { return m_hub.typography(); }

  [[nodiscard]] const scenario::Scenario &scenario() const { return m_document.scenario(); }
  [[nodiscard]] const scenario::BuiltScenario &built() const { return m_playback.built(); }
  [[nodiscard]] const net::Blueprint &network() const { return m_playback.network(); }
  [[nodiscard]] const trace::Trace &trace() const { return m_playback.trace(); }
  [[nodiscard]] const analysis::Chronicle &chronicle() const { return m_playback.chronicle(); }
  [[nodiscard]] const analysis::FactBook &facts() const { return m_playback.facts(); }
  [[nodiscard]] const analysis::Frame &frame() const { return m_playback.frame(); }
  [[nodiscard]] analysis::Cursor cursor() const { return m_playback.cursor(); }
  [[nodiscard]] SimTime now() const { return m_playback.now(); }

  // Document entries of run-time indices; null when the index is none (or the document is being
  // rebuilt).
  [[nodiscard]] const scenario::Node *documentNode(std::uint32_t node) const;
  [[nodiscard]] const scenario::Link *documentLink(std::uint32_t link) const;
  [[nodiscard]] QString nodeName(std::uint32_t node) const;
  [[nodiscard]] QString linkName(std::uint32_t link) const; // "isp – core-1"

  // The last stop of the scenario's phases at or before the cursor, as index into
  // scenario().phases; none before the first.
  [[nodiscard]] std::optional<std::size_t> phase() const;

  [[nodiscard]] const Selection &selection() const { return m_selection; }
  void select(const Selection &selection);
  void clearSelection() { select({}); }
  // The packet that a record is about. An unknown or dropped record clears the selection.
  void selectRecord(trace::Sequence record);
  [[nodiscard]] Selection packetOf(trace::Sequence record) const;

  // What is marked for editing: ids of nodes, links and notes of the document, in the order in
  // which they were marked. A selected node or link is marked alone; with several marked, or a
  // note, nothing is selected. Ids that the document loses are no longer marked.
  [[nodiscard]] const std::vector<std::string> &marked() const { return m_marked; }
  [[nodiscard]] bool isMarked(std::string_view id) const;
  void mark(std::vector<std::string> ids);
  void toggleMark(const std::string &id);

  // What lies under the pointer in some view; the others may show it quietly.
  [[nodiscard]] const Selection &hovered() const { return m_hovered; }
  void hover(const Selection &what);

  // The instant under the pointer in a view that has time as an axis: the crosshair of all.
  [[nodiscard]] std::optional<SimTime> pointedTime() const { return m_pointedTime; }
  void pointTo(std::optional<SimTime> at);

  [[nodiscard]] ByteRange byteRange() const { return m_byteRange; }
  void setByteRange(ByteRange range);

  [[nodiscard]] analysis::LayerModel layerModel() const { return m_layerModel; }
  void setLayerModel(analysis::LayerModel model);

Q_SIGNALS:
  void selectionChanged();
  void markedChanged();
  void hoveredChanged();
  void pointedTimeChanged();
  void byteRangeChanged();
  void layerModelChanged();
  // Another plan: indices are new, the trace is empty. The selection was carried over by ids.
  void rebuilt();
  void documentChanged(packetarium::ui::ChangeEvent event);
  void truncated(quint64 fromSequence);
  void traceGrown(); // see Playback
  void frameChanged();
  void cursorChanged();

private:
  void onRebuilt();
  void onTruncated(quint64 from);
  void setMarked(std::vector<std::string> ids);
  void dropLostMarks();

  Document &m_document;
  Playback &m_playback;
  ThemeHub &m_hub;
  Selection m_selection;
  Selection m_hovered;
  std::string m_selectedId; // of the selected node or link, to find it again after a rebuild
  std::vector<std::string> m_marked;
  std::optional<SimTime> m_pointedTime;
  ByteRange m_byteRange;
  analysis::LayerModel m_layerModel = analysis::LayerModel::Osi7;
};

} // namespace packetarium::ui
