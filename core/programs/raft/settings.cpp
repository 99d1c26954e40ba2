// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/raft/settings.h"

#include "core/programs/declare.h"
#include "core/programs/kv_protocol.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace packetarium::programs::raft {
namespace {

constexpr std::array<std::pair<std::string_view, Flaw>, 13> flaws{{
    {"none", Flaw::None},
    {"commit-old-term", Flaw::CommitOldTerm},
    {"vote-not-persisted", Flaw::VoteNotPersisted},
    {"read-without-quorum", Flaw::ReadWithoutQuorum},
    {"snapshot-loses-entry", Flaw::SnapshotLosesEntry},
    {"lease-skewed", Flaw::LeaseSkewed},
    {"log-not-synced", Flaw::LogNotSynced},
    {"double-vote", Flaw::DoubleVote},
    {"no-log-check", Flaw::NoLogCheck},
    {"truncate-blindly", Flaw::TruncateBlindly},
    {"no-match-check", Flaw::NoMatchCheck},
    {"no-sessions", Flaw::NoSessions},
    {"unbounded-commit", Flaw::UnboundedCommit},
}};

std::string columnOf(const ParameterRow &row, const std::string &key) {
  const auto found = row.values.find(key);
  const auto *text = found == row.values.end() ? nullptr : std::get_if<std::string>(&found->second);
  return text == nullptr ? std::string{} : *text;
}

Rules rulesOf(const ParameterValues &v) {
  Rules r;
  r.electionMin = v.duration("election_min_ns");
  r.electionMax = std::max(r.electionMin, v.duration("election_max_ns"));
  r.heartbeat = v.duration("heartbeat_ns");
  r.lease = v.duration("lease_ns");
  if (r.lease == Duration{}) r.lease = r.electionMin * leaseTenths / 10;
  r.preVote = v.boolean("prevote");
  const std::string &reads = v.text("reads");
  r.reads = reads == "lease"   ? Reads::Lease
            : reads == "log"   ? Reads::Log
            : reads == "local" ? Reads::Local
                               : Reads::ReadIndex;
  r.snapshotEntries = static_cast<std::uint64_t>(v.integer("snapshot_entries"));
  r.batchMax = static_cast<std::size_t>(v.integer("max_batch"));
  for (const auto &[name, flaw] : flaws)
    if (name == v.text("flaw")) r.flaw = flaw;
  return r;
}

std::string termsFault(std::string_view text) {
  const bool sound = std::all_of(text.begin(), text.end(),
                                 [](char c) { return c == ' ' || (c >= '0' && c <= '9'); });
  return sound ? std::string{} : "is a list of terms, such as \"1 1 2\"";
}

} // namespace

double driftAllowed(Duration lease, Duration electionMin) {
  const double share = static_cast<double>(lease.ns()) / static_cast<double>(electionMin.ns());
  return std::max(0.0, (1 - share) / (1 + share));
}

Settings::Settings(const ParameterValues &v)
    : service(v.text("service").empty() && !v.rows("members").empty() ? "store"
                                                                      : v.text("service")),
      port(static_cast<std::uint16_t>(v.integer("port"))),
      memberPort(static_cast<std::uint16_t>(v.integer("member_port"))),
      rules(rulesOf(v)),
      learner(v.boolean("learner")),
      joinAfter(v.duration("join_after_ns")),
      leaveAfter(v.duration("leave_after_ns")),
      serviceTime(v.duration("service_time_ns")),
      initialLog(v.text("initial_log")),
      initialTerm(static_cast<Term>(v.integer("initial_term"))) {}

Cast castOf(const std::vector<ParameterRow> &rows, const std::vector<wire::Ipv4Address> &own,
            const std::string &nodeName, bool learner) {
  Cast cast;
  for (const ParameterRow &row : rows) {
    const auto address = wire::Ipv4Address::parse(columnOf(row, "address"));
    if (!address) continue;
    const std::string name = columnOf(row, "name");
    const MemberId id = cast.book.add(name.empty() ? columnOf(row, "address") : name, *address);
    const bool mine = std::find(own.begin(), own.end(), *address) != own.end();
    if (mine && cast.self == nobody) cast.self = id;
    if (!learner) cast.first = cast.first.with(id);
  }
  if (cast.self != nobody || (!learner && cast.book.size() > 0)) return cast;
  cast.self = cast.book.add(nodeName, own.empty() ? wire::Ipv4Address{} : own.front());
  if (!learner) cast.first = cast.first.with(cast.self);
  return cast;
}

Log initialLogOf(std::string_view terms) {
  Log log;
  Term term = 0;
  const auto finish = [&] {
    if (term == 0) return;
    // What it writes follows from its place and term, so that the same entry is the same anywhere.
    log.append(makeEntry(
        term,
        {"write", fmt::format("entry-{}", log.last() + 1), fmt::format("term-{}", term), {}, {}}));
    term = 0;
  };
  for (const char c : terms) {
    if (c >= '0' && c <= '9')
      term = term * 10 + static_cast<Term>(c - '0');
    else
      finish();
  }
  finish();
  return log;
}

std::vector<Parameter> memberParameters() {
  using namespace declare;
  Parameter clients = integer("port", "", kv::port, 1, 65535, "TCP port of its clients");
  Parameter log = text("initial_log", "",
                       "Terms of the entries that its log holds at the very start, as \"1 1 2\"");
  log.checkText = termsFault;
  std::vector<std::string> flawNames;
  for (const auto &[name, flaw] : flaws) flawNames.emplace_back(name);
  return {
      text("service", "",
           "As views call the service; empty: store, or the node's name when it is alone"),
      std::move(clients),
      integer("member_port", "", kv::memberPort, 1, 65535,
              "UDP port of the members among themselves"),
      records("members",
              {text("name", "", "As views and messages call it"),
               required(address("address", "Where it is reached"))},
              "Who has a vote at the start, this one included; empty: it is alone"),
      duration("election_min_ns", Duration::ms(150), millisecond, hour,
               "Silence of the leader after which a member stands for election, at least"),
      duration("election_max_ns", Duration::ms(300), millisecond, hour,
               "The same, at most: each time it is drawn anew between the two"),
      duration("heartbeat_ns", Duration::ms(50), millisecond, hour,
               "How often a leader tells that it lives"),
      boolean("prevote", false, "Asks whether it would be elected before it begins a new term"),
      choice("reads", {"read-index", "lease", "log", "local"},
             "A leader reads after most confirm it, in its lease, as an entry; any from its copy"),
      duration("lease_ns", Duration{}, 0, hour,
               "Of a leader's lease; 0: 0.9 of election_min_ns, safe while clocks drift up to 5 %"),
      integer("snapshot_entries", "", 0, 0, 1e6,
              "Takes a snapshot after so many entries; 0: never"),
      integer(
          "max_batch", "", 8, 1, 9,
          "Entries in one datagram at most; a long one goes in parts (key and value: 16384 bytes)"),
      boolean("learner", false, "Has no vote at the start, and is in nobody's list of members"),
      duration("join_after_ns", Duration{}, 0, 1000 * hour,
               "Asks to become a member at this time of the run; 0: never"),
      duration("leave_after_ns", Duration{}, 0, 1000 * hour,
               "Asks to be a member no longer at this time of the run; 0: never"),
      duration("service_time_ns", Duration::us(100), 0, hour,
               "Work on one request; one after another"),
      std::move(log),
      integer("initial_term", "", 0, 0, 1e6, "Term at the very start"),
      choice("flaw", std::move(flawNames), "A mistake that is built in, to see what it leads to"),
  };
}

} // namespace packetarium::programs::raft
