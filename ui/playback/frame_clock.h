// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

namespace packetarium::ui {

// The presentation's clock: while it runs it says, about sixty times a second, how much of the
// machine's time went by. Knows nothing of simulations.
class FrameClock : public QObject {
  Q_OBJECT
public:
  static constexpr int intervalMs = 16;
  // A stall (a sleeping laptop, a debugger) must not make the story leap.
  static constexpr double secondsMax = 0.1;

  explicit FrameClock(QObject *parent = nullptr);
  void start();
  void stop();

Q_SIGNALS:
  void elapsed(double seconds);

private:
  QTimer m_timer;
  QElapsedTimer m_since;
};

} // namespace packetarium::ui
