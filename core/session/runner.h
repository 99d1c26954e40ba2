// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/chunk.h"
#include "core/world/plan.h"
#include "core/world/world.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

namespace packetarium::session {

struct RunnerOptions {
  bool record = true;                          ///< false: no chunks, no checkpoints
  std::size_t checkpointBytesMax = 128u << 20; ///< over it: drop every second, double the interval
  std::uint64_t checkpointInterval = 4096;     ///< events between checkpoints, at least
  std::size_t bytesPerEvent = 32;              ///< of a checkpoint, at most: bounds their cost
};

/// Runs a World by its script on the calling thread, cuts its records into chunks, and keeps
/// checkpoints from which any stretch is derived again, bit for bit.
class Runner {
public:
  Runner(std::shared_ptr<const world::Plan> plan, world::Script script, SimTime end,
         RunnerOptions options = {});

  /// Runs at most maxEvents events, none after the target or the end; stops when a chunk is full.
  void advance(SimTime target, std::uint64_t maxEvents);
  /// Closes the open chunk although it is not full (to show what there is).
  void flush();
  /// The chunks closed since the last call, in order.
  std::vector<trace::ChunkPtr> takeChunks() { return std::exchange(m_chunks, {}); }

  bool hasChunks() const { return !m_chunks.empty(); }
  /// Everything at or before this instant is in closed chunks.
  SimTime publishedUntil() const {
    if (!m_writer.hasRecords()) return m_knownUntil;
    return std::min(m_knownUntil, m_writer.firstAt() - Duration::ns(1));
  }

  /// Everything at or before this instant has been run.
  SimTime knownUntil() const { return m_knownUntil; }
  /// The end was reached, or nothing is left to happen, or a promise was broken.
  bool ended() const { return m_ended; }
  /// The first promise of Raft that was broken: the run ended there, right after the event that
  /// broke it, and knownUntil() is its instant.
  const std::optional<judge::Breach> &breach() const { return m_world.breach(); }
  const world::World &world() const { return m_world; }
  SimTime end() const { return m_end; }

  /// Replaces the script. Goes back to the last checkpoint before the first difference and gives
  /// the sequence number from which on all records are void; nextSequence() when none are.
  trace::Sequence setScript(world::Script script);
  /// Makes a closed chunk again from the checkpoint before it. Null when cancelled is set while
  /// it works.
  trace::ChunkPtr derive(const trace::ChunkSummary &summary,
                         const std::atomic<bool> *cancelled = nullptr) const;
  /// A node's state when everything at or before the instant has happened. The instant must not
  /// lie after knownUntil().
  world::NodeDescription describe(NodeIndex node, SimTime at) const;

  std::size_t checkpointCount() const { return m_checkpoints.size(); }
  std::size_t checkpointBytes() const { return m_checkpointBytes; }

private:
  /// A World and how much of the script it has seen; taken only where a chunk begins.
  struct Checkpoint {
    world::World world;
    std::size_t entry = 0;
    SimTime at;
    std::size_t bytes = 0;
  };

  const Checkpoint &checkpointFor(trace::Sequence sequence) const;
  void sealAndContinue();
  void stopAtBreach();
  void takeCheckpoint();
  void thinCheckpoints();

  std::shared_ptr<const world::Plan> m_plan;
  world::Script m_script;
  SimTime m_end;
  RunnerOptions m_options;
  trace::ChunkWriter m_writer;
  world::World m_world;
  std::size_t m_entry = 0;
  SimTime m_knownUntil;
  bool m_ended = false;
  std::vector<trace::ChunkPtr> m_chunks;
  std::vector<Checkpoint> m_checkpoints; ///< by time; the first is the start of the run
  std::size_t m_checkpointBytes = 0;
  std::uint64_t m_checkpointInterval = 0;
};

/// Does the next thing at or before the bound: a script entry or an event. False when there is
/// none. The one place where script and queue are merged.
bool advanceOne(world::World &world, const world::Script &script, std::size_t &entry,
                SimTime bound);

} // namespace packetarium::session
