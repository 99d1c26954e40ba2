// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/raft/member.h"

#include <fmt/format.h>

#include <cstdlib>
#include <utility>

namespace packetarium::programs::raft {
namespace {

std::int64_t diskNumber(std::uint64_t n) { return static_cast<std::int64_t>(n); }

std::uint64_t unsignedIn(const wire::cluster::Message &m, std::string_view key) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, m.number(key, 0)));
}

/// The first line of the log's file: after what it begins.
std::string baseLine(const Log &log) {
  wire::cluster::Message m("base");
  m.add("index", diskNumber(log.base())).add("term", diskNumber(log.baseTerm()));
  return wire::cluster::encode(m);
}

SnapshotRef snapshotFrom(const std::vector<std::string> &lines) {
  if (lines.size() != 2) return nullptr;
  const auto m = wire::cluster::decode(lines[0]);
  if (!m) return nullptr;
  return std::make_shared<const Snapshot>(Snapshot{unsignedIn(*m, "index"), unsignedIn(*m, "term"),
                                                   unsignedIn(*m, "members-index"),
                                                   std::string(m->text("members")), lines[1]});
}

Log logFrom(const std::vector<std::string> &lines) {
  Log log;
  for (const std::string &line : lines) {
    if (&line == &lines.front()) {
      if (const auto m = wire::cluster::decode(line))
        log.reset(unsignedIn(*m, "index"), unsignedIn(*m, "term"));
    } else if (EntryRef entry = decodeEntry(line)) {
      log.append(std::move(entry));
    }
  }
  return log;
}

/// What the disk says about entries that a crash brought back; its first line is not an entry.
Index changedFrom(const std::vector<std::string> &recovery, std::string_view file, const Log &log) {
  for (const std::string &line : recovery) {
    const std::size_t space = line.find(' ');
    if (space == std::string::npos || std::string_view(line).substr(space + 1) != file) continue;
    return log.base() + std::strtoull(line.c_str(), nullptr, 10);
  }
  return ~Index{0};
}

} // namespace

/// Only the very first start is as the document says: later the disk tells what it was, and an
/// empty disk that it has forgotten.
Stored Member::load(Context &ctx, bool again) const {
  Stored stored;
  const std::vector<std::string> promise = ctx.diskRead(m_promiseFile);
  if (promise.empty()) {
    stored.promise.emptied = again && !m_set.learner;
    if (again) return stored;
    stored.log = initialLogOf(m_set.initialLog);
    stored.promise.term = std::max(m_set.initialTerm, stored.log.lastTerm());
    return stored;
  }
  if (const auto m = wire::cluster::decode(promise.back()))
    stored.promise = {unsignedIn(*m, "term"), std::string(m->text("vote")),
                      m->number("emptied", 0) == 1, m->number("gone", 0) == 1};
  stored.snapshot = snapshotFrom(ctx.diskRead(m_snapshotFile));
  stored.log = logFrom(ctx.diskRead(m_logFile));
  if (again) stored.changedFrom = changedFrom(ctx.diskRead("recovery"), m_logFile, stored.log);
  return stored;
}

Duration Member::World::drawTimeout() {
  const Rules &r = m_member.m_set.rules;
  return m_ctx.random("election").uniform(r.electionMin, r.electionMax);
}

void Member::World::send(MemberId to, const Rpc &rpc) {
  m_ctx.udpSend(m_member.m_datagrams,
                {m_member.m_core.book().at(to).address, m_member.m_set.memberPort},
                wire::cluster::payloadOf(toMessage(rpc, m_member.m_name)));
}

void Member::World::wait(Alarm alarm, std::optional<Duration> delay) {
  TimerId &timer = m_member.m_alarms[static_cast<std::size_t>(alarm)];
  m_ctx.cancelTimer(timer);
  timer = delay ? m_ctx.setTimer(*delay, static_cast<std::uint64_t>(alarm)) : TimerId{};
}

void Member::World::savePromise(const Promise &promise) {
  Message m("promise");
  m.add("term", diskNumber(promise.term)).add("vote", promise.vote);
  if (promise.emptied) m.add("emptied", 1);
  if (promise.gone) m.add("gone", 1);
  m_ctx.diskTruncate(m_member.m_promiseFile, 0);
  m_ctx.diskAppend(m_member.m_promiseFile, wire::cluster::encode(m));
}

void Member::World::saveEntry(const Entry &entry) {
  m_ctx.diskAppend(m_member.m_logFile, encodeEntry(entry));
}

void Member::World::dropEntries(std::uint64_t keep) {
  m_ctx.diskTruncate(m_member.m_logFile, keep + 1);
}

void Member::World::saveSnapshot(const SnapshotRef &snapshot, const Log &log) {
  if (snapshot != nullptr) {
    Message m("snapshot");
    m.add("index", diskNumber(snapshot->index))
        .add("term", diskNumber(snapshot->term))
        .add("members-index", diskNumber(snapshot->membersIndex))
        .add("members", snapshot->members);
    m_ctx.diskTruncate(m_member.m_snapshotFile, 0);
    m_ctx.diskAppend(m_member.m_snapshotFile, wire::cluster::encode(m));
    m_ctx.diskAppend(m_member.m_snapshotFile, snapshot->state);
  }
  m_ctx.diskTruncate(m_member.m_logFile, 0);
  m_ctx.diskAppend(m_member.m_logFile, baseLine(log));
  for (Index i = log.base() + 1; i <= log.last(); ++i) saveEntry(*log.at(i));
}

void Member::World::tell(trace::FactTopic topic, std::string_view value, std::string_view detail) {
  m_ctx.fact(transport::noSocket, topic, m_member.m_set.service, value, detail);
}

void Member::World::tellFailover(trace::FailoverStage stage, std::string_view sentence) {
  if (stage == trace::FailoverStage::Active) m_member.m_reachableTold = false;
  tell(trace::FactTopic::Failover, trace::name(stage), sentence);
}

} // namespace packetarium::programs::raft
