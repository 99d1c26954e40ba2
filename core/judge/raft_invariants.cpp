// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/judge/raft_invariants.h"

#include "core/base/hash.h"

#include <algorithm>
#include <charconv>

namespace packetarium::judge {
namespace {

using trace::FactTopic;
using trace::Sequence;

/// Far more entries than a run has; what tells of more is not believed.
constexpr std::uint64_t indexMax = 100'000'000;

std::string_view nextWord(std::string_view &text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

std::uint64_t numberOf(std::string_view word) {
  std::uint64_t number = 0;
  std::from_chars(word.data(), word.data() + word.size(), number);
  return number;
}

/// Of a log with one entry more; 0 stays unknown.
std::uint64_t digestAfter(std::uint64_t before, std::uint64_t term, std::string_view operation) {
  if (before == 0) return 0;
  const std::uint64_t digest = hashCombine(hashCombine(before, term), hashText(operation));
  return digest == 0 ? 1 : digest;
}

bool differ(std::uint64_t a, std::uint64_t b) { return a != 0 && b != 0 && a != b; }

std::string entryText(std::uint64_t index, std::uint64_t term, std::string_view operation) {
  std::string out = "entry " + std::to_string(index) + " of term " + std::to_string(term);
  if (!operation.empty()) out += " (" + std::string(operation) + ")";
  return out;
}

} // namespace

std::string_view name(RaftInvariant invariant) {
  switch (invariant) {
  case RaftInvariant::ElectionSafety: return "election safety";
  case RaftInvariant::LogMatching: return "log matching";
  case RaftInvariant::LeaderCompleteness: return "leader completeness";
  case RaftInvariant::StateMachineSafety: return "state machine safety";
  }
  return "";
}

std::string_view sentence(RaftInvariant invariant) {
  switch (invariant) {
  case RaftInvariant::ElectionSafety: return "At most one leader is elected in a term.";
  case RaftInvariant::LogMatching:
    return "Logs that share an entry of the same index and term are the same up to it.";
  case RaftInvariant::LeaderCompleteness:
    return "What was committed is in the log of every later leader.";
  case RaftInvariant::StateMachineSafety:
    return "No two members apply different entries at the same index.";
  }
  return "";
}

void RaftWatch::take(Sequence sequence, SimTime at, std::uint32_t node, std::string_view nodeName,
                     FactTopic topic, std::string_view service, std::string_view value,
                     std::string_view detail) {
  switch (topic) {
  case FactTopic::Term: return takeTerm(node, nodeName, service, value);
  case FactTopic::Role:
  case FactTopic::Log:
  case FactTopic::Apply:
  case FactTopic::Snapshot: break;
  default: return;
  }
  const auto known = serviceOf(service);
  if (!known || m_state->breach) return;
  Service &s = m_state.write().services[*known];
  // Another kind of store may have the same name: whoever tells no term is no member.
  const auto isMember = [node](const Member &m) { return m.node == node; };
  if (std::none_of(s.members.begin(), s.members.end(), isMember)) return;
  Member &member = memberOf(s, node, nodeName);
  Told told{sequence, at, 0, 0, detail};
  if (topic == FactTopic::Role) {
    member.leads = value == "leader";
    if (member.leads) lead(s, member, told);
    return;
  }
  const std::string_view word = topic == FactTopic::Apply ? std::string_view{} : nextWord(value);
  told.index = numberOf(nextWord(value));
  told.term = numberOf(nextWord(value));
  if (told.index == 0 || told.index > indexMax) return;
  if (topic == FactTopic::Log) return takeLog(s, member, word, told);
  if (topic == FactTopic::Apply) return apply(s, member, told);
  takeSnapshot(s, member, word, told);
}

std::optional<std::size_t> RaftWatch::serviceOf(std::string_view name) const {
  const auto &services = m_state->services;
  for (std::size_t i = 0; i < services.size(); ++i)
    if (services[i].name == name) return i;
  return std::nullopt;
}

RaftWatch::Member &RaftWatch::memberOf(Service &service, std::uint32_t node,
                                       std::string_view nodeName) {
  for (Member &member : service.members)
    if (member.node == node) return member;
  Member &fresh = service.members.emplace_back();
  fresh.node = node;
  fresh.name = std::string(nodeName);
  return fresh;
}

void RaftWatch::takeTerm(std::uint32_t node, std::string_view nodeName, std::string_view service,
                         std::string_view value) {
  auto known = serviceOf(service);
  State &state = m_state.write();
  if (!known) {
    known = state.services.size();
    state.services.emplace_back().name = std::string(service);
  }
  Member &member = memberOf(state.services[*known], node, nodeName);
  const std::uint64_t term = numberOf(value);
  if (term != member.term) member.leads = false;
  member.term = term;
}

void RaftWatch::takeLog(Service &service, Member &member, std::string_view change,
                        const Told &told) {
  if (change == "append") return append(service, member, told);
  if (change == "commit") return commit(service, member, told);
  if (change != "truncate" || told.index > member.last()) return;
  member.log.truncate(told.index > member.base ? told.index - member.base - 1 : 0);
  if (member.leads) checkComplete(service, member, told);
}

void RaftWatch::append(Service &service, Member &member, const Told &told) {
  if (told.index <= member.base || told.index > member.last() + 1) {
    // Something before it was not told of; its log is looked at from here on.
    member.base = told.index - 1;
    member.baseTerm = 0;
    member.baseDigest = member.base == 0 ? 1 : 0;
    member.log.truncate(0);
  }
  const bool overwrites = told.index <= member.last();
  member.log.truncate(told.index - member.base - 1);
  const std::uint64_t before = member.log.empty() ? member.baseDigest : member.log.back().digest;
  member.log.push({told.term, digestAfter(before, told.term, told.detail), told.sequence,
                   std::string(told.detail)});
  matchLogs(service, member, told);
  if (overwrites && member.leads) checkComplete(service, member, told);
}

/// The entry that was just appended against those of the same index and term elsewhere.
void RaftWatch::matchLogs(const Service &service, const Member &member, const Told &told) {
  const Entry &entry = member.log.back();
  for (const Member &other : service.members) {
    const Entry *const same = other.node == member.node ? nullptr : other.entry(told.index);
    if (same == nullptr || same->term != entry.term) continue;
    if (same->operation == entry.operation && !differ(same->digest, entry.digest)) continue;
    std::uint64_t index = told.index;
    const auto alike = [&] {
      const Entry *const a = member.entry(index);
      const Entry *const b = other.entry(index);
      return a != nullptr && b != nullptr && a->term == b->term && a->operation == b->operation;
    };
    while (index > 1 && alike()) --index;
    const Entry *const a = member.entry(index);
    const Entry *const b = other.entry(index);
    std::string why = member.name + " and " + other.name + " both hold an entry " +
                      std::to_string(told.index) + " of term " + std::to_string(entry.term) +
                      ", but their logs up to it are not the same.";
    if (a != nullptr && b != nullptr)
      why += " At " + member.name + " there is " + entryText(index, a->term, a->operation) +
             ", at " + other.name + " " + entryText(index, b->term, b->operation) + ".";
    std::vector<Sequence> against = {same->record};
    if (b != nullptr && b->record != same->record) against.push_back(b->record);
    return breakIt(RaftInvariant::LogMatching, service, told, std::move(against),
                   {member.node, other.node}, std::move(why));
  }
}

void RaftWatch::commit(Service &service, Member &member, const Told &told) {
  if (told.index > member.last()) return;
  while (service.committed.size() < told.index) {
    Settled settled;
    if (const Entry *const entry = member.entry(service.committed.size() + 1)) {
      settled = {entry->term, entry->digest, member.term,
                 member.node, told.sequence, entry->operation};
    }
    service.committed.push(std::move(settled));
  }
  for (const Member &other : service.members)
    if (other.leads && other.term > member.term) checkComplete(service, other, told);
}

void RaftWatch::lead(Service &service, Member &member, const Told &told) {
  member.elected = told.sequence;
  const auto [at, first] =
      service.leaders.try_emplace(member.term, Elected{member.node, told.sequence});
  if (first || at->second.node == member.node) return checkComplete(service, member, told);
  const Member &other = memberOf(service, at->second.node, "");
  breakIt(RaftInvariant::ElectionSafety, service, told, {at->second.record},
          {other.node, member.node},
          other.name + " was elected leader of term " + std::to_string(member.term) + ", and " +
              member.name +
              " was as well: at least one member of every majority gave its vote to both.");
}

/// Everything committed in terms before its own must be in a leader's log: the last of it stands
/// for what is before it.
void RaftWatch::checkComplete(const Service &service, const Member &leader, const Told &told) {
  std::uint64_t index = service.committed.size();
  while (index > 0 && service.committed[index - 1].inTerm >= leader.term) --index;
  const auto holds = [&](std::uint64_t i) {
    const Settled &settled = service.committed[i - 1];
    if (i <= leader.base || settled.term == 0) return true;
    const Entry *const entry = leader.entry(i);
    return entry != nullptr && entry->term == settled.term &&
           !differ(entry->digest, settled.digest);
  };
  if (index == 0 || holds(index)) return;
  while (index > 1 && !holds(index - 1)) --index; // the first that it lacks
  const Settled &missing = service.committed[index - 1];
  const auto teller = std::find_if(service.members.begin(), service.members.end(),
                                   [&](const Member &m) { return m.node == missing.node; });
  std::string why = teller->name + " committed " +
                    entryText(index, missing.term, missing.operation) + " in term " +
                    std::to_string(missing.inTerm) + ", but " + leader.name +
                    " leads the later term " + std::to_string(leader.term);
  if (const Entry *const entry = leader.entry(index))
    why += " with " + entryText(index, entry->term, entry->operation) + " in its place.";
  else
    why += " without it: its log ends at " + std::to_string(leader.last()) + ".";
  breakIt(RaftInvariant::LeaderCompleteness, service, told, {missing.record, leader.elected},
          {missing.node, leader.node}, std::move(why));
}

void RaftWatch::apply(Service &service, Member &member, const Told &told) {
  while (service.applied.size() + 1 < told.index) service.applied.push({});
  const Settled now = {
      told.term, 0, member.term, member.node, told.sequence, std::string(told.detail)};
  if (service.applied.size() < told.index) return service.applied.push(now);
  const Settled &before = service.applied[told.index - 1];
  // What one member's snapshot spared it another one may still tell; entries told later than
  // their place stay out of the list, which only grows at its end.
  if (before.term == 0 || (before.term == now.term && before.operation == now.operation)) return;
  const Member &other = memberOf(service, before.node, "");
  breakIt(RaftInvariant::StateMachineSafety, service, told, {before.record},
          {other.node, member.node},
          other.name + " applied " + entryText(told.index, before.term, before.operation) + ", " +
              member.name + " applied " + entryText(told.index, now.term, now.operation) +
              " in its place: their states are not the same any more.");
}

void RaftWatch::takeSnapshot(Service &service, Member &member, std::string_view what,
                             const Told &told) {
  if (what != "taken" && what != "installed") return;
  if (what == "installed") install(service, member, told);
  if (told.detail.empty()) return;
  const auto [at, first] = service.snapshots.try_emplace(
      told.index, SnapshotTold{std::string(told.detail), member.node, told.sequence});
  if (first || at->second.digest == told.detail) return;
  const Member &other = memberOf(service, at->second.node, "");
  breakIt(RaftInvariant::StateMachineSafety, service, told, {at->second.record},
          {other.node, member.node},
          "The snapshots of " + other.name + " and " + member.name +
              " both hold what the entries up to " + std::to_string(told.index) +
              " led to, but they are not the same (" + at->second.digest + " and " +
              std::string(told.detail) + ").");
}

void RaftWatch::install(Service &service, Member &member, const Told &told) {
  const Entry *const held = member.entry(told.index);
  if (held != nullptr && held->term == told.term) return;
  if (told.index == member.base && told.term == member.baseTerm) return;
  member.baseDigest = 0;
  if (told.index <= service.committed.size())
    if (const Settled &settled = service.committed[told.index - 1]; settled.term == told.term)
      member.baseDigest = settled.digest;
  member.base = told.index;
  member.baseTerm = told.term;
  member.log.truncate(0);
}

void RaftWatch::breakIt(RaftInvariant invariant, const Service &service, const Told &told,
                        std::vector<Sequence> against, std::vector<std::uint32_t> nodes,
                        std::string why) {
  Breach breach;
  breach.invariant = invariant;
  breach.service = service.name;
  breach.at = told.at;
  breach.record = told.sequence;
  breach.against = std::move(against);
  breach.nodes = std::move(nodes);
  breach.why = std::move(why);
  m_state.write().breach = std::move(breach);
}

} // namespace packetarium::judge
