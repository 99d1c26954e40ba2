// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/menus.h"

#include "ui/theme/apply_theme.h"
#include "ui/theme/theme.h"

#include <QLabel>
#include <QMenu>
#include <QWidgetAction>

namespace packetarium::ui {

void addHeading(QMenu &menu, const QString &words, const Theme &theme) {
  if (!menu.isEmpty()) menu.addSeparator();
  auto *label = new QLabel(words, &menu);
  setTextRole(*label, TextRole::Secondary);
  // Nothing that can be chosen, and yet to be read.
  label->setStyleSheet(QStringLiteral("color: %1").arg(theme.dim.name()));
  const int line = label->fontMetrics().height();
  label->setContentsMargins(line, line / 3, line, line / 3);
  auto *action = new QWidgetAction(&menu);
  action->setDefaultWidget(label);
  action->setEnabled(false);
  menu.addAction(action);
}

} // namespace packetarium::ui
