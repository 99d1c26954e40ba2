// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/transport/seq.h"
#include "core/transport/tcp_connection.h"

#include <algorithm>

namespace packetarium::transport {
namespace {

/// The smallest shift that lets a 16-bit field tell the whole buffer (RFC 7323 section 2.3).
std::uint8_t scaleFor(std::uint32_t buffer) {
  std::uint8_t shift = 0;
  while (shift < 14 && buffer >> shift > 65535) ++shift;
  return shift;
}

} // namespace

TcpConnection::TcpConnection(const TcpOptions &options, std::uint16_t localPort,
                             std::uint16_t remotePort, std::uint32_t iss)
    : m_options(options),
      m_localPort(localPort),
      m_remotePort(remotePort),
      m_iss(iss),
      m_sndUna(iss),
      m_sndNxt(iss),
      m_sndMax(iss),
      m_dataSeq(iss + 1),
      m_rto(options.rtoInitial, options.rtoMin, options.rtoMax) {
  m_options.mss = std::max<std::uint16_t>(1, options.mss);
  m_options.receiveBuffer = std::max(1U, options.receiveBuffer);
  m_rcvScale = m_options.windowScale ? scaleFor(m_options.receiveBuffer) : std::uint8_t{0};
  m_fullSegment = std::min<std::uint32_t>(m_fullSegment, m_options.mss);
}

void TcpConnection::setState(TcpHands &hands, TcpState to) {
  const TcpState from = m_state;
  m_state = to;
  hands.stateChanged(from, to);
}

void TcpConnection::openActive(TcpHands &hands) {
  setState(hands, TcpState::SynSent);
  sendSyn(hands);
  wakeForNext(hands);
}

void TcpConnection::openPassive(TcpHands &hands) {
  m_passive = true;
  setState(hands, TcpState::Listen);
}

std::uint32_t TcpConnection::send(TcpHands &hands, const wire::Payload &data) {
  const bool open = m_state == TcpState::SynSent || m_state == TcpState::SynReceived ||
                    m_state == TcpState::Established || m_state == TcpState::CloseWait;
  if (!open || m_finQueued) return 0;
  const std::uint32_t held = std::min(m_buffer.size(), m_options.sendBuffer);
  const std::uint32_t taken = std::min(data.size(), m_options.sendBuffer - held);
  m_wantsRoom = taken < data.size();
  if (taken == 0) return 0;
  m_buffer.append(taken == data.size() ? data : data.slice(0, taken));
  output(hands);
  wakeForNext(hands);
  return taken;
}

void TcpConnection::close(TcpHands &hands) {
  switch (m_state) {
  case TcpState::Listen:
  case TcpState::SynSent:
    cancelAll();
    m_buffer.clear();
    setState(hands, TcpState::Closed);
    return;
  case TcpState::SynReceived:
    m_finQueued = true;
    // With data to send, the FIN has to wait for ESTABLISHED (section 3.10.4).
    if (!m_buffer.empty()) return;
    setState(hands, TcpState::FinWait1);
    sendSegment(hands, m_sndNxt, 0, true);
    break;
  case TcpState::Established:
    m_finQueued = true;
    setState(hands, TcpState::FinWait1);
    output(hands);
    break;
  case TcpState::CloseWait: // LAST-ACK begins when the FIN leaves
    m_finQueued = true;
    output(hands);
    break;
  default: return;
  }
  wakeForNext(hands);
}

void TcpConnection::abort(TcpHands &hands) {
  switch (m_state) {
  case TcpState::SynReceived:
  case TcpState::Established:
  case TcpState::FinWait1:
  case TcpState::FinWait2:
  case TcpState::CloseWait: {
    wire::TcpHeader rst = header(m_sndMax, wire::TcpFlags::Rst);
    rst.acknowledgment = 0;
    rst.window = 0;
    hands.transmit(rst, {}, std::nullopt);
    break;
  }
  default: break;
  }
  cancelAll();
  m_buffer.clear();
  m_unread.clear();
  m_unreadBytes = 0;
  m_tellClosed = m_tellPeerClosed = false;
  if (m_state != TcpState::Closed) setState(hands, TcpState::Closed);
}

void TcpConnection::setReading(TcpHands &hands, bool on) {
  if (on == m_reading) return;
  m_reading = on;
  if (!on) return;
  while (!m_unread.empty()) {
    wire::Payload data = std::move(m_unread.front());
    m_unread.pop();
    m_unreadBytes -= data.size();
    m_handedBytes += data.size();
    hands.tell(SocketEvent::Kind::Data, SocketError::None, std::move(data));
  }
  flushDelivered(hands);
  tellOrderly(hands);
  const bool receiving = m_state == TcpState::Established || m_state == TcpState::FinWait1 ||
                         m_state == TcpState::FinWait2;
  if (receiving && advanceWindow()) sendAck(hands);
}

/// The handshake is over.
void TcpConnection::establish(TcpHands &hands) {
  setState(hands, TcpState::Established);
  hands.tell(m_passive ? SocketEvent::Kind::Accepted : SocketEvent::Kind::Connected,
             SocketError::None, {});
  if (m_finQueued) setState(hands, TcpState::FinWait1); // close() came during the handshake
}

void TcpConnection::startCongestionControl() {
  // RFC 6928 section 2 keeps the initial window when a single SYN was lost. ssthresh starts at the
  // largest window the peer could ever advertise (RFC 5681 section 3.1).
  const std::uint32_t window = m_retries > 1 ? m_mss : initialWindow(m_mss);
  m_congestion =
      NewReno(m_mss, window, std::uint32_t{65535} << m_sndScale, m_iss, m_options.limitedTransmit);
  if (m_retries > 0) m_rto.raiseTo(Duration::seconds(3)); // RFC 6298 (5.7)
}

void TcpConnection::returnToListen(TcpHands &hands) {
  setState(hands, TcpState::Listen);
  TcpConnection fresh(m_options, m_localPort, 0, m_iss);
  fresh.m_state = TcpState::Listen;
  fresh.m_passive = true;
  *this = std::move(fresh);
}

/// All other timers are off and the 2 MSL one starts (section 3.10.7.4, eighth).
void TcpConnection::enterTimeWait(TcpHands &hands) {
  setState(hands, TcpState::TimeWait);
  cancelAll();
  arm(hands, TimeWait, m_options.timeWait);
  m_tellClosed = true;
  tellOrderly(hands);
}

void TcpConnection::finish(TcpHands &hands) {
  cancelAll();
  setState(hands, TcpState::Closed);
  m_tellClosed = true;
  tellOrderly(hands);
}

void TcpConnection::fail(TcpHands &hands, SocketError error) {
  cancelAll();
  m_buffer.clear();
  m_reassembly.clear();
  m_unread.clear();
  m_unreadBytes = 0;
  m_tellClosed = m_tellPeerClosed = false;
  const bool known = m_state != TcpState::SynReceived || !m_passive;
  setState(hands, TcpState::Closed);
  if (known) hands.tell(SocketEvent::Kind::Failed, error, {});
}

/// The ends of the stream come behind its last byte, also when the program reads late.
void TcpConnection::tellOrderly(TcpHands &hands) {
  if (!m_unread.empty()) return;
  if (m_tellPeerClosed) {
    m_tellPeerClosed = false;
    hands.tell(SocketEvent::Kind::PeerClosed, SocketError::None, {});
  }
  if (m_tellClosed) {
    m_tellClosed = false;
    hands.tell(SocketEvent::Kind::Closed, SocketError::None, {});
  }
}

bool TcpConnection::yieldsTo(const wire::TcpHeader &syn) const {
  return m_state == TcpState::TimeWait && syn.has(wire::TcpFlags::Syn) &&
         !syn.has(wire::TcpFlags::Ack) && !syn.has(wire::TcpFlags::Rst) &&
         seqLess(m_rcvNxt, syn.sequence);
}

TcpFigures TcpConnection::figures() const {
  return {m_congestion.cwnd(), m_congestion.ssthresh(), m_sndMax - m_sndUna, m_sndWnd,
          m_rto.srtt()};
}

void TcpConnection::report(TcpHands &hands) {
  if (m_congestion.cwnd() == 0 || m_state == TcpState::Closed) return;
  const TcpFigures now = figures();
  if (now == m_reported) return;
  m_reported = now;
  hands.measured(now);
}

} // namespace packetarium::transport
