// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/transport/stack.h"

#include "core/base/random.h"
#include "core/transport/stack_state.h"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace packetarium::transport {
namespace {
constexpr std::uint16_t firstEphemeral = 49152; // RFC 6335 section 6
constexpr std::uint32_t ephemeralCount = 65536 - firstEphemeral;
} // namespace

Stack::Stack() : m_state(std::make_unique<State>()) {}
Stack::Stack(const Stack &other)
    : m_state(std::make_unique<State>(*other.m_state)), m_events(other.m_events) {}
Stack::Stack(Stack &&) noexcept = default;
Stack &Stack::operator=(Stack other) noexcept {
  std::swap(m_state, other.m_state);
  std::swap(m_events, other.m_events);
  return *this;
}
Stack::~Stack() = default;

Listener *Stack::State::listenerAt(std::uint16_t port) {
  for (Listener &l : listeners)
    if (l.port == port) return &l;
  return nullptr;
}

UdpSocket *Stack::State::udpAt(std::uint16_t port) {
  for (UdpSocket &s : udp)
    if (s.port == port) return &s;
  return nullptr;
}

UdpSocket *Stack::State::udpWithId(SocketId id) {
  for (UdpSocket &s : udp)
    if (s.id == id) return &s;
  return nullptr;
}

SocketId Stack::refuse(Owner owner, SocketError error, Endpoint local, Endpoint remote) {
  SocketEvent &e = m_events.emplace_back();
  e.kind = SocketEvent::Kind::Failed;
  e.error = error;
  e.owner = owner;
  e.local = local;
  e.remote = remote;
  return noSocket;
}

/// The node's own numbers, drawn once from its streams.
void Stack::seed(StackContext ctx) {
  if (m_state->seeded) return;
  const std::string &id = ctx.network.spec(ctx.node).id;
  const std::uint64_t seed = ctx.network.kernel().seed;
  m_state->seeded = true;
  m_state->issSecret = RandomStream(seed, id, "tcp-iss").next();
  m_state->nextPort = static_cast<std::uint16_t>(
      firstEphemeral + RandomStream(seed, id, "ephemeral-port").below(ephemeralCount));
}

/// The next port that is free; 0 when none is. For TCP to connect, free means that no connection
/// to the same remote endpoint has it.
std::uint16_t Stack::ephemeralPort(Endpoint local, Endpoint remote, bool tcp) {
  for (std::uint32_t tried = 0; tried < ephemeralCount; ++tried) {
    const std::uint16_t port = m_state->nextPort;
    m_state->nextPort = port == 65535 ? firstEphemeral : static_cast<std::uint16_t>(port + 1);
    local.port = port;
    const bool taken = tcp ? m_state->listenerAt(port) != nullptr ||
                                 m_state->flows.find({local, remote}) != FlatIndex<FlowKey>::none
                           : m_state->udpAt(port) != nullptr;
    if (!taken) return port;
  }
  return 0;
}

void Stack::close(StackContext ctx, SocketId socket) {
  if (closeDatagram(ctx, socket)) return;
  for (std::size_t i = 0; i < m_state->listeners.size(); ++i) {
    if (m_state->listeners[i].id != socket) continue;
    closeListener(ctx, i);
    return;
  }
  const std::uint32_t slot = m_state->tcpIds.find({socket});
  if (slot == FlatIndex<SocketKey>::none) return;
  withTcp(ctx, slot, 0, [](TcpConnection &c, TcpHands &hands) { c.close(hands); });
}

void Stack::abort(StackContext ctx, SocketId socket) {
  const std::uint32_t slot = m_state->tcpIds.find({socket});
  if (slot == FlatIndex<SocketKey>::none) {
    close(ctx, socket);
    return;
  }
  withTcp(ctx, slot, 0, [](TcpConnection &c, TcpHands &hands) { c.abort(hands); });
}

