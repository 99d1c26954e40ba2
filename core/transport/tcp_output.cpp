// SPDX-License-Identifier: GPL-3.0-or-later
// What leaves: SYN, text, FIN and ACK, within both windows (RFC 9293 section 3.8.6, RFC 5681).
#include "core/transport/seq.h"
#include "core/transport/tcp_connection.h"

#include <algorithm>

namespace packetarium::transport {
namespace {
using F = wire::TcpFlags;
// Between 0.1 and 1 second: RFC 9293 section 3.8.6.2.1 (4).
constexpr Duration sillyWindowOverride = Duration::ms(500);
} // namespace

bool TcpConnection::mayTransmit() const {
  if (!synAcked()) return false;
  switch (m_state) {
  case TcpState::Established:
  case TcpState::CloseWait:
  case TcpState::FinWait1:
  case TcpState::Closing:
  case TcpState::LastAck: return true;
  default: return false;
  }
}

std::uint32_t TcpConnection::unsent() const {
  return static_cast<std::uint32_t>(std::max(0, seqDiff(dataEnd(), m_sndNxt)));
}

std::uint32_t TcpConnection::windowRoom() const {
  return static_cast<std::uint32_t>(std::max(0, seqDiff(m_sndUna + m_sndWnd, m_sndNxt)));
}

std::uint32_t TcpConnection::congestionRoom() const {
  const std::uint32_t allowed = m_congestion.allowance();
  return allowed - std::min(allowed, flight());
}

void TcpConnection::output(TcpHands &hands) {
  if (mayTransmit()) {
    while (seqLess(m_sndNxt, m_sndMax) ? resendNext(hands) : sendNext(hands)) {
    }
    armPersist(hands);
  }
  if (m_ackNow) sendAck(hands);
}

/// New text, and the FIN behind the last of it.
bool TcpConnection::sendNext(TcpHands &hands) {
  const std::uint32_t waiting = unsent();
  if (waiting == 0 && !finUnsent()) return false;
  const bool idle = m_sndMax == m_sndUna;
  if (idle && hands.now() - m_lastSentAt > m_rto.rto()) m_congestion.onIdle();
  const std::uint32_t window = windowRoom();
  const std::uint32_t length = std::min({waiting, m_mss, window, congestionRoom()});
  const bool fin = finUnsent() && length == waiting && length < window;
  if (length == 0 && !fin) return false;
  if (length > 0 && !worthSending(length, waiting)) return false;
  sendSegment(hands, m_sndNxt, length, fin);
  return true;
}

/// Full segments always; the last small one when Nagle allows; half the peer's window when nothing
/// else is under way (section 3.8.6.2.1 and 3.7.4).
bool TcpConnection::worthSending(std::uint32_t length, std::uint32_t waiting) const {
  if (length == m_mss) return true;
  const bool nothingOutstanding = flight() == 0;
  if (length == waiting) return !m_options.nagle || nothingOutstanding || m_finQueued;
  return nothingOutstanding && length >= m_maxSndWnd / 2;
}

/// After a timeout SND.NXT goes back and walks over what was sent before. New text never rides
/// along, so that what counts as a retransmission is one altogether.
bool TcpConnection::resendNext(TcpHands &hands) {
  const std::uint32_t old = std::min(seqMin(m_sndMax, dataEnd()) - m_sndNxt, m_mss);
  if (flight() > 0 && old > std::min(congestionRoom(), windowRoom())) return false;
  const bool fin = m_finSent && m_sndNxt + old == m_finSeq;
  if (old == 0 && !fin) return false;
  sendSegment(hands, m_sndNxt, old, fin);
  return true;
}

/// The first unacknowledged segment once more; SND.NXT stays.
void TcpConnection::resendFirst(TcpHands &hands, trace::RetransmitReason reason) {
  if (!synAcked()) {
    sendSyn(hands);
    return;
  }
  const std::uint32_t sent =
      static_cast<std::uint32_t>(std::max(0, seqDiff(seqMin(m_sndMax, dataEnd()), m_sndUna)));
  const std::uint32_t length = std::min(sent, m_mss);
  const bool fin = m_finSent && m_sndUna + length == m_finSeq;
  if (length > 0 || fin) sendSegment(hands, m_sndUna, length, fin, reason);
}

void TcpConnection::sendSegment(TcpHands &hands, std::uint32_t sequence, std::uint32_t length,
                                bool fin, trace::RetransmitReason reason) {
  const bool resent = seqLess(sequence, m_sndMax);
  const bool last = length > 0 && sequence + length == dataEnd();
  const std::uint8_t flags =
      static_cast<std::uint8_t>(F::Ack | (last ? F::Psh : 0) | (fin ? F::Fin : 0));
  const wire::TcpHeader h = header(sequence, flags);
  const wire::Payload text =
      length == 0 ? wire::Payload{} : m_buffer.slice(sequence - m_dataSeq, length);
  if (fin && !m_finSent) {
    m_finSent = true;
    m_finSeq = sequence + length;
  }
  occupy(hands, sequence, length + (fin ? 1 : 0));
  if (length == 0) reason = trace::RetransmitReason::Fin;
  hands.transmit(h, text, resent ? std::optional(reason) : std::nullopt);
  if (fin && m_state == TcpState::CloseWait) setState(hands, TcpState::LastAck);
}

void TcpConnection::sendSyn(TcpHands &hands) {
  const bool first = m_state == TcpState::SynSent;
  const bool resent = seqLess(m_iss, m_sndMax);
  wire::TcpHeader h = header(m_iss, first ? F::Syn : F::Syn | F::Ack);
  h.mss = m_options.mss;
  // The answer to a SYN without the option has none either (RFC 7323 section 2.2).
  if (m_options.windowScale && (first || m_scaling))
    h.windowScale = static_cast<std::int8_t>(m_rcvScale);
  occupy(hands, m_iss, 1);
  hands.transmit(h, {}, resent ? std::optional(trace::RetransmitReason::Syn) : std::nullopt);
}

/// A bare ACK stands behind everything sent, also while SND.NXT has gone back.
void TcpConnection::sendAck(TcpHands &hands) {
  hands.transmit(header(m_sndMax, F::Ack), {}, std::nullopt);
}

wire::TcpHeader TcpConnection::header(std::uint32_t sequence, std::uint8_t flags) {
  wire::TcpHeader h;
  h.sourcePort = m_localPort;
  h.destinationPort = m_remotePort;
  h.sequence = sequence;
  h.flags = flags;
  if ((flags & F::Syn) != 0) {
    h.window = static_cast<std::uint16_t>(std::min(65535U, m_options.receiveBuffer));
  } else {
    advanceWindow();
    h.window = static_cast<std::uint16_t>(std::min(65535U, receiveWindow() >> m_rcvScale));
  }
  if ((flags & F::Ack) != 0) {
    h.acknowledgment = m_rcvNxt;
    m_ackedTo = m_rcvNxt;
    m_ackNow = false;
    cancel(DelayedAck);
  }
  return h;
}

/// Takes sequence numbers for a segment that leaves now.
void TcpConnection::occupy(TcpHands &hands, std::uint32_t sequence, std::uint32_t length) {
  const std::uint32_t end = sequence + length;
  if (seqLess(sequence, m_sndMax)) {
    if (m_timing && seqLess(sequence, m_timedSeq)) m_timing = false; // Karn's rule
  } else {
    m_probing = false; // the probe's byte is part of what leaves now
    if (!m_timing) {
      m_timing = true;
      m_timedSeq = end;
      m_timedAt = hands.now();
    }
  }
  m_sndNxt = seqMax(m_sndNxt, end);
  m_sndMax = seqMax(m_sndMax, end);
  m_lastSentAt = hands.now();
  cancel(Persist);
  if (!m_timers[Retransmit].running()) arm(hands, Retransmit, m_rto.rto()); // RFC 6298 (5.1)
}

/// With nothing under way no ACK will come that could open the window: ask for one in a while.
void TcpConnection::armPersist(TcpHands &hands) {
  if (m_sndMax != m_sndUna) return;
  if (unsent() == 0 && !finUnsent()) {
    cancel(Persist);
    return;
  }
  if (m_timers[Persist].running()) return;
  const Duration backedOff = m_rto.rto() * (std::int64_t{1} << std::min(m_probes, 16));
  arm(hands, Persist, m_sndWnd == 0 ? std::min(backedOff, m_options.rtoMax) : sillyWindowOverride);
}

/// A byte beyond the closed window (RFC 9293 section 3.8.6.1). SND.NXT stays before it: until it is
/// acknowledged it was never sent. With only a FIN to send, an old number draws the answer.
void TcpConnection::sendProbe(TcpHands &hands) {
  if (unsent() == 0) {
    hands.transmit(header(m_sndUna - 1, F::Ack), {}, std::nullopt);
    return;
  }
  m_probing = true;
  const wire::Payload byte = m_buffer.slice(m_sndNxt - m_dataSeq, 1);
  hands.transmit(header(m_sndNxt, F::Ack), byte, std::nullopt);
}

} // namespace packetarium::transport
