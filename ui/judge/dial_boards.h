// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/judge/dial_picture.h"
#include "ui/theme/theme_hub.h"

#include <QWidget>

#include <optional>
#include <vector>

namespace packetarium::ui {

/// The figures of the dial, a column for each design. A click, or up and down, chooses one.
class DialTable : public QWidget {
  Q_OBJECT
public:
  explicit DialTable(const ThemeHub &hub, QWidget *parent = nullptr);
  void setRows(const std::vector<experiments::DialRow> &rows);
  void setCurrent(std::size_t design);
  /// How high the window is that shows it: where the whole does not fit, the sides of the cut
  /// stand beside each other in one cell, and lines are as low as they may be.
  void setRoom(int height);
  [[nodiscard]] DialDensity density() const { return m_density; }
  [[nodiscard]] std::size_t current() const { return m_current; }
  [[nodiscard]] const std::vector<DialLine> &lines() const { return m_lines; }
  [[nodiscard]] DialTableLayout tableLayout() const;
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
  void currentChanged(); ///< by the user

protected:
  bool event(QEvent *event) override;
  void paintEvent(QPaintEvent *event) override;
  void mousePressEvent(QMouseEvent *event) override;
  void keyPressEvent(QKeyEvent *event) override;

private:
  void choose(std::size_t design);
  void tell();
  void makeLines();

  const ThemeHub &m_hub;
  std::vector<experiments::DialRow> m_rows;
  std::vector<experiments::Design> m_designs;
  std::vector<DialLine> m_lines;
  DialDensity m_density = DialDensity::Full;
  int m_room = 0; ///< 0: as much as it likes
  double m_line = dialLineHeight;
  std::size_t m_current = 0;
};

/// What befell each design, over one axis of time.
class DialAxis : public QWidget {
  Q_OBJECT
public:
  explicit DialAxis(const ThemeHub &hub, QWidget *parent = nullptr);
  void setRows(std::vector<experiments::DialRow> rows, SimTime end);
  void setMoments(SimTime now, std::optional<SimTime> pointed);
  void setRoom(int height);
  [[nodiscard]] DialAxisLayout axisLayout() const;
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
  void pointed(packetarium::SimTime at);
  void pointerLeft();
  void chosen(packetarium::SimTime at);

protected:
  bool event(QEvent *event) override;
  void paintEvent(QPaintEvent *event) override;
  void mouseMoveEvent(QMouseEvent *event) override;
  void mousePressEvent(QMouseEvent *event) override;
  void leaveEvent(QEvent *event) override;

private:
  [[nodiscard]] std::optional<SimTime> timeAt(QPointF point) const;
  void fitRoom();

  const ThemeHub &m_hub;
  std::vector<experiments::DialRow> m_rows;
  std::vector<DialLane> m_lanes;
  DialDensity m_density = DialDensity::Full;
  int m_room = 0;
  SimTime m_end, m_now;
  std::optional<SimTime> m_pointed;
};

} // namespace packetarium::ui
