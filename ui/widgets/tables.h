// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QTableView;

namespace packetarium::ui {

class ThemeHub;

// Makes a table a list of records as this program shows them: whole rows chosen, no grid, no row
// numbers, rows of 24 px at scale 1 that follow the type scale. Call once, when it is built.
void prepareTable(const ThemeHub &hub, QTableView &table);

} // namespace packetarium::ui
