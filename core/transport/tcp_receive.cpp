// SPDX-License-Identifier: GPL-3.0-or-later
// Segment text and FIN: RFC 9293 section 3.10.7.4, seventh and eighth, the receive window and when
// to acknowledge.
#include "core/transport/seq.h"
#include "core/transport/tcp_connection.h"

#include <algorithm>

namespace packetarium::transport {

void TcpConnection::onText(TcpHands &hands, std::uint32_t sequence, const wire::Payload &text,
                           bool fin) {
  const bool receiving = m_state == TcpState::Established || m_state == TcpState::FinWait1 ||
                         m_state == TcpState::FinWait2;
  if (!receiving) return;
  // What lies outside the window is cut off, on both sides.
  const std::uint32_t known = static_cast<std::uint32_t>(std::max(0, seqDiff(m_rcvNxt, sequence)));
  const std::uint32_t from = std::min(known, text.size());
  const std::uint32_t begin = sequence + from;
  const std::uint32_t size = std::min(text.size() - from, m_rcvAdv - begin);
  if (fin && from + size == text.size() && begin + size != m_rcvAdv) {
    m_peerFin = true;
    m_peerFinSeq = begin + size;
  }
  m_fullSegment = std::max(m_fullSegment, text.size());

  if (size > 0 && begin == m_rcvNxt && m_reassembly.empty()) {
    takeText(hands, size == text.size() ? text : text.slice(from, size));
    scheduleAck(hands, false);
  } else if (size > 0) {
    const bool early = begin != m_rcvNxt;
    m_reassembly.insert(begin, text.slice(from, size));
    if (early)
      sendAck(hands); // a duplicate ACK, at once and by itself (RFC 5681 section 4.2)
    else
      m_ackNow = true; // fills a hole
  } else if (fin && begin != m_rcvNxt) {
    sendAck(hands);
  }
  drainReassembly(hands);
}

void TcpConnection::drainReassembly(TcpHands &hands) {
  while (!m_reassembly.empty()) {
    wire::Payload next = m_reassembly.take(m_rcvNxt);
    if (next.empty()) break;
    takeText(hands, std::move(next));
    m_ackNow = true;
  }
  if (m_peerFin && !m_finReceived && m_rcvNxt == m_peerFinSeq) onFinInOrder(hands);
}

void TcpConnection::takeText(TcpHands &hands, wire::Payload text) {
  m_rcvNxt += text.size();
  if (m_reading) {
    m_handedBytes += text.size();
    hands.tell(SocketEvent::Kind::Data, SocketError::None, std::move(text));
    return;
  }
  m_unreadBytes += text.size();
  m_unread.push(std::move(text));
}

void TcpConnection::onFinInOrder(TcpHands &hands) {
  m_finReceived = true;
  m_rcvNxt += 1;
  m_ackNow = true;
  m_tellPeerClosed = true;
  tellOrderly(hands);
  switch (m_state) {
  case TcpState::Established: setState(hands, TcpState::CloseWait); break;
  case TcpState::FinWait1: setState(hands, TcpState::Closing); break; // our FIN is not acked yet
  case TcpState::FinWait2: enterTimeWait(hands); break;
  default: break;
  }
}

void TcpConnection::flushDelivered(TcpHands &hands) {
  if (m_handedBytes == 0) return;
  hands.delivered(m_handedBytes);
  m_handedBytes = 0;
}

/// Every second full-sized segment, or the delayed-ACK time (RFC 9293 section 3.8.6.3).
void TcpConnection::scheduleAck(TcpHands &hands, bool atOnce) {
  if (atOnce || !m_options.delayedAck || m_rcvNxt - m_ackedTo >= 2 * m_fullSegment)
    m_ackNow = true;
  else if (!m_timers[DelayedAck].running())
    arm(hands, DelayedAck, m_options.delayedAckTime);
}

std::uint32_t TcpConnection::windowMax() const { return std::uint32_t{65535} << m_rcvScale; }

/// Moves the right edge, though never by a silly little (RFC 9293 section 3.8.6.2.2).
bool TcpConnection::advanceWindow() {
  const std::uint32_t buffer = m_options.receiveBuffer;
  const std::uint32_t room = std::min(buffer - std::min(buffer, m_unreadBytes), windowMax());
  const std::uint32_t edge = m_rcvNxt + room;
  const std::uint32_t step = std::max(1U, std::min<std::uint32_t>(buffer / 2, m_options.mss));
  if (seqDiff(edge, m_rcvAdv) < static_cast<std::int32_t>(step)) return false;
  m_rcvAdv = edge;
  return true;
}

} // namespace packetarium::transport
