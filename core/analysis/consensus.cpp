// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/consensus.h"

#include "core/analysis/cluster_facts.h"
#include "core/analysis/log_replay.h"
#include "core/analysis/names.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

namespace packetarium::analysis {
namespace {

using trace::FactTopic;
using trace::Sequence;

std::string_view nextWordOf(std::string_view &text, char end = ' ') {
  const std::size_t at = std::min(text.find(end), text.size());
  const std::string_view word = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return word;
}

std::uint64_t countOf(std::string_view text, int base = 10) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number, base);
  return number;
}

/// Gathers what one member told up to the record. Everything is looked up by who told it, so that
/// it costs the same late in a run as early.
class MemberReader {
public:
  MemberReader(const FactBook &facts, const net::Blueprint &network, ServiceNode who, Sequence upTo)
      : m_facts(facts), m_network(network), m_who(who), m_upTo(upTo) {
    m_view.node = who.node;
    m_view.service = facts.text(who.service);
    if (const HealthMark *crash = facts.lastCrash(who.node, upTo)) m_crash = crash->sequence;
  }

  std::optional<MemberView> read() {
    const FactMark *term = last(FactTopic::Term);
    const FactMark *role = lastRole();
    if (term == nullptr && role == nullptr) return std::nullopt;
    if (term != nullptr) m_view.term = countOf(m_facts.text(term->value));
    // Every member begins as a follower; one that crashed tells what it is when it is back.
    m_view.role = m_crash != 0 ? "down" : "follower";
    if (lives(role)) m_view.role = m_facts.text(role->value);
    if (const FactMark *members = last(FactTopic::Members))
      m_view.configuration = m_facts.text(members->value);
    readVotedFor();
    readSnapshot();
    if (m_view.role != "down") readVolatile(term, role);
    return std::move(m_view);
  }

private:
  /// What a crash made it forget is not so any more.
  bool lives(const FactMark *fact) const { return fact != nullptr && fact->sequence > m_crash; }

  const FactMark *lastOf(const std::vector<std::uint32_t> &told) const {
    const std::size_t count = m_facts.countUpTo(told, m_upTo);
    return count == 0 ? nullptr : &m_facts.facts()[told[count - 1]];
  }
  const FactMark *last(FactTopic topic) const { return lastOf(m_facts.of(topic, m_who)); }
  const FactMark *lastRole() const {
    const auto told = m_facts.roles().find(m_who);
    return told == m_facts.roles().end() ? nullptr : lastOf(told->second);
  }

  void readVotedFor() {
    const auto &told = m_facts.of(FactTopic::Vote, m_who);
    for (std::size_t i = m_facts.countUpTo(told, m_upTo); i-- > 0;) {
      const FactMark &fact = m_facts.facts()[told[i]];
      std::string_view value = m_facts.text(fact.value);
      const std::string_view word = nextWordOf(value);
      if (word.starts_with("pre-")) continue;
      if (countOf(value) < m_view.term) return;
      if (countOf(value) > m_view.term) continue;
      if (word == "ask") m_view.votedFor = m_who.node;
      if (word == "grant") m_view.votedFor = nodeNamed(m_network, m_facts.text(fact.detail));
      if (word == "ask" || word == "grant") return;
    }
  }

  void readSnapshot() {
    const auto held = snapshotAt(m_facts, m_who, m_upTo);
    if (!held) return;
    m_view.snapshotIndex = held->index;
    m_view.snapshotTerm = held->term;
  }

  void readVolatile(const FactMark *term, const FactMark *role) {
    if (m_view.role == "leader")
      m_view.leader = m_who.node;
    else if (lives(term))
      m_view.leader = nodeNamed(m_network, m_facts.text(term->detail));
    if (const FactMark *applied = last(FactTopic::Apply); lives(applied)) {
      std::string_view value = m_facts.text(applied->value);
      m_view.applied = countOf(nextWordOf(value));
    }
    readCountdowns();
    if (m_view.role == "candidate" || m_view.role == "pre-candidate") readVotes();
    if (m_view.role == "leader") readProgress(role->sequence);
  }

  void readCountdowns() {
    const auto running = [this](trace::CountdownKind kind) {
      const CountdownMark *mark = m_facts.countdown(m_who, kind, m_upTo);
      return mark != nullptr && mark->sequence > m_crash && mark->deadline ? mark : nullptr;
    };
    if (const CountdownMark *election = running(trace::CountdownKind::Election)) {
      m_view.electionSince = election->at;
      m_view.electionAt = election->deadline;
    }
    if (const CountdownMark *lease = running(trace::CountdownKind::Lease)) {
      m_view.leaseSince = lease->at;
      m_view.leaseUntil = lease->deadline;
    }
  }

