// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/frame.h"
#include "ui/topology/canvas_model.h"
#include "ui/topology/canvas_transform.h"

#include <QLineF>
#include <QPointF>
#include <QRectF>

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace packetarium::ui {

// What lies at a point of the canvas.
struct CanvasHit {
  enum class Kind { Nothing, Node, Link, Packet, Drop, Note };
  Kind kind = Kind::Nothing;
  std::uint32_t index = 0;    // of the node, link or note
  trace::Sequence record = 0; // of the packet (its FrameSent) or drop (its FrameDropped)
  bool operator==(const CanvasHit &) const = default;
};

// A lost packet, where it died and how many seconds ago a spectator saw it.
struct FallingPacket {
  trace::Sequence record = 0;
  PacketId packet = 0;
  trace::DropReason reason = trace::DropReason::None;
  std::uint8_t protocol = 0;
  QPointF at; // where it died, in widget pixels
  double seconds = 0;
  double drift = 10; // sideways while it falls
};

// Where everything is in the widget, for one transform: the tiles, the lines between them, and what
// moves along them. Pure geometry; painting and the mouse ask here.
class CanvasScene {
public:
  static constexpr double tileEdge = 48; // at 100 %
  static constexpr double tileRadius = 14;
  static constexpr double fallSeconds = 1.8; // until a lost packet has faded

  void setModel(CanvasModel model);
  void setTransform(const CanvasTransform &transform);
  // Moves nodes and notes on the plane, from where they were, as while they are dragged.
  void move(const std::vector<std::uint32_t> &nodes, const std::vector<std::uint32_t> &notes,
            QPointF by);

  [[nodiscard]] const CanvasModel &model() const { return m_model; }
  [[nodiscard]] const CanvasTransform &transform() const { return m_transform; }
  [[nodiscard]] double zoom() const { return m_transform.zoom; }
  [[nodiscard]] const std::vector<QRectF> &tiles() const { return m_tiles; }
  [[nodiscard]] const std::vector<QLineF> &lines() const { return m_lines; }

  // A point on a link, share 0 at the sending end and 1 at the far one. Frames keep to the right of
  // the line, so that the two directions do not cover each other.
  [[nodiscard]] QPointF pointOn(std::uint32_t link, std::uint8_t end, double share) const;
  // The link as one direction runs.
  [[nodiscard]] QLineF directed(std::uint32_t link, std::uint8_t end) const;
  // The lost packets of the frame that still fall. secondsSince gives the spectator's seconds since
  // something that happened so long ago.
  [[nodiscard]] std::vector<FallingPacket>
  falling(const analysis::Frame &frame, const std::function<double(Duration)> &secondsSince) const;
  // Where it is painted: it falls for a moment and then lies still.
  [[nodiscard]] static QPointF fallenTo(const FallingPacket &packet);

  [[nodiscard]] CanvasHit hitAt(QPointF point, const analysis::Frame &frame,
                                const std::vector<FallingPacket> &falling) const;
  // The nearest node in a direction from a node, for the arrow keys; none when there is none.
  [[nodiscard]] std::optional<std::uint32_t> nodeTowards(std::uint32_t from,
                                                         QPointF direction) const;

private:
  void fallBesideMouth(FallingPacket &packet, const analysis::DropView &drop) const;
  void layOut();

  CanvasModel m_model;
  CanvasTransform m_transform;
  std::vector<QRectF> m_tiles;
  std::vector<QLineF> m_lines;
};

} // namespace packetarium::ui
