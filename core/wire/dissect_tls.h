// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/wire/dissector.h"
#include "core/wire/tls_scan.h"

#include <algorithm>
#include <utility>

namespace packetarium::wire::tls {

/// Walks over [at, end) of a frame and puts fields below one. What overruns stops it: that is
/// malformed, unless the bytes are cut, so that the rest stands in another segment or record.
class Walk {
public:
  using Namer = std::string (*)(std::uint16_t);

  Walk(const Dissector &d, Field &into, std::size_t at, std::size_t end, bool cut)
      : m_d(d), m_into(into), m_at(at), m_end(end), m_cut(cut) {}

  bool more() const { return !m_stopped && m_at < m_end; }
  std::size_t at() const { return m_at; }
  std::size_t left() const { return m_end - m_at; }
  View view() const { return m_d.frame.subspan(m_at, left()); }

  /// A number of 1 to 4 bytes, 0 when it is not there.
  std::uint64_t number(std::string_view abbrev, std::size_t bytes, Namer name = nullptr);
  /// A stretch shown as hexadecimal, its key in full.
  void raw(std::string_view abbrev, std::size_t bytes);
  void text(std::string_view abbrev, std::size_t bytes);
  /// A length of lengthBytes and, below a field of its own, the items that fill it.
  template <typename Item>
  void list(std::string_view lengthAbbrev, std::size_t lengthBytes, std::string_view abbrev,
            Item item) {
    const auto bytes = static_cast<std::size_t>(number(lengthAbbrev, lengthBytes));
    Field field = Dissector::make(abbrev, m_at, 0);
    Walk inner = part(field, bytes);
    std::size_t count = 0;
    for (; inner.more(); ++count) item(inner);
    field.value = std::to_string(count) + (count == 1 ? " entry" : " entries");
    if (field.length > 0) push(std::move(field));
  }
  /// The same without a field of its own.
  template <typename Item>
  void each(std::string_view lengthAbbrev, std::size_t lengthBytes, Item item) {
    const auto bytes = static_cast<std::size_t>(number(lengthAbbrev, lengthBytes));
    Walk inner = part(m_into, bytes);
    while (inner.more()) item(inner);
  }
  /// A walk over the next bytes that puts its fields below `field`, which gets their length unless
  /// it is this walk's own.
  Walk part(Field &field, std::size_t bytes);
  void push(Field &&field);
  /// Says that bytes are left over, when some are.
  void finish();

private:
  bool need(std::size_t bytes);
  void stop(std::string what);

  const Dissector &m_d;
  Field &m_into;
  std::size_t m_at;
  std::size_t m_end;
  bool m_cut;
  bool m_stopped = false;
};

/// A handshake message in clear, its bytes at `from` of the frame.
Field messageField(const Dissector &d, const MessageView &message, std::size_t from);
/// The block of extensions that ends a hello. The same extension holds other things in a
/// ClientHello, a ServerHello and a HelloRetryRequest.
enum class HelloKind : std::uint8_t { Client, Server, Retry };
void walkExtensions(Walk &w, HelloKind kind);
/// A list of signature schemes with its length.
void walkSchemes(Walk &w);
void walkScheme(Walk &w);

} // namespace packetarium::wire::tls
