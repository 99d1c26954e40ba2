// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/real/connect_progress.h"

#include "ui/theme/apply_theme.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme_hub.h"
#include "ui/widgets/format.h"

#include <QGridLayout>
#include <QLabel>

#include <algorithm>

namespace packetarium::ui {

ConnectProgress::ConnectProgress(const ThemeHub &hub, const State &state, QWidget *parent)
    : QWidget(parent) {
  const Typography &type = hub.typography();
  auto *grid = new QGridLayout(this);
  grid->setContentsMargins(0, type.px(4), 0, 0);
  grid->setHorizontalSpacing(type.px(8));
  grid->setVerticalSpacing(type.px(6));
  for (const HandshakePhase phase : state.expected) addRow(*grid, hub, state, phase);
  grid->setColumnStretch(2, 1);
  grid->setRowStretch(grid->rowCount(), 1);
}

void ConnectProgress::addRow(QGridLayout &grid, const ThemeHub &hub, const State &state,
                             HandshakePhase phase) {
  const int row = grid.rowCount();
  const Theme &theme = hub.theme();
  const auto done = std::find_if(state.done.begin(), state.done.end(),
                                 [phase](const PhaseTime &time) { return time.phase == phase; });
  const bool isDone = done != state.done.end();
  const bool isCurrent = !isDone && state.current == phase;
  const bool failed = isCurrent && state.end == End::Failed;
  auto *picture = new QLabel(this);
  const QColor ink = failed ? theme.bad : isDone ? theme.good : theme.accent;
  if (isDone || isCurrent)
    picture->setPixmap(iconPixmap(failed   ? "close"
                                  : isDone ? "check"
                                           : "clock",
                                  hub.typography().px(14), devicePixelRatioF(), ink));
  picture->setFixedWidth(hub.typography().px(16));
  auto *name = new QLabel(phaseName(phase), this);
  setTextRole(*name, isCurrent ? TextRole::Name : isDone ? TextRole::Body : TextRole::Secondary);
  name->setMinimumWidth(hub.typography().px(88));
  auto *time = new QLabel(isDone      ? formatDuration(done->durationNs)
                          : failed    ? tr("ended here")
                          : isCurrent ? tr("under way…")
                                      : QString(),
                          this);
  setTextRole(*time, isDone ? TextRole::Body : TextRole::Secondary);
  time->setAccessibleName(phaseName(phase));
  grid.addWidget(picture, row, 0);
  grid.addWidget(name, row, 1);
  grid.addWidget(time, row, 2);
}

} // namespace packetarium::ui
