// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/scenario/scenario.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Faults drawn at random.
namespace packetarium::experiments {

enum class FaultKind : std::uint8_t {
  Crash,      ///< a member crashes and restarts with the disk it had
  Blackout,   ///< all members at once
  CrashEmpty, ///< a member restarts with an empty disk
  Pause,      ///< a member stands still, and goes on as if nothing had been
  Cut,        ///< a link of a member
  OneWay,     ///< one direction of it
  Flap,       ///< it goes up and down
  Loss,
  Duplicate,
  Reorder,
  Slow,   ///< link: a longer delay
  Jitter, ///< link: each frame's delay drawn anew
  Partition,
  Slowness, ///< processor and disk of a member
  ClockOffset,
  ClockDrift,
  TimeOut, ///< a member stands for election out of turn
  // Several at once, of other members, for what one alone seldom brings about:
  Contest, ///< one stands for election, all crash when it may just have won, and another one stands
  Overtake ///< messages of one are late until after their repetitions, another one is away, and a
           ///< third crashes as they arrive
};
constexpr int faultKinds = static_cast<int>(FaultKind::Overtake) + 1;
std::string_view name(FaultKind kind); ///< "one-way"

struct DrawOptions {
  int faultsMin = 1, faultsMax = 10;
  bool restartEmpty = false; ///< disks may be lost too: more than most protocols promise to bear
  /// Offsets and drifts of clocks: up to so much. Leases hold only while clocks drift less than
  /// they allow for.
  Duration clockOffset = Duration::seconds(2);
  double clockDriftPpm = 200;
  /// False: what the scenario's own script does is left out, and only the drawn faults happen.
  bool keepScript = false;
};

/// The scenario with this seed and with faults drawn from it: members of stores and their links
/// are hit, between 2 % and 60 % of the run, and all of it ends by 70 %, so that there is time to
/// recover. Every second fault comes soon after another one began or ended: it is what happens
/// during a recovery that breaks things. Each seed first draws which kinds of faults its run has at
/// all, half of them or few (swarm testing: Groce et al. 2012), for rare combinations need others
/// to be absent. The same seed draws the same.
scenario::Scenario withDrawnFaults(const scenario::Scenario &scenario, std::uint64_t seed,
                                   const DrawOptions &options);

/// Nodes with a program that holds data for others (a store, a relay): what swarms let fail.
std::vector<std::string> membersOf(const scenario::Scenario &scenario);
/// Nodes whose programs only ask stores.
std::vector<std::string> clientsOf(const scenario::Scenario &scenario);

} // namespace packetarium::experiments
