// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/datagram_stamp.h"

namespace packetarium::programs {
namespace {

void put(wire::Bytes &out, std::uint64_t v) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(v >> shift));
}

std::uint64_t get(const wire::Payload &data, std::uint32_t from) {
  std::uint64_t v = 0;
  for (std::uint32_t i = 0; i < 8; ++i) v = v << 8 | data.at(from + i);
  return v;
}

} // namespace

wire::Payload stamped(std::uint64_t sequence, SimTime sentAt, std::uint32_t size) {
  wire::Bytes bytes;
  bytes.reserve(size);
  put(bytes, sequence);
  put(bytes, static_cast<std::uint64_t>(sentAt.ns()));
  if (size > stampBytes) wire::Payload::pattern(0, size - stampBytes).appendTo(bytes);
  return wire::Payload::of(std::move(bytes));
}

Stamp readStamp(const wire::Payload &data, std::uint64_t expected) {
  if (data.empty()) return {expected, {}};
  const std::uint8_t first = data.at(0);
  if (first < 'a' || first > 'z') {
    if (data.size() < stampBytes) return {expected, {}};
    return {get(data, 0), SimTime::fromNs(static_cast<std::int64_t>(get(data, 8)))};
  }
  const std::uint64_t ahead =
      (static_cast<std::uint64_t>(first - 'a') + patternPeriod - expected % patternPeriod) %
      patternPeriod;
  const std::uint64_t behind = patternPeriod - ahead;
  const bool late = ahead >= patternPeriod / 2 && expected >= behind;
  return {late ? expected - behind : expected + ahead, {}};
}

} // namespace packetarium::programs
