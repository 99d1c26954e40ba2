// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/address.h"

#include <fmt/format.h>

namespace packetarium::wire {
namespace {

int hexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// A decimal number of 0 to max without sign or leading zeros, taken off the front of text.
std::optional<std::uint32_t> takeNumber(std::string_view &text, std::uint32_t max) {
  std::size_t digits = 0;
  std::uint32_t value = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
    value = value * 10 + static_cast<std::uint32_t>(text[digits] - '0');
    if (++digits > 3) return std::nullopt;
  }
  if (digits == 0 || value > max || (digits > 1 && text[0] == '0')) return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

struct SpecialBlock {
  Ipv4Prefix prefix;
  std::string_view phrase;
};

constexpr Ipv4Prefix block(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d,
                           std::uint8_t length) {
  return {Ipv4Address::of(a, b, c, d), length};
}

/// RFC 6890 section 2.2.2 and RFC 5771; narrower blocks come before the wider ones they lie in.
constexpr SpecialBlock specialBlocks[] = {
    {block(0, 0, 0, 0, 32), "no address yet, or any address (RFC 1122)"},
    {block(0, 0, 0, 0, 8), "this network (RFC 1122)"},
    {block(10, 0, 0, 0, 8), "private (RFC 1918)"},
    {block(100, 64, 0, 0, 10), "shared behind a provider's NAT (RFC 6598)"},
    {block(127, 0, 0, 0, 8), "loopback (RFC 1122)"},
    {block(169, 254, 0, 0, 16), "link local (RFC 3927)"},
    {block(172, 16, 0, 0, 12), "private (RFC 1918)"},
    {block(192, 0, 0, 0, 24), "protocol assignments (RFC 6890)"},
    {block(192, 0, 2, 0, 24), "documentation, plays public"},
    {block(192, 88, 99, 0, 24), "former 6to4 relays (RFC 7526)"},
    {block(192, 168, 0, 0, 16), "private (RFC 1918)"},
    {block(198, 18, 0, 0, 15), "benchmarking (RFC 2544)"},
    {block(198, 51, 100, 0, 24), "documentation, plays public"},
    {block(203, 0, 113, 0, 24), "documentation, plays public"},
    {block(224, 0, 0, 0, 4), "multicast (RFC 5771)"},
    {block(255, 255, 255, 255, 32), "limited broadcast (RFC 919)"},
    {block(240, 0, 0, 0, 4), "reserved (RFC 1112)"},
};

} // namespace

std::string MacAddress::text() const {
  return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", bytes[0], bytes[1], bytes[2],
                     bytes[3], bytes[4], bytes[5]);
}

std::optional<MacAddress> MacAddress::parse(std::string_view text) {
  if (text.size() != 17 || (text[2] != ':' && text[2] != '-')) return std::nullopt;
  MacAddress mac;
  for (std::size_t i = 0; i < 6; ++i) {
    const int high = hexDigit(text[3 * i]);
    const int low = hexDigit(text[3 * i + 1]);
    if (high < 0 || low < 0 || (i < 5 && text[3 * i + 2] != text[2])) return std::nullopt;
    mac.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return mac;
}

std::string Ipv4Address::text() const {
  return fmt::format("{}.{}.{}.{}", value >> 24, value >> 16 & 255, value >> 8 & 255, value & 255);
}

std::optional<Ipv4Address> Ipv4Address::parse(std::string_view text) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    if (i > 0) {
      if (text.empty() || text.front() != '.') return std::nullopt;
      text.remove_prefix(1);
    }
    const auto part = takeNumber(text, 255);
    if (!part) return std::nullopt;
    value = value << 8 | *part;
  }
  if (!text.empty()) return std::nullopt;
  return Ipv4Address{value};
}

std::string Ipv4Prefix::text() const { return fmt::format("{}/{}", address.text(), length); }

std::optional<Ipv4Prefix> Ipv4Prefix::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto address = Ipv4Address::parse(text.substr(0, slash));
  std::string_view rest = text.substr(slash + 1);
  const auto length = takeNumber(rest, 32);
  if (!address || !length || !rest.empty()) return std::nullopt;
  return Ipv4Prefix{*address, static_cast<std::uint8_t>(*length)};
}

std::string_view specialPurpose(Ipv4Address a) {
  for (const auto &special : specialBlocks)
    if (special.prefix.contains(a)) return special.phrase;
  return {};
}

} // namespace packetarium::wire
