// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/journey_story.h"
#include "core/wire/dissect.h"
#include "core/wire/ports.h"
#include "core/wire/tls_scan.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::analysis {
namespace {

constexpr std::uint32_t ethernetBytes = 14, ipBytes = 20, udpBytes = 8, icmpBytes = 8,
                        arpBytes = 28;

std::uint8_t number(wire::ProtocolClass c) { return static_cast<std::uint8_t>(c); }

bool hasTransport(const wire::Packet &p) {
  return p.kind == wire::PacketKind::Udp || p.kind == wire::PacketKind::Tcp;
}
bool hasApplication(const wire::Packet &p) { return hasTransport(p) && !p.payload.empty(); }

std::uint32_t transportEnd(const wire::Packet &p) {
  const std::uint32_t start = ethernetBytes + ipBytes;
  if (p.kind == wire::PacketKind::Tcp) return start + p.tcp.headerBytes();
  if (p.kind == wire::PacketKind::Udp) return start + udpBytes;
  return start;
}

/// The value of an HTTP header in the payload's first bytes; empty when it is not there.
std::string httpHeader(const wire::Packet &p, std::string_view name) {
  constexpr std::uint32_t headMax = 2048;
  const std::string head = p.payload.slice(0, std::min(p.payload.size(), headMax)).toText();
  const std::string wanted = "\r\n" + std::string(name) + ": ";
  const std::size_t at = head.find(wanted);
  const std::size_t end = at == std::string::npos ? at : head.find("\r\n", at + 2);
  if (end == std::string::npos) return {};
  const std::size_t from = at + wanted.size();
  return head.substr(from, end - from);
}

std::string presentationText(const wire::Packet &p) {
  if (p.protocol == wire::ProtocolClass::Http) {
    const std::string type = httpHeader(p, "Content-Type");
    return type.empty() ? "ASCII text" : type;
  }
  if (p.protocol == wire::ProtocolClass::Dns) return "DNS wire format";
  if (p.protocol == wire::ProtocolClass::Voice) return "sampled speech";
  if (p.protocol == wire::ProtocolClass::Cluster) return "a line of ASCII text";
  return "plain bytes";
}

std::string sessionText(const wire::Packet &p) {
  if (p.protocol == wire::ProtocolClass::Http) {
    const std::string connection = httpHeader(p, "Connection");
    return connection.empty() ? "part of an exchange" : connection;
  }
  if (p.protocol == wire::ProtocolClass::Dns) return "question and answer, same id";
  if (p.protocol == wire::ProtocolClass::Voice) return "one stream, numbered";
  return "one conversation";
}

std::string transportText(const wire::Packet &p) {
  if (p.kind == wire::PacketKind::Udp)
    return fmt::format("UDP {} → {}", p.udp.sourcePort, p.udp.destinationPort);
  if (p.kind != wire::PacketKind::Tcp) return {};
  std::string flags;
  const std::pair<std::uint8_t, const char *> names[] = {{wire::TcpFlags::Syn, "SYN"},
                                                         {wire::TcpFlags::Fin, "FIN"},
                                                         {wire::TcpFlags::Rst, "RST"},
                                                         {wire::TcpFlags::Ack, "ACK"}};
  for (const auto &[bit, text] : names)
    if (p.tcp.has(bit)) flags += (flags.empty() ? "" : ", ") + std::string(text);
  return fmt::format("TCP {} → {}, {}", p.tcp.sourcePort, p.tcp.destinationPort, flags);
}

std::string networkText(const wire::Packet &p) {
  if (p.kind == wire::PacketKind::Arp) return "ARP: " + wire::shortLabel(p);
  if (!p.isIp()) return {};
  std::string text =
      fmt::format("{} → {}, TTL {}", p.ip.source.text(), p.ip.destination.text(), p.ip.ttl);
  if (p.protocol == wire::ProtocolClass::Vrrp) text += ", " + wire::shortLabel(p);
  if (p.kind == wire::PacketKind::Icmp) text += ", ICMP " + wire::shortLabel(p);
  return text;
}

std::string linkText(const wire::Packet &p) {
  const bool all = p.ethernet.destination == wire::MacAddress::broadcast();
  return fmt::format("Ethernet {} → {}", p.ethernet.source.text(),
                     all ? std::string("everyone") : p.ethernet.destination.text());
}

LayerStory box(int layer, std::string summary, wire::ProtocolClass protocol, bool active,
               std::uint32_t from = 0, std::uint32_t to = 0) {
  LayerStory s;
  s.layer = static_cast<std::uint8_t>(layer);
  s.title = std::string(osiName(layer));
  s.summary = active ? std::move(summary) : std::string();
  s.protocol = number(protocol);
  s.active = active;
  s.headerFrom = active ? from : 0;
  s.headerTo = active ? to : 0;
  return s;
}

std::vector<LayerStory> osiLayers(const wire::Packet &p) {
  using wire::ProtocolClass;
  const bool application = hasApplication(p);
  const std::uint32_t payloadFrom = transportEnd(p);
  const auto transport = p.kind == wire::PacketKind::Udp ? ProtocolClass::Udp : ProtocolClass::Tcp;
  const bool arp = p.kind == wire::PacketKind::Arp;
  const std::uint32_t networkTo =
      arp ? ethernetBytes + arpBytes
          : ethernetBytes + ipBytes + (p.kind == wire::PacketKind::Icmp ? icmpBytes : 0);
  const auto network = arp                                ? ProtocolClass::Arp
                       : p.kind == wire::PacketKind::Icmp ? ProtocolClass::Icmp
                                                          : ProtocolClass::Ip;
  return {
      box(7, application ? wire::shortLabel(p) : "", p.protocol, application, payloadFrom,
          payloadFrom + p.payload.size()),
      box(6, application ? presentationText(p) : "", p.protocol, application),
      box(5, application ? sessionText(p) : "", p.protocol, application),
      box(4, transportText(p), transport, hasTransport(p), ethernetBytes + ipBytes, payloadFrom),
      box(3, networkText(p), network, arp || p.isIp(), ethernetBytes, networkTo),
      box(2, linkText(p), ProtocolClass::Ethernet, true, 0, ethernetBytes),
      box(1, fmt::format("{} bytes on the link", p.frameBytes), ProtocolClass::Other, true),
  };
}

/// The protocol that TLS carries, told by its port as the eye does; TLS itself when it is unknown.
wire::ProtocolClass carriedByTls(const wire::Packet &p) {
  const auto uses = [&](std::uint16_t port) {
    return p.tcp.sourcePort == port || p.tcp.destinationPort == port;
  };
  return uses(wire::httpsPort) || uses(wire::httpsAltPort) ? wire::ProtocolClass::Http
                                                           : wire::ProtocolClass::Tls;
}

/// TLS between session and presentation. Those two have nothing of their own in such a packet: what
/// courses give them is what TLS does.
std::vector<LayerStory> withTls(std::vector<LayerStory> osi, const wire::Packet &p) {
  const std::uint32_t inside = encryptedFrom(p);
  const bool carries = inside != 0;
  const std::uint32_t from = transportEnd(p), end = from + p.payload.size();
  osi[0] = box(7, fmt::format("encrypted, {} bytes", p.payload.size() - inside), carriedByTls(p),
               carries, from + inside, end);
  osi[1] = box(6, {}, wire::ProtocolClass::Tls, false);
  osi[2] = box(5, {}, wire::ProtocolClass::Tls, false);
  LayerStory tls = box(6, wire::shortLabel(p), wire::ProtocolClass::Tls, true, from,
                       carries ? from + inside : end);
  tls.title = "TLS";
  tls.between = true;
  osi.insert(osi.begin() + 2, std::move(tls));
  return osi;
}

} // namespace

