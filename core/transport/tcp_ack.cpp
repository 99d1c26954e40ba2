// SPDX-License-Identifier: GPL-3.0-or-later
// The ACK field of arriving segments: RFC 9293 section 3.10.7.4, fifth check, and what follows from
// it for the send window, the timers and congestion control.
#include "core/transport/seq.h"
#include "core/transport/tcp_connection.h"
#include "core/transport/tcp_reset.h"

#include <algorithm>

namespace packetarium::transport {

std::uint32_t TcpConnection::scaledWindow(const wire::TcpHeader &h) const {
  return std::uint32_t{h.window} << m_sndScale;
}

void TcpConnection::setSendWindow(const wire::TcpHeader &h) {
  m_sndWnd = h.has(wire::TcpFlags::Syn) ? h.window : scaledWindow(h);
  m_maxSndWnd = std::max(m_maxSndWnd, m_sndWnd);
  m_sndWl1 = h.sequence;
  m_sndWl2 = h.acknowledgment;
}

/// Gives false when the segment is to be dropped.
bool TcpConnection::onAck(TcpHands &hands, const wire::TcpHeader &h, std::uint32_t textBytes) {
  if (m_state == TcpState::SynReceived) return onAckInSynReceived(hands, h);
  const std::uint32_t ack = h.acknowledgment;
  if (seqLess(highestSent(), ack)) {
    challenge(hands);
    return false;
  }
  if (seqLess(ack, m_sndUna - m_maxSndWnd)) { // RFC 5961 section 5
    challenge(hands);
    return false;
  }
  if (m_sndWnd == 0) m_retries = 0; // the peer is alive but full (MUST-37)
  if (seqLess(m_sndUna, ack)) {
    onNewAck(hands, ack);
  } else if (ack == m_sndUna && m_sndMax != m_sndUna && textBytes == 0 &&
             !h.has(wire::TcpFlags::Fin) && scaledWindow(h) == m_sndWnd) {
    onDuplicateAck(hands, ack); // RFC 5681 section 2
  }
  updateSendWindow(h);
  return afterFinAcked(hands);
}

bool TcpConnection::onAckInSynReceived(TcpHands &hands, const wire::TcpHeader &h) {
  const std::uint32_t ack = h.acknowledgment;
  if (!seqLess(m_sndUna, ack) || seqLess(m_sndMax, ack)) {
    reset(hands, h);
    return false;
  }
  establish(hands);
  onNewAck(hands, ack);
  setSendWindow(h);
  return afterFinAcked(hands);
}

void TcpConnection::onNewAck(TcpHands &hands, std::uint32_t ack) {
  const std::uint32_t flightBefore = m_sndMax - m_sndUna;
  const bool wasSyn = !synAcked();
  m_sndMax = seqMax(m_sndMax, ack); // a probe's byte was taken after all
  const std::uint32_t dataAcked =
      static_cast<std::uint32_t>(std::max(0, seqDiff(seqMin(ack, dataEnd()), m_dataSeq)));
  m_buffer.drop(dataAcked);
  m_dataSeq += dataAcked;
  m_sndUna = ack;
  m_sndNxt = seqMax(m_sndNxt, ack);
  m_probing = false;
  if (m_timing && seqLessEq(m_timedSeq, ack)) {
    m_timing = false;
    m_rto.sample(hands.now() - m_timedAt);
  }
  if (wasSyn) startCongestionControl();
  m_retries = 0;
  m_softError = SocketError::None;
  if (m_sndUna == m_sndMax)
    cancel(Retransmit); // RFC 6298 (5.2)
  else
    arm(hands, Retransmit, m_rto.rto()); // (5.3); on partial ACKs too: slow but steady
  if (!wasSyn) {
    const auto verdict = m_congestion.onNewAck(ack, dataAcked, flightBefore, m_sndMax - m_sndUna);
    if (verdict == NewReno::Verdict::PartialAck)
      resendFirst(hands, trace::RetransmitReason::PartialAck);
  }
  offerRoom(hands);
}

void TcpConnection::onDuplicateAck(TcpHands &hands, std::uint32_t ack) {
  const auto verdict = m_congestion.onDuplicateAck(ack, m_sndMax, m_sndMax - m_sndUna);
  if (verdict == NewReno::Verdict::FastRetransmit)
    resendFirst(hands, trace::RetransmitReason::Fast);
}

void TcpConnection::updateSendWindow(const wire::TcpHeader &h) {
  const bool newer = seqLess(m_sndWl1, h.sequence) ||
                     (m_sndWl1 == h.sequence && seqLessEq(m_sndWl2, h.acknowledgment));
  if (!newer || seqLess(h.acknowledgment, m_sndUna)) return;
  setSendWindow(h);
  if (m_sndWnd > 0) m_probes = 0;
}

/// What our FIN's acknowledgment does to the state; false when the connection is over.
bool TcpConnection::afterFinAcked(TcpHands &hands) {
  if (!finAcked()) return true;
  switch (m_state) {
  case TcpState::FinWait1: setState(hands, TcpState::FinWait2); return true;
  case TcpState::Closing: enterTimeWait(hands); return true;
  case TcpState::LastAck: finish(hands); return false;
  default: return true;
  }
}

void TcpConnection::offerRoom(TcpHands &hands) {
  if (!m_wantsRoom || m_finQueued) return;
  const std::uint32_t room = m_options.sendBuffer - std::min(m_options.sendBuffer, m_buffer.size());
  // A few segments at a time: waking the program for each ACK costs more than it brings.
  if (room < std::max(1U, std::min(8 * m_mss, m_options.sendBuffer / 4))) return;
  m_wantsRoom = false;
  hands.tell(SocketEvent::Kind::Writable, SocketError::None, {});
}

} // namespace packetarium::transport
