// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

namespace packetarium {

/// Copy-on-write box for state that stays on one thread: copying shares, the first write after a
/// copy clones. The count is not atomic on purpose: Worlds never cross threads while shared.
template <class T> class Cow {
public:
  Cow() : m_box(new Box{}) {}
  explicit Cow(T value) : m_box(new Box{1, std::move(value)}) {}
  Cow(const Cow &other) : m_box(other.m_box) {
    if (m_box != nullptr) ++m_box->count; // a moved-from box may be copied, not read
  }
  Cow(Cow &&other) noexcept : m_box(std::exchange(other.m_box, nullptr)) {}
  Cow &operator=(Cow other) noexcept {
    std::swap(m_box, other.m_box);
    return *this;
  }
  ~Cow() { release(); }

  const T &read() const { return m_box->value; }
  const T *operator->() const { return &m_box->value; }
  T &write() {
    if (m_box->count > 1) [[unlikely]] {
      Box *fresh = new Box{1, m_box->value};
      --m_box->count;
      m_box = fresh;
    }
    return m_box->value;
  }
  /// Asks the machine for the first bytes of the value, which are to be used soon.
  void prefetch(std::size_t bytes) const {
    const char *at = reinterpret_cast<const char *>(m_box);
    for (std::size_t i = 0; i < bytes; i += 64) __builtin_prefetch(at + i);
  }
  bool sharedWith(const Cow &other) const { return m_box == other.m_box; }

private:
  struct Box {
    std::uint32_t count = 1;
    T value{};
  };
  // Out of line: the last owner is rare, and its code would swell every place that drops a box.
  [[gnu::noinline]] static void destroy(Box *box) { delete box; }
  void release() {
    if (m_box != nullptr && --m_box->count == 0) destroy(m_box);
  }
  Box *m_box;
};

} // namespace packetarium
