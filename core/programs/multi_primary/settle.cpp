// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cluster/text.h"
#include "core/programs/multi_primary/replica.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

/// What a replica tells when versions meet.
namespace packetarium::programs::multi {

using cluster::ConflictPolicy;
using cluster::DataType;
using cluster::Dot;
using cluster::Version;
using cluster::VersionVector;

namespace {

std::int64_t amountOf(const Write &w) {
  return cluster::signedOf(w.argument.value_or("0")).value_or(0);
}

/// Several writes of one side as one operation.
std::string operationOf(DataType type, const std::vector<const Write *> &writes) {
  if (writes.size() == 1) return writes.front()->operation();
  const bool counts =
      std::all_of(writes.begin(), writes.end(), [](const Write *w) { return w->verb == "add"; });
  if (type == DataType::Counter && counts) {
    std::int64_t sum = 0;
    for (const Write *w : writes) sum = saturatingAdd(sum, amountOf(*w));
    return fmt::format("add {} {}", writes.front()->key, sum);
  }
  std::string all;
  for (const Write *w : writes) all += (all.empty() ? "" : "; ") + w->operation();
  return all;
}

bool sawOrIs(const Write &w, const Dot &dot) { return w.dot == dot || w.seen.covers(dot); }

/// At most as many as a conflict's text holds: the latest.
void keepLatest(std::vector<Version> &versions) {
  std::sort(versions.begin(), versions.end(), [](const Version &a, const Version &b) {
    return std::tie(a.stamp, a.dot) < std::tie(b.stamp, b.dot);
  });
  if (versions.size() > cluster::versionsMax)
    versions.erase(versions.begin(), versions.end() - cluster::versionsMax);
}

} // namespace

std::vector<Meeting> Replica::settle() {
  std::vector<Meeting> meetings;
  for (const auto &[name, touched] : std::exchange(m_touched, {})) {
    Key &key = m_keys.find(name)->second;
    auto meeting = m_policy == ConflictPolicy::LastWriteWins ? settleLast(name, key, touched)
                   : keepsSeveral()                          ? settleSeveral(name, key, touched)
                                                             : settleJoined(name, key, touched);
    if (m_policy == ConflictPolicy::LastWriteWins) tally(key, touched, meeting);
    if (meeting) meetings.push_back(std::move(*meeting));
  }
  return meetings;
}

Version Replica::versionOf(const Write &w) const {
  return {w.dot, w.seen, w.stamp, 1, m_type, w.operation(), w.before, w.result};
}

bool Replica::later(const Write &a, const Write &b) const {
  return std::tie(a.stamp, a.dot) > std::tie(b.stamp, b.dot);
}

/// Somebody who read it wrote over it, and wins against it.
bool Replica::replaced(const Key &key, const Write &w) const {
  const auto [first, last] = key.successors.equal_range(w.dot);
  return std::any_of(first, last, [&](const auto &entry) { return later(at(entry.second), w); });
}

Version Replica::sideOf(const Key &key, const Write &last, const Write &winner) const {
  Version version = versionOf(last);
  if (m_type == DataType::Register) return version;
  std::vector<const Write *> side;
  const Write *other = &last == &winner ? nullptr : &winner;
  for (std::size_t i = 0; other && i < key.writes.size(); ++i)
    if (sawOrIs(last, key.writes[i]) && !sawOrIs(*other, key.writes[i]))
      side.push_back(&at(key.writes[i]));
  if (side.empty()) return version;
  version.writes = static_cast<std::uint32_t>(side.size());
  version.operation = operationOf(m_type, side);
  version.before = side.front()->before;
  return version;
}

std::optional<Meeting> Replica::settleLast(const std::string &name, const Key &key,
                                           const Touched &touched) const {
  std::vector<Dot> all = touched.held;
  all.insert(all.end(), touched.fresh.begin(), touched.fresh.end());
  std::vector<const Write *> met;
  for (const Dot &dot : all)
    if (!std::any_of(all.begin(), all.end(), [&](const Dot &other) {
          return at(other).seen.covers(dot) && later(at(other), at(dot));
        }))
      met.push_back(&at(dot));
  if (met.size() < 2) return std::nullopt;
  const Write &winner = at(key.last.dot());
  std::erase_if(met, [&](const Write *w) { return w != &winner && replaced(key, *w); });
  if (met.size() < 2) return std::nullopt;
  std::vector<Version> versions;
  for (const Write *w : met)
    // The winner's own side is told from where the first other one stands.
    versions.push_back(w == &winner ? sideOf(key, winner, w == met.front() ? *met[1] : *met[0])
                                    : sideOf(key, *w, winner));
  keepLatest(versions);
  auto outcome = cluster::resolve(ConflictPolicy::LastWriteWins, versions);
  return Meeting{name, std::move(versions), std::move(outcome)};
}

/// Which writes of those touched are lost now, whether their conflict is told here or was
/// elsewhere.
void Replica::tally(Key &key, const Touched &touched, const std::optional<Meeting> &meeting) {
  std::erase_if(key.lost, [&](const auto &entry) { return replaced(key, at(entry.first)); });
  std::vector<Dot> all = touched.held;
  all.insert(all.end(), touched.fresh.begin(), touched.fresh.end());
  for (const Dot &dot : all) {
    if (dot == key.last.dot() || replaced(key, at(dot))) continue;
    key.lost.try_emplace(dot, cluster::LostWrite{dot, 1, at(dot).operation(),
                                                 "a write with a later time stamp won"});
  }
  if (!meeting) return;
  for (const cluster::LostWrite &one : meeting->outcome->lost)
    if (key.lost.contains(one.dot)) key.lost[one.dot] = one;
}

std::optional<Meeting> Replica::settleSeveral(const std::string &name, const Key &key,
                                              const Touched &touched) const {
  const auto &standing = key.several.versions();
  const bool news = std::any_of(touched.fresh.begin(), touched.fresh.end(),
                                [&](const Dot &dot) { return standing.contains(dot); });
  if (standing.size() == 1 && touched.held.size() > 1) {
    cluster::Outcome outcome;
    outcome.policy = m_policy;
    const auto &[dot, value] = *standing.begin();
    outcome.values = {value};
    outcome.kept = {dot};
    outcome.story =
        fmt::format("{} was written by somebody who had seen all {} versions: it stays.",
                    dot.text(), touched.held.size());
    return Meeting{name, {}, std::move(outcome)};
  }
  if (standing.size() < 2 || !news) return std::nullopt;
  std::vector<Version> versions;
  for (const auto &[dot, value] : standing) versions.push_back(versionOf(at(dot)));
  keepLatest(versions);
  Meeting meeting{name, std::move(versions), std::nullopt};
  if (m_policy == ConflictPolicy::Merge)
    meeting.outcome = cluster::resolve(m_policy, meeting.versions);
  return meeting;
}

/// What the key would be had some of its writes not been.
std::optional<std::string> Replica::valueWithout(const Key &key, const std::set<Dot> &left) const {
  Key other;
  for (std::size_t i = 0; i < key.writes.size(); ++i)
    if (!left.contains(key.writes[i]) && !key.repeats.contains(key.writes[i])) {
      other.writes.push(key.writes[i]);
      fold(other, at(key.writes[i]));
    }
  return valueOf(&other);
}

Version Replica::joinedSide(const Key &key, const std::vector<Dot> &side,
                            const std::set<Dot> &without,
                            const std::optional<std::string> &before) const {
  std::vector<const Write *> writes;
  for (const Dot &dot : side) writes.push_back(&at(dot));
  const Write *last =
      *std::max_element(writes.begin(), writes.end(),
                        [this](const Write *a, const Write *b) { return later(*b, *a); });
  Version version = versionOf(*last);
  version.writes = static_cast<std::uint32_t>(writes.size());
  version.operation = operationOf(m_type, writes);
  version.before = before;
  version.value = valueWithout(key, without);
  return version;
}

std::optional<Meeting> Replica::settleJoined(const std::string &name, const Key &key,
                                             const Touched &touched) const {
  VersionVector there;
  for (const Dot &dot : touched.fresh) there.merge(at(dot).seen);
  if (there.covers(touched.heardBefore)) return std::nullopt;
  // A side is what the other one had not seen, as far as that goes for both.
  std::vector<Dot> here;
  for (std::size_t i = 0; i < key.writes.size(); ++i) {
    const Dot &dot = key.writes[i];
    if (!touched.heardBefore.covers(dot) || there.covers(dot) || key.repeats.contains(dot))
      continue;
    if (!std::all_of(touched.fresh.begin(), touched.fresh.end(),
                     [&](const Dot &other) { return at(dot).seen.covers(other); }))
      here.push_back(dot);
  }
  std::vector<Dot> fresh;
  for (const Dot &dot : touched.fresh)
    if (!key.repeats.contains(dot)) fresh.push_back(dot);
  if (here.empty() || fresh.empty()) return std::nullopt;
  const std::set<Dot> mine(here.begin(), here.end());
  const std::set<Dot> theirs(fresh.begin(), fresh.end());
  std::set<Dot> both = mine;
  both.insert(theirs.begin(), theirs.end());
  const auto before = valueWithout(key, both);
  Meeting meeting{name, {}, std::nullopt};
  meeting.versions = {joinedSide(key, here, theirs, before), joinedSide(key, fresh, mine, before)};
  keepLatest(meeting.versions);
  meeting.outcome = cluster::resolve(m_policy, meeting.versions);
  return meeting;
}

} // namespace packetarium::programs::multi
