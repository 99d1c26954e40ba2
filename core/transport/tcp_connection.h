// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/ring.h"
#include "core/transport/congestion.h"
#include "core/transport/reassembly.h"
#include "core/transport/rto_estimator.h"
#include "core/transport/send_buffer.h"
#include "core/transport/tcp_hands.h"

#include <array>
#include <cstdint>
#include <optional>

namespace packetarium::transport {

/// One end of a TCP connection: the state machine of RFC 9293 with its timers, windows and
/// congestion control. A value: it names nothing outside itself and acts through TcpHands.
/// Variables are called as in RFC 9293 section 3.3.1 (SND.UNA is m_sndUna).
class TcpConnection {
public:
  TcpConnection() = default;
  /// remotePort is taken from the SYN when the connection is opened passively.
  TcpConnection(const TcpOptions &options, std::uint16_t localPort, std::uint16_t remotePort,
                std::uint32_t iss);

  // User calls, RFC 9293 section 3.10.1 to 3.10.5.
  void openActive(TcpHands &hands);
  void openPassive(TcpHands &hands);
  /// Gives the bytes taken into the send buffer; 0 once closing or in LISTEN.
  std::uint32_t send(TcpHands &hands, const wire::Payload &data);
  /// Half-close: FIN behind what is buffered. Data still arrives.
  void close(TcpHands &hands);
  void abort(TcpHands &hands);
  /// While off, data waits in the receive buffer.
  void setReading(TcpHands &hands, bool on);

  /// A segment arrived (section 3.10.7).
  void onSegment(TcpHands &hands, const wire::TcpHeader &header, const wire::Payload &text);
  /// The instant of a wakeAt came.
  void onTimer(TcpHands &hands);
  /// An ICMP error about a segment of ours that began at this sequence number.
  void onIcmpError(TcpHands &hands, std::uint8_t type, std::uint8_t code, std::uint32_t sequence);

  TcpState state() const { return m_state; }
  /// Nothing is left to do: the socket may be forgotten.
  bool gone() const { return m_state == TcpState::Closed && m_unread.empty() && !m_tellClosed; }
  bool passive() const { return m_passive; }
  std::uint16_t localPort() const { return m_localPort; }
  std::uint16_t remotePort() const { return m_remotePort; }
  /// In TIME-WAIT a SYN above all that was received may open the connection anew (RFC 9293
  /// section 3.10.7.4, MAY-2).
  bool yieldsTo(const wire::TcpHeader &syn) const;
  TcpFigures figures() const;
  Duration rto() const { return m_rto.rto(); }
  std::uint32_t sendQueue() const { return m_buffer.size(); }
  std::uint32_t receiveQueue() const { return m_unreadBytes; }
  std::uint32_t mss() const { return m_mss; } ///< Eff.snd.MSS, section 3.7.1

private:
  enum TimerId { Retransmit, Persist, DelayedAck, TimeWait, timerCount };
  struct Timer {
    SimTime at = SimTime::max();
    trace::Sequence cause = 0;
    bool running() const { return at != SimTime::max(); }
  };

  // States
  void setState(TcpHands &hands, TcpState to);
  void establish(TcpHands &hands);
  void returnToListen(TcpHands &hands);
  void enterTimeWait(TcpHands &hands);
  void finish(TcpHands &hands); ///< to CLOSED in order
  void fail(TcpHands &hands, SocketError error);
  void tellOrderly(TcpHands &hands);
  bool synAcked() const { return m_sndUna != m_iss; }
  bool finAcked() const { return m_finSent && m_sndUna == m_finSeq + 1; }

  // Segments in
  void onSegmentInListen(TcpHands &hands, const wire::TcpHeader &h, const wire::Payload &text);
  void onSegmentInSynSent(TcpHands &hands, const wire::TcpHeader &h, const wire::Payload &text);
  void onSegmentSynchronized(TcpHands &hands, const wire::TcpHeader &h, const wire::Payload &text);
  void onUnacceptable(TcpHands &hands, const wire::TcpHeader &h, const wire::Payload &text);
  void onReset(TcpHands &hands, const wire::TcpHeader &h);
  void takeSyn(const wire::TcpHeader &syn);
  void keepTextOfSyn(const wire::TcpHeader &syn, const wire::Payload &text);
  bool acceptable(std::uint32_t sequence, std::uint32_t length) const;
  void reset(TcpHands &hands, const wire::TcpHeader &h, std::uint32_t textBytes = 0);
  void challenge(TcpHands &hands);

  // Acknowledgments in
  bool onAck(TcpHands &hands, const wire::TcpHeader &h, std::uint32_t textBytes);
  bool onAckInSynReceived(TcpHands &hands, const wire::TcpHeader &h);
  void onNewAck(TcpHands &hands, std::uint32_t ack);
  void onDuplicateAck(TcpHands &hands, std::uint32_t ack);
  void updateSendWindow(const wire::TcpHeader &h);
  std::uint32_t scaledWindow(const wire::TcpHeader &h) const;
  void setSendWindow(const wire::TcpHeader &h);
  bool afterFinAcked(TcpHands &hands);
  void offerRoom(TcpHands &hands);
  std::uint32_t highestSent() const { return m_probing ? m_sndMax + 1 : m_sndMax; }

