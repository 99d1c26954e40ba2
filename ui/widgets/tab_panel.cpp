// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/tab_panel.h"

#include "ui/widgets/tab_strip.h"

namespace packetarium::ui {

TabPanel::TabPanel(const ThemeHub &hub, QWidget *parent) : QTabWidget(parent) {
  setTabBar(new TabStrip(hub, this));
  setDocumentMode(true);
  tabBar()->setDrawBase(false);
}

} // namespace packetarium::ui
