// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cluster/held.h"

#include "core/cluster/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <tuple>

namespace packetarium::cluster {
namespace {

constexpr std::string_view siblingsWord = "siblings", lastWriteWord = "last-write-wins";

std::string heldOrDash(std::string text) { return text.empty() ? "-" : std::move(text); }

std::optional<HeldVersion> heldVersionIn(std::string_view line) {
  const auto words = parts(line, ' ');
  if (words.size() != 4) return std::nullopt;
  const auto dot = Dot::parse(words[0]);
  const auto stamp = signedOf(words[1]);
  const auto seen = VersionVector::parse(words[2] == "-" ? std::string_view() : words[2]);
  const auto once = unescaped(words[3] == "-" ? std::string_view() : words[3]);
  if (!dot || !stamp || !seen || !once) return std::nullopt;
  return HeldVersion{*dot, *seen, SimTime::fromNs(*stamp), *once};
}

} // namespace

bool Held::covers(const HeldVersion &write) const {
  return std::any_of(versions.begin(), versions.end(), [&](const HeldVersion &v) {
    return v.dot == write.dot || v.seen.covers(write.dot) ||
           (lastWriteWins && std::tie(v.stamp, v.dot) > std::tie(write.stamp, write.dot));
  });
}

std::string text(const Held &held) {
  std::string out(held.lastWriteWins ? lastWriteWord : siblingsWord);
  for (const HeldVersion &v : held.versions)
    out += fmt::format("\n{} {} {} {}", v.dot.text(), v.stamp.ns(), heldOrDash(v.seen.text()),
                       heldOrDash(escaped(v.once)));
  return out;
}

Result<Held> parseHeld(std::string_view text) {
  Held held;
  const auto lines = parts(text, '\n');
  if (lines.empty() || (lines[0] != siblingsWord && lines[0] != lastWriteWord))
    return Fault{"", "begins with no policy"};
  held.lastWriteWins = lines[0] == lastWriteWord;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    auto version = heldVersionIn(lines[i]);
    if (!version) return Fault{"", "has a line that is no version"};
    held.versions.push_back(std::move(*version));
  }
  return held;
}

} // namespace packetarium::cluster
