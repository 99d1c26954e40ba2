// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/worker.h"

#include "core/session/runner.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace packetarium::session {
namespace {

constexpr std::uint64_t eventsPerStretch = 2000;
constexpr auto publishInterval = std::chrono::milliseconds(16);

} // namespace

/// Everything both threads touch, behind one mutex; the Runner belongs to the worker alone.
struct Worker::Shared {
  explicit Shared(WorkerOptions o) : options(o), thread([this] { work(); }) {}
  ~Shared() {
    {
      const std::lock_guard lock(mutex);
      quit = true;
    }
    interrupt = true;
    wake.notify_one();
    thread.join();
  }

  struct Start {
    std::shared_ptr<const world::Plan> plan;
    world::Script script;
    SimTime end;
  };
  /// What is asked of the worker, in the order in which it looks at it.
  struct Wishes {
    std::optional<Start> start;
    std::optional<world::Script> script;
    std::vector<std::size_t> slots;
    std::optional<std::pair<NodeIndex, SimTime>> node;
    bool any() const { return start || script || !slots.empty() || node; }
  };
  struct SlotState {
    trace::ChunkSummary summary;
    std::size_t bytes = 0; ///< 0: dropped
    std::uint64_t lastUse = 0;
  };

  void work();
  bool nothingToRun() const {
    return !runner || (runner->ended() && published) ||
           (runner->knownUntil() >= target && published);
  }
  void grant(Wishes &wishes);
  void begin(Start &start);
  void newScript(world::Script script);
  void rederive(std::size_t slot);
  void answer(NodeIndex node, SimTime at);
  void runStretch();
  void publish();
  void keepUnderCap();

  WorkerOptions options;
  std::mutex mutex;
  std::condition_variable wake;
  Wishes wishes;
  SimTime target;
  bool quit = false;
  std::uint64_t generation = 0;
  Updates updates;
  std::atomic<bool> interrupt{false};

  // The worker's own.
  std::unique_ptr<Runner> runner;
  std::uint64_t runningGeneration = 0;
  bool published = true; ///< nothing has been run that was not handed over
  std::optional<std::pair<NodeIndex, SimTime>> waitingNode;
  std::vector<SlotState> slots;
  std::size_t traceBytes = 0;
  std::uint64_t useCounter = 0;
  std::chrono::steady_clock::time_point lastPublish;

  std::thread thread; ///< last, so that it starts when everything else is there
};

void Worker::Shared::work() {
  for (;;) {
    Wishes granted;
    bool run = false;
    {
      std::unique_lock lock(mutex);
      wake.wait(lock, [this] { return quit || wishes.any() || !nothingToRun(); });
      if (quit) return;
      granted = std::exchange(wishes, {});
      interrupt = false;
      if (granted.start || granted.script) runningGeneration = generation;
      run = !nothingToRun();
    }
    grant(granted);
    if (run || !published) runStretch();
  }
}

void Worker::Shared::grant(Wishes &granted) {
  if (granted.start) begin(*granted.start);
  if (!runner) return;
  if (granted.script) newScript(std::move(*granted.script));
  for (const std::size_t slot : granted.slots)
    if (!interrupt) rederive(slot);
  if (granted.node) waitingNode = granted.node;
  if (waitingNode && (waitingNode->second <= runner->knownUntil() || runner->ended()))
    answer(waitingNode->first, waitingNode->second);
}

void Worker::Shared::begin(Start &start) {
  RunnerOptions o;
  o.checkpointBytesMax = options.checkpointBytesMax;
  runner = std::make_unique<Runner>(std::move(start.plan), std::move(start.script), start.end, o);
  waitingNode.reset();
  slots.clear();
  traceBytes = 0;
  published = false;
  const std::lock_guard lock(mutex);
  updates = {};
  updates.generation = runningGeneration;
  updates.truncateFrom = 1;
}

void Worker::Shared::newScript(world::Script script) {
  const trace::Sequence from = runner->setScript(std::move(script));
  while (!slots.empty() && slots.back().summary.first >= from) {
    traceBytes -= slots.back().bytes;
    slots.pop_back();
  }
  const std::lock_guard lock(mutex);
  const trace::Sequence before = updates.truncateFrom.value_or(from);
  updates.truncateFrom = std::min(from, before);
  updates.generation = runningGeneration;
  updates.ended = false;
  updates.breach.reset();
  std::erase_if(updates.chunks, [&](const trace::ChunkPtr &c) { return c->summary.first >= from; });
  std::erase_if(updates.droppedSlots, [&](std::size_t i) { return i >= slots.size(); });
  updates.knownUntil = runner->publishedUntil();
  published = false;
}

