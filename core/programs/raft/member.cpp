// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/raft/member.h"

#include "core/programs/peer.h"
#include "core/programs/types.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::programs::raft {

using transport::SocketEvent;

void Member::start(Context &ctx) {
  std::vector<wire::Ipv4Address> own;
  for (const net::InterfaceSpec &i : ctx.node().interfaces)
    if (i.address) own.push_back(i.address->address);
  const Cast cast = castOf(m_rows, own, ctx.node().name, m_set.learner);
  if (cast.self == nobody) {
    ctx.note("None of the store's members has an address of this node: it does nothing.");
    return;
  }
  m_listener = ctx.tcpListen(m_set.port, messageTcp());
  m_datagrams = ctx.udpOpen(m_set.memberPort);
  if (m_listener == transport::noSocket || m_datagrams == transport::noSocket) {
    m_datagrams = transport::noSocket;
    ctx.note(fmt::format("Port {} or {} is taken by another program of this node.", m_set.port,
                         m_set.memberPort));
    return;
  }
  ctx.phase("raft.listening", fmt::format("TCP port {}", m_set.port));
  m_name = cast.book.nameOf(cast.self);
  // Stores that have nothing to do with each other shall not have one name.
  if (m_set.service.empty()) m_set.service = ctx.node().name;
  m_logFile = fmt::format("raft-{}.log", m_set.port);
  m_promiseFile = fmt::format("raft-{}.promise", m_set.port);
  m_snapshotFile = fmt::format("raft-{}.snapshot", m_set.port);
  const bool again = ctx.now() > SimTime::zero();
  World world(*this, ctx);
  Stored stored = load(ctx, again);
  if (ctx.diskRead(m_logFile).empty()) world.saveSnapshot(nullptr, stored.log);
  m_core = Core(m_set.rules, cast.book, cast.self, cast.first);
  m_core.start(world, std::move(stored), again);
  const Duration since = ctx.now() - SimTime::zero();
  if (m_set.joinAfter > Duration{})
    ctx.setTimer(std::max(Duration{}, m_set.joinAfter - since), JoinTime);
  if (m_set.leaveAfter > Duration{})
    ctx.setTimer(std::max(Duration{}, m_set.leaveAfter - since), LeaveTime);
}

/// Core measures spans with the clock of its node, as a machine does.
SimTime Member::steadyNow(Context &ctx) {
  const SimTime clock = ctx.steadyClock();
  m_clockAhead = clock - ctx.now();
  return clock;
}

void Member::onDatagram(Context &ctx, const Message &message) {
  const auto rpc = fromMessage(message);
  if (!rpc) return;
  const std::string_view name = message.text("from");
  MemberId from = m_core.book().find(name);
  if (from == nobody && rpc->kind == RpcKind::Join)
    if (const auto address = wire::Ipv4Address::parse(rpc->data); address && !name.empty())
      from = m_core.meet(name, *address);
  if (from == nobody || from == m_core.self()) return;
  World world(*this, ctx);
  m_core.receive(world, from, *rpc);
}

void Member::onSocket(Context &ctx, const SocketEvent &event) {
  if (event.kind != SocketEvent::Kind::Datagram) {
    if (event.kind == SocketEvent::Kind::Accepted && event.listener == m_listener)
      m_desk.accept(event);
    else
      m_desk.onSocket(ctx, event);
    return;
  }
  if (!running()) return;
  if (const auto message = wire::cluster::decode(event.data)) onDatagram(ctx, *message);
}

void Member::onTimer(Context &ctx, std::uint64_t tag) {
  World world(*this, ctx);
  switch (tag) {
  case Serve: {
    if (const auto request = m_desk.take()) execute(ctx, *request);
    m_desk.serve(ctx);
    return;
  }
  case JoinTime: m_core.join(world); return;
  case LeaveTime: m_core.leave(world); return;
  default: m_core.alarm(world, static_cast<Alarm>(tag)); return;
  }
}

void Member::onSynced(Context &ctx, std::uint64_t tag) {
  World world(*this, ctx);
  m_core.synced(world, tag);
}

void Member::onPromote(Context &ctx) {
  if (!running()) return;
  if (m_core.role() == Role::Leader) {
    ctx.note("It is the leader already.");
    return;
  }
  World world(*this, ctx);
  m_core.takeOver(world);
}

void Member::onTimeOut(Context &ctx) {
  if (!running()) return;
  World world(*this, ctx);
  m_core.timeOut(world);
}

std::vector<Described> Member::describe(SimTime now) const {
  const Log &log = m_core.log();
  std::vector<Described> rows = {
      row("service", m_set.service),
      row("role", std::string(m_core.roleName())),
      row("term", text(m_core.term()), "grows with each election"),
      row("voted for", m_core.votedFor() == nobody ? "nobody in this term"
                                                   : m_core.book().nameOf(m_core.votedFor())),
      row("leader",
          m_core.leader() == nobody ? "not known" : m_core.book().nameOf(m_core.leader())),
      row("members", m_core.configuration().names(m_core.book())),
      row("log", fmt::format("entries {} to {}, the last of term {}", log.base() + 1, log.last(),
                             log.lastTerm())),
      row("committed", text(m_core.commit()), "most members have it for good"),
      row("applied", text(m_core.applied()), "is in its table"),
      row("on the disk", text(std::min(m_core.durable(), log.last())), "survives a crash"),
      row("keys", text(m_core.machine().size())),
      row("sessions", text(m_core.machine().sessions()), "clients whose last write it remembers"),
      row("clients", text(m_desk.clients())),
      row("served", fmt::format("{} reads, {} writes", m_readCount, m_writeCount))};
  if (const SnapshotRef &s = m_core.snapshot(); s != nullptr)
    rows.push_back(row("snapshot", fmt::format("up to {} (term {}), {} bytes", s->index, s->term,
                                               s->state.size())));
  Described tail = row("newest entries", "");
  for (Index i = log.last(); i > log.base() && i + 8 > log.last(); --i)
    tail.children.push_back(
        row(fmt::format("{} (term {})", i, log.termAt(i)), log.at(i)->command.text()));
  rows.push_back(std::move(tail));
  if (m_core.role() != Role::Leader) return rows;
  Described followers = row("followers", "");
  for (const auto &[id, f] : m_core.followers())
    followers.children.push_back(
        row(m_core.book().nameOf(id),
            fmt::format("has {}, next {}, {}", f.match, f.next,
                        f.snapshot != nullptr ? "gets a snapshot"
                        : now + m_clockAhead - f.heard <= m_set.rules.electionMax ? "answers"
                                                                                  : "is silent")));
  rows.push_back(std::move(followers));
  return rows;
}

} // namespace packetarium::programs::raft

namespace packetarium::programs {

ProgramType raftType() {
  return {"raft",
          "Raft member",
          "A member of a key-value store that stays the same everywhere by Raft",
          "server",
          raft::memberParameters(),
          [](const ParameterValues &v) -> std::unique_ptr<Program> {
            return std::make_unique<raft::Member>(v);
          }};
}

} // namespace packetarium::programs
