// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/availability.h"
#include "app/cli/commands.h"
#include "app/cli/judging.h"
#include "app/cli/pbs.h"
#include "app/cli/promises.h"
#include "app/cli/swarm.h"

#include <CLI/CLI.hpp>

#include <functional>
#include <string>

/// Each command adds its options to the program. What they are set to must outlive the parsing
/// and the action.
namespace packetarium::cli {

/// Gives the exit code.
using Action = std::function<int()>;
struct Command {
  CLI::App *app;
  Action action;
};

// Of one run.
Command scenariosCommand(CLI::App &app);
Command runCommand(CLI::App &app, RunOptions &o);
Command tapCommand(CLI::App &app, TapOptions &o);
Command servicesCommand(CLI::App &app, AvailabilityOptions &o);
Command outagesCommand(CLI::App &app, AvailabilityOptions &o);
Command lostWritesCommand(CLI::App &app, AvailabilityOptions &o);

// What holds, in one run or in many.
Command judgeCommand(CLI::App &app, JudgeOptions &o);
Command capDialCommand(CLI::App &app, CapDialOptions &o);
Command checkHistoryCommand(CLI::App &app, CheckHistoryOptions &o);
Command swarmCommand(CLI::App &app, SwarmCliOptions &o);

/// What calc is asked to calculate.
struct CalcQuestions {
  CalcOptions availability;
  PbsCalcOptions pbs;
  RaftElectionCliOptions raftElection;
};
Command calcCommand(CLI::App &app, CalcQuestions &o);

// Scenario files, and loads that measure the program itself.
Command validateCommand(CLI::App &app, std::string &file);
Command generateCommand(CLI::App &app, GenerateOptions &o);
Command benchCommand(CLI::App &app, BenchOptions &o);

} // namespace packetarium::cli
