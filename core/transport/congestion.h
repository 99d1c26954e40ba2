// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace packetarium::transport {

/// NewReno congestion control as a value: RFC 5681 with byte counting, RFC 6582 (the
/// slow-but-steady variant and the heuristic of its section 4.1) and the limited transmit of RFC
/// 3042. It decides; the connection sends. All sizes are bytes.
class NewReno {
public:
  enum class Verdict : std::uint8_t {
    Nothing,
    FastRetransmit, ///< resend the first unacknowledged segment: recovery begins
    PartialAck      ///< resend the next hole: recovery goes on
  };

  NewReno() = default;
  /// smss: sender maximum segment size. iss: initial send sequence number, the first `recover`.
  NewReno(std::uint32_t smss, std::uint32_t initialWindow, std::uint32_t ssthresh,
          std::uint32_t iss, bool limitedTransmit);

  std::uint32_t cwnd() const { return m_cwnd; }
  std::uint32_t ssthresh() const { return m_ssthresh; }
  bool inRecovery() const { return m_inRecovery; }
  std::uint32_t duplicateAcks() const { return m_duplicates; }
  /// How much may be outstanding now: cwnd, and one segment for each of the first two duplicates.
  std::uint32_t allowance() const {
    if (m_inRecovery || !m_limitedTransmit || m_duplicates == 0) return m_cwnd;
    return m_cwnd + (m_duplicates < 2 ? 1 : 2) * m_smss;
  }

  /// A duplicate ACK (RFC 5681 section 2) arrived. highestSent: one past the last byte sent.
  Verdict onDuplicateAck(std::uint32_t ack, std::uint32_t highestSent, std::uint32_t flight);
  /// An ACK of acked new bytes up to ack arrived; flight before and after it.
  Verdict onNewAck(std::uint32_t ack, std::uint32_t acked, std::uint32_t flightBefore,
                   std::uint32_t flightAfter);
  /// The retransmission timer expired. again: for a segment that was already resent by it.
  void onTimeout(std::uint32_t highestSent, std::uint32_t flight, bool again);
  /// Nothing was sent for longer than the RTO (RFC 5681 section 4.1).
  void onIdle();

private:
  std::uint32_t halved(std::uint32_t flight) const;
  void grow(std::uint32_t acked, std::uint32_t flightBefore);
  void onPartialAck(std::uint32_t acked);
  bool looksLikeLoss(std::uint32_t ack) const;

  std::uint32_t m_smss = 536;
  std::uint32_t m_initialWindow = 0;
  std::uint32_t m_cwnd = 0;
  std::uint32_t m_ssthresh = 0;
  std::uint32_t m_ackedBytes = 0; ///< towards the next increase in congestion avoidance
  std::uint32_t m_duplicates = 0;
  std::uint32_t m_flightAtFirstDuplicate = 0; ///< limited transmit must not count for ssthresh
  std::uint32_t m_recover = 0;                ///< one past the highest byte sent when loss was seen
  std::uint32_t m_highestAck = 0;
  std::uint32_t m_previousHighestAck = 0;
  bool m_inRecovery = false;
  bool m_limitedTransmit = true;
};

/// RFC 6928 section 2: min(10 MSS, max(2 MSS, 14600)).
constexpr std::uint32_t initialWindow(std::uint32_t mss) {
  const std::uint32_t floor = 2 * mss > 14600 ? 2 * mss : 14600;
  return 10 * mss < floor ? 10 * mss : floor;
}

} // namespace packetarium::transport
