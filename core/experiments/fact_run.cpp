// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/experiments/fact_run.h"

#include <algorithm>

namespace packetarium::experiments {
namespace {

constexpr std::uint64_t eventsPerStretch = 20'000;

world::Script inOrder(world::Script script) {
  std::stable_sort(script.begin(), script.end(),
                   [](const auto &a, const auto &b) { return a.at < b.at; });
  return script;
}

} // namespace

FactRun::FactRun(const scenario::BuiltScenario &built)
    : m_script(inOrder(built.script)), m_world(built.plan, &m_writer) {
  handOver();
}

void FactRun::handOver() {
  const trace::ChunkPtr chunk = m_writer.seal();
  if (chunk) m_facts.add(*chunk);
  // Nobody looks at a frame, so nobody needs to know what was in flight.
  m_writer.open(m_world.nextSequence(), m_world.nextPacket(), {});
}

bool FactRun::runTo(SimTime until, const std::atomic<bool> *cancelled) {
  while (cancelled == nullptr || !cancelled->load(std::memory_order_relaxed)) {
    if (m_world.breach()) return true;
    const SimTime scripted = m_entry < m_script.size() ? m_script[m_entry].at : SimTime::max();
    const SimTime bound = std::min(until, scripted - Duration::ns(1));
    if (bound >= SimTime::zero() && m_world.nextAt() <= bound) {
      m_world.runUntil(bound, eventsPerStretch);
      handOver();
      continue;
    }
    if (scripted > until) return true;
    m_world.apply(scripted, m_script[m_entry++].action);
  }
  return false;
}

void FactRun::apply(SimTime at, const world::Action &action) {
  m_world.apply(at, action);
  handOver();
}

} // namespace packetarium::experiments
