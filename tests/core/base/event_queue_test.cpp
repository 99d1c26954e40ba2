// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/event_queue.h"
#include "core/base/random.h"
#include "tests/support/catch.h"

#include <rapidcheck.h>

#include <map>
#include <tuple>

using namespace packetarium;

namespace {

/// The same order, by a sorted map.
class NaiveQueue {
public:
  void add(SimTime at, EventClass cls, std::uint32_t target) {
    m_events.emplace(std::tuple(at.ns(), static_cast<int>(cls), m_sequence++), target);
  }
  std::pair<std::int64_t, std::uint32_t> pop() {
    const auto first = m_events.begin();
    const auto result = std::pair(std::get<0>(first->first), first->second);
    m_events.erase(first);
    return result;
  }
  std::int64_t nextAt() const { return std::get<0>(m_events.begin()->first); }
  bool empty() const { return m_events.empty(); }
  std::size_t size() const { return m_events.size(); }

private:
  std::multimap<std::tuple<std::int64_t, int, std::uint64_t>, std::uint32_t> m_events;
  std::uint64_t m_sequence = 0;
};

EventClass classFrom(std::uint64_t n) { return static_cast<EventClass>(n % 3); }

} // namespace

TEST_CASE("Events come by time, then class, then the order in which they were scheduled") {
  EventQueue q;
  q.schedule(SimTime::fromNs(5), EventClass::Timer, 0, 1);
  q.schedule(SimTime::fromNs(5), EventClass::Arrival, 0, 2);
  q.schedule(SimTime::fromNs(5), EventClass::Housekeeping, 0, 3);
  q.schedule(SimTime::fromNs(5), EventClass::Arrival, 0, 4);
  q.schedule(SimTime::fromNs(4), EventClass::Housekeeping, 0, 5);
  std::vector<std::uint32_t> order;
  while (!q.empty()) order.push_back(q.pop().target);
  CHECK(order == std::vector<std::uint32_t>{5, 2, 4, 1, 3});
}

TEST_CASE("Any mixture of scheduling, popping and peeking equals a sorted map") {
  CHECK(rc::check("random programs", [](std::uint64_t seed) {
    RandomStream random(seed, "test", "queue");
    EventQueue q;
    NaiveQueue naive;
    std::int64_t now = 0;
    std::uint32_t tag = 0;
    const std::uint64_t pushBias = 3 + random.below(4);
    for (int step = 0; step < 400; ++step) {
      const std::uint64_t dice = random.below(10);
      if (dice < pushBias || naive.empty()) {
        const auto at = SimTime::fromNs(now + static_cast<std::int64_t>(random.below(20)));
        const EventClass cls = classFrom(random.next());
        q.schedule(at, cls, 7, tag, tag + 1, tag + 2, 9);
        naive.add(at, cls, tag++);
      } else if (dice == 9) {
        RC_ASSERT(q.nextAt().ns() == naive.nextAt());
      } else {
        const Event e = q.pop();
        const auto [at, target] = naive.pop();
        RC_ASSERT(e.at.ns() == at);
        RC_ASSERT(e.target == target);
        RC_ASSERT(e.arg == target + 1);
        RC_ASSERT(e.gen == target + 2);
        now = at;
      }
      RC_ASSERT(q.size() == naive.size());
      RC_ASSERT(q.empty() == naive.empty());
    }
  }));
}

TEST_CASE("A queue copied between a pop and the next schedule goes on like the original") {
  RandomStream random(4, "test", "copy");
  EventQueue a;
  for (std::uint32_t i = 0; i < 100; ++i)
    a.schedule(SimTime::fromNs(static_cast<std::int64_t>(random.below(50))), EventClass::Timer, 0,
               i);
  a.pop();
  EventQueue b = a;
  for (EventQueue *q : {&a, &b}) q->schedule(SimTime::fromNs(25), EventClass::Arrival, 0, 1000);
  CHECK(a.size() == 100);
  while (!a.empty()) {
    const Event x = a.pop();
    const Event y = b.pop();
    CHECK(x.target == y.target);
    CHECK(x.order == y.order);
  }
  CHECK(b.empty());
}

TEST_CASE("A prepared event takes its turn from when it was prepared") {
  EventQueue q;
  const auto at = SimTime::fromNs(10);
  const Event early = q.prepare(at, EventClass::Timer, 0, 1, 0, 0, 0);
  q.schedule(at, EventClass::Timer, 0, 2);
  q.reschedule(early, at);
  CHECK(q.pop().target == 1);
  CHECK(q.pop().target == 2);
  CHECK(q.nextAt() == SimTime::max());
  CHECK(q.scheduledCount() == 2);
}

TEST_CASE("An event put back later keeps its place among those of that instant") {
  EventQueue q;
  q.schedule(SimTime::fromNs(1), EventClass::Arrival, 0, 1);
  q.schedule(SimTime::fromNs(9), EventClass::Arrival, 0, 2);
  q.reschedule(q.pop(), SimTime::fromNs(9));
  CHECK(q.pop().target == 1);
  CHECK(q.pop().target == 2);
}
