// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/base/sim_time.h"
#include "core/scenario/scenario.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

/// One workload, one seed, one partition, run with stores of different promises, so that what each
/// gives up can be laid side by side.
namespace packetarium::experiments {

enum class Design : std::uint8_t {
  Raft,         ///< CP: the side without a majority refuses
  Quorum,       ///< AP: sloppy quorum, both sides answer, versions meet later
  MultiPrimary, ///< AP: both sides write, last write wins
  AsyncPrimary  ///< one primary, replicas behind: writes on the far side of the cut fail, reads are
                ///< stale
};
std::string_view name(Design design);  ///< "raft"
std::string_view title(Design design); ///< "Raft (CP)"

/// Whether a program of this kind may stand at one of the dial's positions.
bool isDialStore(std::string_view kind);
/// The program on each store node of the scenario is exchanged for the design's; links, seed and
/// script stay. Clients keep their servers, those on their own side of the script's partition
/// first, and read from the first. Faults when the scenario has no store (a Raft, quorum,
/// multi-primary or primary-replica program on three nodes or more).
Result<scenario::Scenario> withDesign(const scenario::Scenario &scenario, Design design);
/// The same without what its script does.
scenario::Scenario withoutFaults(const scenario::Scenario &scenario);

/// A time in which the script keeps nodes apart: by set-partition, or (where it has none) by links
/// that it cuts, so that clients and members of stores are in parts that nothing connects.
struct Partition {
  SimTime from, to;                 ///< to: healed; or the end of the run
  bool heals = false;               ///< before the run ends
  std::map<std::string, int> sides; ///< by node id, from 1; nodes on none are not in it
};
std::vector<Partition> partitionsOf(const scenario::Scenario &scenario);

/// What clients on one side of the cut saw, while it lasted or over the whole run.
struct SideFigures {
  std::string side; ///< "side 1", "side 2", "all"
  /// operations: those that began then and ended. refused: got an answer that says no, or none
  /// because the connection was reset. timedOut: waited in vain.
  std::uint64_t operations = 0, ok = 0, refused = 0, timedOut = 0, staleReads = 0;
  Duration readP50, readP99, writeP50, writeP99;
};
struct Spell {
  SimTime from, to;
  std::string what; ///< "partition", "refused", "stale", "conflict", "converging"
  std::string side;
};
struct DialRow {
  Design design = Design::Raft;
  bool partitioned = false;        ///< false: the run without its script
  std::vector<SideFigures> during; ///< by side, while the partition lasted
  SideFigures whole;
  std::uint64_t conflicts = 0, lostWrites = 0;
  /// From the healing of the last partition until nobody lacked any more what was acknowledged
  /// before it: the last stale read, conflict, entry caught up with or thrown away. -1 ns: never
  /// (or there was nothing to heal from).
  Duration converged{Duration::ns(-1)};
  std::string linearizable; ///< "true", "false", "unknown"
  std::vector<Spell> spells;
};
struct DialOptions {
  std::vector<Design> designs{Design::Raft, Design::Quorum, Design::MultiPrimary,
                              Design::AsyncPrimary};
  std::function<void(std::size_t done, std::size_t of)> progress;
  const std::atomic<bool> *cancelled = nullptr;
};
/// Each design with and without the script; in the order of designs, partitioned first. Runs on the
/// calling thread; cancelled: gives a fault that says so.
Result<std::vector<DialRow>> runDial(const scenario::Scenario &scenario,
                                     const DialOptions &options);

} // namespace packetarium::experiments
