// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/transport/congestion.h"

#include "core/transport/seq.h"

#include <algorithm>

namespace packetarium::transport {
namespace {
constexpr std::uint32_t duplicateThreshold = 3;
constexpr std::uint32_t cwndMax = 1U << 30; // the largest window RFC 7323 can advertise
} // namespace

NewReno::NewReno(std::uint32_t smss, std::uint32_t initial, std::uint32_t ssthresh,
                 std::uint32_t iss, bool limitedTransmit)
    : m_smss(smss),
      m_initialWindow(initial),
      m_cwnd(initial),
      m_ssthresh(ssthresh),
      m_recover(iss),
      m_highestAck(iss + 1),
      m_previousHighestAck(iss + 1),
      m_limitedTransmit(limitedTransmit) {}

std::uint32_t NewReno::halved(std::uint32_t flight) const {
  return std::max(flight / 2, 2 * m_smss);
}

NewReno::Verdict NewReno::onDuplicateAck(std::uint32_t ack, std::uint32_t highestSent,
                                         std::uint32_t flight) {
  if (m_inRecovery) {
    m_cwnd = std::min(m_cwnd + m_smss, cwndMax); // a segment has left the network
    return Verdict::Nothing;
  }
  if (m_duplicates++ == 0) m_flightAtFirstDuplicate = flight;
  if (m_duplicates != duplicateThreshold || !looksLikeLoss(ack)) return Verdict::Nothing;
  m_recover = highestSent;
  m_ssthresh = halved(m_flightAtFirstDuplicate);
  m_cwnd = m_ssthresh + duplicateThreshold * m_smss;
  m_inRecovery = true;
  return Verdict::FastRetransmit;
}

/// RFC 6582 section 3.2 step 2, else the acknowledgment heuristic of section 4.1: duplicates that
/// come from needless retransmissions follow an ACK that jumped far.
bool NewReno::looksLikeLoss(std::uint32_t ack) const {
  if (seqLess(m_recover, ack)) return true;
  return m_cwnd > m_smss && m_highestAck - m_previousHighestAck <= 4 * m_smss;
}

NewReno::Verdict NewReno::onNewAck(std::uint32_t ack, std::uint32_t acked,
                                   std::uint32_t flightBefore, std::uint32_t flightAfter) {
  m_duplicates = 0;
  m_previousHighestAck = m_highestAck;
  m_highestAck = ack;
  if (!m_inRecovery) {
    grow(acked, flightBefore);
    return Verdict::Nothing;
  }
  if (seqLess(ack, m_recover)) {
    onPartialAck(acked);
    return Verdict::PartialAck;
  }
  m_cwnd = std::min(m_ssthresh, std::max(flightAfter, m_smss) + m_smss);
  m_ackedBytes = 0;
  m_inRecovery = false;
  return Verdict::Nothing;
}

void NewReno::onPartialAck(std::uint32_t acked) {
  m_cwnd -= std::min(acked, m_cwnd);
  if (acked >= m_smss || m_cwnd < m_smss) m_cwnd += m_smss;
}

/// Slow start: at most one SMSS for each ACK. Congestion avoidance: one SMSS for each cwnd of bytes
/// acknowledged. A window that the sender did not fill is no evidence that the path bears more.
void NewReno::grow(std::uint32_t acked, std::uint32_t flightBefore) {
  if (m_cwnd < m_ssthresh) {
    if (m_cwnd < 2 * flightBefore) m_cwnd += std::min(acked, m_smss);
  } else if (flightBefore + m_smss > m_cwnd) {
    m_ackedBytes += acked;
    if (m_ackedBytes >= m_cwnd) {
      m_ackedBytes -= m_cwnd;
      m_cwnd += m_smss;
    }
  }
  m_cwnd = std::min(m_cwnd, cwndMax);
}

void NewReno::onTimeout(std::uint32_t highestSent, std::uint32_t flight, bool again) {
  if (!again) m_ssthresh = halved(flight);
  m_cwnd = m_smss; // the loss window
  m_ackedBytes = 0;
  m_duplicates = 0;
  m_recover = highestSent;
  m_inRecovery = false;
}

void NewReno::onIdle() { m_cwnd = std::min(m_cwnd, m_initialWindow); }

} // namespace packetarium::transport
