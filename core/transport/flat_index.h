// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace packetarium::transport {

/// A hash map from Key (with hash() and ==) to a slot number, in one block: linear probing, and
/// removal that closes the gap. It is looked into and never walked, so its order cannot leak.
template <class Key> class FlatIndex {
public:
  static constexpr std::uint32_t none = 0xffffffffU;

  std::uint32_t find(const Key &key) const {
    if (m_cells.empty()) return none;
    for (std::size_t i = home(key);; i = next(i)) {
      if (m_cells[i].value == none || m_cells[i].key == key) return m_cells[i].value;
    }
  }

  /// The key must not be in it yet.
  void insert(const Key &key, std::uint32_t value) {
    if (2 * (m_count + 1) > m_cells.size()) grow();
    std::size_t i = home(key);
    while (m_cells[i].value != none) i = next(i);
    m_cells[i] = {key, value};
    ++m_count;
  }

  void erase(const Key &key) {
    if (m_cells.empty()) return;
    std::size_t i = home(key);
    while (m_cells[i].value != none && !(m_cells[i].key == key)) i = next(i);
    if (m_cells[i].value == none) return;
    --m_count;
    // Move back what would no longer be found behind the gap.
    for (std::size_t j = next(i); m_cells[j].value != none; j = next(j)) {
      const std::size_t distance = (j - home(m_cells[j].key)) & (m_cells.size() - 1);
      if (distance < ((j - i) & (m_cells.size() - 1))) continue;
      m_cells[i] = m_cells[j];
      i = j;
    }
    m_cells[i].value = none;
  }

  std::size_t size() const { return m_count; }
  void clear() { *this = {}; }

private:
  struct Cell {
    Key key{};
    std::uint32_t value = none;
  };
  std::size_t home(const Key &key) const { return key.hash() & (m_cells.size() - 1); }
  std::size_t next(std::size_t i) const { return (i + 1) & (m_cells.size() - 1); }
  void grow() {
    std::vector<Cell> old = std::move(m_cells);
    m_cells.assign(old.empty() ? 8 : 2 * old.size(), Cell{});
    m_count = 0;
    for (const Cell &cell : old)
      if (cell.value != none) insert(cell.key, cell.value);
  }

  std::vector<Cell> m_cells; ///< size is 0 or a power of two, at most half full
  std::size_t m_count = 0;
};

} // namespace packetarium::transport
