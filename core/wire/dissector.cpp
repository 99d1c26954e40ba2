// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/dissector.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace packetarium::wire {

std::string printable(std::string_view raw, std::size_t max) {
  std::string out;
  for (const char c : raw) {
    if (out.size() >= max) return out + "...";
    const auto byte = static_cast<std::uint8_t>(c);
    if (c == '\r')
      out += "\\r";
    else if (c == '\n')
      out += "\\n";
    else if (byte < 32 || byte > 126)
      out += fmt::format("\\x{:02x}", byte);
    else
      out.push_back(c);
  }
  return out;
}

Field Dissector::make(std::string_view abbrev, std::size_t offset, std::size_t length,
                      std::string value, FieldKey key) {
  Field f;
  f.abbrev = std::string(abbrev);
  f.value = std::move(value);
  f.key = std::move(key);
  f.offset = static_cast<std::uint32_t>(offset);
  f.length = static_cast<std::uint32_t>(length);
  if (const FieldSpec *spec = findFieldSpec(abbrev)) {
    f.name = std::string(spec->name);
    f.layer = spec->layer;
    f.rfc = spec->rfc;
    f.help = spec->help;
  }
  return f;
}

std::uint64_t Dissector::read(std::size_t offset, std::size_t length) const {
  std::uint64_t v = 0;
  for (std::size_t i = 0; i < length; ++i) v = v << 8 | frame[offset + i];
  return v;
}

Field Dissector::number(std::string_view abbrev, std::size_t offset, std::size_t length,
                        std::string text) const {
  const std::uint64_t v = read(offset, length);
  return make(abbrev, offset, length, text.empty() ? std::to_string(v) : std::move(text), v);
}

Field Dissector::hex(std::string_view abbrev, std::size_t offset, std::size_t length) const {
  return number(abbrev, offset, length, fmt::format("0x{:0{}x}", read(offset, length), 2 * length));
}

Field Dissector::bits(std::string_view abbrev, std::size_t offset, std::size_t length,
                      std::uint32_t mask, std::string text) const {
  const std::uint64_t v = (read(offset, length) & mask) >> std::countr_zero(mask);
  if (text.empty())
    text = std::has_single_bit(mask) ? (v != 0 ? "set" : "not set") : std::to_string(v);
  Field f = make(abbrev, offset, length, std::move(text), v);
  f.bitMask = mask;
  return f;
}

Field Dissector::address(std::string_view abbrev, std::size_t offset) const {
  const Ipv4Address a{static_cast<std::uint32_t>(read(offset, 4))};
  return make(abbrev, offset, 4, a.text(), a);
}

Field Dissector::mac(std::string_view abbrev, std::size_t offset) const {
  const MacAddress m = MacAddress::fromBits(read(offset, 6));
  return make(abbrev, offset, 6,
              m == MacAddress::broadcast() ? m.text() + " (broadcast)" : m.text(), m);
}

Field Dissector::blob(std::string_view abbrev, std::size_t offset, std::size_t length) const {
  constexpr std::size_t shown = 16;
  std::string text;
  for (std::size_t i = 0; i < std::min(length, shown); ++i)
    text += fmt::format("{:02x}", frame[offset + i]);
  if (length > shown) text += fmt::format("... ({} bytes)", length);
  return make(abbrev, offset, length, text, text);
}

Field Dissector::text(std::string_view abbrev, std::size_t offset, std::size_t length) const {
  const std::string_view raw(reinterpret_cast<const char *>(frame.data()) + offset, length);
  return make(abbrev, offset, length, printable(raw), std::string(raw));
}

Field Dissector::derived(std::string_view abbrev, std::string value, FieldKey key) {
  return make(abbrev, 0, 0, std::move(value), std::move(key));
}

void Dissector::malformed(Field &layer, std::size_t offset, std::size_t length, std::string what) {
  Field f = make("_ws.malformed", offset, length, what, what);
  f.layer = layer.layer;
  f.malformed = true;
  layer.malformed = true;
  layer.children.push_back(std::move(f));
}

void dissectData(Dissector &d, std::size_t at, std::size_t end) {
  if (at >= end) return;
  Field layer = Dissector::make("data", at, end - at, fmt::format("{} bytes", end - at));
  layer.children.push_back(d.blob("data.data", at, end - at));
  layer.children.push_back(
      Dissector::derived("data.len", std::to_string(end - at), std::uint64_t{end - at}));
  d.layers.push_back(std::move(layer));
}

Field checksumStatus(std::string_view abbrev, std::uint16_t found, std::uint16_t expected) {
  // The numbers are an analyser's: 0 bad, 1 good.
  const bool good = found == expected;
  Field f =
      Dissector::derived(abbrev, good ? "good" : fmt::format("bad: should be 0x{:04x}", expected),
                         std::uint64_t{good ? 1U : 0U});
  f.malformed = !good;
  return f;
}

} // namespace packetarium::wire
