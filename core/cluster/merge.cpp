// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cluster/merge.h"

#include "core/cluster/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <tuple>
#include <utility>

namespace packetarium::cluster {
namespace {

constexpr std::array<std::string_view, 3> typeNames{"register", "counter", "set"};
constexpr std::array<std::string_view, 3> policyNames{"last-write-wins", "merge", "application"};

bool seenBy(const Version &version, const Version &other) {
  return &version != &other && other.seen.covers(version.dot);
}

/// Those that no other writer had seen.
std::vector<const Version *> newest(const std::vector<Version> &versions) {
  std::vector<const Version *> all;
  for (const Version &v : versions)
    if (std::none_of(versions.begin(), versions.end(),
                     [&v](const Version &other) { return seenBy(v, other); }))
      all.push_back(&v);
  return all;
}

/// On one line, since stories are lines.
std::string shown(const std::optional<std::string> &value) {
  if (!value) return "nothing";
  std::string line = *value;
  std::replace(line.begin(), line.end(), '\n', ' ');
  return "\"" + line + "\"";
}

std::string inSeconds(Duration d) {
  return d < Duration::seconds(1) ? fmt::format("{:.4g} ms", d.toMs())
                                  : fmt::format("{:.4g} s", d.toSeconds());
}

std::string whyLost(const Version &lost, const Version &winner) {
  if (lost.stamp == winner.stamp)
    return fmt::format("it has the same time stamp as {}, whose name is greater",
                       winner.dot.text());
  const std::string earlier = inSeconds(winner.stamp - lost.stamp);
  if (lost.seen.covers(winner.dot))
    return fmt::format("it is newer, but its member's clock is behind: it is stamped {} before {}",
                       earlier, winner.dot.text());
  return fmt::format("it is stamped {} before {}", earlier, winner.dot.text());
}

/// Somebody who knew it replaced it, and is later in the order: it was not lost, but overwritten.
bool overwritten(const Version &v, const std::vector<Version> &versions) {
  return std::any_of(versions.begin(), versions.end(), [&v](const Version &other) {
    return seenBy(v, other) && std::tie(other.stamp, other.dot) > std::tie(v.stamp, v.dot);
  });
}

Outcome lastWriteWins(const std::vector<Version> &versions) {
  const Version &winner = versions.back();
  Outcome outcome;
  outcome.values = {winner.value};
  outcome.kept = {winner.dot};
  for (const Version &v : versions)
    if (&v != &winner && !seenBy(v, winner) && !overwritten(v, versions))
      outcome.lost.push_back({v.dot, v.writes, v.operation, whyLost(v, winner)});
  outcome.story = fmt::format("The latest time stamp wins: {} of {} stays.", shown(winner.value),
                              winner.dot.text());
  return outcome;
}

Outcome sideBySide(const std::vector<Version> &versions, std::string_view story) {
  Outcome outcome;
  for (const Version *v : newest(versions)) {
    outcome.values.push_back(v->value);
    outcome.kept.push_back(v->dot);
  }
  outcome.story = outcome.values.size() == 1
                      ? "One writer had seen all the others: its value stays."
                      : fmt::format(fmt::runtime(story), outcome.values.size());
  return outcome;
}

std::int64_t numberOf(const std::optional<std::string> &value) {
  return signedOf(value.value_or("0")).value_or(0);
}

/// What all have done to what they began with.
Outcome mergedCounter(const std::vector<Version> &versions) {
  Outcome outcome;
  std::int64_t total = numberOf(versions.back().before);
  std::string sum = std::to_string(total);
  for (const Version &v : versions) {
    const std::int64_t change = saturatingSub(numberOf(v.value), numberOf(v.before));
    total = saturatingAdd(total, change);
    sum += fmt::format(" {} {}", change < 0 ? '-' : '+',
                       change < 0 ? saturatingSub(0, change) : change);
    outcome.kept.push_back(v.dot);
  }
  outcome.values = {std::to_string(total)};
  outcome.story = fmt::format("Everybody's counts are added up: {} = {}.", sum, total);
  return outcome;
}

/// What one side did in all: of an element added and then removed again only the removal is left.
struct SetChange {
  std::set<std::string> added, removed;

