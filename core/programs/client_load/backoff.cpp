// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/client_load/backoff.h"

#include <algorithm>

namespace packetarium::programs {

Backoff::Jitter Backoff::jitter(std::string_view name) {
  if (name == "full") return Jitter::Full;
  return name == "equal" ? Jitter::Equal : Jitter::None;
}

Duration Backoff::wait(RandomStream &random, std::uint64_t failures) const {
  Duration time = std::min(m_base, m_most);
  for (std::uint64_t i = 1; i < failures && time > Duration{} && time < m_most; ++i)
    time = std::min(time * 2, m_most);
  switch (m_jitter) {
  case Jitter::None: break;
  case Jitter::Full: return random.uniform(Duration{}, time);
  case Jitter::Equal: return random.uniform(time / 2, time);
  }
  return time;
}

} // namespace packetarium::programs
