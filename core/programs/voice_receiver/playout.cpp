// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/voice_receiver/playout.h"

#include <algorithm>
#include <cstdlib>

namespace packetarium::programs {

void JitterEstimate::take(SimTime arrival, std::uint32_t timestamp) {
  constexpr std::int64_t nsPerUnit = 125'000;
  const auto arrivalUnits = static_cast<std::uint32_t>(arrival.ns() / nsPerUnit);
  const std::uint32_t transit = arrivalUnits - timestamp;
  if (m_transit) {
    const auto difference = static_cast<std::int32_t>(transit - *m_transit);
    m_jitter += (std::abs(static_cast<double>(difference)) - m_jitter) / 16;
  }
  m_transit = transit;
}

/// The 16-bit number as the nearest one to the frame that is due.
std::int64_t Playout::extended(std::uint16_t sequence) const {
  return m_next + wire::rtp::sequenceDistance(sequence, static_cast<std::uint16_t>(m_next));
}

bool Playout::arrive(SimTime now, const wire::rtp::Header &header) {
  ++m_received;
  m_jitter.take(now, header.timestamp);
  if (!m_began) {
    m_began = m_playing = true;
    m_next = header.sequence;
    m_buffer.insert(m_next);
    m_nextPlay = now + m_delay;
    return true;
  }
  const std::int64_t number = extended(header.sequence);
  if (!m_playing) {
    resume(now, number);
    return true;
  }
  if (number < m_next)
    ++m_late;
  else
    m_buffer.insert(number);
  return false;
}

/// After an interruption the clock is set anew by the first frame that comes.
void Playout::resume(SimTime now, std::int64_t number) {
  if (number > m_next) m_missingRun = static_cast<std::uint64_t>(number - m_next);
  m_next = number;
  m_buffer.insert(number);
  m_playing = true;
  m_nextPlay = now + m_delay;
}

Duration Playout::endGap(SimTime now) {
  const Duration gap = now - m_gapBegan;
  m_gapOpen = false;
  m_missing += m_missingRun;
  m_missingRun = 0;
  ++m_gaps;
  m_gapSum = m_gapSum + gap;
  m_gapMax = std::max(m_gapMax, gap);
  return gap;
}

std::optional<Duration> Playout::play(SimTime now) {
  m_nextPlay = now + m_frame;
  if (m_buffer.erase(m_next) == 1) {
    ++m_played;
    ++m_next;
    return m_gapOpen ? std::optional(endGap(now)) : std::nullopt;
  }
  if (!m_gapOpen) m_gapBegan = now;
  m_gapOpen = true;
  ++m_missingRun;
  ++m_next;
  if (m_buffer.empty() && now - m_gapBegan >= interrupted) {
    // Nobody speaks any more, or the way is cut: these frames may never have been sent.
    m_playing = false;
    m_next -= static_cast<std::int64_t>(m_missingRun);
    m_missingRun = 0;
  }
  return std::nullopt;
}

} // namespace packetarium::programs
