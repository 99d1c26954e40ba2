// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/secure/security_words.h"
#include "ui/theme/theme_hub.h"

#include <QWidget>

#include <vector>

namespace packetarium::ui {

/// The course's steps in the order in which this connection passes them, each with its instant.
class StepsStrip : public QWidget {
  Q_OBJECT
public:
  StepsStrip(const ThemeHub &hub, QWidget *parent);

  void setSteps(std::vector<CourseStep> steps);
  [[nodiscard]] const std::vector<CourseStep> &steps() const { return m_steps; }
  [[nodiscard]] std::vector<QRectF> boxes(double width) const;
  /// The one whose caption is shown: chosen, or else the last that was passed; -1: none.
  [[nodiscard]] int current() const;

  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
  void currentChanged();
  void seekWanted(quint64 record); ///< the user wants to see that instant

protected:
  void paintEvent(QPaintEvent *event) override;
  void mousePressEvent(QMouseEvent *event) override;
  void keyPressEvent(QKeyEvent *event) override;

private:
  void choose(int step);
  void paintStep(QPainter &painter, const QRectF &box, const CourseStep &step, bool lit) const;

  const ThemeHub &m_hub;
  std::vector<CourseStep> m_steps;
  int m_chosenNumber = 0; ///< of a step that is still to come; 0: none
};

} // namespace packetarium::ui
