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
      nextRequest(other.nextRequest) {
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
  } while (deliverDeferred(node));
  events.clear();
  m_spareEvents = std::move(events);
}

bool World::deliverDeferred(NodeIndex node) {
  if (m_deferred.empty()) return false;
  const auto deferred = std::exchange(m_deferred, {});
  const trace::Sequence cause = m_network.kernel().cause;
  for (const Deferred &d : deferred) {
    m_network.kernel().cause = cause;
    deliver(node, d);
  }
  return true;
}

void World::deliver(NodeIndex node, const Deferred &d) {
  Host &host = m_hosts[node.value].write();
  if (!d.isQuestion) {
    if (d.program >= host.programs.size()) return;
    ProgramContext ctx(*this, node, d.program);
    host.programs[d.program]->onResolved(ctx, d.tag, d.answer);
    return;
  }
  for (std::uint32_t p = 0; p < host.programs.size(); ++p) {
    if (!host.programs[p]->isResolver()) continue;
    ProgramContext ctx(*this, node, p);
    host.programs[p]->onResolve(ctx, d.program, d.tag, d.name);
    return;
  }
  Deferred answer;
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
  while (count < maxEvents && kernel.queue.nextAt() <= until) {
    step();
    ++count;
    if (kernel.sink != nullptr && kernel.sink->full()) return count;
  }
  if (count < maxEvents && kernel.now < until) kernel.now = until;
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
  case Action::Kind::PauseNode: m_network.pause(action.node); return;
  case Action::Kind::ResumeNode: m_network.resume(action.node); return;
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
