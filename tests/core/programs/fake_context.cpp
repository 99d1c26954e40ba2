// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/programs/fake_context.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace packetarium::programs::testing {

void FakeContext::record(std::string what) {
  log.push_back(fmt::format("{} {}", m_now.ns(), std::move(what)));
}

RandomStream &FakeContext::random(std::string_view purpose) {
  return m_streams.try_emplace(std::string(purpose), RandomStream(1, "node/program", purpose))
      .first->second;
}

SocketId FakeContext::udpOpen(std::uint16_t port) {
  record(fmt::format("udpOpen {}", port));
  return takenPorts.count(port) != 0 ? transport::noSocket : ++m_lastSocket;
}

bool FakeContext::udpSend(SocketId socket, Endpoint to, wire::Payload data,
                          std::optional<std::uint32_t>) {
  record(fmt::format("udpSend {} {} {:x}", socket, to.text(), data.hash()));
  if (!routeExists) return false;
  datagrams.push_back({m_now, socket, to, std::move(data)});
  return true;
}

SocketId FakeContext::tcpListen(std::uint16_t port, const transport::TcpOptions &) {
  record(fmt::format("tcpListen {}", port));
  return takenPorts.count(port) != 0 ? transport::noSocket : ++m_lastSocket;
}

SocketId FakeContext::tcpConnect(Endpoint to, const transport::TcpOptions &,
                                 std::uint16_t localPort) {
  record(fmt::format("tcpConnect {} from {}", to.text(), localPort));
  if (takenPorts.count(localPort) != 0) return transport::noSocket;
  connects.emplace_back(++m_lastSocket, to);
  return m_lastSocket;
}

std::uint32_t FakeContext::tcpSend(SocketId socket, const wire::Payload &data) {
  const std::uint32_t taken = std::min(data.size(), streamRoom);
  streamRoom -= taken;
  record(fmt::format("tcpSend {} {} {:x}", socket, taken, data.hash()));
  if (taken > 0) stream.push_back({m_now, socket, {}, data.slice(0, taken)});
  return taken;
}

void FakeContext::close(SocketId socket) {
  record(fmt::format("close {}", socket));
  closed.push_back(socket);
}

void FakeContext::abort(SocketId socket) {
  record(fmt::format("abort {}", socket));
  aborted.push_back(socket);
}

void FakeContext::setReading(SocketId socket, bool on) {
  record(fmt::format("setReading {} {}", socket, on));
  if (on)
    notReading.erase(socket);
  else
    notReading.insert(socket);
}

void FakeContext::rawSend(SocketId socket, wire::Packet packet, std::optional<std::uint32_t>) {
  record(fmt::format("rawSend {} {}", socket, packet.ip.destination.text()));
  raw.push_back(std::move(packet));
}

TimerId FakeContext::setTimer(Duration delay, std::uint64_t tag) {
  const std::uint32_t number = ++m_lastTimer;
  record(fmt::format("setTimer {} {}", delay.ns(), tag));
  m_timerAt[number] = m_now + delay;
  m_timers[{m_now + delay, number}] = tag;
  return {number, 0};
}

void FakeContext::cancelTimer(TimerId timer) {
  const auto known = m_timerAt.find(timer.slot);
  if (known == m_timerAt.end()) return;
  m_timers.erase({known->second, timer.slot});
  m_timerAt.erase(known);
}

void FakeContext::resolve(std::string_view name, std::uint64_t tag) {
  record(fmt::format("resolve {}", name));
  asked.emplace_back(name, tag);
}

void FakeContext::completeResolve(std::uint32_t program, std::uint64_t tag, Resolution answer) {
  record(fmt::format("completeResolve {} {}", program, tag));
  completed.push_back({m_now, program, tag, std::move(answer)});
}

void FakeContext::note(std::string_view text) {
  record(fmt::format("note {}", text));
  notes.push_back({m_now, std::string(text), {}});
}

void FakeContext::phase(std::string_view milestone, std::string_view object) {
  record(fmt::format("phase {} {}", milestone, object));
  phases.push_back({m_now, std::string(milestone), std::string(object)});
}

void FakeContext::takeAddress(std::uint32_t, wire::Ipv4Address address,
                              std::optional<wire::MacAddress> mac) {
  record("takeAddress " + address.text());
  addresses[address] = mac;
}

void FakeContext::releaseAddress(wire::Ipv4Address address) {
  record("releaseAddress " + address.text());
  addresses.erase(address);
}

void FakeContext::announceAddress(wire::Ipv4Address address) {
  record("announceAddress " + address.text());
  announced.push_back(address);
}

void FakeContext::diskAppend(std::string_view file, std::string entry) {
  record(fmt::format("diskAppend {} {}", file, entry));
  disk[std::string(file)].push_back(std::move(entry));
}

