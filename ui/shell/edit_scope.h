// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/sim_time.h"
#include "ui/playback/view_state.h"

#include <QWidget>

class QLabel;

namespace packetarium::ui {

// Where an edit goes at an instant, in a few words: at the start everything changes the network;
// later faults and conditions of links become entries of the script, and all else counts from the
// start.
[[nodiscard]] QString editScopeText(SimTime at, bool playing);
// The same at length, for a tooltip.
[[nodiscard]] QString editScopeHelp(SimTime at);

// Says so in the status line. While the run plays it names no instant, to keep still.
class EditScope : public QWidget {
  Q_OBJECT
public:
  explicit EditScope(ViewState &state, QWidget *parent = nullptr);

  [[nodiscard]] QString text() const;

private:
  void refresh();

  ViewState &m_state;
  QLabel *m_icon;
  QLabel *m_text;
  bool m_later = false;
};

} // namespace packetarium::ui
