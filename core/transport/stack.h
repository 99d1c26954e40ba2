// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/net/network.h"
#include "core/transport/socket.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace packetarium::transport {

struct LocalPacket;

/// Where a stack does its work: lent for the time of one call.
struct StackContext {
  net::Network &network;
  NodeIndex node;
};

/// The sockets of one node: UDP, TCP, raw IP and link-layer, and their demultiplexing. A value:
/// copying it copies every connection. What programs must hear of is appended to events().
class Stack {
public:
  Stack();
  Stack(const Stack &);
  Stack(Stack &&) noexcept;
  Stack &operator=(Stack) noexcept;
  ~Stack();

  // Every open function gives noSocket and sets a Failed event when it cannot be done.
  /// A UDP socket (RFC 768). port 0 takes an ephemeral one (49152-65535, RFC 6335).
  SocketId udpOpen(StackContext ctx, Owner owner, std::uint16_t port);
  /// Sends a datagram; to may be a broadcast or multicast address (then by interface, or the
  /// first one). False when larger than 1472 bytes or without a route. A datagram that finds no
  /// listener comes back as an Error event (ICMP).
  bool udpSend(StackContext ctx, SocketId socket, Endpoint to, wire::Payload data,
               const net::SendOptions &options = {});
  /// For UDP and raw sockets; the membership ends with the socket. A UDP socket hears only the
  /// groups it joined itself.
  void joinGroup(StackContext ctx, SocketId socket, std::uint32_t interface,
                 wire::Ipv4Address group);

  SocketId tcpListen(StackContext ctx, Owner owner, std::uint16_t port, const TcpOptions &options);
  SocketId tcpConnect(StackContext ctx, Owner owner, Endpoint to, const TcpOptions &options,
                      std::uint16_t localPort = 0);
  /// Appends to the send buffer and gives the bytes taken (less than offered when it is full; a
  /// Writable event follows when there is room again). May be called before Connected.
  std::uint32_t tcpSend(StackContext ctx, SocketId socket, const wire::Payload &data);
  /// Orderly close (FIN after what is buffered); the peer may still send. Before the connection is
  /// open it ends the attempt, and what was to be sent with it (RFC 9293 section 3.10.4). A closed
  /// listener resets the connections no program has accepted yet. No event follows at once: Closed
  /// comes when both sides are done.
  void close(StackContext ctx, SocketId socket);
  /// RST (RFC 9293 section 3.10.5); also closes any other socket at once. No event follows.
  void abort(StackContext ctx, SocketId socket);
  /// While off, arriving data stays in the receive buffer and the window closes. A UDP socket
  /// keeps up to 256 KiB and drops what comes then.
  void setReading(StackContext ctx, SocketId socket, bool on);

  /// All packets of an IP protocol that reach the node, with their headers.
  SocketId rawOpen(StackContext ctx, Owner owner, std::uint8_t ipProtocol);
  /// packet: ip and the headers above are filled by the caller; Ethernet is not.
  void rawSend(StackContext ctx, SocketId socket, wire::Packet packet,
               const net::SendOptions &options = {});
  /// All frames of an EtherType. 0 is a capture: every frame, whomever it is for (the interfaces
  /// turn promiscuous while such a socket is open).
  SocketId linkOpen(StackContext ctx, Owner owner, std::uint16_t etherType);
  void linkSend(StackContext ctx, SocketId socket, std::uint32_t interface, wire::Packet frame);

  /// Takes a packet that reached the node and releases its slot.
  void onPacket(StackContext ctx, const net::LocalDelivery &delivery);
  /// A TransportTimer event of this node.
  void onTimer(StackContext ctx, const Event &event);
  /// Forgets every socket without a word to anyone (the node crashed).
  void wipe();

  /// Events for programs, oldest first; the World takes them.
  std::vector<SocketEvent> takeEvents();
  /// The same by exchange: into gives its storage (what it held is forgotten) and gets the events.
  void takeEvents(std::vector<SocketEvent> &into);
  bool hasEvents() const { return !m_events.empty(); }

  /// For tables and inspectors, ordered by socket id.
  std::vector<SocketInfo> sockets() const;
  /// The last TcpState record of every connection, for keyframes.
  void appendSnapshots(std::vector<trace::SocketSnapshot> &out) const;

private:
  struct State;
  class Hands;

  SocketId refuse(Owner owner, SocketError error, Endpoint local, Endpoint remote);
  void seed(StackContext ctx);
  std::uint16_t ephemeralPort(Endpoint local, Endpoint remote, bool tcp);
  // TCP
  std::uint32_t openTcp(StackContext ctx, Owner owner, SocketId listener, Endpoint local,
                        Endpoint remote, const TcpOptions &options);
  template <class Act> void withTcp(StackContext ctx, std::uint32_t slot, PacketId packet, Act act);
  void settle(StackContext ctx, std::uint32_t slot);
  void forgetTcp(std::uint32_t slot);
  void closeListener(StackContext ctx, std::size_t index);
  void tcpInput(StackContext ctx, const wire::Packet &packet);
  void answerStray(StackContext ctx, const wire::Packet &packet);
  // everything else
  void toLinkSockets(StackContext ctx, const LocalPacket &in);
  bool toRawSockets(StackContext ctx, const LocalPacket &in);
  void udpInput(StackContext ctx, const LocalPacket &in);
  void icmpInput(StackContext ctx, const LocalPacket &in);
  void icmpErrorInput(StackContext ctx, const wire::Packet &packet);
  bool closeDatagram(StackContext ctx, SocketId socket);
  void readDatagrams(SocketId socket, bool on);

  std::unique_ptr<State> m_state;
  std::vector<SocketEvent> m_events;
};

} // namespace packetarium::transport
