// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/fact_book.h"
#include "core/scenario/build.h"
#include "core/trace/chunk.h"
#include "core/world/world.h"

#include <atomic>

namespace packetarium::experiments {

/// One run of which only the facts are kept: no checkpoints, no keyframes, each stretch of records
/// forgotten as soon as it was read. For experiments of many short runs; the records and their
/// numbers are those of any other run of the scenario.
class FactRun {
public:
  explicit FactRun(const scenario::BuiltScenario &built);
  FactRun(const FactRun &) = delete; ///< the world holds the address of the writer
  FactRun &operator=(const FactRun &) = delete;

  /// Runs all that happens at or before the instant; a breach of Raft's promises ends the run, as
  /// it does in the window. False: cancelled before it got there.
  bool runTo(SimTime until, const std::atomic<bool> *cancelled = nullptr);
  /// Does something to the world, as a script would. No event may lie before the instant.
  void apply(SimTime at, const world::Action &action);

  const analysis::FactBook &facts() const { return m_facts; }
  const world::World &world() const { return m_world; }
  const world::Plan &plan() const { return m_world.plan(); }

private:
  void handOver();

  world::Script m_script;
  std::size_t m_entry = 0;
  trace::ChunkWriter m_writer;
  world::World m_world;
  analysis::FactBook m_facts;
};

} // namespace packetarium::experiments
