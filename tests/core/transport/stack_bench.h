// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/transport/stack.h"
#include "tests/core/net/net_fixture.h"

#include <vector>

namespace packetarium::transport::testing {

/// Stacks on a real network, with what programs would hear kept in a list per node. Streams are
/// pumped: a socket given a length sends the virtual stream as fast as its buffer takes it.
class StackBench : public net::testing::Bench {
public:
  struct Stream {
    NodeIndex node;
    SocketId socket;
    std::uint64_t offered, length;
    bool closeAfter;
  };
  std::vector<Stack> stacks;
  std::vector<std::vector<SocketEvent>> heard; ///< by node
  std::vector<std::uint64_t> bytesHeard;       ///< stream bytes, by node
  std::uint64_t events = 0;
  bool keepData = true;

  void start() {
    build();
    stacks.resize(network.nodeCount());
    heard.resize(network.nodeCount());
    bytesHeard.resize(network.nodeCount());
  }
  StackContext ctx(NodeIndex n) { return {network, n}; }
  Stack &stack(NodeIndex n) { return stacks[n.value]; }

  SocketId connect(NodeIndex n, const char *to, std::uint16_t port, const TcpOptions &o = {}) {
    const SocketId id = stack(n).tcpConnect(ctx(n), 0, {*wire::Ipv4Address::parse(to), port}, o);
    pump(n);
    return id;
  }
  SocketId listen(NodeIndex n, std::uint16_t port, const TcpOptions &o = {}) {
    return stack(n).tcpListen(ctx(n), 0, port, o);
  }
  /// The connection need not be open yet. (CLOSE waits for that: in SYN-SENT it would end it.)
  void stream(NodeIndex n, SocketId socket, std::uint64_t length, bool closeAfter = false) {
    m_streams.push_back({n, socket, 0, length, closeAfter});
    for (const SocketInfo &info : stack(n).sockets())
      if (info.id == socket && info.state >= TcpState::Established) feed(m_streams.back());
  }
  const SocketEvent *find(NodeIndex n, SocketEvent::Kind kind) const {
    for (const SocketEvent &e : heard[n.value])
      if (e.kind == kind) return &e;
    return nullptr;
  }

  void run(Duration until) {
    net::Kernel &kernel = network.kernel();
    const SimTime end = SimTime::zero() + until;
    while (kernel.queue.nextAt() <= end) step(kernel.queue.pop());
    kernel.now = end;
  }

  /// The whole running state as a value.
  struct Life {
    net::Network network;
    std::vector<Stack> stacks;
    std::vector<std::uint64_t> bytesHeard;
    std::vector<Stream> streams;
    std::uint64_t events = 0;
  };
  Life save() const { return {network, stacks, bytesHeard, m_streams, events}; }
  void load(const Life &life) {
    network = life.network;
    stacks = life.stacks;
    bytesHeard = life.bytesHeard;
    m_streams = life.streams;
    events = life.events;
  }

private:
  void step(const Event &event) {
    network.kernel().now = event.at;
    ++events;
    if (static_cast<net::EventKind>(event.kind) == net::EventKind::TransportTimer) {
      const NodeIndex n{event.target};
      stack(n).onTimer(ctx(n), event);
      pump(n);
    } else if (const auto delivery = network.handle(event)) {
      stack(delivery->node).onPacket(ctx(delivery->node), *delivery);
      pump(delivery->node);
    }
  }

  void pump(NodeIndex n) {
    while (stack(n).hasEvents()) {
      stack(n).takeEvents(m_taken);
      for (SocketEvent &e : m_taken) {
        bytesHeard[n.value] += e.data.size();
        const auto kind = e.kind;
        const SocketId socket = e.socket;
        if (kind != SocketEvent::Kind::Data || keepData) heard[n.value].push_back(std::move(e));
        if (kind != SocketEvent::Kind::Connected && kind != SocketEvent::Kind::Writable) continue;
        for (Stream &s : m_streams)
          if (s.node == n && s.socket == socket) feed(s);
      }
    }
  }

  void feed(Stream &s) {
    while (s.offered < s.length) {
      const auto chunk =
          static_cast<std::uint32_t>(std::min<std::uint64_t>(s.length - s.offered, 65536));
      const auto taken =
          stack(s.node).tcpSend(ctx(s.node), s.socket, wire::Payload::pattern(s.offered, chunk));
      s.offered += taken;
      if (taken < chunk) return;
    }
    if (s.closeAfter) stack(s.node).close(ctx(s.node), s.socket);
    s.closeAfter = false;
  }

  std::vector<Stream> m_streams;
  std::vector<SocketEvent> m_taken;
};

} // namespace packetarium::transport::testing
