// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/cluster/ring_plot.h"
#include "ui/playback/view_state.h"

#include <QWidget>

#include <string>

class QLineEdit;
class QStackedWidget;

namespace packetarium::ui {

class ElidedLabel;
class EmptyState;

// The ring of a quorum store at the cursor: whose which keys are, which nodes hold the key that is
// typed, and what they keep for those that are away.
class RingView : public QWidget {
  Q_OBJECT
public:
  explicit RingView(ViewState &state, QWidget *parent = nullptr);

  // Brings it up to the cursor; false when the service has no ring.
  bool refresh(const std::string &service);
  [[nodiscard]] RingPlot &plot() const { return *m_plot; }
  [[nodiscard]] QLineEdit &key() const { return *m_key; }

private:
  void chooseKey();
  void tell();

  ViewState &m_state;
  std::string m_service;
  QLineEdit *m_key;
  ElidedLabel *m_words;
  RingPlot *m_plot;
  QStackedWidget *m_pages;
};

} // namespace packetarium::ui
