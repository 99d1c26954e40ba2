// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/sim_time.h"

#include <algorithm>

namespace packetarium::transport {

/// The retransmission timeout of RFC 6298, in whole nanoseconds. Its clock granularity G is 1 ns.
class RtoEstimator {
public:
  RtoEstimator() = default;
  RtoEstimator(Duration initial, Duration minimum, Duration maximum)
      : m_minimum(minimum), m_maximum(maximum), m_rto(std::min(initial, maximum)) {}

  /// A round-trip time of a segment that was sent once only (Karn's rule is the caller's). Also
  /// ends any backing off.
  void sample(Duration r) {
    if (!m_sampled) {
      m_srtt = r;
      m_rttvar = r / 2;
      m_sampled = true;
    } else {
      const Duration error = m_srtt > r ? m_srtt - r : r - m_srtt;
      m_rttvar = (m_rttvar * 3 + error) / 4; // before SRTT, as (2.3) demands
      m_srtt = (m_srtt * 7 + r) / 8;
    }
    m_rto = std::min(std::max(unfloored(), m_minimum), m_maximum);
  }
  /// The timer expired: (5.5).
  void backOff() { m_rto = std::min(m_rto * 2, m_maximum); }
  /// A SYN was timed out: data starts with at least this, (5.7).
  void raiseTo(Duration least) { m_rto = std::min(std::max(m_rto, least), m_maximum); }

  bool sampled() const { return m_sampled; }
  Duration srtt() const { return m_srtt; }
  Duration rttvar() const { return m_rttvar; }
  /// SRTT + max(G, 4 RTTVAR) before the limits (2.4) and (2.5).
  Duration unfloored() const { return m_srtt + std::max(Duration::ns(1), m_rttvar * 4); }
  Duration rto() const { return m_rto; }

private:
  Duration m_minimum = Duration::seconds(1);
  Duration m_maximum = Duration::seconds(60);
  Duration m_srtt;
  Duration m_rttvar;
  Duration m_rto = Duration::seconds(1);
  bool m_sampled = false;
};

} // namespace packetarium::transport
