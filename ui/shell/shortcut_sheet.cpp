// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/shortcut_sheet.h"

#include "ui/theme/apply_theme.h"
#include "ui/theme/theme_hub.h"
#include "ui/widgets/labels.h"

#include <QDialogButtonBox>
#include <QGridLayout>
#include <QLabel>
#include <QScrollArea>
#include <QStyle>
#include <QVBoxLayout>

#include <algorithm>
#include <iterator>
#include <utility>

namespace packetarium::ui {
namespace {

struct Row {
  QString what, keys;
};
struct Group {
  QString title;
  std::vector<Row> rows;
};

/// "Ctrl+" of Ctrl+Left.
QString heldWith(const QKeySequence &key) {
  const QString text = key.toString(QKeySequence::NativeText);
  return text.left(text.lastIndexOf(u'+') + 1);
}

/// "Alt+arrows" for all four, "Ctrl+Left, Right" for keys that differ in the last part only.
QString keysText(const QList<QKeySequence> &keys) {
  const auto with = keys.isEmpty() ? Qt::NoModifier : keys.front()[0].keyboardModifiers();
  const Qt::Key arrows[] = {Qt::Key_Left, Qt::Key_Right, Qt::Key_Up, Qt::Key_Down};
  if (std::all_of(std::begin(arrows), std::end(arrows),
                  [&](Qt::Key arrow) { return keys.contains(QKeySequence(with | arrow)); }))
    return heldWith(keys.front()) + ShortcutSheet::tr("arrows");
  const auto lastPart = [](const QString &key) {
    return key.mid(std::max<qsizetype>(key.lastIndexOf(u'+'), 0)).remove(u'+');
  };
  QStringList said;
  QString before;
  for (const QKeySequence &key : keys) {
    const QString text = key.toString(QKeySequence::NativeText);
    const QString held = heldWith(key);
    said << (!said.isEmpty() && !held.isEmpty() && held == before ? lastPart(text) : text);
    before = held;
  }
  // As it is called everywhere else in the window.
  return said.join(QStringLiteral(", "))
      .replace(QKeySequence(Qt::Key_Return).toString(QKeySequence::NativeText),
               ShortcutSheet::tr("Enter"));
}

std::vector<Group> groupsOf(const std::vector<ListedAction> &actions,
                            const std::vector<KeyHelpGroup> &views) {
  std::vector<Group> groups;
  for (const ListedAction &listed : actions) {
    if (listed.action == nullptr || listed.action->shortcuts().isEmpty()) continue;
    const QString title = listed.path.isEmpty() ? ShortcutSheet::tr("Window")
                                                : listed.path.section(u'›', 0, 0).trimmed();
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const Group &g) { return g.title == title; });
    if (group == groups.end()) group = groups.insert(groups.end(), {title, {}});
    const QString under = listed.path.section(u'›', 1).trimmed();
    group->rows.push_back(
        {under.isEmpty() ? listed.name : under + QStringLiteral(": ") + listed.name,
         shortcutsText(*listed.action)});
  }
  for (const KeyHelpGroup &view : views) {
    Group group{view.title, {}};
    for (const KeyHelp &row : view.rows)
      group.rows.push_back({row.what, row.keys.isEmpty() ? row.gesture : keysText(row.keys)});
    groups.push_back(std::move(group));
  }
  return groups;
}

/// In two columns of about the same height.
QWidget *makeColumns(const ThemeHub &hub, const std::vector<Group> &groups) {
  std::size_t lines = 0;
  for (const Group &group : groups) lines += group.rows.size() + 2;
  auto *ground = new QWidget;
  setSurface(*ground, Surface::Window);
  auto *halves = new QHBoxLayout(ground);
  halves->setSpacing(hub.typography().px(40));
  QGridLayout *grid = nullptr;
  std::size_t used = 0;
  int row = 0;
  for (const Group &group : groups) {
    if (grid == nullptr || (halves->count() == 1 && used + group.rows.size() / 2 > lines / 2)) {
      if (grid != nullptr) grid->setRowStretch(row, 1);
      grid = new QGridLayout;
      grid->setColumnStretch(0, 1);
      grid->setVerticalSpacing(5);
      halves->addLayout(grid, 1);
      row = 0;
    }
    if (row > 0) grid->setRowMinimumHeight(row++, 10);
    grid->addWidget(new SectionHeader(hub, group.title, {}, ground), row++, 0, 1, 2);
    for (const Row &entry : group.rows) {
      grid->addWidget(new QLabel(entry.what, ground), row, 0);
      auto *keys = new QLabel(entry.keys, ground);
      setTextRole(*keys, TextRole::Name);
      grid->addWidget(keys, row++, 1, Qt::AlignRight);
    }
    used += group.rows.size() + 2;
  }
  if (grid != nullptr) grid->setRowStretch(row, 1);
  return ground;
}

} // namespace

ShortcutSheet::ShortcutSheet(const ThemeHub &hub, const std::vector<ListedAction> &actions,
                             const std::vector<KeyHelpGroup> &views, QWidget *parent)
    : QDialog(parent) {
  setWindowTitle(tr("Keyboard Shortcuts"));
  auto *area = new QScrollArea(this);
  area->setWidgetResizable(true);
  area->setFrameShape(QFrame::NoFrame);
  area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  area->setAccessibleName(tr("Keyboard shortcuts"));
  QWidget *columns = makeColumns(hub, groupsOf(actions, views));
  area->setWidget(columns);
  auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  auto *column = new QVBoxLayout(this);
  column->setContentsMargins(20, 16, 20, 14);
  column->addWidget(area, 1);
  column->addWidget(buttons);
  const QMargins around = column->contentsMargins();
  const int wide = columns->sizeHint().width() + around.left() + around.right() +
                   style()->pixelMetric(QStyle::PM_ScrollBarExtent);
  resize(std::max(hub.typography().px(760), wide), hub.typography().px(620));
}

} // namespace packetarium::ui
