// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/shortcut_sheet.h"

#include "ui/theme/apply_theme.h"
#include "ui/theme/theme_hub.h"
#include "ui/widgets/labels.h"

#include <QDialogButtonBox>
#include <QGridLayout>
#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>

namespace packetarium::ui {
namespace {

struct Row {
  QString what, keys;
};
struct Group {
  QString title;
  std::vector<Row> rows;
};

std::vector<Group> groupsOf(const std::vector<ListedAction> &actions) {
  std::vector<Group> groups;
  for (const ListedAction &listed : actions) {
    if (listed.action == nullptr || listed.action->shortcuts().isEmpty()) continue;
    const QString title = listed.path.isEmpty() ? ShortcutSheet::tr("Window")
                                                : listed.path.section(u'›', 0, 0).trimmed();
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const Group &g) { return g.title == title; });
    if (group == groups.end()) group = groups.insert(groups.end(), {title, {}});
    group->rows.push_back({listed.name, shortcutsText(*listed.action)});
  }
  // What views do with keys while they have the keyboard.
  groups.push_back(
      {ShortcutSheet::tr("On the canvas"),
       {{ShortcutSheet::tr("Next, previous node"), ShortcutSheet::tr("Tab, Shift+Tab")},
        {ShortcutSheet::tr("Node in that direction"), ShortcutSheet::tr("Alt+arrows")},
        {ShortcutSheet::tr("Move what is marked"), ShortcutSheet::tr("Ctrl+arrows")},
        {ShortcutSheet::tr("Mark one more"), ShortcutSheet::tr("Shift+click")},
        {ShortcutSheet::tr("Move the ground"), ShortcutSheet::tr("Space+drag")}}});
  return groups;
}

} // namespace

ShortcutSheet::ShortcutSheet(const ThemeHub &hub, const std::vector<ListedAction> &actions,
                             QWidget *parent)
    : QDialog(parent) {
  setWindowTitle(tr("Keyboard Shortcuts"));
  auto *area = new QScrollArea(this);
  area->setWidgetResizable(true);
  area->setFrameShape(QFrame::NoFrame);
  area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  area->setAccessibleName(tr("Keyboard shortcuts"));
  area->setWidget(makeColumns(hub, actions));
  auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  auto *column = new QVBoxLayout(this);
  column->setContentsMargins(20, 16, 20, 14);
  column->addWidget(area, 1);
  column->addWidget(buttons);
  resize(hub.typography().px(760), hub.typography().px(620));
}

QWidget *ShortcutSheet::makeColumns(const ThemeHub &hub, const std::vector<ListedAction> &actions) {
  const std::vector<Group> groups = groupsOf(actions);
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

} // namespace packetarium::ui