  void add(std::string_view element) { added.insert(std::string(element)); }
  void remove(std::string_view element) {
    added.erase(std::string(element));
    removed.insert(std::string(element));
  }
  void removeAll(const std::optional<std::string> &before) {
    if (before)
      for (const std::string_view e : parts(*before, ',')) removed.insert(std::string(e));
    removed.merge(std::exchange(added, {}));
  }
};

SetChange changeOf(const Version &v) {
  SetChange change;
  for (std::string_view rest = v.operation; !rest.empty();) {
    const std::size_t end = std::min(rest.find("; "), rest.size());
    const auto [verb, afterVerb] = cutAt(rest.substr(0, end), ' ');
    const auto element = cutAt(afterVerb.value_or(""), ' ').second;
    if (element && verb == "add") change.add(*element);
    if (element && verb == "remove") change.remove(*element);
    if (!element && verb == "remove") change.removeAll(v.before);
    rest.remove_prefix(std::min(end + 2, rest.size()));
  }
  return change;
}

/// An element stays that somebody added, or that was there and nobody removed.
Outcome mergedSet(const std::vector<Version> &versions) {
  std::set<std::string> added, removed, result;
  Outcome outcome;
  for (const Version &v : versions) {
    const SetChange change = changeOf(v);
    added.insert(change.added.begin(), change.added.end());
    removed.insert(change.removed.begin(), change.removed.end());
    outcome.kept.push_back(v.dot);
  }
  result = added;
  const std::string before = versions.back().before.value_or("");
  for (const std::string_view e : parts(before, ','))
    if (!removed.contains(std::string(e))) result.insert(std::string(e));
  outcome.values = {valueOfSet({result.begin(), result.end()})};
  outcome.story = fmt::format("What anybody added is in, what was removed is out: {}.",
                              shown(outcome.values.front()));
  for (const std::string &e : removed)
    if (added.contains(e))
      outcome.story += fmt::format(" \"{}\" was removed and added: the addition wins.", e);
  return outcome;
}

Outcome merged(const std::vector<Version> &versions) {
  switch (versions.front().type) {
  case DataType::Counter: return mergedCounter(versions);
  case DataType::Set: return mergedSet(versions);
  case DataType::Register: break;
  }
  return sideBySide(versions, "{} values stand side by side until somebody writes anew.");
}

} // namespace

std::string_view name(DataType type) { return typeNames[static_cast<std::size_t>(type)]; }
std::string_view name(ConflictPolicy policy) {
  return policyNames[static_cast<std::size_t>(policy)];
}
std::optional<DataType> dataType(std::string_view name) {
  const auto at = std::find(typeNames.begin(), typeNames.end(), name);
  if (at == typeNames.end()) return std::nullopt;
  return static_cast<DataType>(at - typeNames.begin());
}
std::optional<ConflictPolicy> conflictPolicy(std::string_view name) {
  const auto at = std::find(policyNames.begin(), policyNames.end(), name);
  if (at == policyNames.end()) return std::nullopt;
  return static_cast<ConflictPolicy>(at - policyNames.begin());
}

std::string valueOfSet(const std::vector<std::string> &elements) {
  const std::set<std::string> sorted(elements.begin(), elements.end());
  return fmt::format("{}", fmt::join(sorted, ","));
}

bool isElement(std::string_view text) {
  return !text.empty() && text.size() <= 256 && std::all_of(text.begin(), text.end(), [](char c) {
    return c != ',' && c != ';' && static_cast<std::uint8_t>(c) >= 0x20 && c != 0x7f;
  });
}

Outcome resolve(ConflictPolicy policy, std::vector<Version> versions) {
  if (versions.empty()) return {policy, {}, {}, {}, "Nothing met."};
  std::sort(versions.begin(), versions.end(), [](const Version &a, const Version &b) {
    return std::tie(a.stamp, a.dot) < std::tie(b.stamp, b.dot);
  });
  Outcome outcome =
      policy == ConflictPolicy::LastWriteWins ? lastWriteWins(versions)
      : policy == ConflictPolicy::Merge
          ? merged(versions)
          : sideBySide(versions, "{} values are handed to the application, which has to read them "
                                 "and write one.");
  outcome.policy = policy;
  return outcome;
}

} // namespace packetarium::cluster
