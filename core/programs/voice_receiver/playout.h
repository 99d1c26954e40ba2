// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/sim_time.h"
#include "core/wire/rtp.h"

#include <cstdint>
#include <optional>
#include <set>

namespace packetarium::programs {

/// Interarrival jitter by RFC 3550 section 6.4.1 and appendix A.8, in timestamp units (1/8000 s).
class JitterEstimate {
public:
  void take(SimTime arrival, std::uint32_t timestamp);
  double inUnits() const { return m_jitter; }
  double inMs() const { return m_jitter / 8; }

private:
  std::optional<std::uint32_t> m_transit;
  double m_jitter = 0;
};

/// The playout buffer of one voice stream: each frame has its instant; what is not there by then is
/// a gap for the ear. A value; the times come from outside.
class Playout {
public:
  Playout(Duration delay, Duration frame) : m_delay(delay), m_frame(frame) {}

  /// A frame arrived. True when the play clock begins (anew) with it: the first call of play() is
  /// then due at nextPlay().
  bool arrive(SimTime now, const wire::rtp::Header &header);
  /// The instant of the next frame has come. Gives the length of the gap that ends with this frame,
  /// or nothing when no gap ends here.
  std::optional<Duration> play(SimTime now);
  /// False after so long a silence that the stream counts as interrupted; play() then rests.
  bool playing() const { return m_playing; }
  SimTime nextPlay() const { return m_nextPlay; }
  bool inGap() const { return m_gapOpen; }

  std::uint64_t received() const { return m_received; }
  std::uint64_t played() const { return m_played; }
  /// Not there at their instant, in the gaps that have ended.
  std::uint64_t missing() const { return m_missing; }
  std::uint64_t late() const { return m_late; } ///< of those: came after it
  std::uint64_t gaps() const { return m_gaps; }
  Duration gapSum() const { return m_gapSum; }
  Duration longestGap() const { return m_gapMax; }
  const JitterEstimate &jitter() const { return m_jitter; }

private:
  static constexpr Duration interrupted = Duration::seconds(1);
  std::int64_t extended(std::uint16_t sequence) const;
  void resume(SimTime now, std::int64_t number);
  Duration endGap(SimTime now);

  Duration m_delay, m_frame;
  bool m_began = false, m_playing = false, m_gapOpen = false;
  std::int64_t m_next = 0;         ///< extended number of the frame that is played next
  std::set<std::int64_t> m_buffer; ///< frames that wait for their instant
  SimTime m_nextPlay, m_gapBegan;
  std::uint64_t m_missingRun = 0; ///< frames of the open gap
  std::uint64_t m_received = 0, m_played = 0, m_missing = 0, m_late = 0, m_gaps = 0;
  Duration m_gapSum, m_gapMax;
  JitterEstimate m_jitter;
};

} // namespace packetarium::programs
