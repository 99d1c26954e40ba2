// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/judge/history_picture.h"
#include "ui/theme/theme_hub.h"
#include "ui/widgets/key_help.h"

#include <QWidget>

#include <optional>

namespace packetarium::ui {

/// A row for each client process, a bar for each of its operations. The wheel zooms, dragging moves
/// along; a click chooses an operation, the arrow keys walk from one to the next.
class HistoryCanvas : public QWidget {
  Q_OBJECT
public:
  explicit HistoryCanvas(const ThemeHub &hub, QWidget *parent = nullptr);

  /// end: of the run as far as it was seen.
  void setShown(HistoryShown shown, SimTime end);
  /// The run was seen further.
  void setEnd(SimTime end);
  void setMoments(SimTime now, trace::Sequence seenUpTo, std::optional<SimTime> pointed);
  void setChosen(std::optional<std::size_t> operation);
  void setPrefix(std::vector<std::size_t> prefix);
  /// Brings an instant into sight, without another zoom.
  void reveal(SimTime t);
  void showAll();
  void zoom(double factor); ///< around the middle
  [[nodiscard]] const HistoryShown &shown() const { return m_shown; }
  [[nodiscard]] std::optional<std::size_t> chosenOperation() const { return m_marks.chosen; }
  [[nodiscard]] const std::vector<std::size_t> &prefix() const { return m_marks.prefix; }
  [[nodiscard]] const TimeAxis &axis() const { return m_axis; }
  [[nodiscard]] HistoryLayout historyLayout() const;
  /// Where an operation is drawn; empty when it is out of sight or shares its place.
  [[nodiscard]] QRectF boxOf(std::size_t operation) const;
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;
  [[nodiscard]] static KeyHelpGroup keyHelp();

Q_SIGNALS:
  void chosen(int operation); ///< by the user; -1: none
  void goTo(int operation);   ///< Return or a double click
  void timeChosen(packetarium::SimTime at);
  void pointed(packetarium::SimTime at);
  void pointerLeft();

protected:
  bool event(QEvent *event) override;
  void paintEvent(QPaintEvent *event) override;
  void resizeEvent(QResizeEvent *event) override;
  void mousePressEvent(QMouseEvent *event) override;
  void mouseMoveEvent(QMouseEvent *event) override;
  void mouseReleaseEvent(QMouseEvent *event) override;
  void mouseDoubleClickEvent(QMouseEvent *event) override;
  void leaveEvent(QEvent *event) override;
  void wheelEvent(QWheelEvent *event) override;
  void keyPressEvent(QKeyEvent *event) override;

private:
  [[nodiscard]] std::optional<std::size_t> operationAt(QPointF point) const;
  [[nodiscard]] std::optional<SimTime> timeAt(QPointF point) const;
  [[nodiscard]] QString wordsOf(std::size_t operation) const;
  [[nodiscard]] bool hasKey() const;
  void paintPinnedTimes(QPainter &painter, const HistoryLayout &layout) const;
  void setHovered(std::optional<std::size_t> operation);
  void chooseSpan();
  void follow();
  void walk(int rows, int operations);
  void tell();

  const ThemeHub &m_hub;
  HistoryShown m_shown;
  HistoryMarks m_marks;
  TimeAxis m_axis;
  SimTime m_now;
  std::optional<SimTime> m_pointed;
  bool m_spanByUser = false;
  std::optional<QPointF> m_pressed;
  double m_panned = 0;
};

} // namespace packetarium::ui