void Worker::Shared::rederive(std::size_t slot) {
  if (slot >= slots.size() || slots[slot].bytes != 0) return;
  trace::ChunkPtr chunk = runner->derive(slots[slot].summary, &interrupt);
  if (!chunk) return;
  slots[slot].bytes = chunk->bytes();
  slots[slot].lastUse = ++useCounter;
  traceBytes += slots[slot].bytes;
  const std::lock_guard lock(mutex);
  updates.chunks.push_back(std::move(chunk));
  std::erase(updates.droppedSlots, slot);
}

void Worker::Shared::answer(NodeIndex node, SimTime at) {
  auto description = runner->describe(node, at);
  waitingNode.reset();
  const std::lock_guard lock(mutex);
  updates.nodes.push_back(std::move(description));
}

void Worker::Shared::runStretch() {
  // Once begun, a chunk is filled even past the target: many short ones would cost more than a
  // little running ahead. What takes too long is shown as it is.
  runner->advance(runner->end(), eventsPerStretch);
  published = false;
  const auto now = std::chrono::steady_clock::now();
  const bool late = now - lastPublish >= publishInterval;
  if (late || runner->ended()) runner->flush();
  if (!late && !runner->ended() && !runner->hasChunks()) return;
  lastPublish = now;
  publish();
  published = true;
  if (waitingNode && (waitingNode->second <= runner->knownUntil() || runner->ended()))
    answer(waitingNode->first, waitingNode->second);
}

void Worker::Shared::publish() {
  auto chunks = runner->takeChunks();
  for (const trace::ChunkPtr &chunk : chunks) {
    slots.push_back({chunk->summary, chunk->bytes(), ++useCounter});
    traceBytes += slots.back().bytes;
  }
  const std::lock_guard lock(mutex);
  for (auto &chunk : chunks) updates.chunks.push_back(std::move(chunk));
  updates.generation = runningGeneration;
  updates.knownUntil = runner->publishedUntil();
  updates.ended = runner->ended();
  updates.breach = runner->breach();
  updates.fingerprint = runner->world().fingerprint();
  updates.events = runner->world().eventCount();
  keepUnderCap();
}

void Worker::Shared::keepUnderCap() {
  while (traceBytes > options.traceBytesMax && slots.size() > 1) {
    auto oldest = slots.end();
    for (auto it = slots.begin(); it != slots.end(); ++it)
      if (it->bytes != 0 && (oldest == slots.end() || it->lastUse < oldest->lastUse)) oldest = it;
    if (oldest == slots.end()) return;
    traceBytes -= oldest->bytes;
    oldest->bytes = 0;
    updates.droppedSlots.push_back(static_cast<std::size_t>(oldest - slots.begin()));
  }
}

Worker::Worker(WorkerOptions options) : m_shared(std::make_unique<Shared>(options)) {}
Worker::~Worker() = default;

std::uint64_t Worker::start(std::shared_ptr<const world::Plan> plan, world::Script script,
                            SimTime end) {
  const std::lock_guard lock(m_shared->mutex);
  m_shared->wishes = {};
  m_shared->wishes.start = Shared::Start{std::move(plan), std::move(script), end};
  m_shared->target = SimTime::zero();
  m_shared->interrupt = true;
  m_shared->wake.notify_one();
  return ++m_shared->generation;
}

std::uint64_t Worker::setScript(world::Script script) {
  const std::lock_guard lock(m_shared->mutex);
  if (m_shared->wishes.start)
    m_shared->wishes.start->script = std::move(script);
  else
    m_shared->wishes.script = std::move(script);
  m_shared->wishes.slots.clear();
  m_shared->interrupt = true;
  m_shared->wake.notify_one();
  return ++m_shared->generation;
}

void Worker::setTarget(SimTime target) {
  const std::lock_guard lock(m_shared->mutex);
  if (m_shared->target == target) return;
  m_shared->target = target;
  m_shared->wake.notify_one();
}

void Worker::requestSlot(std::size_t slot) {
  const std::lock_guard lock(m_shared->mutex);
  auto &slots = m_shared->wishes.slots;
  if (std::find(slots.begin(), slots.end(), slot) == slots.end()) slots.push_back(slot);
  m_shared->wake.notify_one();
}

void Worker::askNode(NodeIndex node, SimTime at) {
  const std::lock_guard lock(m_shared->mutex);
  m_shared->wishes.node = {node, at};
  m_shared->wake.notify_one();
}

Updates Worker::poll() {
  const std::lock_guard lock(m_shared->mutex);
  // The worker has not seen the newest start or script yet: what waits here is void or will be
  // sorted out by it.
  if (m_shared->updates.generation != m_shared->generation) return {};
  Updates taken;
  std::swap(taken, m_shared->updates);
  m_shared->updates.generation = taken.generation;
  m_shared->updates.knownUntil = taken.knownUntil;
  m_shared->updates.ended = taken.ended;
  m_shared->updates.breach = taken.breach;
  m_shared->updates.fingerprint = taken.fingerprint;
  m_shared->updates.events = taken.events;
  return taken;
}

} // namespace packetarium::session
