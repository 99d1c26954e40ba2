// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/judge/judge_watch.h"
#include "ui/widgets/labels.h"

#include <string>

namespace packetarium::ui {

/// All lights of all stores in one short word at the edge of the window; not there while nothing
/// runs that can be judged. A click asks for what is broken, or for the history.
class VerdictPill : public Pill {
  Q_OBJECT
public:
  explicit VerdictPill(ViewState &state, QWidget *parent = nullptr);

Q_SIGNALS:
  /// The earliest light that is broken, of which service; -1: none is.
  void wanted(const QString &service, int light);

private:
  void refresh();
  void ask();

  ViewState &m_state;
  QString m_words;
};

} // namespace packetarium::ui
