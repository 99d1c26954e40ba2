// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/key_help.h"

#include <QStringList>

class QWidget;

// The views that the main window arranges. Each factory lives in its view's own folder; the shell
// knows no more of them than this.
namespace packetarium::ui {

class ViewState;

// Right: tables and properties of the selected node or link; for a packet its layers and bytes.
QWidget *makeInspector(ViewState &state, QWidget *parent);
// Bottom, beside each other as tabs.
QWidget *makeSequenceView(ViewState &state, QWidget *parent);
QWidget *makeLayersView(ViewState &state, QWidget *parent);
QWidget *makePacketView(ViewState &state, QWidget *parent);
QWidget *makeChartsView(ViewState &state, QWidget *parent);
QWidget *makeSecurityView(ViewState &state, QWidget *parent);
QWidget *makeServicesView(ViewState &state, QWidget *parent);
QWidget *makeClusterView(ViewState &state, QWidget *parent);
QWidget *makeHistoryView(ViewState &state, QWidget *parent);
QWidget *makeDialView(ViewState &state, QWidget *parent);

// What their keys do, for the sheet of shortcuts.
[[nodiscard]] KeyHelpGroup sequenceKeys();
[[nodiscard]] KeyHelpGroup packetKeys();
[[nodiscard]] KeyHelpGroup serviceKeys();
[[nodiscard]] KeyHelpGroup historyKeys();
[[nodiscard]] std::vector<KeyHelpGroup> inspectorKeys();

// Writes one PNG per chart over the whole run so far into the folder (which exists); gives the
// files, or none and a message. chartsView is what makeChartsView made.
QStringList exportCharts(QWidget *chartsView, const QString &folder, QString *message);

} // namespace packetarium::ui
