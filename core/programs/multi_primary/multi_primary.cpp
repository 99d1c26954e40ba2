// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/multi_primary/multi_primary.h"

#include "core/programs/declare.h"
#include "core/programs/kv_protocol.h"
#include "core/programs/peer.h"
#include "core/programs/types.h"

#include <fmt/format.h>

namespace packetarium::programs {
namespace multi {

using transport::SocketEvent;

namespace {

constexpr std::string_view diskFile = "multi-primary.writes";

std::string shownValue(const std::optional<std::string> &value) { return value.value_or("-"); }

/// The node's name as it can stand in a vector.
std::string memberNameOf(const std::string &id) {
  std::string name = id.substr(0, 40);
  for (char &c : name)
    if (!cluster::isMemberName(std::string_view(&c, 1))) c = '_';
  return name.empty() ? "member" : name;
}

constexpr std::size_t requestsMax = 10'000; ///< that wait for their turn

} // namespace

MultiPrimary::MultiPrimary(const ParameterValues &v)
    : m_service(v.text("service")),
      m_port(static_cast<std::uint16_t>(v.integer("port"))),
      m_memberPort(static_cast<std::uint16_t>(v.integer("member_port"))),
      m_type(cluster::dataType(v.text("type")).value_or(cluster::DataType::Register)),
      m_policy(cluster::conflictPolicy(v.text("policy"))
                   .value_or(cluster::ConflictPolicy::LastWriteWins)),
      m_interval(v.duration("anti_entropy_ns")),
      m_timeout(v.duration("peer_timeout_ns")),
      m_syncs(v.boolean("sync_disk")),
      m_replica(m_type, m_policy),
      m_desk(v.duration("service_ns"), Serve, requestsMax) {
  for (const ParameterRow &row : v.rows("peers")) {
    const auto address = wire::Ipv4Address::parse(std::get<std::string>(row.values.at("address")));
    if (!address) continue;
    Peer peer;
    peer.endpoint = {*address, m_memberPort};
    m_peers.push_back(std::move(peer));
  }
}

void MultiPrimary::start(Context &ctx) {
  // After a restart it takes a name of its own: it may have forgotten writes that others know, and
  // a write's name must never be used twice.
  m_member = memberNameOf(ctx.node().id);
  if (ctx.now() > SimTime::zero()) m_member += fmt::format("~{}", ctx.now().ns() / 1'000'000);
  restore(ctx);
  m_clientListener = ctx.tcpListen(m_port, messageTcp());
  m_memberListener = ctx.tcpListen(m_memberPort, messageTcp());
  for (const auto &[listener, port] :
       {std::pair{m_clientListener, m_port}, std::pair{m_memberListener, m_memberPort}})
    if (listener == transport::noSocket)
      ctx.note(fmt::format("TCP port {} is taken by another program of this node.", port));
  ctx.phase("multi.started", m_service);
  ctx.fact(transport::noSocket, trace::FactTopic::Role, m_service, "primary",
           "Every member of this store takes writes.");
  for (Peer &peer : m_peers) connect(ctx, peer);
  ctx.setTimer(m_interval, AntiEntropy);
}

void MultiPrimary::restore(Context &ctx) {
  for (const std::string &line : ctx.diskRead(diskFile)) {
    const auto message = wire::cluster::decode(line);
    const auto write = message ? writeOf(*message) : std::nullopt;
    if (write) m_replica.apply(*write);
  }
  m_replica.settle();
}

void MultiPrimary::keep(Context &ctx, const Write &write) {
  ctx.diskAppend(diskFile, wire::cluster::encode(messageOf(write)));
  if (m_syncs) beginSync(ctx);
}

void MultiPrimary::beginSync(Context &ctx) {
  m_syncWanted = m_syncRuns;
  if (m_syncRuns) return;
  m_syncRuns = true;
  ctx.diskSync(m_replica.heard().at(m_member));
}

void MultiPrimary::onSynced(Context &ctx, std::uint64_t tag) {
  m_syncRuns = false;
  if (m_syncWanted) beginSync(ctx);
  if (m_syncs) release(ctx, tag);
}

void MultiPrimary::onTimer(Context &ctx, std::uint64_t tag) {
  if (tag == Serve) {
    const auto request = m_desk.take();
    m_desk.serve(ctx);
    if (request) serve(ctx, *request);
  } else
    onAntiEntropy(ctx);
}

void MultiPrimary::onSocket(Context &ctx, const SocketEvent &event) {
  using Kind = SocketEvent::Kind;
  if (event.kind == Kind::Accepted && event.listener == m_clientListener) {
    m_desk.accept(event);
  } else if (event.kind == Kind::Accepted && event.listener == m_memberListener) {
    m_incoming.emplace(event.socket,
                       Incoming{MessageStream(event.socket, event.remote), {}, false});
  } else if (m_desk.holds(event.socket)) {
    m_desk.onSocket(ctx, event);
  } else if (m_incoming.contains(event.socket)) {
    onIncoming(ctx, event);
  } else {
    for (Peer &peer : m_peers)
      if (peer.stream && peer.stream->socket() == event.socket) return onPeer(ctx, peer, event);
  }
}

void MultiPrimary::tellMeetings(Context &ctx) {
  const auto meetings = m_replica.settle();
  for (const Meeting &meeting : meetings) tellMeeting(ctx, meeting);
  if (!meetings.empty()) sampleAll(ctx);
}

void MultiPrimary::tellMeeting(Context &ctx, const Meeting &meeting) {
  if (!meeting.versions.empty()) {
    ++m_conflicts;
    ctx.phase("multi.conflict", meeting.key);
    ctx.fact(transport::noSocket, trace::FactTopic::Conflict, m_service, meeting.key,
             cluster::text(meeting.versions));
  }
  if (!meeting.outcome) return;
  ctx.fact(transport::noSocket, trace::FactTopic::Merged, m_service, meeting.key,
           cluster::text(*meeting.outcome));
  for (const cluster::LostWrite &lost : meeting.outcome->lost)
    ctx.note(fmt::format("\"{}\" ({}) is lost: {}.", lost.operation, lost.dot.text(), lost.why));
}

void MultiPrimary::sampleAll(Context &ctx) {
  ctx.sample("multi.conflicts", static_cast<double>(m_conflicts));
  ctx.sample("multi.lost_writes", static_cast<double>(m_replica.lostCount()));
  std::set<std::string> differing;
  for (const Peer &peer : m_peers) differing.merge(m_replica.keysBeyond(peer.known));
  ctx.sample("multi.divergent_keys", static_cast<double>(differing.size()));
}

Described MultiPrimary::describedKeys() const {
  const auto names = m_replica.keys();
  Described keys = row("keys", text(names.size()));
  for (const std::string &name : names) {
    std::string values, dots;
    for (const auto &value : m_replica.read(name))
      values += (values.empty() ? "" : " | ") + shownValue(value);
    for (const cluster::Dot &dot : m_replica.versionsOf(name))
      dots += (dots.empty() ? "" : ", ") + dot.text();
    keys.children.push_back(row(name, values, dots.empty() ? "" : "written as " + dots));
  }
  return keys;
}

Described MultiPrimary::describedPeers() const {
  Described peers = row("peers", text(m_peers.size()));
  for (const Peer &peer : m_peers)
    peers.children.push_back(
        row(peer.endpoint.text(),
            fmt::format("{}, has heard {}", peer.reachable ? "connected" : "not reached",
                        peer.known.empty() ? "-" : peer.known.text())));
  return peers;
}

std::vector<Described> MultiPrimary::describe(SimTime) const {
  Described lost = row("lost writes", text(m_replica.lostCount()));
  for (const cluster::LostWrite &one : m_replica.lost())
    lost.children.push_back(row(one.dot.text(), one.operation, one.why));
  return {
      row("service", m_service),
      row("member", m_member, "Its name in version vectors"),
      row("keeps", std::string(cluster::name(m_type))),
      row("policy", std::string(cluster::name(m_policy))),
      row("version vector", m_replica.heard().text(), "How many writes of each it has heard of"),
      row("conflicts", text(m_conflicts)),
      std::move(lost),
      row("waiting", text(m_desk.waiting() + m_waiting.size())),
      describedPeers(),
      describedKeys()};
}

} // namespace multi

ProgramType multiPrimaryType() {
  using namespace declare;
  Parameter memberPort = port(kv::memberPort, "TCP port for the other members");
  memberPort.key = "member_port";
  return {
      "multi-primary",
      "Multi-primary store",
      "A member of a key-value store that takes writes at every member",
      "server",
      {text("service", "store", "Name of the store, as views and clients call it"),
       port(kv::port, "TCP port for clients"), memberPort,
       records("peers", {required(address("address", "Of another member"))}, "All other members"),
       choice("type", {"register", "counter", "set"}, "What a key holds"),
       choice("policy", {"last-write-wins", "merge", "application"},
              "How versions that met are settled; retries elsewhere count twice, but once in a "
              "merged counter"),
       duration("anti_entropy_ns", Duration::seconds(1), millisecond, hour,
                "How often members compare what they have heard"),
       duration("peer_timeout_ns", Duration::seconds(2), millisecond, hour,
                "A peer silent for so long is connected to anew"),
       duration("service_ns", Duration::us(200), 0, hour, "Work for one request"),
       boolean("sync_disk", true, "A write is on disk before its client is told")},
      [](const ParameterValues &v) -> std::unique_ptr<Program> {
        return std::make_unique<multi::MultiPrimary>(v);
      }};
}

} // namespace packetarium::programs
