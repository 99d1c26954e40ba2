// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/payload.h"

#include "core/base/hash.h"

#include <algorithm>
#include <utility>

namespace packetarium::wire {

Payload Payload::of(Bytes bytes) {
  Payload p;
  p.m_size = static_cast<std::uint32_t>(bytes.size());
  if (!bytes.empty()) p.m_bytes = std::make_shared<const Bytes>(std::move(bytes));
  return p;
}

Payload Payload::of(std::string_view text) { return of(Bytes(text.begin(), text.end())); }

Payload Payload::pattern(std::uint64_t streamOffset, std::uint32_t size) {
  Payload p;
  p.m_offset = streamOffset;
  p.m_size = size;
  return p;
}

Payload Payload::slice(std::uint32_t from, std::uint32_t size) const {
  Payload p = *this;
  p.m_offset += from;
  p.m_size = size;
  if (size == 0) p.m_bytes.reset();
  return p;
}

Payload Payload::followedBy(const Payload &other) const {
  if (empty()) return other;
  if (other.empty()) return *this;
  if (m_bytes == other.m_bytes && m_offset + m_size == other.m_offset) {
    Payload p = *this;
    p.m_size += other.m_size;
    return p;
  }
  Bytes joined;
  joined.reserve(std::size_t{m_size} + other.m_size);
  appendTo(joined);
  other.appendTo(joined);
  return of(std::move(joined));
}

void Payload::appendTo(Bytes &out) const {
  if (m_bytes) {
    const auto bytes = view();
    out.insert(out.end(), bytes.begin(), bytes.end());
    return;
  }
  // One period of the pattern, then what is there again and again.
  const std::size_t before = out.size();
  out.resize(before + m_size);
  std::uint8_t *const at = out.data() + before;
  std::size_t filled = std::min<std::size_t>(m_size, 26);
  for (std::size_t i = 0; i < filled; ++i) at[i] = patternByte(m_offset + i);
  while (filled < m_size) {
    const std::size_t more = std::min(filled, m_size - filled);
    std::copy_n(at, more, at + filled);
    filled += more;
  }
}

Bytes Payload::toBytes() const {
  Bytes out;
  out.reserve(m_size);
  appendTo(out);
  return out;
}

std::string Payload::toText() const {
  std::string out;
  out.reserve(m_size);
  for (std::uint32_t i = 0; i < m_size; ++i) out.push_back(static_cast<char>(at(i)));
  return out;
}

std::uint64_t Payload::hash() const {
  if (m_bytes) return hashCombine(hashBytes(view().data(), m_size), m_size);
  return hashCombine(m_size, m_size == 0 ? 0 : m_offset % 26);
}

bool Payload::sameBytes(const Payload &other) const {
  if (m_size != other.m_size) return false;
  for (std::uint32_t i = 0; i < m_size; ++i)
    if (at(i) != other.at(i)) return false;
  return true;
}

} // namespace packetarium::wire