  /// Its newest candidacy: from its last asking on.
  void readVotes() {
    std::map<std::uint32_t, VoteState> votes;
    bool pre = false;
    const auto &told = m_facts.of(FactTopic::Vote, m_who);
    for (std::size_t i = m_facts.countUpTo(told, m_upTo); i-- > 0;) {
      const FactMark &fact = m_facts.facts()[told[i]];
      if (!lives(&fact)) break;
      std::string_view value = m_facts.text(fact.value);
      const std::string_view word = nextWordOf(value);
      if (word == "ask" || word == "pre-ask") {
        pre = word == "pre-ask";
        break;
      }
      const bool won = word == "won" || word == "pre-won";
      if (!won && word != "missed" && word != "pre-missed") continue;
      if (const auto voter = nodeNamed(m_network, m_facts.text(fact.detail)))
        votes.try_emplace(*voter, won ? VoteState::Granted : VoteState::Refused);
    }
    votes[m_who.node] = VoteState::Granted;
    for (const std::uint32_t member : nodesNamed(m_network, m_view.configuration))
      votes.try_emplace(member, VoteState::Asked);
    for (const auto &[voter, state] : votes) m_view.votes.push_back({voter, state, pre});
  }

  void readProgress(Sequence ledSince) {
    const auto &all = m_facts.progress();
    for (auto it = all.lower_bound({m_who, 0}); it != all.end() && it->first.who == m_who; ++it) {
      const FactMark *fact = lastOf(it->second);
      if (fact == nullptr || fact->sequence < ledSince) continue;
      const auto follower = nodeNamed(m_network, m_facts.text(it->first.peer));
      if (!follower) continue;
      std::string_view value = m_facts.text(fact->value);
      const std::uint64_t next = countOf(nextWordOf(value));
      m_view.progress.push_back({*follower, next, countOf(value)});
    }
    std::sort(m_view.progress.begin(), m_view.progress.end(),
              [](const ProgressView &a, const ProgressView &b) { return a.follower < b.follower; });
  }

  const FactBook &m_facts;
  const net::Blueprint &m_network;
  ServiceNode m_who;
  Sequence m_upTo;
  Sequence m_crash = 0;
  MemberView m_view;
};

std::vector<MemberView> membersAt(const FactBook &facts, const net::Blueprint &network,
                                  Sequence upTo) {
  std::set<ServiceNode> all;
  std::set<std::uint32_t> services;
  for (const auto &[who, told] : facts.byNode(FactTopic::Term)) {
    all.insert(who);
    services.insert(who.service);
  }
  for (const auto &[who, told] : facts.roles())
    if (services.contains(who.service)) all.insert(who);
  std::vector<MemberView> members;
  for (const ServiceNode who : all)
    if (auto view = MemberReader(facts, network, who, upTo).read())
      members.push_back(std::move(*view));
  return members;
}

std::vector<RingView> ringsAt(const FactBook &facts, const net::Blueprint &network, Sequence upTo) {
  std::vector<RingView> rings;
  const auto lastOf = [&](const std::vector<std::uint32_t> &told) {
    const std::size_t count = facts.countUpTo(told, upTo);
    return count == 0 ? nullptr : &facts.facts()[told[count - 1]];
  };
  for (const auto &[who, told] : facts.byNode(FactTopic::Ring)) {
    const FactMark *fact = lastOf(told);
    if (fact == nullptr) continue;
    RingView ring{std::string(facts.text(who.service)), who.node, {}, {}};
    for (std::string_view text = facts.text(fact->value); !text.empty();)
      ring.tokens.push_back(static_cast<std::uint32_t>(countOf(nextWordOf(text), 16)));
    const auto &hints = facts.hints();
    for (auto it = hints.lower_bound({who, 0, {}}); it != hints.end() && it->first.who == who;
         ++it) {
      const FactMark *hint = lastOf(it->second);
      const bool kept = hint != nullptr && facts.text(hint->value).starts_with("kept");
      if (!kept) continue;
      if (const auto target = nodeNamed(network, facts.text(it->first.target)))
        ring.hints.push_back({it->first.key, *target});
    }
    std::sort(ring.hints.begin(), ring.hints.end());
    rings.push_back(std::move(ring));
  }
  return rings;
}

} // namespace

ConsensusState consensusState(const FactBook &facts, const net::Blueprint &network, Sequence upTo) {
  ConsensusState state{membersAt(facts, network, upTo), ringsAt(facts, network, upTo)};
  const auto order = [](const auto &a, const auto &b) {
    return a.service != b.service ? a.service < b.service : a.node < b.node;
  };
  std::sort(state.members.begin(), state.members.end(), order);
  std::sort(state.rings.begin(), state.rings.end(), order);
  return state;
}

} // namespace packetarium::analysis
