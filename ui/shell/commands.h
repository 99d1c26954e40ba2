// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAction>
#include <QPointer>
#include <QString>

#include <string>
#include <vector>

class QMenuBar;
class QWidget;

namespace packetarium::ui {

// One action of the window, as a list of them shows it.
struct ListedAction {
  QPointer<QAction> action;
  QString name; // without mnemonic and dots
  QString path; // of the menu that holds it, "View › Theme"; empty when none does
};

// "Open" for "&Open…".
[[nodiscard]] QString plainName(const QString &actionText);
// All shortcuts, as they are written on this system: "Ctrl+Shift+Z, Ctrl+Y".
[[nodiscard]] QString shortcutsText(const QAction &action);

// Every action of the menu bar in its order, then those of the window that no menu holds. Menus and
// separators are none.
[[nodiscard]] std::vector<ListedAction> actionsOf(const QMenuBar &bar, const QWidget &window);

} // namespace packetarium::ui
