// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/trace_file.h"

#include "core/transport/socket.h"
#include "core/wire/dissect.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <iterator>

namespace packetarium::cli {
namespace {

using trace::Record;
using trace::RecordKind;

std::string_view protocolName(std::uint8_t protocol) {
  using wire::ProtocolClass;
  switch (static_cast<ProtocolClass>(protocol)) {
  case ProtocolClass::Ethernet: return "ethernet";
  case ProtocolClass::Arp: return "arp";
  case ProtocolClass::Ip: return "ip";
  case ProtocolClass::Icmp: return "icmp";
  case ProtocolClass::Udp: return "udp";
  case ProtocolClass::Tcp: return "tcp";
  case ProtocolClass::Dns: return "dns";
  case ProtocolClass::Http: return "http";
  case ProtocolClass::Voice: return "voice";
  case ProtocolClass::Tls: return "tls";
  case ProtocolClass::Vrrp: return "vrrp";
  case ProtocolClass::Cluster: return "cluster";
  case ProtocolClass::Other: break;
  }
  return "other";
}

std::string endpoint(std::uint32_t ip, std::uint16_t port) {
  return fmt::format("{}:{}", wire::Ipv4Address{ip}.text(), port);
}

/// ip<<16|port, as NatMapped holds it.
std::string endpoint(std::uint64_t packed) {
  return endpoint(static_cast<std::uint32_t>(packed >> 16), static_cast<std::uint16_t>(packed));
}

std::string mac(std::uint64_t bits) { return wire::MacAddress::fromBits(bits).text(); }

std::string withPort(wire::Ipv4Address address, const wire::Packet &p, bool source) {
  if (p.kind == wire::PacketKind::Udp)
    return endpoint(address.value, source ? p.udp.sourcePort : p.udp.destinationPort);
  if (p.kind == wire::PacketKind::Tcp)
    return endpoint(address.value, source ? p.tcp.sourcePort : p.tcp.destinationPort);
  return address.text();
}

} // namespace

const std::vector<TraceKind> &traceKinds() {
  static const std::vector<TraceKind> kinds = {
      {RecordKind::FrameSent, "the first bit of a frame leaves onto the link",
       "from, bytes, arrival_ns, ttl, protocol, queued, source, destination, info"},
      {RecordKind::FrameReceived, "a frame came out at the far end", "sent"},
      {RecordKind::FrameDropped, "a frame or packet was lost or refused", "reason, about"},
      {RecordKind::PacketRewritten, "address translation gave a packet new headers",
       "old_packet, source, destination, info"},
      {RecordKind::SegmentDelivered, "data reached a socket", "bytes, socket"},
      {RecordKind::FrameQueued, "a frame waits in front of a busy link", "from, bytes, protocol"},
      {RecordKind::NodeState, "a node came up, crashed, paused or resumed", "state"},
      {RecordKind::LinkState, "a cable was cut or restored", "up"},
      {RecordKind::LinkChanged, "a link's conditions changed", "quantity, value"},
      {RecordKind::NodeChanged, "a node's conditions changed", "quantity, value"},
      {RecordKind::ArpLearned, "a node learned who has an address", "ip, mac"},
      {RecordKind::MacLearned, "a switch learned a port", "mac"},
      {RecordKind::NatMapped, "a home router gave a connection a port of its own",
       "inside, outside"},
      {RecordKind::AddressHeld, "a node took a further address or gave it up", "taken, ip, mac"},
      {RecordKind::TcpState, "a connection changed its state", "socket, from, to, local, remote"},
      {RecordKind::TcpRetransmit, "a segment is sent again",
       "reason, socket, source, destination, info, tcp_seq"},
      {RecordKind::TcpCongestion, "the congestion window and its kin changed",
       "socket, cwnd_bytes, ssthresh_bytes, flight_bytes, rwnd_bytes, srtt_ns"},
      {RecordKind::TcpTimeout, "a retransmission timer ran out", "socket, rto_ns"},
      {RecordKind::Note, "a line of text by a program", "text"},
      {RecordKind::Phase, "a milestone of a program", "milestone, object"},
      {RecordKind::RequestStarted, "a client's request began", "request, what, service"},
      {RecordKind::RequestEnded, "a client's request ended",
       "request, outcome, latency_ns, bytes, text"},
      {RecordKind::Sample, "a program measured something", "metric, value"},
      {RecordKind::Fact, "a fact about a connection or a service",
       "topic, socket, name, value, text"},
      {RecordKind::Countdown, "a program waits until an instant, or (without it) no longer waits",
       "countdown, until_ns, service"},
  };
  return kinds;
}

TraceFile::TraceFile(std::ostream &out, std::shared_ptr<const net::Blueprint> network)
    : m_out(out), m_network(std::move(network)) {}

void TraceFile::add(const trace::Chunk &chunk) {
  if (m_forms.empty()) m_firstForm = chunk.summary.firstPacket;
  m_forms.insert(m_forms.end(), chunk.packets.begin(), chunk.packets.end());
  for (std::size_t i = 0; i < chunk.records.size(); ++i)
    write(chunk, chunk.records[i], chunk.summary.first + i);
  while (m_forms.size() > formsMax) {
    m_forms.pop_front();
    ++m_firstForm;
  }
}

const wire::Packet *TraceFile::form(PacketId id) const {
  if (id < m_firstForm || id - m_firstForm >= m_forms.size()) return nullptr;
  return &m_forms[id - m_firstForm];
}

void TraceFile::text(std::string_view key, std::string_view value) {
  m_line += fmt::format(R"(,"{}":)", key);
  m_line += nlohmann::json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void TraceFile::number(std::string_view key, std::uint64_t value) {
  fmt::format_to(std::back_inserter(m_line), R"(,"{}":{})", key, value);
}

void TraceFile::real(std::string_view key, double value) {
  fmt::format_to(std::back_inserter(m_line), R"(,"{}":{})", key, std::isfinite(value) ? value : 0);
}

void TraceFile::optionalText(std::string_view key, const trace::Chunk &chunk, std::uint64_t index) {
  if (index != trace::noText) text(key, chunk.text(index));
}

void TraceFile::write(const trace::Chunk &chunk, const Record &r, trace::Sequence sequence) {
  m_line.clear();
  fmt::format_to(std::back_inserter(m_line), R"({{"t_ns":{},"seq":{},"cause":{})", r.at.ns(),
                 sequence, r.cause);
  // Ids of a document hold nothing that JSON would escape.
  if (r.hasNode())
    fmt::format_to(std::back_inserter(m_line), R"(,"node":"{}")", m_network->nodes[r.node].id);
  else
    m_line += R"(,"node":null)";
  if (r.hasLink())
    fmt::format_to(std::back_inserter(m_line), R"(,"link":"{}")", m_network->links[r.link].id);
  else
    m_line += R"(,"link":null)";
  if (r.packet != 0)
    number("packet", r.packet);
  else
    m_line += R"(,"packet":null)";
  fmt::format_to(std::back_inserter(m_line), R"(,"kind":"{}")", trace::name(r.kind));
  details(chunk, r);
  m_line += "}\n";
  m_out.write(m_line.data(), static_cast<std::streamsize>(m_line.size()));
}

void TraceFile::sent(const Record &r) {
  const auto &end = m_network->links[r.link].ends[static_cast<std::size_t>(trace::sendingEnd(r))];
  text("from", m_network->nodes[end.node.value].interfaces[end.interface].name);
  if (r.kind == RecordKind::FrameQueued) {
    number("bytes", r.args[0]);
    text("protocol", protocolName(trace::protocolClass(r)));
    return;
  }
  const trace::SentArgs args = trace::sentArgs(r);
  number("bytes", args.frameBytes);
  number("arrival_ns", static_cast<std::uint64_t>(args.arrival.ns()));
  if (args.ttl != 0) number("ttl", args.ttl);
  text("protocol", protocolName(trace::protocolClass(r)));
  if (args.queued != 0) number("queued", args.queued);
  packetText(r);
}

void TraceFile::packetText(const Record &r) {
  const wire::Packet *p = form(r.packet);
  if (p == nullptr) return;
  if (p->isIp()) {
    text("source", withPort(p->ip.source, *p, true));
    text("destination", withPort(p->ip.destination, *p, false));
  }
  text("info", wire::shortInfo(*p));
}

void TraceFile::details(const trace::Chunk &chunk, const Record &r) {
  const auto &a = r.args;
  switch (r.kind) {
  case RecordKind::FrameSent:
  case RecordKind::FrameQueued: return sent(r);
  case RecordKind::FrameReceived: return number("sent", a[0]);
  case RecordKind::FrameDropped:
    text("reason", trace::name(static_cast<trace::DropReason>(r.detail)));
    if (a[0] != 0) number("about", a[0]);
    return;
  case RecordKind::PacketRewritten: number("old_packet", a[0]); return packetText(r);
  case RecordKind::SegmentDelivered: number("bytes", a[0]); return number("socket", a[1]);
  case RecordKind::NodeState:
    return text("state", trace::name(static_cast<trace::NodeHealth>(r.detail)));
  case RecordKind::LinkState: m_line += r.detail == 1 ? R"(,"up":true)" : R"(,"up":false)"; return;
  case RecordKind::LinkChanged:
    text("quantity", trace::name(static_cast<trace::LinkQuantity>(r.detail)));
    return real("value", trace::doubleOf(a[0]));
  case RecordKind::NodeChanged:
    text("quantity", trace::name(static_cast<trace::NodeQuantity>(r.detail)));
    return real("value", trace::doubleOf(a[0]));
  case RecordKind::AddressHeld:
    m_line += r.detail == 1 ? R"(,"taken":true)" : R"(,"taken":false)";
    text("ip", wire::Ipv4Address{static_cast<std::uint32_t>(a[0])}.text());
    return text("mac", mac(a[1]));
  case RecordKind::ArpLearned:
    text("ip", wire::Ipv4Address{static_cast<std::uint32_t>(a[0])}.text());
    return text("mac", mac(a[1]));
  case RecordKind::MacLearned: return text("mac", mac(a[1]));
  case RecordKind::NatMapped:
    text("inside", endpoint(a[0]));
    return text("outside", endpoint(a[1]));
  case RecordKind::TcpState: {
    const trace::TcpStateArgs s = trace::tcpStateArgs(r);
    number("socket", s.socket);
    text("from", transport::name(static_cast<transport::TcpState>(s.fromState)));
    text("to", transport::name(static_cast<transport::TcpState>(r.detail)));
    text("local", endpoint(s.localIp, s.localPort));
    return text("remote", endpoint(s.remoteIp, s.remotePort));
  }
  case RecordKind::TcpRetransmit:
    text("reason", trace::name(static_cast<trace::RetransmitReason>(r.detail)));
    number("socket", a[0]);
    packetText(r);
    if (const wire::Packet *p = form(r.packet); p != nullptr && p->kind == wire::PacketKind::Tcp)
      number("tcp_seq", p->tcp.sequence);
    return;
  case RecordKind::TcpCongestion:
    number("socket", a[0]);
    number("cwnd_bytes", a[1] >> 32);
    number("ssthresh_bytes", a[1] & 0xffffffffU);
    number("flight_bytes", a[2] >> 32);
    number("rwnd_bytes", a[2] & 0xffffffffU);
    return number("srtt_ns", a[3]);
  case RecordKind::TcpTimeout: number("socket", a[0]); return number("rto_ns", a[1]);
  case RecordKind::Note: return text("text", chunk.text(a[0]));
  case RecordKind::Phase:
    text("milestone", chunk.text(a[0]));
    return optionalText("object", chunk, a[1]);
  case RecordKind::RequestStarted:
    number("request", a[0]);
    optionalText("what", chunk, a[1]);
    return optionalText("service", chunk, a[2]);
  case RecordKind::RequestEnded:
    number("request", a[0]);
    text("outcome", trace::name(static_cast<trace::RequestOutcome>(r.detail)));
    number("latency_ns", a[1]);
    number("bytes", a[2]);
    return optionalText("text", chunk, a[3]);
  case RecordKind::Sample:
    text("metric", chunk.text(a[0]));
    return real("value", trace::doubleOf(a[1]));
  case RecordKind::Fact:
    text("topic", trace::name(static_cast<trace::FactTopic>(r.detail)));
    number("socket", a[0]);
    text("name", chunk.text(a[1]));
    optionalText("value", chunk, a[2]);
    return optionalText("text", chunk, a[3]);
  case RecordKind::Countdown:
    text("countdown", trace::name(static_cast<trace::CountdownKind>(r.detail)));
    if (a[0] != ~std::uint64_t{0}) number("until_ns", a[0]);
    return optionalText("service", chunk, a[1]);
  }
}

} // namespace packetarium::cli
