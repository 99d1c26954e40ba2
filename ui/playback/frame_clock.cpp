// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/playback/frame_clock.h"

#include <algorithm>

namespace packetarium::ui {

FrameClock::FrameClock(QObject *parent) : QObject(parent) {
  m_timer.setTimerType(Qt::PreciseTimer);
  m_timer.setInterval(intervalMs);
  connect(&m_timer, &QTimer::timeout, this, [this] {
    const double seconds = static_cast<double>(m_since.nsecsElapsed()) * 1e-9;
    m_since.restart();
    Q_EMIT elapsed(std::min(seconds, secondsMax));
  });
}

void FrameClock::start() {
  if (m_timer.isActive()) return;
  m_since.start();
  m_timer.start();
}

void FrameClock::stop() { m_timer.stop(); }

} // namespace packetarium::ui
