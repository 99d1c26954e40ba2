// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/chart_data.h"
#include "ui/charts/chart_picture.h"
#include "ui/theme/theme_hub.h"

#include <QImage>
#include <QWidget>

#include <optional>

namespace packetarium::ui {

// One chart: its title at the left, its unit and lines with their values at the right, the plot
// below, and a crosshair that all charts share.
class ChartPanel : public QWidget {
  Q_OBJECT
public:
  explicit ChartPanel(const ThemeHub &hub, QWidget *parent = nullptr);

  void setData(ChartData data);
  [[nodiscard]] const ChartData &data() const { return m_data; }
  // The moment that is shown, and the one under the pointer in any chart.
  void setMoments(SimTime now, std::optional<SimTime> pointed);
  [[nodiscard]] QSize minimumSizeHint() const override;
  // Where a moment lies; on the widget.
  [[nodiscard]] double xOf(SimTime t) const;

Q_SIGNALS:
  void pointed(packetarium::SimTime at);
  void pointerLeft();
  void chosen(packetarium::SimTime at);
  void exportWanted();

protected:
  void paintEvent(QPaintEvent *event) override;
  void resizeEvent(QResizeEvent *event) override;
  void mouseMoveEvent(QMouseEvent *event) override;
  void mousePressEvent(QMouseEvent *event) override;
  void leaveEvent(QEvent *event) override;
  void contextMenuEvent(QContextMenuEvent *event) override;

private:
  [[nodiscard]] QRectF plotRect() const;
  [[nodiscard]] double headHeight() const;
  [[nodiscard]] std::optional<SimTime> timeAt(double x) const;
  [[nodiscard]] SimTime readingTime() const { return m_pointed.value_or(m_now); }
  void draw();
  void paintHead(QPainter &painter);
  void paintLegend(QPainter &painter, const QRectF &box);
  void paintCrosshair(QPainter &painter);

  const ThemeHub &m_hub;
  ChartData m_data;
  ChartPicture m_picture;
  QImage m_image;
  bool m_stale = true;
  bool m_isResized = true;
  SimTime m_now;
  std::optional<SimTime> m_pointed;
};

} // namespace packetarium::ui
