// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/base/sim_time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// The commands about services that survive: what their clients saw, where down time went, which
/// acknowledged writes are gone, and what shares of time allow.
namespace packetarium::cli {

struct AvailabilityOptions {
  std::string scenario;
  std::optional<Duration> until;
  std::optional<std::uint64_t> seed;
  bool json = false;
  std::string csv; ///< file to write beside; empty: none
};
/// Each prints and gives the exit code.
int services(const AvailabilityOptions &options);
int outageList(const AvailabilityOptions &options);
int lostWriteList(const AvailabilityOptions &options);

struct CalcOptions {
  std::vector<double> shares;         ///< of the parts, 0 to 1
  std::optional<Duration> mtbf, mttr; ///< of one more part: both or none
  int copies = 1;                     ///< so many of each part
  std::optional<int> need;            ///< so many parts must be up; none: all of them
  bool json = false;
};
int calcAvailability(const CalcOptions &options);
/// "0.99", "99%" or "99 %", as a share from 0 to 1.
std::optional<double> parseShare(const std::string &text);

} // namespace packetarium::cli
