// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/sim_time.h"

#include <cstddef>
#include <cstdint>
#include <new>
#include <vector>

namespace packetarium {

/// Bits of an event's order that name its slot in the queue; the rest is class and sequence.
constexpr unsigned slotBits = 24;

/// Puts a vector's storage at the start of a cache line.
template <class T> struct LineAllocator {
  using value_type = T;
  static constexpr std::align_val_t line{64};
  LineAllocator() = default;
  template <class U> LineAllocator(const LineAllocator<U> &) {}
  T *allocate(std::size_t n) { return static_cast<T *>(::operator new(n * sizeof(T), line)); }
  void deallocate(T *p, std::size_t) { ::operator delete(p, line); }
  bool operator==(const LineAllocator &) const { return true; }
};

/// At one instant, events run by class, then in the order in which they were scheduled.
enum class EventClass : std::uint8_t { Arrival = 0, Timer = 1, Housekeeping = 2 };

/// What is to happen, as plain data. The meaning of target, arg and gen belongs to the kind.
struct Event {
  SimTime at;
  std::uint64_t order = 0; ///< class in the top 2 bits, then the sequence number
  std::uint16_t kind = 0;
  std::uint16_t aux = 0;
  std::uint32_t target = 0;
  std::uint32_t arg = 0;
  std::uint32_t gen = 0;
};
static_assert(sizeof(Event) == 32);

/// Total order (time, class, sequence) in a 4-ary heap. The heap holds 16-byte keys alone, the four
/// children of a key share a cache line, and what an event carries lies in a slab. After a pop the
/// root is left open, so that the event which a handler schedules next takes its place with one
/// sift instead of two, and its slot while that is still at hand.
class EventQueue {
public:
  /// Pending events at most; whoever schedules without bound must stop before (see the net room).
  static constexpr std::uint32_t pendingMax = 1u << slotBits;

  /// Schedules at an absolute instant, which must not lie before the last pop.
  void schedule(SimTime at, EventClass cls, std::uint16_t kind, std::uint32_t target,
                std::uint32_t arg = 0, std::uint32_t gen = 0, std::uint16_t aux = 0) {
    push(at, orderOf(cls, m_sequence++), Carried{kind, aux, target, arg, gen});
  }
  /// An event that takes its turn in the order now but is put in later (see reschedule).
  Event prepare(SimTime at, EventClass cls, std::uint16_t kind, std::uint32_t target,
                std::uint32_t arg, std::uint32_t gen, std::uint16_t aux) {
    return Event{at, orderOf(cls, m_sequence++), kind, aux, target, arg, gen};
  }
  /// Puts back an event with the order it had (an event held for a paused node keeps its turn).
  void reschedule(const Event &e, SimTime at) {
    push(at, e.order, Carried{e.kind, e.aux, e.target, e.arg, e.gen});
  }
  bool empty() const { return size() == 0; }
  std::size_t size() const { return m_count - (m_hole ? 1 : 0); }
  /// Instant of the earliest event; SimTime::max() when empty.
  SimTime nextAt() {
    fillHole();
    return m_count == 0 ? SimTime::max() : SimTime::fromNs(static_cast<std::int64_t>(root().at));
  }
  /// Removes and returns the earliest event. The queue must not be empty.
  Event pop() {
    fillHole();
    m_hole = true;
    const Key top = root();
    const auto slot = static_cast<std::uint32_t>(top.order & (pendingMax - 1));
    const Carried &c = m_slab[slot];
    m_freeSlot = slot;
    return Event{SimTime::fromNs(static_cast<std::int64_t>(top.at)),
                 top.order & ~slotMask,
                 c.kind,
                 c.aux,
                 c.target,
                 c.arg,
                 c.gen};
  }
  /// What an event that will be popped soon is about (the next one, unless an earlier one is
  /// scheduled meanwhile), so that it can be fetched into the caches. Only right after a pop.
  struct Hint {
    std::uint16_t kind = 0;
    std::uint32_t target = 0;
  };
  Hint upcoming() const {
    if (m_count < 6) return {};
    const Key *h = m_heap.data() + lead;
    const std::size_t a = before(h[2], h[1]) ? 2 : 1;
    const std::size_t b = before(h[4], h[3]) ? 4 : 3;
    const Carried &c = m_slab[h[before(h[b], h[a]) ? b : a].order & slotMask];
    return {c.kind, c.target};
  }
  std::uint64_t scheduledCount() const { return m_sequence; }

private:
  /// The slot lies below the sequence number, which is unique, and so never decides.
  struct Key {
    std::uint64_t order;
    std::uint64_t at; ///< never negative
  };
  struct Carried {
    std::uint16_t kind, aux;
    std::uint32_t target, arg, gen;
  };
  __extension__ using Wide = unsigned __int128;
  static constexpr std::uint64_t slotMask = pendingMax - 1;
  static constexpr std::size_t lead = 3; ///< unused keys before the root, for the cache lines

