// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/playback/view_state.h"

#include <QWidget>

#include <vector>

class QLabel;
class QPushButton;

namespace packetarium::ui {

class ElidedLabel;
class KeyValueRow;
class Pill;
class SectionHeader;

/// The chosen link as it is at the cursor: rate, delay, loss, queues and use in both directions.
class LinkPage : public QWidget {
  Q_OBJECT
public:
  explicit LinkPage(ViewState &state, QWidget *parent = nullptr);

private:
  void refresh();
  void showFrame();

  ViewState &m_state;
  LinkIndex m_link;
  ElidedLabel *m_title;
  QLabel *m_subtitle;
  Pill *m_pill;
  QPushButton *m_cut;
  KeyValueRow *m_rate, *m_delay, *m_jitter, *m_loss, *m_queue;
  struct Direction {
    SectionHeader *head;
    KeyValueRow *use, *waiting, *flying;
  };
  std::vector<Direction> m_directions;
};

} // namespace packetarium::ui
