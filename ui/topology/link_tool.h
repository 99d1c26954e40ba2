// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/playback/view_state.h"
#include "ui/topology/canvas_scene.h"
#include "ui/topology/pointer_words.h"

#include <QPainter>

#include <optional>
#include <string>
#include <unordered_map>

namespace packetarium::ui {

// A link while it is being drawn: from which node, to where the pointer is, and whether it can be.
// It knows nothing of buttons and keys; the canvas says what the pointer does.
class LinkTool {
public:
  explicit LinkTool(const ViewState &state) : m_state(state) {}

  [[nodiscard]] bool isActive() const { return m_active; }
  // The node it goes from; none while that is still to be chosen.
  [[nodiscard]] const std::string &from() const { return m_from; }
  // The node under the pointer.
  [[nodiscard]] std::optional<std::uint32_t> target() const { return m_target; }

  // An empty id lets the first node be chosen.
  void begin(const std::string &from, QPointF pointer);
  void stop();
  void aim(QPointF pointer, std::optional<std::uint32_t> target);

  // Why no link can go there; empty when one can.
  [[nodiscard]] const std::string &faultOf(std::uint32_t node) const;
  [[nodiscard]] bool isRefused() const { return m_target && !faultOf(*m_target).empty(); }
  // What happens next, for beside the pointer.
  [[nodiscard]] QString words() const;

  void paint(QPainter &painter, const CanvasScene &scene, const QRectF &viewport) const;

private:
  void paintTargets(QPainter &painter, const CanvasScene &scene, const QRectF &viewport) const;
  [[nodiscard]] std::string idOf(std::uint32_t node) const;

  const ViewState &m_state;
  bool m_active = false;
  std::string m_from;
  QPointF m_pointer;
  std::optional<std::uint32_t> m_target;
  mutable std::unordered_map<std::uint32_t, std::string> m_faults;
};

// A ring around a tile, some pixels away from it.
void paintRing(QPainter &painter, const QRectF &tile, double zoom, double away, const QPen &pen,
               const QBrush &fill = Qt::NoBrush);

} // namespace packetarium::ui
