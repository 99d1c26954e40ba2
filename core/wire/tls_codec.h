// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/wire/payload.h"

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

/// Reading and writing TLS's presentation language (RFC 8446 section 3): big-endian numbers and
/// vectors that their length in bytes comes before.
namespace packetarium::wire::tls {

/// Reads from the front. What overruns makes it fail for good: every later read gives nothing, so
/// that a message is read straight through and asked once, at its end, with done().
class Reader {
public:
  explicit Reader(std::span<const std::uint8_t> bytes) : m_rest(bytes) {}

  bool failed() const { return m_failed; }
  bool more() const { return !m_failed && !m_rest.empty(); }
  /// All was read and nothing overran.
  bool done() const { return !m_failed && m_rest.empty(); }
  std::size_t left() const { return m_rest.size(); }
  void fail() {
    m_failed = true;
    m_rest = {};
  }
  /// Fails unless the condition holds.
  void require(bool condition) {
    if (!condition) fail();
  }

  std::span<const std::uint8_t> take(std::size_t bytes) {
    if (m_failed || bytes > m_rest.size()) {
      fail();
      return {};
    }
    const auto out = m_rest.first(bytes);
    m_rest = m_rest.subspan(bytes);
    return out;
  }
  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u24() { return number(3); }
  std::uint32_t u32() { return number(4); }

  /// A vector whose length stands in lengthBytes bytes (1 to 3) and lies in [atLeast, atMost].
  std::span<const std::uint8_t> vector(std::size_t lengthBytes, std::size_t atLeast = 0,
                                       std::size_t atMost = 0xffffff) {
    const std::size_t bytes = number(lengthBytes);
    require(bytes >= atLeast && bytes <= atMost);
    return take(bytes);
  }
  Bytes bytes(std::size_t lengthBytes, std::size_t atLeast = 0, std::size_t atMost = 0xffffff) {
    const auto view = vector(lengthBytes, atLeast, atMost);
    return Bytes(view.begin(), view.end());
  }

private:
  std::uint32_t number(std::size_t bytes) {
    std::uint32_t out = 0;
    for (const std::uint8_t byte : take(bytes)) out = out << 8 | byte;
    return out;
  }

  std::span<const std::uint8_t> m_rest;
  bool m_failed = false;
};

/// Appends to bytes of its own.
class Writer {
public:
  Writer &u8(std::uint8_t v) { return number(v, 1); }
  Writer &u16(std::uint16_t v) { return number(v, 2); }
  Writer &u24(std::uint32_t v) { return number(v, 3); }
  Writer &u32(std::uint32_t v) { return number(v, 4); }
  Writer &raw(std::span<const std::uint8_t> bytes) {
    m_out.insert(m_out.end(), bytes.begin(), bytes.end());
    return *this;
  }
  /// The bytes after their length in lengthBytes bytes (1 to 3).
  Writer &vector(std::size_t lengthBytes, std::span<const std::uint8_t> bytes) {
    assert(bytes.size() < std::size_t{1} << 8 * lengthBytes);
    return number(static_cast<std::uint32_t>(bytes.size()), lengthBytes).raw(bytes);
  }
  Writer &vector(std::size_t lengthBytes, const Writer &inner) {
    return vector(lengthBytes, inner.m_out);
  }
  Bytes take() { return std::move(m_out); }

private:
  Writer &number(std::uint32_t v, std::size_t bytes) {
    for (std::size_t i = bytes; i-- > 0;) m_out.push_back(static_cast<std::uint8_t>(v >> 8 * i));
    return *this;
  }

  Bytes m_out;
};

} // namespace packetarium::wire::tls
