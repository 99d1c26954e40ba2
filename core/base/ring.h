// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace packetarium {

/// First-in first-out in one growing block: empty costs no memory, and copying copies only what is
/// in it (std::deque allocates even when empty, which a world of thousands of links would feel).
template <class T> class Ring {
public:
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
    m_head = (m_head + 1) & (m_slots.size() - 1);
    --m_count;
  }
  void clear() {
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
