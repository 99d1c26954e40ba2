// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <compare>
#include <cstdint>

namespace packetarium {

/// An index that cannot be mistaken for another kind of index. Run-time indices follow the order of
/// the document; they never key a random stream (the document's string ids do).
template <class Tag> struct Index {
  static constexpr std::uint32_t noneValue = 0xffffffffU;
  std::uint32_t value = noneValue;
  constexpr bool valid() const { return value != noneValue; }
  constexpr auto operator<=>(const Index &) const = default;
};

using NodeIndex = Index<struct NodeTag>;
using LinkIndex = Index<struct LinkTag>;

/// One form of a packet's headers, numbered in order of origination, from 1. 0 is none.
using PacketId = std::uint32_t;

} // namespace packetarium
