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

  const ThemeHub &m_hub;
  std::vector<experiments::Design> m_designs;
  std::vector<DialLine> m_lines;
  std::size_t m_current = 0;
};

/// What befell each design, over one axis of time.
class DialAxis : public QWidget {
  Q_OBJECT
public:
  explicit DialAxis(const ThemeHub &hub, QWidget *parent = nullptr);
  void setRows(std::vector<experiments::DialRow> rows, SimTime end);
  void setMoments(SimTime now, std::optional<SimTime> pointed);
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

  const ThemeHub &m_hub;
  std::vector<experiments::DialRow> m_rows;
  std::vector<DialLane> m_lanes;
  SimTime m_end, m_now;
  std::optional<SimTime> m_pointed;
};

} // namespace packetarium::ui
