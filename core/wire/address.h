// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace packetarium::wire {

/// EUI-48 address (IEEE 802), in transmission order.
struct MacAddress {
  std::array<std::uint8_t, 6> bytes{};
  constexpr auto operator<=>(const MacAddress &) const = default;

  static constexpr MacAddress broadcast() { return {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}; }
  /// From the low 48 bits, most significant byte first.
  static constexpr MacAddress fromBits(std::uint64_t bits) {
    MacAddress m;
    for (int i = 5; i >= 0; --i, bits >>= 8)
      m.bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(bits);
    return m;
  }
  constexpr std::uint64_t bits() const {
    std::uint64_t v = 0;
    for (const auto b : bytes) v = v << 8 | b;
    return v;
  }
  constexpr bool isZero() const { return bits() == 0; }
  constexpr bool isGroup() const { return (bytes[0] & 1) != 0; }
  std::string text() const;
  static std::optional<MacAddress> parse(std::string_view text);
};

/// IPv4 address in host order.
struct Ipv4Address {
  std::uint32_t value = 0;
  constexpr auto operator<=>(const Ipv4Address &) const = default;

  static constexpr Ipv4Address of(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
    return {static_cast<std::uint32_t>(a) << 24 | static_cast<std::uint32_t>(b) << 16 |
            static_cast<std::uint32_t>(c) << 8 | d};
  }
  static constexpr Ipv4Address any() { return {0}; }
  static constexpr Ipv4Address broadcast() { return {0xffffffffU}; }
  constexpr bool isAny() const { return value == 0; }
  constexpr bool isMulticast() const { return (value >> 28) == 0xe; } ///< 224.0.0.0/4, RFC 5771
  constexpr bool isLoopback() const { return (value >> 24) == 127; }
  std::string text() const;
  /// Strict dotted quad: four decimal numbers of 0 to 255 without leading zeros.
  static std::optional<Ipv4Address> parse(std::string_view text);
};

/// A CIDR block (RFC 4632).
struct Ipv4Prefix {
  Ipv4Address address; ///< may have host bits set where it names an interface's address
  std::uint8_t length = 0;
  constexpr auto operator<=>(const Ipv4Prefix &) const = default;

  static constexpr std::uint32_t maskOf(std::uint8_t length) {
    return length == 0 ? 0 : ~std::uint32_t{0} << (32 - length);
  }
  constexpr std::uint32_t mask() const { return maskOf(length); }
  constexpr Ipv4Address network() const { return {address.value & mask()}; }
  /// The directed broadcast address; meaningless for /31 and /32 (RFC 3021).
  constexpr Ipv4Address directedBroadcast() const { return {address.value | ~mask()}; }
  constexpr bool contains(Ipv4Address a) const { return ((a.value ^ address.value) & mask()) == 0; }
  std::string text() const;
  static std::optional<Ipv4Prefix> parse(std::string_view text);
};

/// The special-purpose block an address lies in (RFC 6890) as a short phrase for people, such as
/// "private (RFC 1918)" or "documentation, plays public"; empty for an ordinary public address.
std::string_view specialPurpose(Ipv4Address a);

} // namespace packetarium::wire
