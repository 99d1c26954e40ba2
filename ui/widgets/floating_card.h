// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMargins>
#include <QWidget>

namespace packetarium::ui {

class ThemeHub;

// The ground of what floats over a view: a panel with round corners, a thin line and a soft shadow
// painted inside the widget's own margins. Keeps pointer events from what lies below.
class FloatingCard : public QWidget {
  Q_OBJECT
public:
  explicit FloatingCard(const ThemeHub &hub, QWidget *parent = nullptr);

  // Room the shadow takes at each edge; the card's visible frame lies inside it.
  [[nodiscard]] static QMargins shadowMargins();

protected:
  void paintEvent(QPaintEvent *event) override;
  void mousePressEvent(QMouseEvent *event) override;
  void mouseReleaseEvent(QMouseEvent *event) override;

  const ThemeHub &m_hub;
};

} // namespace packetarium::ui
