// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/shell/command_model.h"
#include "ui/widgets/floating_card.h"

#include <QPointer>

class QLabel;
class QLineEdit;
class QListView;

namespace packetarium::ui {

// A field and a list over the top of the window: type a part of anything's name, Enter does it.
// Escape, a click elsewhere and doing something close it, and the keyboard goes back to where it
// was.
class CommandPalette : public FloatingCard {
  Q_OBJECT
public:
  CommandPalette(const ThemeHub &hub, QWidget *parent);

  // Opens with these commands and an empty field; open already, it closes.
  void toggle(std::vector<Command> commands);
  void dismiss();

protected:
  bool eventFilter(QObject *watched, QEvent *event) override;

private:
  void refresh();
  void move(int rows);
  void runCurrent();
  void place();

  CommandModel *m_model;
  QLineEdit *m_field;
  QListView *m_list;
  QLabel *m_nothing;
  QPointer<QWidget> m_before; // had the keyboard
};

} // namespace packetarium::ui
