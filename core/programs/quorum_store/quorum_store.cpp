// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/quorum_store/quorum_store.h"

#include "core/programs/kv_protocol.h"
#include "core/programs/peer.h"
#include "core/programs/types.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::programs {
namespace quorum {

using transport::SocketEvent;

namespace {

/// The node's name as it can stand in a vector; after a restart another one, since a write's name
/// must never be used twice, and it may have forgotten some.
std::string vectorNameOf(const std::string &id, SimTime now) {
  std::string name = id.substr(0, 40);
  for (char &c : name)
    if (!cluster::isMemberName(std::string_view(&c, 1))) c = '_';
  if (name.empty()) name = "member";
  return now > SimTime::zero() ? name + fmt::format("~{}", now.ns() / 1'000'000) : name;
}

constexpr Duration diskTime = Duration::seconds(1);
constexpr std::size_t requestsMax = 10'000; ///< that wait for their turn

} // namespace

QuorumStore::QuorumStore(const ParameterValues &v)
    : m_set(v), m_rows(v.rows("members")), m_desk(m_set.serviceTime, tagOf(Serve), requestsMax) {}

void QuorumStore::start(Context &ctx) {
  m_name = vectorNameOf(ctx.node().id, ctx.now());
  // Answers to what it asked before a crash must not be taken for answers to what it asks now.
  m_lastNumber = static_cast<std::uint64_t>(ctx.now().ns()) / 1000;
  std::vector<wire::Ipv4Address> own;
  for (const net::InterfaceSpec &i : ctx.node().interfaces)
    if (i.address) own.push_back(i.address->address);
  m_members = kv::Members(m_rows, own, ctx.node().id);
  if (m_members.self() == kv::Members::none)
    ctx.note("None of the members has an address of this node: it can answer nobody.");
  m_peers.assign(m_members.size(), {});
  for (Peer &peer : m_peers) peer.heard = ctx.now();
  for (MemberIndex i = 0; i < m_members.size(); ++i)
    m_ring.add(m_members.nameOf(i), m_set.virtualNodes);
  restore(ctx);
  m_listener = ctx.tcpListen(m_set.port, messageTcp());
  m_udp = ctx.udpOpen(m_set.memberPort);
  if (m_listener == transport::noSocket || m_udp == transport::noSocket)
    ctx.note("A port of the store is taken by another program of this node.");
  ctx.phase("quorum.listening", m_set.service);
  ctx.fact(transport::noSocket, trace::FactTopic::Role, m_set.service, "replica",
           fmt::format("It holds a part of the keys and coordinates for whoever asks: N {}, R {}, "
                       "W {}.",
                       m_set.n, m_set.r, m_set.w));
  ctx.fact(transport::noSocket, trace::FactTopic::Ring, m_set.service,
           m_ring.textOf(m_members.nameOf(m_members.self())));
  onHeartbeat(ctx);
  if (m_set.antiEntropy > Duration{})
    // Members that began together need not compare at one instant.
    ctx.setTimer(ctx.random("anti-entropy").uniform(Duration{}, m_set.antiEntropy),
                 tagOf(AntiEntropy));
  if (!m_set.syncDisk) ctx.setTimer(diskTime, tagOf(DiskTime));
}

void QuorumStore::onTimer(Context &ctx, std::uint64_t tag) {
  const std::uint64_t number = tag >> 3;
  switch (static_cast<Kind>(tag & 7)) {
  case Serve: {
    const auto request = m_desk.take();
    m_desk.serve(ctx);
    if (request) serve(ctx, *request);
    return;
  }
  case Deliver: deliver(ctx); return;
  case Heartbeat: onHeartbeat(ctx); return;
  case AntiEntropy: onAntiEntropy(ctx); return;
  case Retry: onRetry(ctx, number); return;
  case Deadline: finish(ctx, number); return;
  case DiskTime:
    beginSync(ctx);
    ctx.setTimer(diskTime, tagOf(DiskTime));
    return;
  }
}

void QuorumStore::onSocket(Context &ctx, const SocketEvent &event) {
  if (event.socket == m_udp) {
    onDatagram(ctx, event);
  } else if (event.kind == SocketEvent::Kind::Accepted && event.listener == m_listener) {
    m_desk.accept(event);
  } else {
    m_desk.onSocket(ctx, event);
  }
}

std::vector<QuorumStore::MemberIndex> QuorumStore::walkOf(std::string_view key) const {
  std::vector<MemberIndex> walk;
  for (const std::string &name : m_ring.preference(key, m_members.size()))
    walk.push_back(m_members.byName(name));
  return walk;
}

std::vector<QuorumStore::MemberIndex> QuorumStore::homesOf(std::string_view key) const {
  auto walk = walkOf(key);
  walk.resize(std::min(walk.size(), m_set.n));
  return walk;
}

bool QuorumStore::isHome(std::string_view key) const {
  const auto homes = homesOf(key);
  return std::find(homes.begin(), homes.end(), m_members.self()) != homes.end();
}

std::size_t QuorumStore::conflictingKeys() const {
  return static_cast<std::size_t>(
      std::count_if(m_held.begin(), m_held.end(),
                    [](const auto &entry) { return entry.second.shown().size() > 1; }));
}

void QuorumStore::sampleAll(Context &ctx) {
  ctx.sample("quorum.hints", static_cast<double>(m_hints.size()));
  ctx.sample("quorum.conflicting_keys", static_cast<double>(conflictingKeys()));
  ctx.sample("quorum.repaired", static_cast<double>(m_repaired));
}

Described QuorumStore::describedKeys() const {
  Described keys = row("keys", text(m_held.size()));
  for (const auto &[key, state] : m_held) {
    std::string values, homes;
    for (const Stored *stored : state.shown())
      values += (values.empty() ? "" : " | ") + stored->value.value_or("-");
    for (const MemberIndex i : homesOf(key))
      homes += (homes.empty() ? "" : ", ") + m_members.nameOf(i);
    keys.children.push_back(row(key, values, "replicas: " + homes));
  }
  return keys;
}

Described QuorumStore::describedMembers(SimTime now) const {
  Described members = row("members", text(m_members.size()));
  for (MemberIndex i = 0; i < m_members.size(); ++i)
    members.children.push_back(row(
        m_members.nameOf(i), i == m_members.self() ? "this one"
                             : m_peers[i].alive    ? "answers"
                                                   : "silent for " + inMs(now - m_peers[i].heard)));
  return members;
}

std::vector<Described> QuorumStore::describe(SimTime now) const {
  Described hints = row("hints", text(m_hints.size()), "Kept for members that are out of reach");
  for (const auto &[name, hint] : m_hints) hints.children.push_back(row(name.first, name.second));
  return {row("service", m_set.service),
          row("N, R, W", fmt::format("{}, {}, {}", m_set.n, m_set.r, m_set.w)),
          row("quorum", m_set.sloppy ? "sloppy" : "strict"),
          row("name in vectors", m_name),
          row("ring", m_ring.textOf(m_members.nameOf(m_members.self())), "Its points"),
          row("coordinates", text(m_operations.size()), "Requests under way"),
          row("repaired", text(m_repaired), "States with which it brought replicas up"),
          row("conflicts", text(m_conflicts)),
          row("refused", text(m_refused)),
          describedMembers(now),
          std::move(hints),
          describedKeys()};
}

} // namespace quorum

ProgramType quorumStoreType() {
  return {"quorum-store",
          "Quorum store",
          "A member of a key-value store without a primary: N replicas, of which R and W must "
          "answer",
          "server",
          quorum::quorumParameters(),
          [](const ParameterValues &v) -> std::unique_ptr<Program> {
            return std::make_unique<quorum::QuorumStore>(v);
          }};
}

} // namespace packetarium::programs
