// SPDX-License-Identifier: GPL-3.0-or-later
// Timers are kept as deadlines. One wake-up is asked for, at the earliest; moving a deadline later
// (each ACK does) costs nothing, the wake-up then finds nothing due and asks again.
#include "core/transport/seq.h"
#include "core/transport/tcp_connection.h"

#include <algorithm>

namespace packetarium::transport {

void TcpConnection::arm(TcpHands &hands, TimerId id, Duration delay) {
  m_timers[id] = {hands.now() + delay, hands.cause()};
}

void TcpConnection::cancelAll() {
  for (Timer &timer : m_timers) timer.at = SimTime::max();
}

void TcpConnection::wakeForNext(TcpHands &hands) {
  SimTime earliest = SimTime::max();
  for (const Timer &timer : m_timers) earliest = std::min(earliest, timer.at);
  if (earliest >= m_wakeAt) return;
  m_wakeAt = earliest;
  hands.wakeAt(earliest);
}

void TcpConnection::onTimer(TcpHands &hands) {
  if (hands.now() < m_wakeAt) return; // overtaken by an earlier one
  m_wakeAt = SimTime::max();
  for (const TimerId id : {Retransmit, Persist, DelayedAck, TimeWait})
    if (m_timers[id].at <= hands.now()) fire(hands, id);
  report(hands);
  wakeForNext(hands);
}

void TcpConnection::fire(TcpHands &hands, TimerId id) {
  hands.setCause(m_timers[id].cause);
  cancel(id);
  switch (id) {
  case Retransmit: onRetransmitTimer(hands); break;
  case Persist: onPersistTimer(hands); break;
  case DelayedAck: sendAck(hands); break;
  case TimeWait: setState(hands, TcpState::Closed); break;
  default: break;
  }
}

/// RFC 6298 (5.4) to (5.6) and RFC 5681 section 3.1.
void TcpConnection::onRetransmitTimer(TcpHands &hands) {
  hands.setCause(hands.timedOut(m_rto.rto()));
  const int limit = synAcked() ? m_options.dataRetries : m_options.synRetries;
  if (m_retries >= limit) {
    fail(hands, m_softError != SocketError::None ? m_softError : SocketError::TimedOut);
    return;
  }
  ++m_retries;
  m_rto.backOff();
  m_timing = false;
  if (!synAcked()) {
    sendSyn(hands);
    return;
  }
  m_congestion.onTimeout(m_sndMax, flight(), m_retries > 1);
  m_sndNxt = m_sndUna;
  output(hands);
}

void TcpConnection::onPersistTimer(TcpHands &hands) {
  if (m_sndWnd > 0) { // a small window stayed small: use what there is
    const std::uint32_t length = std::min({unsent(), m_mss, windowRoom()});
    const bool fin = finUnsent() && length == unsent() && length < windowRoom();
    if (length > 0 || fin) sendSegment(hands, m_sndNxt, length, fin);
    return;
  }
  if (m_retries >= m_options.dataRetries) { // probes that nobody answers (MUST-37 asks no more)
    fail(hands, m_softError != SocketError::None ? m_softError : SocketError::TimedOut);
    return;
  }
  ++m_retries;
  ++m_probes;
  sendProbe(hands);
  armPersist(hands);
}

} // namespace packetarium::transport
