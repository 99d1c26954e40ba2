// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace packetarium {

/// A growing list whose copies share what they have in common: copying it copies no entry but the
/// last few. For logs inside a World.
template <class T> class SharedLog {
public:
  std::size_t size() const { return m_full.size() * chunk + m_open.size(); }
  bool empty() const { return size() == 0; }
  const T &operator[](std::size_t i) const {
    return i / chunk < m_full.size() ? (*m_full[i / chunk])[i % chunk]
                                     : m_open[i - m_full.size() * chunk];
  }
  const T &back() const { return (*this)[size() - 1]; }
  void push(T value) {
    m_open.push_back(std::move(value));
    if (m_open.size() < chunk) return;
    m_full.push_back(std::make_shared<const std::vector<T>>(std::move(m_open)));
    m_open = {};
  }
  /// Keeps the first so many entries.
  void truncate(std::size_t count) {
    if (count >= size()) return;
    if (count < m_full.size() * chunk) {
      const auto &cut = *m_full[count / chunk];
      m_open.assign(cut.begin(), cut.begin() + static_cast<std::ptrdiff_t>(count % chunk));
      m_full.resize(count / chunk);
      return;
    }
    m_open.erase(m_open.begin() + static_cast<std::ptrdiff_t>(count - m_full.size() * chunk),
                 m_open.end());
  }

private:
  static constexpr std::size_t chunk = 64;
  std::vector<std::shared_ptr<const std::vector<T>>> m_full;
  std::vector<T> m_open;
};

} // namespace packetarium
