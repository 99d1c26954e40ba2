// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/journey.h"
#include "ui/playback/view_state.h"

#include <QWidget>

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

Q_SIGNALS:
  /// Null when the pointer leaves.
  void storyHovered(const packetarium::analysis::LayerStory *story);

protected:
  void paintEvent(QPaintEvent *event) override;
  void mouseMoveEvent(QMouseEvent *event) override;
  void leaveEvent(QEvent *event) override;

private:
  [[nodiscard]] double rowHeight() const { return m_state.typography().px(36); }
  [[nodiscard]] QRectF box(bool out, std::size_t row) const;
  void paintTower(QPainter &painter, bool out) const;
  void paintWay(QPainter &painter) const;
  [[nodiscard]] const analysis::LayerStory *storyAt(const QPointF &at) const;

  ViewState &m_state;
  const analysis::JourneyStop *m_stop = nullptr;
  const analysis::LayerStory *m_hovered = nullptr;
};

} // namespace packetarium::ui
