// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/kv_store/store.h"

#include "core/programs/peer.h"
#include "core/programs/types.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::programs::kv {

using transport::SocketEvent;

void Store::start(Context &ctx) {
  std::vector<wire::Ipv4Address> own;
  for (const net::InterfaceSpec &i : ctx.node().interfaces)
    if (i.address) own.push_back(i.address->address);
  m_members = Members(m_rows, own, ctx.node().name);
  if (m_members.self() == Members::none) {
    ctx.note("None of the store's members has an address of this node: it does nothing.");
    return;
  }
  m_clientListener = ctx.tcpListen(m_set.port, messageTcp());
  m_memberListener = ctx.tcpListen(m_set.memberPort, messageTcp());
  m_datagrams = ctx.udpOpen(m_set.memberPort);
  if (m_clientListener == transport::noSocket || m_memberListener == transport::noSocket ||
      m_datagrams == transport::noSocket) {
    ctx.note(fmt::format("Port {} or {} is taken by another program of this node.", m_set.port,
                         m_set.memberPort));
    return;
  }
  ctx.phase("kv.listening", fmt::format("TCP port {}", m_set.port));
  m_heard = ctx.now();
  loadDisk(ctx);
  ctx.setTimer(m_set.heartbeat, Beat);
  ctx.setTimer(Duration::ms(500), SampleTime);
  if (m_set.shipInterval > Duration{}) ctx.setTimer(m_set.shipInterval, Ship);
  if (m_set.disk == DiskSync::Interval) ctx.setTimer(m_set.diskInterval, DiskTime);
}

/// Only the very first start is as the document says: later the disk tells what it was, and an
/// empty disk that it has forgotten.
void Store::loadDisk(Context &ctx) {
  m_logFile = fmt::format("kv-{}.log", m_set.port);
  m_metaFile = fmt::format("kv-{}.meta", m_set.port);
  for (const std::string &line : ctx.diskRead(m_logFile))
    if (auto entry = decodeEntry(line)) m_log.append(std::move(*entry));
  m_durable = m_log.last();
  const std::vector<std::string> meta = ctx.diskRead(m_metaFile);
  const bool fresh = ctx.now() == SimTime::zero();
  m_emptied = !fresh && m_members.size() > 1;
  bool wasPrimary = false;
  if (!meta.empty())
    if (const auto told = wire::cluster::decode(meta.back())) {
      m_epoch = static_cast<std::uint64_t>(told->number("epoch", 0));
      wasPrimary = told->number("primary", 0) == 1;
      m_emptied = told->number("emptied", 0) == 1;
    }
  m_seenEpoch = m_epoch;
  const std::size_t first = m_set.role == "primary" ? m_members.self() : 0;
  const bool leads = m_set.role.empty() ? m_members.self() == 0 : m_set.role == "primary";
  if (fresh && leads) {
    stand(ctx, Reason::Configured, "as configured");
    return;
  }
  if (fresh) m_primary = first == m_members.self() ? Members::none : first;
  // What the disk does not hold any more is gone from this copy: views must know.
  if (!fresh)
    ctx.fact(transport::noSocket, trace::FactTopic::Log, m_set.service,
             fmt::format("truncate {} 0", m_log.last() + 1));
  m_resumes = (wasPrimary && !m_set.automatic) || m_members.size() == 1;
  tellRole(ctx, "replica",
           fresh       ? "as configured"
           : m_emptied ? "it started again with an empty disk"
                       : fmt::format("it started again with {} entries", m_log.last()));
  if (!fresh)
    for (std::size_t i = 0; i < m_members.size(); ++i) tell(ctx, i, hail("hello"));
  watchFor(ctx, m_set.suspectAfter());
}

void Store::writeMeta(Context &ctx, bool primary) {
  Message meta("meta");
  meta.add("epoch", static_cast<std::int64_t>(m_epoch))
      .add("primary", primary ? 1 : 0)
      .add("emptied", m_emptied ? 1 : 0);
  ctx.diskTruncate(m_metaFile, 0);
  ctx.diskAppend(m_metaFile, wire::cluster::encode(meta));
}

void Store::beginSync(Context &ctx, Syncing syncing) {
  syncing.length = m_log.last();
  m_syncs[++m_lastSync] = syncing;
  ctx.diskSync(m_lastSync);
}

/// One at a time: what is written meanwhile goes with the next (group commit).
void Store::syncLog(Context &ctx) {
  if (m_logSyncing || m_durable >= m_log.last()) return;
  m_logSyncing = true;
  beginSync(ctx, {});
}

