// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cluster/pbs.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// The command that predicts how stale reads of a quorum may be.
namespace packetarium::cli {

struct PbsCalcOptions {
  cluster::PbsQuorum quorum;
  std::string model; ///< one of cluster::pbsModel's; empty: the delays given alone
  std::optional<std::string> write, acknowledge, read, respond, remote; ///< in place of the model's
  std::uint32_t trials = cluster::pbsTrials;
  std::uint64_t seed = 1;
  std::vector<double> timesMs; ///< further times after the commit
  int k = 1;
  bool json = false;
};
int calcPbs(const PbsCalcOptions &options);

} // namespace packetarium::cli
