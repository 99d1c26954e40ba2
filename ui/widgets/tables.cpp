// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/tables.h"

#include "ui/theme/theme_hub.h"

#include <QHeaderView>
#include <QTableView>

namespace packetarium::ui {

void prepareTable(const ThemeHub &hub, QTableView &table) {
  table.setShowGrid(false);
  table.setWordWrap(false);
  table.setSelectionBehavior(QAbstractItemView::SelectRows);
  table.setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
  table.setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
  table.setTabKeyNavigation(false); // Tab leaves the table, arrows move in it
  table.horizontalHeader()->setHighlightSections(false);
  table.horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  table.horizontalHeader()->setStretchLastSection(true);
  QHeaderView *rows = table.verticalHeader();
  rows->hide();
  rows->setSectionResizeMode(QHeaderView::Fixed); // lets long lists skip measuring each row
  const auto fit = [&hub, rows] {
    const int height = hub.typography().px(24);
    rows->setMinimumSectionSize(height);
    rows->setDefaultSectionSize(height);
  };
  fit();
  QObject::connect(&hub, &ThemeHub::changed, rows, fit);
}

} // namespace packetarium::ui
