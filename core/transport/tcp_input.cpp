// SPDX-License-Identifier: GPL-3.0-or-later
// SEGMENT ARRIVES, RFC 9293 section 3.10.7: the checks before the ACK field is looked at.
#include "core/transport/seq.h"
#include "core/transport/tcp_connection.h"
#include "core/transport/tcp_reset.h"

#include <algorithm>

namespace packetarium::transport {
namespace {
using F = wire::TcpFlags;
constexpr int challengesPerSecond = 10; // RFC 5961 section 7: two confused ends must not storm
} // namespace

void TcpConnection::onSegment(TcpHands &hands, const wire::TcpHeader &h,
                              const wire::Payload &text) {
  switch (m_state) {
  case TcpState::Closed: reset(hands, h, text.size()); return;
  case TcpState::Listen: onSegmentInListen(hands, h, text); break;
  case TcpState::SynSent: onSegmentInSynSent(hands, h, text); break;
  default: onSegmentSynchronized(hands, h, text); break;
  }
  report(hands);
  wakeForNext(hands);
}

void TcpConnection::reset(TcpHands &hands, const wire::TcpHeader &h, std::uint32_t textBytes) {
  if (const auto reply = resetReply(h, textBytes)) hands.transmit(*reply, {}, std::nullopt);
}

void TcpConnection::onSegmentInListen(TcpHands &hands, const wire::TcpHeader &h,
                                      const wire::Payload &text) {
  if (h.has(F::Rst)) return;
  if (h.has(F::Ack)) {
    reset(hands, h);
    return;
  }
  if (!h.has(F::Syn)) return;
  m_remotePort = h.sourcePort;
  takeSyn(h);
  keepTextOfSyn(h, text);
  hands.tell(SocketEvent::Kind::SynSeen, SocketError::None, {});
  setState(hands, TcpState::SynReceived);
  sendSyn(hands);
}

void TcpConnection::onSegmentInSynSent(TcpHands &hands, const wire::TcpHeader &h,
                                       const wire::Payload &text) {
  if (h.has(F::Ack) &&
      (seqLessEq(h.acknowledgment, m_iss) || seqLess(m_sndMax, h.acknowledgment))) {
    reset(hands, h);
    return;
  }
  if (h.has(F::Rst)) {
    if (h.has(F::Ack)) fail(hands, SocketError::Refused);
    return;
  }
  if (!h.has(F::Syn)) return;
  takeSyn(h);
  keepTextOfSyn(h, text);
  if (!h.has(F::Ack)) { // both ends opened at once
    setState(hands, TcpState::SynReceived);
    sendSyn(hands);
    return;
  }
  establish(hands);
  onNewAck(hands, h.acknowledgment);
  setSendWindow(h);
  m_ackNow = true;
  drainReassembly(hands);
  flushDelivered(hands);
  output(hands);
}

/// What the peer's SYN fixes: its numbers and its options.
void TcpConnection::takeSyn(const wire::TcpHeader &syn) {
  m_irs = syn.sequence;
  m_rcvNxt = m_ackedTo = syn.sequence + 1;
  m_mss = std::clamp<std::uint32_t>(syn.mss == 0 ? 536 : syn.mss, 1, m_options.mss);
  m_scaling = m_options.windowScale && syn.windowScale >= 0;
  m_sndScale = m_scaling ? std::min<std::uint8_t>(14, static_cast<std::uint8_t>(syn.windowScale))
                         : std::uint8_t{0};
  if (!m_scaling) m_rcvScale = 0;
  // A window in a SYN is never scaled (RFC 7323 section 2.2).
  m_rcvAdv = m_rcvNxt + std::min<std::uint32_t>(65535, m_options.receiveBuffer);
  m_sndWnd = m_maxSndWnd = syn.window;
  m_sndWl1 = syn.sequence;
  m_sndWl2 = syn.has(F::Ack) ? syn.acknowledgment : m_iss;
}

/// Text and FIN that came with a SYN wait for ESTABLISHED.
void TcpConnection::keepTextOfSyn(const wire::TcpHeader &syn, const wire::Payload &text) {
  const std::uint32_t kept = std::min(text.size(), receiveWindow());
  if (kept > 0) m_reassembly.insert(m_rcvNxt, text.slice(0, kept));
  if (syn.has(F::Fin) && kept == text.size()) {
    m_peerFin = true;
    m_peerFinSeq = m_rcvNxt + kept;
  }
}

/// The four cases of section 3.10.7.4, table 6. A bare ACK at the very edge of the window is let
/// through too: two ends that both filled the other's window must still hear each other.
bool TcpConnection::acceptable(std::uint32_t sequence, std::uint32_t length) const {
  const std::uint32_t window = receiveWindow();
  const std::uint32_t offset = sequence - m_rcvNxt;
  if (length == 0) return offset <= window;
  return window > 0 && (offset < window || offset + length - 1 < window);
}

void TcpConnection::onSegmentSynchronized(TcpHands &hands, const wire::TcpHeader &h,
                                          const wire::Payload &text) {
  const std::uint32_t length = text.size() + (h.has(F::Syn) ? 1 : 0) + (h.has(F::Fin) ? 1 : 0);
  // When both ends open at once, the SYN-ACK repeats a SYN that is known (figure 8): only its ACK
  // is new.
  if (m_state == TcpState::SynReceived && !m_passive && h.sequence == m_irs && h.has(F::Syn) &&
      h.has(F::Ack) && !h.has(F::Rst)) {
    if (onAck(hands, h, 0)) output(hands);
    return;
  }
  if (!acceptable(h.sequence, length)) {
    onUnacceptable(hands, h, text);
    return;
  }
  if (h.has(F::Rst)) {
    onReset(hands, h);
    return;
  }
  if (h.has(F::Syn)) { // in the window: RFC 5961 section 4
    if (m_state == TcpState::SynReceived && m_passive) {
      returnToListen(hands);
    } else {
      challenge(hands);
    }
    return;
  }
  if (!h.has(F::Ack) || !onAck(hands, h, text.size())) return;
  onText(hands, h.sequence, text, h.has(F::Fin));
  flushDelivered(hands);
  output(hands);
}

void TcpConnection::onUnacceptable(TcpHands &hands, const wire::TcpHeader &h,
                                   const wire::Payload &text) {
  if (h.has(F::Rst)) return;
  // A FIN that comes again shows that our ACK of it was lost: the 2 MSL start anew.
  if (m_state == TcpState::TimeWait && h.has(F::Fin)) arm(hands, TimeWait, m_options.timeWait);
  // With the window closed nothing fits, yet the ACK in a segment at RCV.NXT counts.
  const bool probe =
      receiveWindow() == 0 && h.sequence == m_rcvNxt && h.has(F::Ack) && !h.has(F::Syn);
  if (probe && onAck(hands, h, text.size())) {
    m_ackNow = true;
    output(hands);
    return;
  }
  if (!text.empty() || h.has(F::Fin))
    sendAck(hands);
  else
    challenge(hands);
}

/// Second check. Only an RST at exactly RCV.NXT is believed (RFC 5961 section 3).
void TcpConnection::onReset(TcpHands &hands, const wire::TcpHeader &h) {
  if (h.sequence != m_rcvNxt) {
    if (h.sequence - m_rcvNxt < receiveWindow()) challenge(hands);
    return;
  }
  switch (m_state) {
  case TcpState::SynReceived:
    if (m_passive) {
      returnToListen(hands);
    } else {
      fail(hands, SocketError::Refused);
    }
    return;
  case TcpState::Closing:
  case TcpState::LastAck:
  case TcpState::TimeWait: finish(hands); return;
  default: fail(hands, SocketError::Reset); return;
  }
}

/// The ACK that makes the peer prove what it claims.
void TcpConnection::challenge(TcpHands &hands) {
  if (hands.now() - m_challengeWindow >= Duration::seconds(1)) {
    m_challengeWindow = hands.now();
    m_challenges = 0;
  }
  if (m_challenges++ < challengesPerSecond) sendAck(hands);
}

void TcpConnection::onIcmpError(TcpHands &hands, std::uint8_t type, std::uint8_t code,
                                std::uint32_t sequence) {
  constexpr std::uint8_t protocolUnreachable = 2, portUnreachable = 3;
  // Only an error about something in flight can be true (RFC 5927 section 4).
  const bool ours = seqLessEq(m_sndUna, sequence) && seqLess(sequence, m_sndMax);
  if (!ours || type != wire::IcmpHeader::DestinationUnreachable) return;
  const bool refused = code == protocolUnreachable || code == portUnreachable;
  const SocketError error = refused ? SocketError::Refused : SocketError::Unreachable;
  // No connection exists yet that could be saved, so the program learns it at once (RFC 5461
  // section 4.1); later it is only a hint why nothing comes through (RFC 9293, MUST-55).
  if (m_state == TcpState::SynSent)
    fail(hands, error);
  else
    m_softError = error;
}

} // namespace packetarium::transport