void Stack::setReading(StackContext ctx, SocketId socket, bool on) {
  const std::uint32_t slot = m_state->tcpIds.find({socket});
  if (slot == FlatIndex<SocketKey>::none) {
    readDatagrams(socket, on);
    return;
  }
  withTcp(ctx, slot, 0, [on](TcpConnection &c, TcpHands &hands) { c.setReading(hands, on); });
}

void Stack::onTimer(StackContext ctx, const Event &event) {
  const std::uint32_t slot = event.arg;
  if (slot >= m_state->tcp.size() || m_state->tcp[slot].id != event.gen) return;
  withTcp(ctx, slot, 0, [](TcpConnection &c, TcpHands &hands) { c.onTimer(hands); });
}

void Stack::wipe() {
  State fresh;
  fresh.nextId = m_state->nextId;
  fresh.seeded = m_state->seeded;
  fresh.issSecret = m_state->issSecret;
  fresh.nextPort = m_state->nextPort;
  *m_state = std::move(fresh);
  m_events.clear();
}

std::vector<SocketEvent> Stack::takeEvents() { return std::exchange(m_events, {}); }

void Stack::takeEvents(std::vector<SocketEvent> &into) {
  into.clear();
  std::swap(into, m_events);
}

namespace {

SocketInfo infoOf(SocketId id, Owner owner, std::string protocol, std::uint16_t port) {
  SocketInfo info;
  info.id = id;
  info.owner = owner;
  info.protocol = std::move(protocol);
  info.local.port = port;
  return info;
}

SocketInfo infoOf(const TcpSocket &s) {
  const TcpConnection &c = s.connection.read();
  const TcpFigures f = c.figures();
  SocketInfo info = infoOf(s.id, s.owner, "TCP", s.local.port);
  info.local = s.local;
  info.remote = s.remote;
  info.state = c.state();
  info.sendQueue = c.sendQueue();
  info.receiveQueue = c.receiveQueue();
  info.cwnd = f.cwnd;
  info.ssthresh = f.ssthresh;
  info.flight = f.flight;
  info.peerWindow = f.peerWindow;
  info.srtt = f.srtt;
  info.rto = c.rto();
  return info;
}

std::string etherTypeText(std::uint16_t type) {
  char text[16];
  std::snprintf(text, sizeof text, "link 0x%04x", type);
  return text;
}

} // namespace

std::vector<SocketInfo> Stack::sockets() const {
  std::vector<SocketInfo> out;
  for (const TcpSocket &s : m_state->tcp)
    if (s.id != noSocket) out.push_back(infoOf(s));
  for (const Listener &l : m_state->listeners) {
    out.push_back(infoOf(l.id, l.owner, "TCP", l.port));
    out.back().state = TcpState::Listen;
  }
  for (const UdpSocket &s : m_state->udp) {
    out.push_back(infoOf(s.id, s.owner, "UDP", s.port));
    out.back().receiveQueue = s.unreadBytes;
  }
  for (const RawSocket &s : m_state->raw)
    out.push_back(infoOf(s.id, s.owner, "raw " + std::to_string(s.protocol), 0));
  for (const LinkSocket &s : m_state->link)
    out.push_back(infoOf(s.id, s.owner, etherTypeText(s.etherType), 0));
  std::sort(out.begin(), out.end(),
            [](const SocketInfo &a, const SocketInfo &b) { return a.id < b.id; });
  return out;
}

void Stack::appendSnapshots(std::vector<trace::SocketSnapshot> &out) const {
  const auto first = static_cast<std::ptrdiff_t>(out.size());
  for (const TcpSocket &s : m_state->tcp)
    if (s.id != noSocket) out.push_back(s.lastState);
  for (const Listener &l : m_state->listeners) out.push_back(l.lastState);
  std::sort(out.begin() + first, out.end(), [](const auto &a, const auto &b) {
    return trace::tcpStateArgs(a.state).socket < trace::tcpStateArgs(b.state).socket;
  });
}

} // namespace packetarium::transport
