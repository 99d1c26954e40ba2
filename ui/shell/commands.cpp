// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/commands.h"

#include <QMenu>
#include <QMenuBar>
#include <QSet>

namespace packetarium::ui {
namespace {

void collect(const QList<QAction *> &actions, const QString &path, QSet<const QAction *> &seen,
             std::vector<ListedAction> &all) {
  for (QAction *action : actions) {
    if (action->isSeparator()) continue;
    if (const QMenu *menu = action->menu()) {
      const QString name = plainName(action->text());
      collect(menu->actions(), path.isEmpty() ? name : path + QStringLiteral(" › ") + name, seen,
              all);
      continue;
    }
    if (seen.contains(action) || action->text().isEmpty()) continue;
    seen.insert(action);
    all.push_back({action, plainName(action->text()), path});
  }
}

} // namespace

QString plainName(const QString &actionText) {
  QString name;
  for (qsizetype i = 0; i < actionText.size(); ++i) {
    if (actionText[i] == u'&' && i + 1 < actionText.size() && actionText[++i] != u'&') {
      name += actionText[i];
      continue;
    }
    name += actionText[i];
  }
  while (name.endsWith(u'…') || name.endsWith(u'.')) name.chop(1);
  return name;
}

QString shortcutsText(const QAction &action) {
  return QKeySequence::listToString(action.shortcuts(), QKeySequence::NativeText)
      .replace(QStringLiteral("; "), QStringLiteral(", "));
}

std::vector<ListedAction> actionsOf(const QMenuBar &bar, const QWidget &window) {
  std::vector<ListedAction> all;
  QSet<const QAction *> seen;
  collect(bar.actions(), {}, seen, all);
  collect(window.actions(), {}, seen, all);
  return all;
}

} // namespace packetarium::ui
