// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointF>
#include <QRectF>
#include <QSizeF>

#include <algorithm>

namespace packetarium::ui {

// Between the document's plane (pixels at 100 %) and the widget's.
struct CanvasTransform {
  static constexpr double zoomMin = 0.04;
  static constexpr double zoomMax = 4.0;

  double zoom = 1;
  QPointF origin; // where the plane's (0, 0) lies in the widget

  [[nodiscard]] QPointF toScreen(QPointF plane) const { return plane * zoom + origin; }
  [[nodiscard]] QPointF toPlane(QPointF screen) const { return (screen - origin) / zoom; }

  // Changes the zoom and leaves the point under the pointer where it is.
  void zoomAt(QPointF screen, double factor) {
    const QPointF plane = toPlane(screen);
    zoom = std::clamp(zoom * factor, zoomMin, zoomMax);
    origin = screen - plane * zoom;
  }

  // Shows the whole of bounds in the middle of the viewport, no larger than zoomLimit.
  void fit(const QRectF &bounds, const QRectF &viewport, double zoomLimit) {
    if (viewport.isEmpty()) return;
    const double across = viewport.width() / std::max(bounds.width(), 1.0);
    const double down = viewport.height() / std::max(bounds.height(), 1.0);
    zoom = std::clamp(std::min({across, down, zoomLimit}), zoomMin, zoomMax);
    origin = viewport.center() - bounds.center() * zoom;
  }

  friend bool operator==(const CanvasTransform &, const CanvasTransform &) = default;
};

} // namespace packetarium::ui
