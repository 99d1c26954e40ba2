// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/services/ribbon_picture.h"
#include "ui/services/services_shown.h"
#include "ui/theme/theme_hub.h"
#include "ui/widgets/key_help.h"

#include <QWidget>

#include <optional>

namespace packetarium::ui {

/// A ribbon for each service over one axis of time. A click chooses the service and goes to that
/// instant; up and down choose another, Ctrl with left and right go from one change to the next.
class RibbonCanvas : public QWidget {
  Q_OBJECT
public:
  explicit RibbonCanvas(const ThemeHub &hub, QWidget *parent = nullptr);

  /// seen: the same services as known later.
  void setReports(std::vector<analysis::ServiceReport> reports,
                  std::vector<analysis::ServiceReport> seen, SimTime from, SimTime to);
  void setMoments(SimTime now, std::optional<SimTime> pointed);
  void setCurrent(std::size_t service);
  [[nodiscard]] std::size_t current() const { return m_current; }
  [[nodiscard]] const std::vector<analysis::ServiceReport> &reports() const { return m_reports; }
  [[nodiscard]] RibbonLayout ribbonLayout() const;
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;
  [[nodiscard]] static KeyHelpGroup keyHelp();

Q_SIGNALS:
  void currentChanged(); ///< by the user
  void pointed(packetarium::SimTime at);
  void pointerLeft();
  void chosen(packetarium::SimTime at);

protected:
  bool event(QEvent *event) override;
  void paintEvent(QPaintEvent *event) override;
  void mouseMoveEvent(QMouseEvent *event) override;
  void mousePressEvent(QMouseEvent *event) override;
  void leaveEvent(QEvent *event) override;
  void keyPressEvent(QKeyEvent *event) override;

private:
  [[nodiscard]] std::optional<std::size_t> rowAt(QPointF point) const;
  [[nodiscard]] std::optional<SimTime> timeAt(QPointF point) const;
  void choose(std::size_t service);
  void jump(bool forward);
  void tell();

  const ThemeHub &m_hub;
  std::vector<analysis::ServiceReport> m_reports, m_seen;
  SimTime m_from, m_to, m_now;
  std::optional<SimTime> m_pointed;
  std::size_t m_current = 0;
};

} // namespace packetarium::ui
