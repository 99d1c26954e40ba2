// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/playback/view_state.h"

#include <QWidget>

class QListWidget;

namespace packetarium::ui {

// The built-in scenarios in the groups they stand in; choosing one opens it.
class ExamplesPanel : public QWidget {
  Q_OBJECT
public:
  explicit ExamplesPanel(ViewState &state, QWidget *parent = nullptr);

Q_SIGNALS:
  void openRequested(const QString &id);

private:
  void fill();
  void markCurrent();

  ViewState &m_state;
  QListWidget *m_list;
};

} // namespace packetarium::ui
