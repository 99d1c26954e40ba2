// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/world/program_context.h"

#include <algorithm>

namespace packetarium::world {

RandomStream &ProgramContext::random(std::string_view purpose) {
  const ProgramSpec &spec = m_world.m_plan->programs[m_node.value][m_program];
  std::string key = spec.id;
  key.append("/").append(purpose);
  auto &streams = host().streams;
  const auto known = streams.find(key);
  if (known != streams.end()) return known->second;
  const std::string entity = node().id + "/" + spec.id;
  return streams.emplace(std::move(key), RandomStream(kernel().seed, entity, purpose))
      .first->second;
}

transport::SocketId ProgramContext::udpOpen(std::uint16_t port) {
  return host().stack.udpOpen(stack(), m_program, port);
}

bool ProgramContext::udpSend(transport::SocketId socket, transport::Endpoint to, wire::Payload data,
                             std::optional<std::uint32_t> interface) {
  return host().stack.udpSend(stack(), socket, to, std::move(data), {interface});
}

void ProgramContext::joinGroup(transport::SocketId socket, std::uint32_t interface,
                               wire::Ipv4Address group) {
  host().stack.joinGroup(stack(), socket, interface, group);
}

transport::SocketId ProgramContext::tcpListen(std::uint16_t port, const transport::TcpOptions &o) {
  return host().stack.tcpListen(stack(), m_program, port, o);
}

transport::SocketId ProgramContext::tcpConnect(transport::Endpoint to,
                                               const transport::TcpOptions &o,
                                               std::uint16_t localPort) {
  return host().stack.tcpConnect(stack(), m_program, to, o, localPort);
}

std::uint32_t ProgramContext::tcpSend(transport::SocketId socket, const wire::Payload &data) {
  return host().stack.tcpSend(stack(), socket, data);
}

void ProgramContext::close(transport::SocketId socket) { host().stack.close(stack(), socket); }
void ProgramContext::abort(transport::SocketId socket) { host().stack.abort(stack(), socket); }

void ProgramContext::setReading(transport::SocketId socket, bool on) {
  host().stack.setReading(stack(), socket, on);
}

transport::SocketId ProgramContext::rawOpen(std::uint8_t ipProtocol) {
  return host().stack.rawOpen(stack(), m_program, ipProtocol);
}

void ProgramContext::rawSend(transport::SocketId socket, wire::Packet packet,
                             std::optional<std::uint32_t> interface) {
  host().stack.rawSend(stack(), socket, std::move(packet), {interface});
}

transport::SocketId ProgramContext::linkOpen(std::uint16_t etherType) {
  return host().stack.linkOpen(stack(), m_program, etherType);
}

void ProgramContext::linkSend(transport::SocketId socket, std::uint32_t interface,
                              wire::Packet frame) {
  host().stack.linkSend(stack(), socket, interface, std::move(frame));
}

programs::TimerId ProgramContext::setTimer(Duration delay, std::uint64_t tag) {
  World::Host &h = host();
  std::uint32_t slot = 0;
  if (h.freeTimers.empty()) {
    slot = static_cast<std::uint32_t>(h.timers.size());
    h.timers.emplace_back();
  } else {
    slot = h.freeTimers.back();
    h.freeTimers.pop_back();
  }
  World::ProgramTimer &timer = h.timers[slot];
  timer.program = m_program;
  timer.tag = tag;
  timer.cause = kernel().cause;
  const Duration span = m_world.m_network.device(m_node).clock.trueSpan(delay);
  // On a fast clock a nanosecond is less than one: a program that waits for what is left of a time
  // would wait for nothing, again and again at the same instant.
  const Duration least = delay > Duration{} ? Duration::ns(1) : Duration{};
  kernel().schedule(now() + std::max(span, least), EventClass::Timer, net::EventKind::ProgramTimer,
                    m_node.value, slot, timer.generation);
  return {slot, timer.generation};
}

void ProgramContext::cancelTimer(programs::TimerId id) {
  World::Host &h = host();
  if (id.slot >= h.timers.size() || h.timers[id.slot].generation != id.generation) return;
  ++h.timers[id.slot].generation;
  h.freeTimers.push_back(id.slot);
}

Duration ProgramContext::work(Duration cpu) const {
  const double slowness = m_world.m_network.device(m_node).slowness;
  if (slowness == 1) return cpu;
  return Duration::ns(static_cast<std::int64_t>(static_cast<double>(cpu.ns()) * slowness));
}

void ProgramContext::takeAddress(std::uint32_t interface, wire::Ipv4Address address,
                                 std::optional<wire::MacAddress> mac) {
  m_world.m_network.takeAddress(m_node, interface, address, mac);
}

void ProgramContext::releaseAddress(wire::Ipv4Address address) {
  m_world.m_network.releaseAddress(m_node, address);
}

void ProgramContext::announceAddress(wire::Ipv4Address address) {
  m_world.m_network.announceAddress(m_node, address);
}

void ProgramContext::diskAppend(std::string_view file, std::string entry) {
  host().disk.append(file, std::move(entry));
}

void ProgramContext::diskTruncate(std::string_view file, std::size_t entries) {
  host().disk.truncate(file, entries);
}

void ProgramContext::diskSync(std::uint64_t tag) {
  const Duration each = work(node().diskSync);
  const auto [number, due] = host().disk.beginSync(now(), each, m_program, tag, kernel().cause);
  kernel().schedule(due, EventClass::Timer, net::EventKind::DiskSynced, m_node.value, number,
                    m_world.m_network.device(m_node).epoch);
}

std::vector<std::string> ProgramContext::diskRead(std::string_view file) const {
  return m_world.m_hosts[m_node.value]->disk.read(file);
}

void ProgramContext::tellNode(std::string_view topic, std::string_view value) {
  World::Deferred d;
  d.node = m_node;
  d.kind = World::Deferred::Kind::News;
  d.program = m_program;
  d.name = topic;
  d.value = value;
  m_world.m_deferred.push_back(std::move(d));
}

void ProgramContext::setPower(std::string_view node, bool on) {
  World::Deferred d;
  d.node = m_node;
  d.kind = World::Deferred::Kind::Power;
  d.name = node;
  d.tag = on ? 1 : 0;
  m_world.m_deferred.push_back(std::move(d));
}

void ProgramContext::resolve(std::string_view name, std::uint64_t tag) {
  World::Deferred d;
  d.node = m_node;
  d.program = m_program;
  d.tag = tag;
  d.name = name;
  d.kind = World::Deferred::Kind::Question;
  m_world.m_deferred.push_back(std::move(d));
}

void ProgramContext::completeResolve(std::uint32_t askingProgram, std::uint64_t tag,
                                     programs::Resolution answer) {
  World::Deferred d;
  d.node = m_node;
  d.program = askingProgram;
  d.tag = tag;
  d.answer = std::move(answer);
  m_world.m_deferred.push_back(std::move(d));
}

trace::Record ProgramContext::record(trace::RecordKind kind) const {
  trace::Record r;
  r.kind = kind;
  r.node = m_node.value;
  return r;
}

void ProgramContext::note(std::string_view text) {
  trace::Record r = record(trace::RecordKind::Note);
  r.args[0] = kernel().text(text);
  kernel().emit(r);
}

void ProgramContext::phase(std::string_view milestone, std::string_view object) {
  trace::Record r = record(trace::RecordKind::Phase);
  r.args[0] = kernel().text(milestone);
  r.args[1] = kernel().text(object);
  // What the program does next follows from the milestone it has reached.
  kernel().cause = kernel().emit(r);
}

std::uint64_t ProgramContext::requestStarted(std::string_view what, std::string_view service) {
  const std::uint64_t number = host().nextRequest++;
  trace::Record r = record(trace::RecordKind::RequestStarted);
  r.args[0] = number;
  r.args[1] = kernel().text(what);
  r.args[2] = kernel().text(service);
  kernel().cause = kernel().emit(r);
  return number;
}

void ProgramContext::requestEnded(std::uint64_t number, trace::RequestOutcome outcome,
                                  Duration latency, std::uint64_t bytes, std::string_view detail) {
  trace::Record r = record(trace::RecordKind::RequestEnded);
  r.detail = static_cast<std::uint16_t>(outcome);
  r.args = {number, static_cast<std::uint64_t>(latency.ns()), bytes, kernel().text(detail)};
  kernel().emit(r);
}

void ProgramContext::fact(transport::SocketId socket, trace::FactTopic topic, std::string_view name,
                          std::string_view value, std::string_view detail) {
  trace::Record r = record(trace::RecordKind::Fact);
  r.detail = static_cast<std::uint16_t>(topic);
  r.args = {socket, kernel().text(name), kernel().text(value), kernel().text(detail)};
  const trace::Sequence sequence = kernel().emit(r);
  m_world.m_watch.take(sequence, now(), m_node.value, node().name, topic, name, value, detail);
  m_world.m_broken = m_world.m_watch.breach().has_value();
}

const tls::Authorities &ProgramContext::authorities() const {
  return m_world.m_plan->network.authorities;
}

void ProgramContext::countdown(trace::CountdownKind kind, std::optional<Duration> delay,
                               std::string_view service) {
  trace::Record r = record(trace::RecordKind::Countdown);
  r.detail = static_cast<std::uint16_t>(kind);
  const net::NodeClock &clock = m_world.m_network.device(m_node).clock; // as its timers do
  r.args[0] =
      delay ? static_cast<std::uint64_t>((now() + clock.trueSpan(*delay)).ns()) : ~std::uint64_t{0};
  r.args[1] = kernel().text(service);
  kernel().emit(r);
}

void ProgramContext::sample(std::string_view metric, double value) {
  trace::Record r = record(trace::RecordKind::Sample);
  r.args[0] = kernel().text(metric);
  r.args[1] = trace::doubleArg(value);
  kernel().emit(r);
}

} // namespace packetarium::world