void FakeContext::diskTruncate(std::string_view file, std::size_t entries) {
  record(fmt::format("diskTruncate {} {}", file, entries));
  std::vector<std::string> &kept = disk[std::string(file)];
  if (kept.size() > entries) kept.resize(entries);
}

void FakeContext::diskSync(std::uint64_t tag) {
  record(fmt::format("diskSync {}", tag));
  syncs.push_back(tag);
}

std::vector<std::string> FakeContext::diskRead(std::string_view file) const {
  const auto at = disk.find(file);
  return at == disk.end() ? std::vector<std::string>{} : at->second;
}

void FakeContext::tellNode(std::string_view topic, std::string_view value) {
  record(fmt::format("tellNode {} {}", topic, value));
  news.emplace_back(topic, value);
}

void FakeContext::setPower(std::string_view node, bool on) {
  record(fmt::format("setPower {} {}", node, on));
  power.emplace_back(node, on);
}

std::uint64_t FakeContext::requestStarted(std::string_view what, std::string_view service) {
  record(fmt::format("requestStarted {}", what));
  requests.push_back({m_now, std::string(what), std::string(service)});
  return ++m_lastRequest;
}

void FakeContext::requestEnded(std::uint64_t number, trace::RequestOutcome outcome,
                               Duration latency, std::uint64_t bytes, std::string_view detail) {
  record(fmt::format("requestEnded {} {}", number, trace::name(outcome)));
  ended.push_back({m_now, number, outcome, latency, bytes, std::string(detail)});
}

void FakeContext::fact(SocketId socket, trace::FactTopic topic, std::string_view name,
                       std::string_view value, std::string_view detail) {
  facts.push_back({socket, topic, std::string(name), std::string(value), std::string(detail)});
}

void FakeContext::sample(std::string_view metric, double value) {
  record(fmt::format("sample {} {}", metric, value));
  samples.emplace_back(metric, value);
}

void FakeContext::countdown(trace::CountdownKind kind, std::optional<Duration> delay,
                            std::string_view /*service*/) {
  countdowns[kind] = delay ? std::optional(m_now + *delay) : std::nullopt;
}

void FakeContext::runUntil(Program &program, SimTime until) {
  for (const std::uint64_t tag : std::exchange(syncs, {})) program.onSynced(*this, tag);
  while (!m_timers.empty() && m_timers.begin()->first.first <= until) {
    const auto [key, tag] = *m_timers.begin();
    m_timers.erase(m_timers.begin());
    m_timerAt.erase(key.second);
    m_now = key.first;
    program.onTimer(*this, tag);
  }
  m_now = until;
}

std::vector<std::string> FakeContext::phaseNames() const {
  std::vector<std::string> names;
  for (const Told &p : phases) names.push_back(p.what);
  return names;
}

std::string FakeContext::streamText(SocketId socket) const {
  std::string text;
  for (const Sent &s : stream)
    if (s.socket == socket) text += s.data.toText();
  return text;
}

std::unique_ptr<Program> make(std::string_view kind, std::map<std::string, ParameterValue> given) {
  const ProgramType *type = findProgramType(kind);
  if (type == nullptr) throw std::runtime_error("no such kind of program");
  const auto values = complete(type->parameters, std::move(given), kind);
  if (!values) throw std::runtime_error(values.faults().front().text());
  return type->make(*values);
}

std::vector<ParameterRow> rowsOf(const std::string &key, const std::vector<std::string> &values) {
  std::vector<ParameterRow> rows;
  for (const std::string &v : values) rows.push_back({{{key, v}}});
  return rows;
}

SocketEvent datagram(SocketId socket, Endpoint from, wire::Payload data) {
  SocketEvent e;
  e.kind = SocketEvent::Kind::Datagram;
  e.socket = socket;
  e.remote = from;
  e.data = std::move(data);
  return e;
}

SocketEvent tcpEvent(SocketEvent::Kind kind, SocketId socket, Endpoint remote) {
  SocketEvent e;
  e.kind = kind;
  e.socket = socket;
  e.remote = remote;
  return e;
}

SocketEvent tcpData(SocketId socket, std::string_view text) {
  SocketEvent e = tcpEvent(SocketEvent::Kind::Data, socket);
  e.data = wire::Payload::of(text);
  return e;
}

SocketEvent accepted(SocketId listener, SocketId socket, Endpoint remote) {
  SocketEvent e = tcpEvent(SocketEvent::Kind::Accepted, socket, remote);
  e.listener = listener;
  return e;
}

SocketEvent failed(SocketId socket, transport::SocketError error) {
  SocketEvent e = tcpEvent(SocketEvent::Kind::Failed, socket);
  e.error = error;
  return e;
}

} // namespace packetarium::programs::testing