bool carriesTls(const wire::Packet &p) {
  return p.protocol == wire::ProtocolClass::Tls && hasApplication(p);
}

std::uint32_t encryptedFrom(const wire::Packet &p) {
  namespace tls = wire::tls;
  constexpr auto header = static_cast<std::uint32_t>(tls::recordHeaderBytes);
  constexpr std::uint32_t cipherSpec = header + 1; // a whole record
  if (!carriesTls(p)) return 0;
  std::uint32_t at = 0;
  const tls::View bytes = p.payload.view();
  const auto begins = [&](tls::ContentType type) {
    return bytes.size() > at + header && bytes[at] == static_cast<std::uint8_t>(type) &&
           tls::startsRecord(bytes.subspan(at));
  };
  if (begins(tls::ContentType::ChangeCipherSpec)) at += cipherSpec;
  return begins(tls::ContentType::ApplicationData) ? at + header : 0;
}

std::string_view osiName(int layer) {
  switch (layer) {
  case 1: return "Physical";
  case 2: return "Data link";
  case 3: return "Network";
  case 4: return "Transport";
  case 5: return "Session";
  case 6: return "Presentation";
  case 7: return "Application";
  default: return {};
  }
}

std::vector<LayerStory> groupLayers(const std::vector<LayerStory> &osi, LayerModel model) {
  if (model == LayerModel::Osi7 || osi.empty()) return osi;
  std::vector<LayerStory> out;
  const auto merge = [&](int number, std::string title, int from, int to) {
    LayerStory merged;
    merged.layer = static_cast<std::uint8_t>(number);
    merged.title = std::move(title);
    for (const LayerStory &s : osi) {
      if (s.layer < from || s.layer > to || s.between) continue;
      const bool first = !merged.active;
      merged.active = merged.active || s.active;
      if (first) {
        merged.summary = s.summary;
        merged.protocol = s.protocol;
        merged.headerFrom = s.headerFrom;
        merged.headerTo = s.headerTo;
        merged.reference = s.reference;
      }
      if (!s.sentence.empty())
        merged.sentence = merged.sentence.empty() ? s.sentence : merged.sentence + " " + s.sentence;
    }
    out.push_back(std::move(merged));
  };
  merge(4, "Application", 5, 7);
  for (const LayerStory &s : osi)
    if (s.between) {
      out.push_back(s);
      out.back().layer = 4;
    }
  merge(3, "Transport", 4, 4);
  merge(2, "Internet", 3, 3);
  merge(1, "Link", 1, 2);
  return out;
}

std::vector<LayerStory> layersOf(const wire::Packet &packet, LayerModel model) {
  std::vector<LayerStory> osi = osiLayers(packet);
  if (carriesTls(packet)) osi = withTls(std::move(osi), packet);
  return groupLayers(osi, model);
}

} // namespace packetarium::analysis
