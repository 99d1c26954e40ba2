// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/playback/view_state.h"

#include <QElapsedTimer>
#include <QWidget>

class QAction;
class QLabel;
class QSlider;
class QToolButton;

namespace packetarium::ui {

class IconButton;
class Pill;
class SegmentedControl;
class TimeLabel;

// Seed, transport buttons, step size, pace, time and how the run is doing.
class TransportBar : public QWidget {
  Q_OBJECT
public:
  // The actions are the menu's own, so that shortcut, tooltip and state are the same in both.
  struct Actions {
    QAction *restart, *stepBack, *play, *stepForward, *find;
  };
  TransportBar(ViewState &state, const Actions &actions, QWidget *parent = nullptr);

  analysis::StepSize stepSize() const;
  void setStepSize(analysis::StepSize size);
  // One notch faster (1) or slower (-1).
  void nudgePace(int notches);
  void resetPace();

  // The window may be this narrow whatever the pills say; at more, more is shown.
  static constexpr int narrowest = 980;
  [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
  void seedRequested(); // somebody wants to change it

protected:
  void resizeEvent(QResizeEvent *event) override;

private:
  QWidget *column(QWidget *top, QWidget *bottom);
  QLabel *caption(const QString &text);
  void refreshState();
  void refreshTime();
  void refreshPills();
  void fit(bool anyRequests, const QString &shortRequests);
  void onSlider(int value);
  void choosePace(PaceKind kind);

  ViewState &m_state;
  QToolButton *m_seed;
  QToolButton *m_find;
  IconButton *m_play;
  SegmentedControl *m_steps;
  QToolButton *m_pace;
  QSlider *m_slider;
  QLabel *m_rate;
  QWidget *m_rateColumn;
  TimeLabel *m_time;
  Pill *m_run;
  Pill *m_faults;
  Pill *m_requests;
  QElapsedTimer m_sinceRefresh;
};

} // namespace packetarium::ui
