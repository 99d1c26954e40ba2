// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/sim_time.h"
#include "core/tls/calendar.h"

namespace packetarium::programs {

/// The date on which every run begins, in seconds since 1970.
constexpr std::int64_t runBeginsAt = tls::runEpochSeconds;

/// The date at an instant, in whole seconds since 1970.
constexpr std::int64_t secondsSince1970(SimTime at) {
  return saturatingAdd(runBeginsAt, at.ns() / 1'000'000'000);
}
/// The instant of a date; clamped to the range of simulated time.
constexpr SimTime instantOf(std::int64_t secondsSince1970) {
  return SimTime::fromNs(
      saturatingMul(saturatingSub(secondsSince1970, runBeginsAt), 1'000'000'000));
}

} // namespace packetarium::programs
