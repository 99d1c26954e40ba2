// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/told_run.h"

namespace packetarium::cli {

struct JudgeOptions {
  ToldRequest run;
  double budgetSeconds = 10; ///< for each service
  bool json = false;
};
/// What the stores of a scenario kept of what stores may promise. Prints and gives the exit code.
int judgeRun(const JudgeOptions &options);

struct CapDialOptions {
  ToldRequest run;
  bool json = false;
};
/// The scenario with each kind of store, with and without what its script does.
int capDial(const CapDialOptions &options);

} // namespace packetarium::cli
