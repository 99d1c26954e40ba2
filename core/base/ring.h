// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <bit>
#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

namespace packetarium {

/// First-in first-out in one growing block: empty costs no memory, and copying copies only what is
/// in it (std::deque allocates even when empty, which a world of thousands of links would feel).
template <class T> class Ring {
public:
  Ring() = default;
  Ring(const Ring &other) {
    if (other.m_count == 0) return;
    m_slots.resize(std::bit_ceil(other.m_count));
    for (std::size_t i = 0; i < other.m_count; ++i) m_slots[i] = other[i];
    m_count = other.m_count;
  }
  Ring(Ring &&other) noexcept
      : m_slots(std::move(other.m_slots)),
        m_head(std::exchange(other.m_head, 0)),
        m_count(std::exchange(other.m_count, 0)) {
    other.m_slots.clear();
  }
  Ring &operator=(Ring other) noexcept {
    std::swap(m_slots, other.m_slots);
    std::swap(m_head, other.m_head);
    std::swap(m_count, other.m_count);
    return *this;
  }
  ~Ring() = default;

  bool empty() const { return m_count == 0; }
  std::size_t size() const { return m_count; }
  T &operator[](std::size_t i) { return m_slots[(m_head + i) & (m_slots.size() - 1)]; }
  const T &operator[](std::size_t i) const { return m_slots[(m_head + i) & (m_slots.size() - 1)]; }
  T &front() { return (*this)[0]; }
  const T &front() const { return (*this)[0]; }
  T &back() { return (*this)[m_count - 1]; }

  void push(T value) {
    if (m_count == m_slots.size()) grow();
    m_slots[(m_head + m_count) & (m_slots.size() - 1)] = std::move(value);
    ++m_count;
  }
  void pop() {
    if constexpr (!std::is_trivially_destructible_v<T>) front() = T{}; // lets go of what it holds
    m_head = (m_head + 1) & (m_slots.size() - 1);
    --m_count;
  }
  void clear() {
    if constexpr (!std::is_trivially_destructible_v<T>) m_slots.clear();
    m_head = 0;
    m_count = 0;
  }

private:
  void grow() {
    std::vector<T> larger(m_slots.empty() ? 4 : 2 * m_slots.size());
    for (std::size_t i = 0; i < m_count; ++i) larger[i] = std::move((*this)[i]);
    m_slots = std::move(larger);
    m_head = 0;
  }

  std::vector<T> m_slots; ///< size is 0 or a power of two
  std::size_t m_head = 0;
  std::size_t m_count = 0;
};

} // namespace packetarium
