// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/world/world.h"

#include "core/world/program_context.h"

#include <algorithm>

namespace packetarium::world {

World::Host::Host(const Host &other)
    : stack(other.stack),
      timers(other.timers),
      freeTimers(other.freeTimers),
      streams(other.streams),
      nextRequest(other.nextRequest),
      disk(other.disk) {
  programs.reserve(other.programs.size());
  for (const auto &p : other.programs) programs.push_back(p->clone());
}

World::World(std::shared_ptr<const Plan> plan, trace::ChunkWriter *sink)
    : m_plan(std::move(plan)),
      m_network(std::shared_ptr<const net::Blueprint>(m_plan, &m_plan->network)),
      m_hosts(m_plan->network.nodes.size()),
      m_pulseStream(m_plan->network.seed, "bench", "pulse") {
  if (sink != nullptr) {
    sink->open(nextSequence(), nextPacket(), keyframe());
    setSink(sink);
  }
  for (std::uint32_t n = 0; n < m_hosts.size(); ++n) {
    m_network.kernel().cause = 0; // what another node did at its start is no cause here
    startPrograms(NodeIndex{n});
  }
}

void World::startPrograms(NodeIndex node) {
  const auto &specs = m_plan->programs[node.value];
  if (specs.empty()) return;
  const trace::Sequence cause = m_network.kernel().cause;
  Host &host = m_hosts[node.value].write();
  for (const ProgramSpec &spec : specs)
    host.programs.push_back(programs::findProgramType(spec.kind)->make(spec.values));
  for (std::uint32_t p = 0; p < specs.size(); ++p) {
    m_network.kernel().cause = cause;
    ProgramContext ctx(*this, node, p);
    m_hosts[node.value].write().programs[p]->start(ctx);
    pump(node);
  }
}

void World::wipe(NodeIndex node) {
  Host &host = m_hosts[node.value].write();
  host.stack.wipe();
  host.disk.crash();
  host.programs.clear();
  host.freeTimers.clear();
  for (std::uint32_t i = 0; i < host.timers.size(); ++i) {
    ++host.timers[i].generation;
    host.freeTimers.push_back(i);
  }
}

void World::pump(NodeIndex node) {
  if (!m_hosts[node.value]->stack.hasEvents() && m_deferred.empty()) return;
  std::vector<transport::SocketEvent> events = std::move(m_spareEvents);
  do {
    while (m_hosts[node.value]->stack.hasEvents()) {
      m_hosts[node.value].write().stack.takeEvents(events);
      const trace::Sequence cause = m_network.kernel().cause;
      for (const transport::SocketEvent &event : events) {
        Host &host = m_hosts[node.value].write();
        if (event.owner >= host.programs.size()) continue;
        m_network.kernel().cause = cause;
        ProgramContext ctx(*this, node, event.owner);
        host.programs[event.owner]->onSocket(ctx, event);
      }
    }
  } while (deliverDeferred());
  events.clear();
  m_spareEvents = std::move(events);
}

bool World::deliverDeferred() {
  if (m_deferred.empty()) return false;
  const auto deferred = std::exchange(m_deferred, {});
  const trace::Sequence cause = m_network.kernel().cause;
  for (const Deferred &d : deferred) {
    m_network.kernel().cause = cause;
    deliver(d.node, d);
  }
  return true;
}

void World::deliver(NodeIndex node, const Deferred &d) {
  switch (d.kind) {
  case Deferred::Kind::Question: answerQuestion(node, d); return;
  case Deferred::Kind::News: spreadNews(node, d); return;
  case Deferred::Kind::Power: switchPower(d); return;
  case Deferred::Kind::Answer: break;
  }
  Host &host = m_hosts[node.value].write();
  if (d.program >= host.programs.size()) return;
  ProgramContext ctx(*this, node, d.program);
  host.programs[d.program]->onResolved(ctx, d.tag, d.answer);
}

void World::spreadNews(NodeIndex node, const Deferred &news) {
  const trace::Sequence cause = m_network.kernel().cause;
  for (std::uint32_t p = 0; p < m_hosts[node.value]->programs.size(); ++p) {
    if (p == news.program) continue;
    m_network.kernel().cause = cause;
    ProgramContext ctx(*this, node, p);
    m_hosts[node.value].write().programs[p]->onNews(ctx, news.name, news.value);
  }
}

void World::switchPower(const Deferred &order) {
  const auto &nodes = m_plan->network.nodes;
  const auto at = std::find_if(nodes.begin(), nodes.end(),
                               [&](const net::NodeSpec &n) { return n.id == order.name; });
  if (at == nodes.end()) return;
  const NodeIndex node{static_cast<std::uint32_t>(at - nodes.begin())};
  if (order.tag == 0) {
    if (m_network.device(node).health == trace::NodeHealth::Crashed) return;
    wipe(node);
    m_network.switchOff(node);
  } else if (m_network.device(node).health == trace::NodeHealth::Crashed) {
    m_network.switchOn(node);
    startPrograms(node);
  }
}

void World::onSynced(const Event &event) {
  const NodeIndex node{event.target};
  if (m_network.device(node).epoch != event.gen) return;
  Host &host = m_hosts[node.value].write();
  const auto sync = host.disk.endSync(event.arg);
  if (!sync || sync->program >= host.programs.size()) return;
  m_network.kernel().cause = sync->cause;
  ProgramContext ctx(*this, node, sync->program);
  host.programs[sync->program]->onSynced(ctx, sync->tag);
}

/// A person tells a node's programs something.
void World::order(NodeIndex node, void (programs::Program::*what)(programs::Context &)) {
  if (!m_network.up(node)) return;
  for (std::uint32_t p = 0; p < m_hosts[node.value]->programs.size(); ++p) {
    m_network.kernel().cause = 0;
    ProgramContext ctx(*this, node, p);
    ((*m_hosts[node.value].write().programs[p]).*what)(ctx);
    pump(node);
  }
}

void World::answerQuestion(NodeIndex node, const Deferred &d) {
  Host &host = m_hosts[node.value].write();
  for (std::uint32_t p = 0; p < host.programs.size(); ++p) {
    if (!host.programs[p]->isResolver()) continue;
    ProgramContext ctx(*this, node, p);
    host.programs[p]->onResolve(ctx, d.program, d.tag, d.name);
    return;
  }
  Deferred answer;
  answer.node = node;
  answer.program = d.program;
  answer.tag = d.tag;
  if (const auto address = wire::Ipv4Address::parse(d.name))
    answer.answer.addresses = {*address};
  else
    answer.answer.status = programs::Resolution::Status::NoServer;
  m_deferred.push_back(std::move(answer));
}

void World::step() {
  const Event event = m_network.kernel().queue.pop();
  m_network.prefetch(m_network.kernel().queue.upcoming());
  m_network.kernel().now = event.at;
  ++m_events;
  switch (static_cast<net::EventKind>(event.kind)) {
  case net::EventKind::Pulse: onPulse(event); return;
  case net::EventKind::ProgramTimer:
  case net::EventKind::DiskSynced:
  case net::EventKind::TransportTimer: {
    const NodeIndex node{event.target};
    const trace::NodeHealth health = m_network.device(node).health;
    if (health == trace::NodeHealth::Paused) {
      m_network.holdBack(node, event);
      return;
    }
    if (health != trace::NodeHealth::Up) return; // of a life that has ended
    if (static_cast<net::EventKind>(event.kind) == net::EventKind::ProgramTimer) {
      onProgramTimer(event);
    } else if (static_cast<net::EventKind>(event.kind) == net::EventKind::DiskSynced) {
      onSynced(event);
    } else {
      m_network.kernel().cause = 0;
      m_hosts[node.value].write().stack.onTimer({m_network, node}, event);
    }
    pump(node);
    return;
  }
  case net::EventKind::ArpTimer:
  case net::EventKind::Loopback: {
    const NodeIndex node{event.target};
    if (m_network.device(node).health == trace::NodeHealth::Paused) {
      m_network.holdBack(node, event);
      return;
    }
    break;
  }
  default: break;
  }
  if (const auto delivery = m_network.handle(event)) {
    m_hosts[delivery->node.value].write().stack.onPacket({m_network, delivery->node}, *delivery);
    pump(delivery->node);
  }
}

std::uint64_t World::runUntil(SimTime until, std::uint64_t maxEvents) {
  net::Kernel &kernel = m_network.kernel();
  std::uint64_t count = 0;
  while (count < maxEvents && !m_broken && kernel.queue.nextAt() <= until) {
    step();
    ++count;
    if (kernel.sink != nullptr && kernel.sink->full()) return count;
  }
  if (count < maxEvents && !m_broken && kernel.now < until) kernel.now = until;
  return count;
}

void World::onProgramTimer(const Event &event) {
  const NodeIndex node{event.target};
  Host &host = m_hosts[node.value].write();
  ProgramTimer &timer = host.timers[event.arg];
  if (timer.generation != event.gen) return; // cancelled, or of a life before a crash
  ++timer.generation;
  host.freeTimers.push_back(event.arg);
  m_network.kernel().cause = timer.cause;
  const std::uint64_t tag = timer.tag;
  const std::uint32_t program = timer.program;
  ProgramContext ctx(*this, node, program);
  host.programs[program]->onTimer(ctx, tag);
}

void World::apply(SimTime at, const Action &action) {
  m_network.kernel().now = std::max(m_network.kernel().now, at);
  if (onNode(action.kind))
    applyToNode(action);
  else
    applyToLink(action);
}

void World::applyToNode(const Action &action) {
  switch (action.kind) {
  case Action::Kind::CrashNode:
    if (m_network.device(action.node).health == trace::NodeHealth::Crashed) return;
    wipe(action.node);
    m_network.crash(action.node);
    return;
  case Action::Kind::RestartNode:
    if (m_network.up(action.node)) return;
    wipe(action.node);
    m_network.restart(action.node);
    startPrograms(action.node);
    return;
  case Action::Kind::RestartEmpty:
    wipe(action.node);
    m_network.crash(action.node);
    m_hosts[action.node.value].write().disk.wipe();
    m_network.diskLost(action.node);
    m_network.restart(action.node);
    startPrograms(action.node);
    return;
  case Action::Kind::Promote: order(action.node, &programs::Program::onPromote); return;
  case Action::Kind::TimeOut: order(action.node, &programs::Program::onTimeOut); return;
  case Action::Kind::SetSlowness: m_network.setSlowness(action.node, action.value); return;
  case Action::Kind::SetClockOffset:
    m_network.setClockOffset(action.node, Duration::ns(static_cast<std::int64_t>(action.value)));
    return;
  case Action::Kind::SetClockDrift: m_network.setClockDrift(action.node, action.value); return;
  case Action::Kind::SetPartition:
    m_network.setPartition(action.node, static_cast<std::uint32_t>(action.value));
    return;
  case Action::Kind::PauseNode: m_network.pause(action.node); return;
  case Action::Kind::ResumeNode: m_network.resume(action.node); return;
  default: return;
  }
}

void World::applyToLink(const Action &action) {
  switch (action.kind) {
  case Action::Kind::CutLink: m_network.cut(action.link); return;
  case Action::Kind::RestoreLink: m_network.restore(action.link); return;
  case Action::Kind::SetRate:
    m_network.setRate(action.link, static_cast<std::uint64_t>(action.value));
    return;
  case Action::Kind::SetDelay:
    m_network.setDelay(action.link, Duration::ns(static_cast<std::int64_t>(action.value)));
    return;
  case Action::Kind::SetJitter:
    m_network.setJitter(action.link, Duration::ns(static_cast<std::int64_t>(action.value)));
    return;
  case Action::Kind::SetLoss: m_network.setLoss(action.link, action.value); return;
  case Action::Kind::SetQueue:
    m_network.setQueue(action.link, static_cast<std::uint32_t>(action.value));
    return;
  case Action::Kind::SetDuplicate: m_network.setDuplicate(action.link, action.value); return;
  case Action::Kind::SetReorder: m_network.setReorder(action.link, action.value); return;
  case Action::Kind::SetCorrupt: m_network.setCorrupt(action.link, action.value); return;
  case Action::Kind::SetBlocked:
    m_network.setBlocked(action.link, static_cast<int>(action.value));
    return;
  case Action::Kind::SetFlap:
    m_network.setFlap(action.link, Duration::ns(static_cast<std::int64_t>(action.value)));
    return;
  default: return;
  }
}

trace::Keyframe World::keyframe() const {
  trace::Keyframe k = m_network.keyframe();
  for (const auto &host : m_hosts) host->stack.appendSnapshots(k.sockets);
  return k;
}

std::size_t World::copyBytes() const {
  constexpr std::size_t perNode = sizeof(net::Device) + 512, perLink = sizeof(net::Link) + 256;
  const net::Kernel &kernel = m_network.kernel();
  return sizeof(World) + m_network.nodeCount() * perNode + m_network.linkCount() * perLink +
         kernel.queue.size() * sizeof(Event) + kernel.packets.inUse() * sizeof(wire::Packet);
}

std::vector<transport::SocketInfo> World::sockets(NodeIndex node) const {
  return m_hosts[node.value]->stack.sockets();
}

void World::addPulses(std::uint32_t count, Duration delayMax) {
  m_pulseMax = delayMax;
  for (std::uint32_t i = 0; i < count; ++i)
    m_network.kernel().schedule(now() + m_pulseStream.uniform(Duration{}, delayMax),
                                EventClass::Timer, net::EventKind::Pulse, i);
}

void World::onPulse(const Event &event) {
  m_network.kernel().schedule(event.at + m_pulseStream.uniform(Duration{}, m_pulseMax),
                              EventClass::Timer, net::EventKind::Pulse, event.target);
}

} // namespace packetarium::world
