// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/chunk.h"
#include "core/world/plan.h"
#include "core/world/world.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace packetarium::session {

/// What came since the last poll. All of one generation; a start or a script edit begins a new one.
struct Updates {
  std::uint64_t generation = 0;
  /// Set when the generation is new: forget all slots whose first record is at or after this.
  std::optional<trace::Sequence> truncateFrom;
  std::vector<trace::ChunkPtr> chunks;       ///< new ones in order, and derived ones in any order
  std::vector<std::size_t> droppedSlots;     ///< to be dropped from memory (over the cap)
  std::vector<world::NodeDescription> nodes; ///< answers to askNode
  SimTime knownUntil;                        ///< everything up to here has been run
  bool ended = false; ///< reached the end of the run, or nothing is left to happen, or a breach
  std::optional<judge::Breach> breach; ///< the promise of Raft that was broken: the run ended there
  std::uint64_t fingerprint = 0;
  std::uint64_t events = 0;
};

struct WorkerOptions {
  std::size_t traceBytesMax = 256u << 20;
  std::size_t checkpointBytesMax = 128u << 20;
};

/// Runs a World on a thread of its own, a bounded stretch ahead of what is being looked at, and
/// hands over immutable chunks. All functions are called from one other thread and never block for
/// long; poll() is called once a frame.
class Worker {
public:
  explicit Worker(WorkerOptions options = {});
  ~Worker();
  Worker(const Worker &) = delete;
  Worker &operator=(const Worker &) = delete;

  /// Begins a run from time 0; what is under way is cancelled. Gives the new generation.
  std::uint64_t start(std::shared_ptr<const world::Plan> plan, world::Script script, SimTime end);
  /// Replaces the script; the run goes on from the last checkpoint before the first difference.
  std::uint64_t setScript(world::Script script);
  /// How far to run (up to the end given at the start).
  void setTarget(SimTime target);
  /// Wants a dropped slot's chunk back.
  void requestSlot(std::size_t slot);
  /// Wants a node's full state as it was after the record (0: at the start) at the instant.
  void askNode(NodeIndex node, SimTime at);
  Updates poll();

private:
  struct Shared;
  std::unique_ptr<Shared> m_shared;
};

} // namespace packetarium::session
