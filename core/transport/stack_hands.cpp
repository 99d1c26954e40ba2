// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/transport/stack_state.h"

#include <utility>

namespace packetarium::transport {

wire::Packet tcpPacket(wire::Ipv4Address from, wire::Ipv4Address to, const wire::TcpHeader &header,
                       const wire::Payload &payload) {
  wire::Packet packet;
  packet.kind = wire::PacketKind::Tcp;
  packet.ip.protocol = static_cast<std::uint8_t>(wire::IpProtocol::Tcp);
  packet.ip.source = from;
  packet.ip.destination = to;
  packet.tcp = header;
  packet.payload = payload;
  return packet;
}

trace::SocketSnapshot recordTcpState(StackContext ctx, SocketId id, TcpState from, TcpState to,
                                     Endpoint local, Endpoint remote) {
  net::Kernel &kernel = ctx.network.kernel();
  trace::TcpStateArgs args;
  args.socket = id;
  args.fromState = static_cast<std::uint16_t>(from);
  args.localPort = local.port;
  args.localIp = local.address.value;
  args.remotePort = remote.port;
  args.remoteIp = remote.address.value;
  trace::Record r;
  r.kind = trace::RecordKind::TcpState;
  r.node = ctx.node.value;
  r.detail = static_cast<std::uint16_t>(to);
  r.args = trace::pack(args);
  r.at = kernel.now;
  r.cause = kernel.cause;
  return {kernel.emit(r), r};
}

trace::Record Stack::Hands::record(trace::RecordKind kind) const {
  trace::Record r;
  r.kind = kind;
  r.node = m_ctx.node.value;
  r.args[0] = socket().id;
  return r;
}

void Stack::Hands::transmit(const wire::TcpHeader &header, const wire::Payload &payload,
                            std::optional<trace::RetransmitReason> resent) {
  if (resent) {
    trace::Record r = record(trace::RecordKind::TcpRetransmit);
    r.detail = static_cast<std::uint16_t>(*resent);
    r.packet = kernel().nextPacket; // the id which sendIp gives first
    kernel().emit(r);
  }
  const TcpSocket &s = socket();
  m_ctx.network.sendIp(m_ctx.node, tcpPacket(s.local.address, s.remote.address, header, payload));
}

void Stack::Hands::wakeAt(SimTime at) {
  kernel().schedule(at, EventClass::Timer, net::EventKind::TransportTimer, m_ctx.node.value, m_slot,
                    socket().id);
}

void Stack::Hands::tell(SocketEvent::Kind kind, SocketError error, wire::Payload data) {
  const TcpSocket &s = socket();
  SocketEvent &e = m_stack.m_events.emplace_back();
  e.kind = kind;
  e.error = error;
  e.owner = s.owner;
  e.socket = s.id;
  e.listener = s.listener;
  e.local = s.local;
  e.remote = s.remote;
  e.data = std::move(data);
}

void Stack::Hands::stateChanged(TcpState from, TcpState to) {
  TcpSocket &s = socket();
  s.lastState = recordTcpState(m_ctx, s.id, from, to, s.local, s.remote);
}

void Stack::Hands::delivered(std::uint32_t bytes) {
  trace::Record r = record(trace::RecordKind::SegmentDelivered);
  r.packet = m_packet;
  r.args[0] = bytes;
  r.args[1] = socket().id;
  kernel().emit(r);
}

void Stack::Hands::measured(const TcpFigures &f) {
  trace::Record r = record(trace::RecordKind::TcpCongestion);
  r.packet = m_packet;
  r.args[1] = std::uint64_t{f.cwnd} << 32 | f.ssthresh;
  r.args[2] = std::uint64_t{f.flight} << 32 | f.peerWindow;
  r.args[3] = static_cast<std::uint64_t>(f.srtt.ns());
  kernel().emit(r);
}

trace::Sequence Stack::Hands::timedOut(Duration rto) {
  trace::Record r = record(trace::RecordKind::TcpTimeout);
  r.args[1] = static_cast<std::uint64_t>(rto.ns());
  return kernel().emit(r);
}

} // namespace packetarium::transport
