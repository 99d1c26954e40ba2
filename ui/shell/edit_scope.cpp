// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/edit_scope.h"

#include "ui/theme/apply_theme.h"
#include "ui/theme/icons.h"
#include "ui/widgets/format.h"

#include <QHBoxLayout>
#include <QLabel>

namespace packetarium::ui {

QString editScopeText(SimTime at, bool playing) {
  if (at == SimTime::zero()) return EditScope::tr("Edits change the network");
  if (playing)
    return EditScope::tr("Faults go into the script · edits change the network from the start");
  return EditScope::tr("Faults go into the script at %1 · edits change the network from the start")
      .arg(formatTimeShort(at.ns()));
}

QString editScopeHelp(SimTime at) {
  if (at == SimTime::zero())
    return EditScope::tr("The cursor is at the start of the run: whatever is edited, faults and "
                         "conditions of links too, changes the network itself.");
  return EditScope::tr("The cursor is at %1. Faults and conditions of links happen from here on: "
                       "they become entries of the script, shown on the timeline. Anything else "
                       "(nodes, links, addresses, programs) changes the network itself; the run "
                       "starts again and comes back to here.")
      .arg(formatTimeShort(at.ns()));
}

EditScope::EditScope(ViewState &state, QWidget *parent)
    : QWidget(parent), m_state(state), m_icon(new QLabel(this)), m_text(new QLabel(this)) {
  setObjectName(QStringLiteral("editScope"));
  setTextRole(*m_text, TextRole::Secondary);
  // The status line pads labels for words that stand alone.
  setStyleSheet(QStringLiteral("QLabel { padding: 2px; }"));
  auto *row = new QHBoxLayout(this);
  row->setContentsMargins(8, 0, 8, 0);
  row->setSpacing(0);
  row->addWidget(m_icon);
  row->addWidget(m_text);
  connect(&state, &ViewState::cursorChanged, this, [this] {
    // While it plays only the step away from the start is news.
    const bool later = m_state.now() > SimTime::zero();
    if (!m_state.playback().isPlaying() || later != m_later) refresh();
  });
  connect(&state.playback(), &Playback::stateChanged, this, &EditScope::refresh);
  connect(&state.hub(), &ThemeHub::changed, this, &EditScope::refresh);
  refresh();
}

QString EditScope::text() const { return m_text->text(); }

void EditScope::refresh() {
  const SimTime at = m_state.now();
  m_later = at > SimTime::zero();
  const Theme &theme = m_state.theme();
  const int glyph = m_state.typography().px(14);
  m_icon->setPixmap(iconPixmap(m_later ? "clock" : "edit", glyph, devicePixelRatioF(),
                               m_later ? theme.warn : theme.accent));
  m_text->setText(editScopeText(at, m_state.playback().isPlaying()));
  setToolTip(editScopeHelp(at));
  setAccessibleName(m_text->text());
}

} // namespace packetarium::ui
