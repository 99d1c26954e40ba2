// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/quorum_store/quorum_store.h"

#include <fmt/format.h>

/// What members say to each other about keys, and whether they are there.
namespace packetarium::programs::quorum {

using transport::SocketEvent;

void QuorumStore::onDatagram(Context &ctx, const SocketEvent &event) {
  if (event.kind != SocketEvent::Kind::Datagram) return;
  const auto message = wire::cluster::decode(event.data);
  if (!message) return;
  const auto whole = m_assembly.take(event.remote.text(), *message);
  if (!whole) return;
  const MemberIndex from = m_members.byName(whole->text("from"));
  if (from >= m_members.size() || from == m_members.self()) return;
  heardFrom(ctx, from);
  onMember(ctx, from, *whole);
}

void QuorumStore::onMember(Context &ctx, MemberIndex from, const Message &m) {
  if (m.is("put")) return onPut(ctx, from, m);
  if (m.is("fetch")) return onFetch(ctx, from, m);
  if (m.is("stored") || m.is("state")) return onStored(ctx, from, m);
  if (m.is("hashes")) return onHashes(ctx, from, m);
  if (m.is("held")) return onHeld(ctx, from, m);
  if (m.is("want")) return onWant(ctx, from, m);
}

void QuorumStore::tell(Context &ctx, MemberIndex to, const Message &message) {
  if (to == m_members.self()) {
    m_toMyself.push_back(message);
    ctx.setTimer(Duration{}, tagOf(Deliver));
    return;
  }
  for (wire::Payload &datagram : datagramsOf(message, ++m_lastNumber))
    ctx.udpSend(m_udp, {m_members.at(to).address, m_set.memberPort}, std::move(datagram));
}

/// What it has to do for itself goes the same way as what it does for others.
void QuorumStore::deliver(Context &ctx) {
  const Message message = std::move(m_toMyself.front());
  m_toMyself.pop_front();
  onMember(ctx, m_members.self(), message);
}

void QuorumStore::onPut(Context &ctx, MemberIndex from, const Message &m) {
  auto state = KeyState::from(m);
  const std::string key(m.text("key"));
  if (!state || key.empty()) return;
  const bool changed = hold(ctx, key, std::move(*state), m.text("why") == "write");
  const MemberIndex standsFor = m_members.byName(m.text("for"));
  if (standsFor < m_members.size() && standsFor != m_members.self()) keepHint(ctx, standsFor, key);
  Message stored("stored");
  stored.add("id", m.text("id")).add("from", m_members.nameOf(m_members.self()));
  if (changed) stored.add("changed", 1);
  acknowledge(ctx, from, std::move(stored));
}

void QuorumStore::onFetch(Context &ctx, MemberIndex from, const Message &m) {
  const std::string key(m.text("key"));
  Message state("state");
  state.add("id", m.text("id")).add("from", m_members.nameOf(m_members.self())).add("key", key);
  held(key).addTo(state);
  tell(ctx, from, state);
}

void QuorumStore::onStored(Context &ctx, MemberIndex from, const Message &m) {
  const auto number = static_cast<std::uint64_t>(m.number("id", -1));
  if (m_operations.find(number) != m_operations.end()) return onAnswer(ctx, number, from, m);
  const auto repair = m_repairs.find(number);
  if (repair == m_repairs.end() || repair->second.to != from || !m.is("stored")) return;
  const Repair done = repair->second;
  m_repairs.erase(repair);
  onRepaired(ctx, done, m.number("changed", 0) == 1);
}

void QuorumStore::heardFrom(Context &ctx, MemberIndex from) {
  Peer &peer = m_peers[from];
  peer.heard = ctx.now();
  if (peer.alive) return;
  peer.alive = true;
  ctx.phase("quorum.member-back", m_members.nameOf(from));
  handHints(ctx);
}

void QuorumStore::checkPeers(Context &ctx) {
  for (MemberIndex i = 0; i < m_peers.size(); ++i) {
    Peer &peer = m_peers[i];
    if (i == m_members.self() || !peer.alive || ctx.now() - peer.heard <= m_set.deadTime())
      continue;
    peer.alive = false;
    ctx.phase("quorum.member-lost", m_members.nameOf(i));
  }
}

void QuorumStore::onHeartbeat(Context &ctx) {
  ctx.setTimer(m_set.heartbeat, tagOf(Heartbeat));
  checkPeers(ctx);
  const Message beat = Message("heartbeat").add("from", m_members.nameOf(m_members.self()));
  for (MemberIndex i = 0; i < m_members.size(); ++i)
    if (i != m_members.self()) tell(ctx, i, beat);
  handHints(ctx);
  sampleAll(ctx);
}

} // namespace packetarium::programs::quorum
