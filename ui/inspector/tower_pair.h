// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/journey.h"
#include "ui/playback/view_state.h"

#include <QWidget>

#include <vector>

namespace packetarium::ui {

/// One stop of a packet's journey: the tower in beside the tower out, and the way the packet takes
/// through this device.
class TowerPair : public QWidget {
  Q_OBJECT
public:
  TowerPair(ViewState &state, QWidget *parent);
  void setStop(const analysis::JourneyStop *stop); ///< owned by the caller, who outlives this
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }
  [[nodiscard]] bool hasHeightForWidth() const override { return true; }
  /// Summaries that don't fit into one line take more.
  [[nodiscard]] int heightForWidth(int width) const override;

Q_SIGNALS:
  /// Null when the pointer leaves.
  void storyHovered(const packetarium::analysis::LayerStory *story);

protected:
  void paintEvent(QPaintEvent *event) override;
  void mouseMoveEvent(QMouseEvent *event) override;
  void leaveEvent(QEvent *event) override;

private:
  struct Geometry {
    double boxWidth = 0, outLeft = 0;
    std::vector<int> lines;   ///< of summary, by row
    std::vector<double> tops; ///< of rows, and the lower end of the last
  };
  [[nodiscard]] Geometry geometry(int width) const;
  [[nodiscard]] static QRectF box(const Geometry &g, bool out, std::size_t row);
  void paintTower(QPainter &painter, const Geometry &g, bool out) const;
  void paintWay(QPainter &painter, const Geometry &g) const;
  [[nodiscard]] const analysis::LayerStory *storyAt(const QPointF &at) const;

  ViewState &m_state;
  const analysis::JourneyStop *m_stop = nullptr;
  const analysis::LayerStory *m_hovered = nullptr;
};

} // namespace packetarium::ui
