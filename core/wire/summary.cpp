// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/codec.h"
#include "core/wire/dissector.h"

#include <fmt/format.h>

namespace packetarium::wire {
namespace {

std::string unreachableText(std::uint8_t code) {
  switch (code) {
  case 0: return "Network unreachable";
  case 1: return "Host unreachable";
  case 2: return "Protocol unreachable";
  case 3: return "Port unreachable";
  case 4: return "Fragmentation needed";
  case 13: return "Administratively prohibited";
  default: return fmt::format("Destination unreachable (code {})", code);
  }
}

Summary arpSummary(const Packet &p) {
  const ArpMessage &arp = p.arp;
  const std::string target = arp.targetIp.text();
  if (arp.senderIp == arp.targetIp)
    return {"ARP", "I am " + target, "Gratuitous ARP for " + target};
  if (arp.operation == ArpMessage::Request)
    return {"ARP", fmt::format("who has {}?", target),
            fmt::format("Who has {}? Tell {}", target, arp.senderIp.text())};
  if (arp.operation == ArpMessage::Reply)
    return {"ARP", fmt::format("I have {}", arp.senderIp.text()),
            fmt::format("{} is at {}", arp.senderIp.text(), arp.senderMac.text())};
  const std::string other = fmt::format("ARP operation {}", arp.operation);
  return {"ARP", other, other};
}

std::string quoteText(const Payload &payload) {
  const auto q = parseQuote(payload);
  if (!q) return {};
  std::string text = fmt::format(" about {} → {}", q->source.text(), q->destination.text());
  const auto protocol = static_cast<IpProtocol>(q->protocol);
  if (protocol == IpProtocol::Udp || protocol == IpProtocol::Tcp)
    text += fmt::format(" {} {} → {}", protocol == IpProtocol::Udp ? "UDP" : "TCP", q->sourcePort,
                        q->destinationPort);
  return text;
}

Summary icmpSummary(const Packet &p) {
  const std::string label = icmpText(p.icmp.type, p.icmp.code);
  if (p.icmp.type == IcmpHeader::EchoRequest || p.icmp.type == IcmpHeader::EchoReply)
    return {"ICMP", label,
            fmt::format("{} id={} seq={} ttl={}", label, p.icmp.rest >> 16, p.icmp.rest & 0xffff,
                        p.ip.ttl)};
  return {"ICMP", label, label + quoteText(p.payload)};
}

Summary udpSummary(const Packet &p) {
  if (const auto *a =
          findApplication(p.kind, p.udp.sourcePort, p.udp.destinationPort, p.payload.view());
      a != nullptr && !p.payload.empty())
    return a->summarise(p.payload);
  return {"UDP", fmt::format("{} bytes", p.payload.size()),
          fmt::format("{} → {} len={}", p.udp.sourcePort, p.udp.destinationPort, p.payload.size())};
}

std::string tcpLabel(const Packet &p, std::optional<TcpBase> base) {
  const TcpHeader &tcp = p.tcp;
  const std::string flags = tcpFlagsText(tcp.flags & static_cast<std::uint8_t>(~TcpFlags::Psh));
  if (!p.payload.empty() && !tcp.has(TcpFlags::Syn | TcpFlags::Fin | TcpFlags::Rst))
    return fmt::format("{} bytes", p.payload.size());
  if (tcp.flags == TcpFlags::Ack && base)
    return fmt::format("ACK {}",
                       static_cast<std::uint32_t>(tcp.acknowledgment - base->acknowledgment));
  return flags;
}

std::string tcpInfo(const Packet &p, std::optional<TcpBase> base) {
  const TcpHeader &tcp = p.tcp;
  const TcpBase from = base.value_or(TcpBase{});
  std::string text =
      fmt::format("{} → {} {} seq={}", tcp.sourcePort, tcp.destinationPort, tcpFlagsText(tcp.flags),
                  static_cast<std::uint32_t>(tcp.sequence - from.sequence));
  if (tcp.has(TcpFlags::Ack))
    text += fmt::format(" ack={}",
                        static_cast<std::uint32_t>(tcp.acknowledgment - from.acknowledgment));
  text += fmt::format(" win={} len={}", tcp.window, p.payload.size());
  if (tcp.mss != 0) text += fmt::format(" mss={}", tcp.mss);
  if (tcp.windowScale >= 0) text += fmt::format(" ws={}", tcp.windowScale);
  return text;
}

Summary tcpSummary(const Packet &p, std::optional<TcpBase> base) {
  // Data on a segment that opens, closes or resets: the flag is what matters most there.
  const auto *a =
      findApplication(p.kind, p.tcp.sourcePort, p.tcp.destinationPort, p.payload.view());
  if (a != nullptr && !p.payload.empty() && !p.tcp.has(TcpFlags::Syn | TcpFlags::Rst))
    return a->summarise(p.payload);
  return {"TCP", tcpLabel(p, base), tcpInfo(p, base)};
}

Summary ipSummary(const Packet &p) {
  if (p.ip.moreFragments || p.ip.fragmentOffset != 0)
    return {"IPv4", "fragment",
            fmt::format("Fragment of datagram 0x{:04x}, offset {}, {} bytes", p.ip.identification,
                        8 * p.ip.fragmentOffset, p.payload.size())};
  if (static_cast<IpProtocol>(p.ip.protocol) == IpProtocol::Vrrp) return summariseVrrp(p.payload);
  const std::string text = fmt::format("IP protocol {}", p.ip.protocol);
  return {"IPv4", text, fmt::format("{}, {} bytes", text, p.payload.size())};
}

} // namespace

std::string tcpFlagsText(std::uint8_t flags) {
  constexpr std::pair<std::uint8_t, std::string_view> names[] = {
      {TcpFlags::Syn, "SYN"}, {TcpFlags::Fin, "FIN"}, {TcpFlags::Rst, "RST"},
      {TcpFlags::Psh, "PSH"}, {TcpFlags::Ack, "ACK"}, {TcpFlags::Urg, "URG"},
      {TcpFlags::Ece, "ECE"}, {TcpFlags::Cwr, "CWR"}};
  std::string out;
  for (const auto &[bit, name] : names)
    if ((flags & bit) != 0) out += (out.empty() ? "" : ", ") + std::string(name);
  return out.empty() ? "no flags" : out;
}

std::string icmpText(std::uint8_t type, std::uint8_t code) {
  switch (type) {
  case IcmpHeader::EchoReply: return "Echo reply";
  case IcmpHeader::EchoRequest: return "Echo request";
  case IcmpHeader::DestinationUnreachable: return unreachableText(code);
  case IcmpHeader::TimeExceeded:
    return code == 0 ? "Time to live exceeded" : "Reassembly time exceeded";
  default: return fmt::format("ICMP type {} code {}", type, code);
  }
}

Summary summarise(const Packet &p, std::optional<TcpBase> base) {
  switch (p.kind) {
  case PacketKind::Arp: return arpSummary(p);
  case PacketKind::Icmp: return icmpSummary(p);
  case PacketKind::Udp: return udpSummary(p);
  case PacketKind::Tcp: return tcpSummary(p, base);
  case PacketKind::Ip: return ipSummary(p);
  case PacketKind::Raw: break;
  }
  const std::string type = fmt::format("Ethernet 0x{:04x}", p.ethernet.etherType);
  return {"Ethernet", type, fmt::format("{}, {} bytes", type, p.payload.size())};
}

std::string shortLabel(const Packet &p, std::optional<TcpBase> base) {
  return summarise(p, base).label;
}

std::string shortInfo(const Packet &p, std::optional<TcpBase> base) {
  return summarise(p, base).info;
}

} // namespace packetarium::wire
