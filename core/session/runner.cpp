// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/runner.h"

#include <algorithm>

namespace packetarium::session {

bool advanceOne(world::World &world, const world::Script &script, std::size_t &entry,
                SimTime bound) {
  const SimTime scripted = entry < script.size() ? script[entry].at : SimTime::max();
  const SimTime queued = world.nextAt();
  if (std::min(scripted, queued) > bound) return false;
  if (entry < script.size() && scripted <= queued) {
    world.apply(scripted, script[entry].action);
    ++entry;
    return true;
  }
  if (queued == SimTime::max()) return false;
  world.step();
  return true;
}

Runner::Runner(std::shared_ptr<const world::Plan> plan, world::Script script, SimTime end,
               RunnerOptions options)
    : m_plan(std::move(plan)),
      m_script(std::move(script)),
      m_end(end),
      m_options(options),
      m_world(m_plan, options.record ? &m_writer : nullptr),
      m_checkpointInterval(options.checkpointInterval) {
  std::stable_sort(m_script.begin(), m_script.end(),
                   [](const auto &a, const auto &b) { return a.at < b.at; });
}

void Runner::advance(SimTime target, std::uint64_t maxEvents) {
  const SimTime bound = std::min(target, m_end);
  std::uint64_t left = maxEvents;
  while (left > 0) {
    const SimTime scripted = m_entry < m_script.size() ? m_script[m_entry].at : SimTime::max();
    const SimTime until = std::min(bound, scripted - Duration::ns(1));
    // A script entry at time 0 comes before every event, so there may be nothing to run before it.
    if (until >= SimTime::zero()) left -= m_world.runUntil(until, left);
    if (m_world.breach()) return stopAtBreach();
    if (m_writer.full()) {
      m_knownUntil = std::max(m_knownUntil, m_world.now() - Duration::ns(1));
      sealAndContinue();
      return;
    }
    if (left == 0) {
      m_knownUntil = std::max(m_knownUntil, m_world.now() - Duration::ns(1));
      return;
    }
    if (scripted > bound) break;
    m_world.apply(scripted, m_script[m_entry++].action);
    --left;
  }
  if (left == 0) return;
  m_knownUntil = std::max(m_knownUntil, bound);
  const bool nothingLeft = m_world.nextAt() == SimTime::max() && m_entry == m_script.size();
  m_ended = bound >= m_end || nothingLeft;
}

void Runner::stopAtBreach() {
  m_knownUntil = std::max(m_knownUntil, m_world.now());
  m_ended = true;
}

void Runner::flush() {
  if (m_writer.hasRecords()) sealAndContinue();
}

void Runner::sealAndContinue() {
  if (trace::ChunkPtr chunk = m_writer.seal()) m_chunks.push_back(std::move(chunk));
  const std::uint64_t last = m_checkpoints.empty() ? 0 : m_checkpoints.back().world.eventCount();
  // Copying a large world must stay cheap beside running it.
  const std::uint64_t pause =
      std::max(m_checkpointInterval, m_world.copyBytes() / m_options.bytesPerEvent);
  if (m_world.eventCount() >= last + pause) takeCheckpoint();
  m_writer.open(m_world.nextSequence(), m_world.nextPacket(), m_world.keyframe());
}

void Runner::takeCheckpoint() {
  Checkpoint c{m_world, m_entry, m_world.now(), m_world.copyBytes()};
  c.world.setSink(nullptr);
  m_checkpointBytes += c.bytes;
  m_checkpoints.push_back(std::move(c));
  if (m_checkpointBytes > m_options.checkpointBytesMax) thinCheckpoints();
}

void Runner::thinCheckpoints() {
  std::vector<Checkpoint> kept;
  m_checkpointBytes = 0;
  for (std::size_t i = 0; i < m_checkpoints.size(); i += 2) {
    m_checkpointBytes += m_checkpoints[i].bytes;
    kept.push_back(std::move(m_checkpoints[i]));
  }
  m_checkpoints = std::move(kept);
  m_checkpointInterval *= 2;
}

trace::Sequence Runner::setScript(world::Script script) {
  std::stable_sort(script.begin(), script.end(),
                   [](const auto &a, const auto &b) { return a.at < b.at; });
  const std::size_t common = std::min(script.size(), m_script.size());
  std::size_t i = 0;
  while (i < common && script[i] == m_script[i]) ++i;
  SimTime firstDifference = SimTime::max();
  if (i < script.size()) firstDifference = script[i].at;
  if (i < m_script.size()) firstDifference = std::min(firstDifference, m_script[i].at);
  m_script = std::move(script);
  m_ended = false;
  if (firstDifference > m_knownUntil && firstDifference > m_world.now())
    return m_world.nextSequence();

  while (!m_checkpoints.empty() && m_checkpoints.back().at >= firstDifference) {
    m_checkpointBytes -= m_checkpoints.back().bytes;
    m_checkpoints.pop_back();
  }
  m_writer.seal(); // what the open chunk holds is void or will be made again
  m_chunks.clear();
  if (m_checkpoints.empty()) {
    m_world = world::World(m_plan, m_options.record ? &m_writer : nullptr);
    m_entry = 0;
    m_knownUntil = SimTime::zero() - Duration::ns(1);
    return 1;
  }
  const Checkpoint &c = m_checkpoints.back();
  m_world = c.world;
  m_entry = c.entry;
  m_knownUntil = c.at - Duration::ns(1);
  m_writer.open(m_world.nextSequence(), m_world.nextPacket(), m_world.keyframe());
  m_world.setSink(&m_writer);
  return m_world.nextSequence();
}

const Runner::Checkpoint &Runner::checkpointFor(trace::Sequence sequence) const {
  const auto after = std::upper_bound(
      m_checkpoints.begin(), m_checkpoints.end(), sequence,
      [](trace::Sequence s, const Checkpoint &c) { return s < c.world.nextSequence(); });
  return *(after - 1);
}

trace::ChunkPtr Runner::derive(const trace::ChunkSummary &summary,
                               const std::atomic<bool> *cancelled) const {
  trace::ChunkWriter writer;
  const bool fromStart =
      m_checkpoints.empty() || summary.first < m_checkpoints.front().world.nextSequence();
  world::World world = fromStart ? world::World(m_plan, summary.first == 1 ? &writer : nullptr)
                                 : checkpointFor(summary.first).world;
  std::size_t entry = fromStart ? 0 : checkpointFor(summary.first).entry;
  std::uint64_t steps = 0;
  const auto stop = [&] {
    return (++steps & 0xfff) == 0 && cancelled != nullptr && cancelled->load();
  };
  while (world.nextSequence() < summary.first) {
    if (stop() || !advanceOne(world, m_script, entry, m_end)) return nullptr;
  }
  if (!writer.isOpen()) {
    writer.open(world.nextSequence(), world.nextPacket(), world.keyframe());
    world.setSink(&writer);
  }
  while (world.nextSequence() < summary.end()) {
    if (stop() || !advanceOne(world, m_script, entry, m_end)) return nullptr;
  }
  return writer.seal();
}

world::NodeDescription Runner::describe(NodeIndex node, SimTime at) const {
  std::size_t i = m_checkpoints.size();
  while (i > 0 && m_checkpoints[i - 1].at > at) --i;
  world::World world = i == 0 ? world::World(m_plan) : m_checkpoints[i - 1].world;
  std::size_t entry = i == 0 ? 0 : m_checkpoints[i - 1].entry;
  while (advanceOne(world, m_script, entry, at)) {
  }
  auto description = world.describe(node);
  description.at = at;
  return description;
}

} // namespace packetarium::session
