// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cow.h"
#include "core/base/hash.h"
#include "core/base/ring.h"
#include "core/transport/flat_index.h"
#include "core/transport/stack.h"
#include "core/transport/tcp_connection.h"

#include <cstdint>
#include <utility>
#include <vector>

namespace packetarium::transport {

/// What names a TCP connection within a node: both endpoints.
struct FlowKey {
  Endpoint local, remote;
  bool operator==(const FlowKey &) const = default;
  /// The same on every machine: initial sequence numbers are made of it.
  std::uint64_t digest() const {
    const std::uint64_t a = std::uint64_t{local.address.value} << 32 | remote.address.value;
    const std::uint64_t b = std::uint64_t{local.port} << 16 | remote.port;
    return mix64(a + b * 0x9e3779b97f4a7c15ULL);
  }
  std::size_t hash() const { return static_cast<std::size_t>(digest()); }
};

struct SocketKey {
  SocketId id = noSocket;
  bool operator==(const SocketKey &) const = default;
  std::size_t hash() const { return static_cast<std::size_t>(mix64(id)); }
};

/// A packet taken out of its slot, and the interface by which it came.
struct LocalPacket {
  wire::Packet packet;
  std::uint32_t interface = 0;
};

struct TcpSocket {
  SocketId id = noSocket; ///< noSocket: the slot is free
  Owner owner = 0;
  SocketId listener = noSocket;
  bool findable = false; ///< in the index of flows
  Endpoint local, remote;
  trace::SocketSnapshot lastState;
  Cow<TcpConnection> connection;
};

struct Listener {
  SocketId id = noSocket;
  Owner owner = 0;
  std::uint16_t port = 0;
  TcpOptions options;
  trace::SocketSnapshot lastState;
};

using Groups = std::vector<std::pair<std::uint32_t, wire::Ipv4Address>>; ///< by interface

struct UdpSocket {
  SocketId id = noSocket;
  Owner owner = 0;
  std::uint16_t port = 0;
  bool reading = true;
  std::uint32_t unreadBytes = 0;
  std::vector<SocketEvent> unread;
  Groups groups;
};

struct RawSocket {
  SocketId id = noSocket;
  Owner owner = 0;
  std::uint8_t protocol = 0;
  Groups groups;
};

struct LinkSocket {
  SocketId id = noSocket;
  Owner owner = 0;
  std::uint16_t etherType = 0;
};

/// Everything a Stack holds. The first group outlives a crash, so that no id, port or sequence
/// number of a past life comes again.
struct Stack::State {
  SocketId nextId = 1;
  bool seeded = false;
  std::uint64_t issSecret = 0;
  std::uint16_t nextPort = 0;

  std::vector<TcpSocket> tcp; ///< slots; timers name them
  std::vector<std::uint32_t> freeTcp;
  FlatIndex<FlowKey> flows;
  FlatIndex<SocketKey> tcpIds;
  std::vector<Listener> listeners; ///< these and the rest are ordered by id
  std::vector<UdpSocket> udp;
  std::vector<RawSocket> raw;
  std::vector<LinkSocket> link;

  Listener *listenerAt(std::uint16_t port);
  UdpSocket *udpAt(std::uint16_t port);
  UdpSocket *udpWithId(SocketId id);
};

/// The hands of one connection on the network.
class Stack::Hands final : public TcpHands {
public:
  Hands(Stack &stack, StackContext ctx, std::uint32_t slot, PacketId packet)
      : m_stack(stack), m_ctx(ctx), m_slot(slot), m_packet(packet) {}

  SimTime now() const override { return kernel().now; }
  trace::Sequence cause() const override { return kernel().cause; }
  void setCause(trace::Sequence cause) override { kernel().cause = cause; }
  void transmit(const wire::TcpHeader &header, const wire::Payload &payload,
                std::optional<trace::RetransmitReason> resent) override;
  void wakeAt(SimTime at) override;
  void tell(SocketEvent::Kind kind, SocketError error, wire::Payload data) override;
  void stateChanged(TcpState from, TcpState to) override;
  void delivered(std::uint32_t bytes) override;
  void measured(const TcpFigures &figures) override;
  trace::Sequence timedOut(Duration rto) override;

private:
  net::Kernel &kernel() const { return m_ctx.network.kernel(); }
  TcpSocket &socket() const { return m_stack.m_state->tcp[m_slot]; }
  trace::Record record(trace::RecordKind kind) const;

  Stack &m_stack;
  StackContext m_ctx;
  std::uint32_t m_slot;
  PacketId m_packet;
};

/// Lets a connection act with its hands on the network, and forgets it when that was its end.
template <class Act>
void Stack::withTcp(StackContext ctx, std::uint32_t slot, PacketId packet, Act act) {
  Hands hands(*this, ctx, slot, packet);
  act(m_state->tcp[slot].connection.write(), hands);
  settle(ctx, slot);
}

/// Writes a TcpState record and gives it back with its number.
trace::SocketSnapshot recordTcpState(StackContext ctx, SocketId id, TcpState from, TcpState to,
                                     Endpoint local, Endpoint remote);

/// A TCP segment in an IP packet, headers above Ethernet filled.
wire::Packet tcpPacket(wire::Ipv4Address from, wire::Ipv4Address to, const wire::TcpHeader &header,
                       const wire::Payload &payload);

} // namespace packetarium::transport