void Store::onSynced(Context &ctx, std::uint64_t tag) {
  const auto node = m_syncs.extract(tag);
  if (node.empty()) return;
  const Syncing done = node.mapped();
  m_durable = std::max(m_durable, done.length);
  if (done.purpose == SyncFor::Log) m_logSyncing = false;
  if (done.purpose == SyncFor::Vote && done.epoch == m_epoch)
    tell(ctx, done.voteTo,
         hail("vote-ok").add("granted", 1).add("for", static_cast<std::int64_t>(done.epoch)));
  if (done.purpose == SyncFor::Promotion && m_activating && done.epoch == m_epoch) activate(ctx);
  if (m_set.disk == DiskSync::EachWrite) syncLog(ctx);
  if (m_role == Role::Primary) {
    shipAll(ctx);
    advance(ctx);
  } else {
    acknowledge(ctx, false);
  }
}

/// The last entry that may be promised to somebody else.
std::uint64_t Store::ackable() const {
  return m_set.disk == DiskSync::EachWrite ? std::min(m_durable, m_log.last()) : m_log.last();
}

void Store::append(Context &ctx, Entry entry) {
  ctx.diskAppend(m_logFile, encodeEntry(entry));
  m_log.append(std::move(entry));
  tellLog(ctx, "append", m_log.last());
  if (m_set.disk == DiskSync::EachWrite) syncLog(ctx);
}

/// Newest first, each entry named: this is what a rewind costs.
void Store::throwAway(Context &ctx, std::uint64_t keep) {
  const std::uint64_t gone = m_log.last() - keep;
  for (std::uint64_t i = m_log.last(); i > keep; --i) tellLog(ctx, "truncate", i);
  ctx.diskTruncate(m_logFile, keep);
  m_log.truncate(keep);
  m_durable = std::min(m_durable, keep);
  for (auto &[tag, syncing] : m_syncs) syncing.length = std::min(syncing.length, keep);
  if (m_commit > keep) {
    m_commit = keep;
    m_table = {};
    for (std::uint64_t i = 1; i <= keep; ++i) m_table.apply(m_log.at(i).change);
  }
  ctx.phase("kv.rewound", fmt::format("{} entries thrown away", gone));
}

void Store::commitTo(Context &ctx, std::uint64_t index) {
  for (; m_commit < index;) {
    const Applied applied = m_table.apply(m_log.at(++m_commit).change);
    if (!applied.done && m_waiting.contains(m_commit)) m_failed[m_commit] = applied;
    tellLog(ctx, "commit", m_commit);
  }
  answerCaughtUp(ctx);
}

void Store::tellLog(Context &ctx, std::string_view what, std::uint64_t index) const {
  const Entry &entry = m_log.at(index);
  ctx.fact(transport::noSocket, trace::FactTopic::Log, m_set.service,
           fmt::format("{} {} {}", what, index, entry.epoch), entry.change.text());
}

void Store::tellRole(Context &ctx, std::string_view role, std::string_view why) const {
  ctx.fact(transport::noSocket, trace::FactTopic::Role, m_set.service, role, why);
}

void Store::tellFailover(Context &ctx, trace::FailoverStage stage,
                         std::string_view sentence) const {
  ctx.fact(transport::noSocket, trace::FactTopic::Failover, m_set.service, trace::name(stage),
           sentence);
}

/// Every message between members says who speaks, and in which epoch.
wire::cluster::Message Store::hail(std::string_view verb) const {
  Message message(verb);
  message.add("from", m_members.nameOf(m_members.self()))
      .add("epoch", static_cast<std::int64_t>(m_epoch));
  return message;
}

void Store::tell(Context &ctx, std::size_t member, const Message &message) const {
  if (member == m_members.self() || member >= m_members.size()) return;
  ctx.udpSend(m_datagrams, {m_members.at(member).address, m_set.memberPort},
              wire::cluster::payloadOf(message));
}

void Store::onDatagram(Context &ctx, const Message &message) {
  const std::size_t from = m_members.byName(message.text("from"));
  if (from == Members::none || from == m_members.self()) return;
  m_seenEpoch = std::max(m_seenEpoch, static_cast<std::uint64_t>(message.number("epoch", 0)));
  if (message.is("heartbeat")) onHeartbeat(ctx, from, message);
  if (message.is("heartbeat-ok")) onHeartbeatAnswer(ctx, from, message);
  if (message.is("vote")) onVote(ctx, from, message);
  if (message.is("vote-ok")) onVoteAnswer(ctx, from, message);
  if (message.is("stale"))
    stepDown(ctx, static_cast<std::uint64_t>(message.number("epoch", 0)),
             fmt::format("{} knows a newer epoch", m_members.nameOf(from)));
  if (message.is("hello") && m_role == Role::Primary)
    tell(ctx, from,
         hail("heartbeat")
             .add("commit", static_cast<std::int64_t>(m_commit))
             .add("last", static_cast<std::int64_t>(m_log.last())));
}

