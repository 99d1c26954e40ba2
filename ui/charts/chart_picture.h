// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/chart_data.h"
#include "ui/theme/theme.h"
#include "ui/theme/typography.h"

#include <QImage>
#include <QRectF>
#include <QSize>

#include <memory>

class QPainter;

namespace packetarium::ui {

// Draws a chart into an image. Keeps its chart between calls, so that a live one costs little.
class ChartPicture {
public:
  ChartPicture();
  ~ChartPicture();
  ChartPicture(ChartPicture &&) noexcept;
  ChartPicture &operator=(ChartPicture &&) noexcept;

  // The plot with its axes and nothing else; size in device-independent pixels.
  QImage plot(const ChartData &data, QSize size, double dpr, const Theme &theme,
              const Typography &type);
  // How many steps of the y axis such a plot has room to label.
  [[nodiscard]] static int stepsFor(QSize size, const Typography &type);
  // Where the last plot's data lie within it: x from data.x(from) to data.x(to), y from 0 to yMax.
  [[nodiscard]] QRectF plotArea() const;

  // A whole picture for a slide or a paper: title, legend, axes with their units. The type grows
  // with the picture. Painted as lines and text, so that it stays sharp in a vector file.
  static void paintSlide(QPainter &painter, QSizeF size, const ChartData &data, const Theme &theme,
                         const Typography &type);
  // The same in exactly that many pixels.
  static QImage slide(const ChartData &data, QSize pixels, const Theme &theme,
                      const Typography &type);

private:
  void render(QPainter &painter, const QRectF &box, const ChartData &data, const Theme &theme,
              const Typography &type);
  struct Scene;
  std::unique_ptr<Scene> m_scene;
};

} // namespace packetarium::ui
