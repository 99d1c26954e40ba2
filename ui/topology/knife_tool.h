// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/playback/view_state.h"
#include "ui/topology/canvas_scene.h"

#include <QLineF>
#include <QPainter>

#include <optional>
#include <vector>

namespace packetarium::ui {

// A stroke across the canvas that cuts every link it crosses. It knows nothing of buttons and keys;
// the canvas says what the pointer does.
class KnifeTool {
public:
  explicit KnifeTool(const ViewState &state) : m_state(state) {}

  // In the hand; the stroke begins with start().
  [[nodiscard]] bool isActive() const { return m_active; }
  [[nodiscard]] bool isCutting() const { return m_stroke.has_value(); }
  void begin() { m_active = true; }
  void stop();
  void start(QPointF at) { m_stroke = QLineF(at, at); }
  void aim(QPointF at, const CanvasScene &scene);
  // The links that the stroke crosses and that are not cut, by their index.
  [[nodiscard]] const std::vector<std::uint32_t> &crossed() const { return m_crossed; }

  // What happens next.
  [[nodiscard]] QString words() const;
  void paint(QPainter &painter, const CanvasScene &scene) const;

private:
  const ViewState &m_state;
  bool m_active = false;
  std::optional<QLineF> m_stroke;
  std::vector<std::uint32_t> m_crossed;
};

} // namespace packetarium::ui