void Store::onSocket(Context &ctx, const SocketEvent &event) {
  if (event.kind == SocketEvent::Kind::Datagram) {
    const auto message = wire::cluster::decode(event.data);
    if (message) onDatagram(ctx, *message);
    return;
  }
  if (onFollowerSocket(ctx, event) || onPrimarySocket(ctx, event)) return;
  if (event.kind == SocketEvent::Kind::Accepted && event.listener == m_clientListener)
    m_desk.accept(event);
  else
    m_desk.onSocket(ctx, event);
}

void Store::onTimer(Context &ctx, std::uint64_t tag) {
  switch (static_cast<Timer>(tag)) {
  case Beat:
    if (m_role == Role::Primary) {
      checkFollowers(ctx);
      beat(ctx);
    }
    ctx.setTimer(m_set.heartbeat, Beat);
    return;
  case Watch: onWatch(ctx); return;
  case Round: countVotes(ctx, true); return;
  case Serve:
    if (const auto request = m_desk.take()) execute(ctx, *request);
    m_desk.serve(ctx);
    return;
  case DiskTime:
    syncLog(ctx);
    ctx.setTimer(m_set.diskInterval, DiskTime);
    return;
  case SampleTime:
    sampleLag(ctx);
    ctx.setTimer(Duration::ms(500), SampleTime);
    return;
  case Fallback: onFallback(ctx); return;
  case CatchUp: sendOnTheImpatient(ctx); return;
  case Ship:
    m_shipUntil = m_log.last();
    if (m_role == Role::Primary) shipAll(ctx);
    ctx.setTimer(m_set.shipInterval, Ship);
    return;
  }
}

/// How far this replica believes that it is behind: in entries that it has heard of, and in time by
/// the stamps of the primary's clock, which is as wrong as clocks are. On a congested link it knows
/// little of what it lacks; the truth is told by whoever sees all logs.
void Store::sampleLag(Context &ctx) {
  if (m_role == Role::Primary || m_primary == Members::none) return;
  const std::uint64_t behind = m_primaryLast > m_log.last() ? m_primaryLast - m_log.last() : 0;
  Duration lag;
  if (behind > 0) {
    lag = ctx.now() - m_behindSince;
    if (m_log.last() > 0)
      lag = std::min(lag, std::max(Duration{}, ctx.clock() - m_log.at(m_log.last()).stamp));
  }
  const Duration silent = ctx.now() - m_heard;
  if (silent > m_set.suspectAfter()) lag = std::max(lag, silent);
  ctx.sample("kv.lag_heard", static_cast<double>(behind));
  ctx.sample("kv.lag_heard_ms", static_cast<double>(lag.ns()) / 1e6);
}

std::string_view Store::roleName() const {
  return m_role == Role::Primary ? "primary" : m_role == Role::Candidate ? "candidate" : "replica";
}

std::vector<Described> Store::describe(SimTime now) const {
  std::vector<Described> rows = {
      row("service", m_set.service),
      row("role", std::string(roleName())),
      row("epoch", text(m_epoch), "grows with each promotion"),
      row("primary", m_primary < m_members.size() ? m_members.nameOf(m_primary) : "not known"),
      row("log", fmt::format("{} entries, the last of epoch {}", m_log.last(), m_log.lastEpoch())),
      row("committed", text(m_commit)),
      row("on the disk", text(std::min(m_durable, m_log.last())), "survives a crash"),
      row("keys", text(m_table.size())),
      row("clients", text(m_desk.clients())),
      row("served", fmt::format("{} reads, {} writes", m_reads, m_writes))};
  Described tail = row("newest entries", "");
  for (std::uint64_t i = m_log.last(); i > 0 && i + 8 > m_log.last(); --i)
    tail.children.push_back(
        row(fmt::format("{} (epoch {})", i, m_log.epochAt(i)), m_log.at(i).change.text()));
  rows.push_back(std::move(tail));
  if (m_role != Role::Primary) return rows;
  Described followers = row("followers", m_fellBack ? "fell back to asynchronous" : "");
  for (const auto &[member, f] : m_followers)
    followers.children.push_back(row(
        m_members.nameOf(member),
        f.refusing ? "its log has diverged; it stays out"
                   : fmt::format("has {}, {} behind, {}", f.match, m_log.last() - f.match,
                                 now - f.answered <= m_set.deadTime() ? "answers" : "is silent")));
  rows.push_back(std::move(followers));
  return rows;
}

} // namespace packetarium::programs::kv

namespace packetarium::programs {

ProgramType kvStoreType() {
  return {"kv-store",
          "Key-value store",
          "A store of one primary and its replicas, which follow its log",
          "server",
          kv::storeParameters(),
          [](const ParameterValues &v) -> std::unique_ptr<Program> {
            return std::make_unique<kv::Store>(v);
          }};
}

} // namespace packetarium::programs
