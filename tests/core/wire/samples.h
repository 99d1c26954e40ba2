// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/wire/cluster_message.h"
#include "core/wire/codec.h"
#include "core/wire/dns.h"
#include "core/wire/http.h"
#include "core/wire/rtp.h"
#include "core/wire/vrrp.h"

#include <string>
#include <vector>

/// Packets of every kind the project sends, for tables of tests.
namespace samples {

using namespace packetarium::wire;

struct Sample {
  std::string name;
  Packet packet;
};

inline Bytes hexBytes(std::string_view text) {
  Bytes out;
  int high = -1;
  for (const char c : text) {
    if (c == ' ' || c == '\n') continue;
    const int digit = c <= '9' ? c - '0' : c - 'a' + 10;
    if (high < 0)
      high = digit;
    else {
      out.push_back(static_cast<std::uint8_t>(high * 16 + digit));
      high = -1;
    }
  }
  return out;
}

inline Packet base(PacketKind kind) {
  Packet p;
  p.ethernet = {MacAddress::fromBits(0x020000000002), MacAddress::fromBits(0x020000000001), 0x0800};
  p.kind = kind;
  p.ip.source = Ipv4Address::of(192, 168, 1, 2);
  p.ip.destination = Ipv4Address::of(192, 0, 2, 1);
  p.ip.identification = 0x1234;
  p.ip.dontFragment = true;
  return p;
}

inline Packet udp(std::uint16_t from, std::uint16_t to, Payload payload) {
  Packet p = base(PacketKind::Udp);
  p.ip.protocol = 17;
  p.udp = UdpHeader{from, to};
  p.payload = std::move(payload);
  seal(p);
  return p;
}

inline Packet tcp(std::uint8_t flags, std::uint32_t seq, std::uint32_t ack, Payload payload = {}) {
  Packet p = base(PacketKind::Tcp);
  p.ip.protocol = 6;
  p.tcp = TcpHeader{};
  p.tcp.sourcePort = 49152;
  p.tcp.destinationPort = 80;
  p.tcp.sequence = seq;
  p.tcp.acknowledgment = ack;
  p.tcp.flags = flags;
  p.tcp.window = 64240;
  p.payload = std::move(payload);
  seal(p);
  return p;
}

inline Packet syn() {
  Packet p = tcp(TcpFlags::Syn, 1000, 0);
  p.tcp.mss = 1460;
  p.tcp.windowScale = 7;
  seal(p);
  return p;
}

inline Packet icmp(std::uint8_t type, std::uint8_t code, std::uint32_t rest, Payload payload) {
  Packet p = base(PacketKind::Icmp);
  p.ip.protocol = 1;
  p.icmp = IcmpHeader{type, code, rest};
  p.payload = std::move(payload);
  seal(p);
  return p;
}

inline Packet arp(std::uint16_t operation) {
  Packet p = base(PacketKind::Arp);
  p.ethernet.destination =
      operation == ArpMessage::Request ? MacAddress::broadcast() : p.ethernet.destination;
  p.ethernet.etherType = 0x0806;
  p.arp = ArpMessage{};
  p.arp.operation = operation;
  p.arp.senderMac = p.ethernet.source;
  p.arp.senderIp = Ipv4Address::of(10, 0, 0, 1);
  p.arp.targetIp = Ipv4Address::of(10, 0, 0, 2);
  if (operation == ArpMessage::Reply) p.arp.targetMac = p.ethernet.destination;
  seal(p);
  return p;
}

inline Packet ip(std::uint8_t protocol, Payload payload) {
  Packet p = base(PacketKind::Ip);
  p.ip.protocol = protocol;
  p.payload = std::move(payload);
  seal(p);
  return p;
}

inline vrrp::Advertisement advertisement() {
  return {7, 200, 100, {Ipv4Address::of(192, 0, 2, 10), Ipv4Address::of(192, 0, 2, 11)}};
}

inline Packet vrrpPacket() {
  Packet p = base(PacketKind::Ip);
  p.ethernet.destination = MacAddress::fromBits(0x01005e000012);
  p.ethernet.source = vrrp::virtualMac(7);
  p.ip.destination = vrrp::group;
  p.ip.protocol = 112;
  p.ip.ttl = vrrp::requiredTtl;
  p.payload = vrrp::encode(advertisement());
  seal(p);
  return p;
}

inline cluster::Message append() {
  return cluster::Message("append").add("epoch", 2).add("index", 7).add("op", "write cart 1\n2 %");
}

inline Packet raw(std::uint16_t etherType, Payload payload) {
  Packet p = base(PacketKind::Raw);
  p.ethernet.etherType = etherType;
  p.payload = std::move(payload);
  seal(p);
  return p;
}

inline dns::Message dnsQuery() { return dns::Message::query(0xbeef, "www.example.com"); }

inline dns::Message dnsAnswer() {
  dns::Message m = dns::Message::responseTo(dnsQuery());
  m.authoritative = m.recursionAvailable = true;
  m.answers.push_back(dns::Record::cname("www.example.com", "web.example.com", 300));
  m.answers.push_back(dns::Record::a("web.example.com", Ipv4Address::of(192, 0, 2, 1), 60));
  m.authority.push_back(dns::Record::ns("example.com", "ns1.example.com", 3600));
  m.additional.push_back(dns::Record::txt("example.com", {"v=1", "hello world"}, 5));
  m.additional.push_back(dns::Record::ptr("1.2.0.192.in-addr.arpa", "web.example.com", 5));
  return m;
}

inline dns::Message dnsNegative() {
  dns::Message m = dns::Message::responseTo(dns::Message::query(7, "nowhere.example.com"));
  m.code = dns::ResponseCode::NameError;
  m.authority.push_back(dns::Record::soa(
      "example.com", {"ns1.example.com", "admin.example.com", 2024, 7200, 3600, 1209600, 300},
      900));
  return m;
}

/// The name is there, its address gives way to another one, and one record of a third name goes.
inline dns::Message dnsUpdate() {
  dns::Message m = dns::Message::update(0x2136, "example.com");
  const auto address = dns::Record::a("www.example.com", Ipv4Address::of(192, 0, 2, 7), 30);
  m.answers.push_back(dns::Record::deletion("www.example.com"));
  m.answers.push_back(
      dns::Record::a("ns1.example.com", Ipv4Address::of(192, 0, 2, 53), 0)); // with this address
  dns::Record unused = dns::Record::deletion("new.example.com");
  unused.recordClass = dns::classNone;
  m.answers.push_back(unused);
  m.authority.push_back(dns::Record::deletion("www.example.com", dns::RecordType::A));
  m.authority.push_back(address);
  m.authority.push_back(
      dns::Record::deletionOf(dns::Record::cname("old.example.com", "www.example.com", 0)));
  return m;
}

inline dns::Message dnsUpdateRefused() {
  dns::Message m;
  m.id = 0x2136;
  m.opcode = dns::opcodeUpdate;
  m.response = true;
  m.code = dns::ResponseCode::NotInZone;
  return m;
}

inline Payload payloadOf(const dns::Message &m) { return Payload::of(dns::encode(m).value()); }

inline Packet dnsPacket(const dns::Message &m) {
  return m.response ? udp(53, 40000, payloadOf(m)) : udp(40000, 53, payloadOf(m));
}

inline Packet reversed(Packet p) {
  std::swap(p.ip.source, p.ip.destination);
  std::swap(p.ethernet.source, p.ethernet.destination);
  if (p.kind == PacketKind::Tcp) std::swap(p.tcp.sourcePort, p.tcp.destinationPort);
  seal(p);
  return p;
}

/// A whole request in the order of a real exchange, so that an analyser's state stays sound.
inline std::vector<Sample> all() {
  constexpr std::uint8_t ack = TcpFlags::Ack, psh = TcpFlags::Psh;
  const Payload request = http::serialise(http::get("www.example.com", "/index.html"));
  const Payload head = http::serialise(http::respond(200, "text/plain", 1500));
  const Payload first = head.followedBy(Payload::pattern(0, 1460 - head.size()));
  const Payload rest = Payload::pattern(1460 - head.size(), 40 + head.size());
  const std::uint32_t asked = 1001 + request.size();
  http::Request again = http::get("www.example.com", "/account");
  again.headers.push_back({"Cookie", "session=0123456789abcdef; lang=en-US"});
  const Payload askAgain = http::serialise(again);
  http::Response login = http::respond(302, "text/html", 0);
  login.headers.push_back({"Location", "/login?next=account"});
  login.headers.push_back({"Set-Cookie", "session=31d4d96e407aad42; Path=/; Max-Age=60; HttpOnly"});
  login.headers.push_back({"Strict-Transport-Security", "max-age=31536000"});
  const Payload elsewhere = http::serialise(login);
  const std::uint32_t askedAgain = asked + askAgain.size();
  Packet synAck = reversed(syn());
  synAck.tcp.flags = TcpFlags::Syn | ack;
  synAck.tcp.sequence = 4'000'000'000U;
  synAck.tcp.acknowledgment = 1001;
  seal(synAck);
  constexpr std::uint32_t server = 4'000'000'001U;
  const std::uint32_t answered = server + 1500 + head.size();
  Packet marked = udp(7000, 7001, Payload::pattern(3, 33));
  marked.ip.dscpEcn = 0xb9;
  seal(marked);
  Packet odd = udp(7000, 7001, Payload::of("odd"));
  return {
      {"ARP request", arp(ArpMessage::Request)},
      {"ARP reply", arp(ArpMessage::Reply)},
      {"DNS query", dnsPacket(dnsQuery())},
      {"DNS answer", dnsPacket(dnsAnswer())},
      {"DNS no such name", dnsPacket(dnsNegative())},
      {"DNS update", dnsPacket(dnsUpdate())},
      {"DNS update refused", dnsPacket(dnsUpdateRefused())},
      {"SYN", syn()},
      {"SYN, ACK", synAck},
      {"ACK", tcp(ack, 1001, server)},
      {"HTTP request", tcp(psh | ack, 1001, server, request)},
      {"HTTP response", reversed(tcp(ack, server, asked, first))},
      {"HTTP rest", reversed(tcp(psh | ack, server + 1460, asked, rest))},
      {"HTTP cookies", tcp(psh | ack, asked, answered, askAgain)},
      {"HTTP redirect", reversed(tcp(psh | ack, answered, askedAgain, elsewhere))},
      {"FIN", tcp(TcpFlags::Fin | ack, askedAgain, answered + elsewhere.size())},
      {"RST", reversed(tcp(TcpFlags::Rst, answered + elsewhere.size(), 0))},
      {"Echo request", icmp(8, 0, 0x00010002, Payload::pattern(0, 56))},
      {"Echo reply", reversed(icmp(0, 0, 0x00010002, Payload::pattern(0, 56)))},
      {"Port unreachable", reversed(icmp(3, 3, 0, quoteOf(udp(9, 33434, Payload::of("probe")))))},
      {"Time exceeded", reversed(icmp(11, 0, 0, quoteOf(syn())))},
      {"Fragmentation needed", reversed(icmp(3, 4, 1400, quoteOf(tcp(ack, 5, 6, rest))))},
      {"UDP", udp(7000, 7001, Payload::pattern(0, 512))},
      {"UDP odd length", odd},
      {"UDP marked", marked},
      {"UDP empty", udp(7000, 7001, {})},
      {"RTP", udp(5004, 5004, rtp::packet({true, 0, 12, 1920, 0xcafe}, 160))},
      {"VRRP", vrrpPacket()},
      {"Cluster", udp(7100, 7101, cluster::payloadOf(append()))},
      {"Other IP", ip(253, Payload::pattern(0, 20))},
      {"Other Ethernet", raw(0x88b5, Payload::pattern(0, 60))},
  };
}

} // namespace samples
