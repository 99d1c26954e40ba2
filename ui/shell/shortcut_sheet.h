// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/shell/commands.h"

#include <QDialog>

namespace packetarium::ui {

class ThemeHub;

// All shortcuts by menu, as the actions have them, and the keys of the canvas and the timeline,
// which are no actions.
class ShortcutSheet : public QDialog {
  Q_OBJECT
public:
  ShortcutSheet(const ThemeHub &hub, const std::vector<ListedAction> &actions,
                QWidget *parent = nullptr);

private:
  QWidget *makeColumns(const ThemeHub &hub, const std::vector<ListedAction> &actions);
};

} // namespace packetarium::ui
