// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTabWidget>

namespace packetarium::ui {

class ThemeHub;

// A QTabWidget whose tabs are a TabStrip.
class TabPanel : public QTabWidget {
  Q_OBJECT
public:
  explicit TabPanel(const ThemeHub &hub, QWidget *parent = nullptr);
};

} // namespace packetarium::ui