  static std::uint64_t orderOf(EventClass cls, std::uint64_t sequence) {
    return static_cast<std::uint64_t>(cls) << 62 | sequence << slotBits;
  }
  static Wide wide(const Key &k) { return static_cast<Wide>(k.at) << 64 | k.order; }
  static bool before(const Key &a, const Key &b) { return wide(a) < wide(b); }
  Key &root() { return m_heap[lead]; }

  void push(SimTime at, std::uint64_t order, const Carried &carried);
  std::uint32_t freeSlot();
  void siftUp(std::size_t i, const Key &key);
  void siftDown(const Key &key);
  void fillHole();

  std::vector<Key, LineAllocator<Key>> m_heap;
  std::size_t m_count = 0; ///< keys in the heap, the open root included
  std::vector<Carried> m_slab;
  std::vector<std::uint32_t> m_free;
  std::uint32_t m_freeSlot = 0; ///< of the event popped last, while the root is open
  std::uint64_t m_sequence = 0;
  bool m_hole = false;
};

inline std::uint32_t EventQueue::freeSlot() {
  if (m_hole) return m_freeSlot;
  if (!m_free.empty()) {
    const std::uint32_t slot = m_free.back();
    m_free.pop_back();
    return slot;
  }
  m_slab.emplace_back();
  return static_cast<std::uint32_t>(m_slab.size() - 1);
}

inline void EventQueue::push(SimTime at, std::uint64_t order, const Carried &carried) {
  const std::uint32_t slot = freeSlot();
  m_slab[slot] = carried;
  const Key key{order | slot, static_cast<std::uint64_t>(at.ns())};
  if (m_hole) {
    m_hole = false;
    siftDown(key);
    return;
  }
  if (m_heap.size() < lead + m_count + 1) m_heap.resize(lead + m_count + 1);
  siftUp(m_count++, key);
}

inline void EventQueue::siftUp(std::size_t i, const Key &key) {
  Key *h = m_heap.data() + lead;
  while (i > 0) {
    const std::size_t parent = (i - 1) / 4;
    if (!before(key, h[parent])) break;
    h[i] = h[parent];
    i = parent;
  }
  h[i] = key;
}

inline void EventQueue::siftDown(const Key &key) {
  Key *h = m_heap.data() + lead;
  const std::size_t n = m_count;
  std::size_t i = 0;
  for (;;) {
    const std::size_t first = 4 * i + 1;
    if (first + 3 < n) {
      const std::size_t a = first + (before(h[first + 1], h[first]) ? 1 : 0);
      const std::size_t b = first + (before(h[first + 3], h[first + 2]) ? 3 : 2);
      const std::size_t best = before(h[b], h[a]) ? b : a;
      if (!before(h[best], key)) break;
      h[i] = h[best];
      i = best;
      continue;
    }
    if (first >= n) break;
    std::size_t best = first;
    for (std::size_t c = first + 1; c < n; ++c)
      if (before(h[c], h[best])) best = c;
    if (!before(h[best], key)) break;
    h[i] = h[best];
    i = best;
  }
  h[i] = key;
}

inline void EventQueue::fillHole() {
  if (!m_hole) return;
  m_hole = false;
  m_free.push_back(m_freeSlot);
  const Key last = m_heap[lead + --m_count];
  if (m_count > 0) siftDown(last);
}

} // namespace packetarium
