// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/kv_position.h"

#include <charconv>

namespace packetarium::programs::kv {
namespace {

bool readWhole(std::string_view digits, std::uint64_t &n) {
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
  return error == std::errc{} && end == digits.data() + digits.size();
}

} // namespace

std::string Position::text() const { return std::to_string(epoch) + "." + std::to_string(index); }

std::optional<Position> Position::parse(std::string_view text) {
  const std::size_t dot = text.find('.');
  Position p;
  const bool hasEpoch = dot != std::string_view::npos;
  if (hasEpoch && !readWhole(text.substr(0, dot), p.epoch)) return {};
  if (!readWhole(hasEpoch ? text.substr(dot + 1) : text, p.index)) return {};
  return p;
}

} // namespace packetarium::programs::kv
