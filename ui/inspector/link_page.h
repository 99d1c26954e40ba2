// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/playback/view_state.h"

#include <QWidget>

#include <vector>

class QLabel;
class QPushButton;

namespace packetarium::ui {

class ConditionsForm;
class ElidedLabel;
class FaultRows;
class KeyValueRow;
class Pill;
class SectionHeader;
class TabStrip;
class TapView;

/// The chosen link as it is at the cursor: its conditions, which can be edited, its faults, and the
/// queues and use of both directions; or what somebody who listens on it sees.
class LinkPage : public QWidget {
  Q_OBJECT
public:
  explicit LinkPage(ViewState &state, QWidget *parent = nullptr);

  [[nodiscard]] ConditionsForm &conditions() const { return *m_conditions; }
  [[nodiscard]] TapView &tap() const { return *m_tap; }
  void showTap(bool on);

private:
  void refresh();
  void showFrame();

  ViewState &m_state;
  LinkIndex m_link;
  ElidedLabel *m_title;
  QLabel *m_subtitle;
  Pill *m_pill;
  QPushButton *m_cut;
  QLabel *m_error;
  TabStrip *m_tabs;
  QWidget *m_plain; // conditions, faults, use
  TapView *m_tap;
  ConditionsForm *m_conditions;
  FaultRows *m_faults;
  struct Direction {
    SectionHeader *head;
    KeyValueRow *use, *waiting, *flying;
  };
  std::vector<Direction> m_directions;
};

} // namespace packetarium::ui
