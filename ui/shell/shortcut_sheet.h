// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/shell/commands.h"
#include "ui/widgets/key_help.h"

#include <QDialog>

namespace packetarium::ui {

class ThemeHub;

// All shortcuts by menu, as the actions have them, and then what the views do with keys while they
// have the keyboard.
class ShortcutSheet : public QDialog {
  Q_OBJECT
public:
  ShortcutSheet(const ThemeHub &hub, const std::vector<ListedAction> &actions,
                const std::vector<KeyHelpGroup> &views, QWidget *parent = nullptr);
};

} // namespace packetarium::ui
