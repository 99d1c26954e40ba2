// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/sim_time.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace packetarium {

/// At one instant, events run by class, then in the order in which they were scheduled.
enum class EventClass : std::uint8_t { Arrival = 0, Timer = 1, Housekeeping = 2 };

/// What is to happen, as plain data. The meaning of target, arg and gen belongs to the kind.
struct Event {
  SimTime at;
  std::uint64_t order = 0; ///< class in the top 2 bits, sequence number below
  std::uint16_t kind = 0;
  std::uint16_t aux = 0;
  std::uint32_t target = 0;
  std::uint32_t arg = 0;
  std::uint32_t gen = 0;
};
static_assert(sizeof(Event) == 32);

/// Total order (time, class, sequence) in a 4-ary heap. After a pop the root is left open, so that
/// the event which a handler schedules next takes its place with one sift instead of two.
class EventQueue {
public:
  /// Schedules at an absolute instant, which must not lie before the last pop.
  void schedule(SimTime at, EventClass cls, std::uint16_t kind, std::uint32_t target,
                std::uint32_t arg = 0, std::uint32_t gen = 0, std::uint16_t aux = 0) {
    push(Event{at, (static_cast<std::uint64_t>(cls) << 62) | m_sequence++, kind, aux, target, arg,
               gen});
  }
  /// An event that takes its turn in the order now but is put in later (see reschedule).
  Event prepare(SimTime at, EventClass cls, std::uint16_t kind, std::uint32_t target,
                std::uint32_t arg, std::uint32_t gen, std::uint16_t aux) {
    return Event{at, (static_cast<std::uint64_t>(cls) << 62) | m_sequence++, kind, aux, target, arg,
                 gen};
  }
  /// Puts back an event with the order it had (an event held for a paused node keeps its turn).
  void reschedule(Event event, SimTime at);
  bool empty() const { return size() == 0; }
  std::size_t size() const { return m_heap.size() - (m_hole ? 1 : 0); }
  /// Instant of the earliest event; SimTime::max() when empty.
  SimTime nextAt();
  /// Removes and returns the earliest event. The queue must not be empty.
  Event pop();
  std::uint64_t scheduledCount() const { return m_sequence; }

private:
  static bool before(const Event &a, const Event &b) {
    return a.at < b.at || (a.at == b.at && a.order < b.order);
  }
  void push(const Event &event);
  void siftUp(std::size_t i, const Event &event);
  void siftDown(const Event &event);
  void fillHole();

  std::vector<Event> m_heap;
  std::uint64_t m_sequence = 0;
  bool m_hole = false;
};

inline void EventQueue::siftUp(std::size_t i, const Event &event) {
  while (i > 0) {
    const std::size_t parent = (i - 1) / 4;
    if (!before(event, m_heap[parent])) break;
    m_heap[i] = m_heap[parent];
    i = parent;
  }
  m_heap[i] = event;
}

inline void EventQueue::siftDown(const Event &event) {
  const std::size_t n = m_heap.size();
  Event *h = m_heap.data();
  std::size_t i = 0;
  for (;;) {
    const std::size_t first = 4 * i + 1;
    if (first + 3 < n) {
      const std::size_t a = before(h[first + 1], h[first]) ? first + 1 : first;
      const std::size_t b = before(h[first + 3], h[first + 2]) ? first + 3 : first + 2;
      const std::size_t best = before(h[b], h[a]) ? b : a;
      if (!before(h[best], event)) break;
      h[i] = h[best];
      i = best;
      continue;
    }
    if (first >= n) break;
    std::size_t best = first;
    for (std::size_t c = first + 1; c < n; ++c)
      if (before(h[c], h[best])) best = c;
    if (!before(h[best], event)) break;
    h[i] = h[best];
    i = best;
  }
  h[i] = event;
}

inline void EventQueue::push(const Event &event) {
  if (m_hole) {
    m_hole = false;
    siftDown(event);
    return;
  }
  m_heap.emplace_back();
  siftUp(m_heap.size() - 1, event);
}

inline void EventQueue::fillHole() {
  if (!m_hole) return;
  m_hole = false;
  const Event last = m_heap.back();
  m_heap.pop_back();
  if (!m_heap.empty()) siftDown(last);
}

inline void EventQueue::reschedule(Event event, SimTime at) {
  event.at = at;
  push(event);
}

inline SimTime EventQueue::nextAt() {
  fillHole();
  return m_heap.empty() ? SimTime::max() : m_heap.front().at;
}

inline Event EventQueue::pop() {
  fillHole();
  m_hole = true;
  return m_heap.front();
}

} // namespace packetarium