  // Text in
  void onText(TcpHands &hands, std::uint32_t sequence, const wire::Payload &text, bool fin);
  void drainReassembly(TcpHands &hands);
  void takeText(TcpHands &hands, wire::Payload text);
  void onFinInOrder(TcpHands &hands);
  void scheduleAck(TcpHands &hands, bool atOnce);
  void flushDelivered(TcpHands &hands);
  std::uint32_t receiveWindow() const { return m_rcvAdv - m_rcvNxt; }
  bool advanceWindow();
  std::uint32_t windowMax() const;

  // Segments out
  void output(TcpHands &hands);
  bool sendNext(TcpHands &hands);
  bool resendNext(TcpHands &hands);
  bool worthSending(std::uint32_t length, std::uint32_t unsent) const;
  std::uint32_t windowRoom() const;
  std::uint32_t congestionRoom() const;
  void sendSegment(TcpHands &hands, std::uint32_t sequence, std::uint32_t length, bool fin,
                   trace::RetransmitReason reason = trace::RetransmitReason::Timeout);
  void sendProbe(TcpHands &hands);
  void sendSyn(TcpHands &hands);
  void sendAck(TcpHands &hands);
  void resendFirst(TcpHands &hands, trace::RetransmitReason reason);
  void occupy(TcpHands &hands, std::uint32_t sequence, std::uint32_t length);
  void armPersist(TcpHands &hands);
  wire::TcpHeader header(std::uint32_t sequence, std::uint8_t flags);
  std::uint32_t dataEnd() const { return m_dataSeq + m_buffer.size(); }
  std::uint32_t unsent() const;
  bool finUnsent() const { return m_finQueued && !m_finSent; }
  std::uint32_t flight() const { return m_sndNxt - m_sndUna; }
  bool mayTransmit() const;
  void startCongestionControl();

  // Timers
  void arm(TcpHands &hands, TimerId id, Duration delay);
  void cancel(TimerId id) { m_timers[id].at = SimTime::max(); }
  void cancelAll();
  void wakeForNext(TcpHands &hands);
  void fire(TcpHands &hands, TimerId id);
  void onRetransmitTimer(TcpHands &hands);
  void onPersistTimer(TcpHands &hands);
  void report(TcpHands &hands);

  TcpOptions m_options;
  TcpState m_state = TcpState::Closed;
  bool m_passive = false;
  bool m_reading = true;
  bool m_wantsRoom = false; ///< send() took less than offered
  bool m_finQueued = false; ///< close() was called
  bool m_finSent = false;
  bool m_peerFin = false;     ///< a FIN arrived, at m_peerFinSeq
  bool m_finReceived = false; ///< and all before it
  bool m_tellPeerClosed = false;
  bool m_tellClosed = false; ///< waits until the program has read everything
  bool m_ackNow = false;
  bool m_timing = false;
  bool m_probing = false; ///< one byte beyond SND.NXT may have been received
  std::uint16_t m_localPort = 0, m_remotePort = 0;

  std::uint32_t m_iss = 0, m_sndUna = 0, m_sndNxt = 0;
  std::uint32_t m_sndMax = 0; ///< one past the highest sent; SND.NXT falls back on a timeout
  std::uint32_t m_sndWnd = 0, m_sndWl1 = 0, m_sndWl2 = 0, m_maxSndWnd = 0;
  std::uint32_t m_dataSeq = 0; ///< sequence number of the first byte in m_buffer
  std::uint32_t m_finSeq = 0;
  std::uint32_t m_mss = 536; ///< until the peer's option is known (section 3.7.1, MUST-15)
  std::uint8_t m_sndScale = 0, m_rcvScale = 0;
  bool m_scaling = false; ///< both sides sent the option
  SendBuffer m_buffer;

  std::uint32_t m_irs = 0, m_rcvNxt = 0;
  std::uint32_t m_rcvAdv = 0; ///< right edge of the receive window; never moves left
  std::uint32_t m_peerFinSeq = 0;
  std::uint32_t m_ackedTo = 0;       ///< RCV.NXT as last told
  std::uint32_t m_fullSegment = 536; ///< what counts as full-sized for delayed ACKs
  std::uint32_t m_unreadBytes = 0;
  std::uint32_t m_handedBytes = 0;
  Reassembly m_reassembly;
  Ring<wire::Payload> m_unread;

  NewReno m_congestion;
  RtoEstimator m_rto;
  std::uint32_t m_timedSeq = 0; ///< an ACK of this ends the measurement
  SimTime m_timedAt;
  SimTime m_lastSentAt;
  int m_retries = 0;
  int m_probes = 0;
  SocketError m_softError = SocketError::None;
  SimTime m_challengeWindow;
  int m_challenges = 0;

  std::array<Timer, timerCount> m_timers;
  SimTime m_wakeAt = SimTime::max();
  TcpFigures m_reported;
};

} // namespace packetarium::transport
