// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/random.h"

#include <cstdint>
#include <string_view>

namespace packetarium::programs {

/// How long a client waits before it tries again: twice as long after each failure, and spread, so
/// that clients that failed together do not come back together (Brooker, "Exponential Backoff And
/// Jitter", AWS Architecture Blog 2015).
class Backoff {
public:
  enum class Jitter : std::uint8_t {
    None, ///< exactly the time
    Full, ///< anything from nothing to the time
    Equal ///< at least half of the time
  };
  Backoff() = default;
  Backoff(Duration base, Duration most, Jitter jitter)
      : m_base(base), m_most(most), m_jitter(jitter) {}
  static Jitter jitter(std::string_view name);

  /// failures: of this request so far, from 1.
  Duration wait(RandomStream &random, std::uint64_t failures) const;

private:
  Duration m_base, m_most;
  Jitter m_jitter = Jitter::None;
};

} // namespace packetarium::programs
