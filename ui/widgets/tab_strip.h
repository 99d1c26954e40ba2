// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTabBar>

namespace packetarium::ui {

class ThemeHub;

// Tabs as words on a line, the current one underlined in the accent. A QTabBar in all else; give it
// to a QTabWidget with TabPanel below, or drive a QStackedWidget from currentChanged.
class TabStrip : public QTabBar {
  Q_OBJECT
public:
  explicit TabStrip(const ThemeHub &hub, QWidget *parent = nullptr);

protected:
  [[nodiscard]] QSize tabSizeHint(int index) const override;
  [[nodiscard]] QSize minimumTabSizeHint(int index) const override;
  void paintEvent(QPaintEvent *event) override;

private:
  void paintTab(QPainter &painter, int index) const;

  const ThemeHub &m_hub;
};

} // namespace packetarium::ui
