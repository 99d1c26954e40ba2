// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/journey_story.h"

#include "core/analysis/delivery.h"
#include "core/analysis/names.h"
#include "core/wire/dissect.h"
#include "core/wire/tls_scan.h"

#include <fmt/format.h>

namespace packetarium::analysis {
namespace {

using wire::Packet;
using wire::PacketKind;

/// One sentence of a layer with where it is written down.
struct Told {
  std::string sentence, reference;
};

void tell(std::vector<LayerStory> &layers, int layer, Told told) {
  for (LayerStory &s : layers)
    if (s.layer == layer && s.active && !s.between) {
      s.sentence = s.sentence.empty() ? told.sentence : s.sentence + " " + told.sentence;
      if (s.reference.empty()) s.reference = std::move(told.reference);
    }
}

constexpr const char *whereTlsStands =
    "No model has a layer for it: it stands between TCP and the application. Courses put it at 5 "
    "to "
    "6, since it keeps a session and decides how the bytes are written.";

void tellTls(std::vector<LayerStory> &layers, const std::string &sentence) {
  for (LayerStory &s : layers) {
    if (!s.between || !s.active) continue;
    s.sentence = sentence + " " + whereTlsStands;
    s.reference = "RFC 8446, 5";
  }
}

/// "192.0.2.0/24 via core-1 (198.51.100.2)" or "10.0.0.0/24, which is on this very link".
std::string routeText(const StopFacts &f, std::uint32_t node, const Packet &p) {
  const net::NodeSpec &spec = f.network.nodes[node];
  const auto route = spec.routes ? spec.routes->lookup(p.ip.destination) : std::nullopt;
  if (!route) return "the link at hand";
  const bool everything = route->prefix.length == 0;
  const std::string prefix = everything ? "the default route 0.0.0.0/0" : route->prefix.text();
  if (route->nextHop.isAny()) return prefix + ", which is on this very link";
  const auto owner = ownerOf(f.network, route->nextHop);
  if (!owner) return prefix + " via " + route->nextHop.text();
  return fmt::format("{} via {} ({})", prefix, nodeName(f.network, *owner), route->nextHop.text());
}

std::string cardText(const StopFacts &f, wire::MacAddress mac) {
  if (mac == wire::MacAddress::broadcast()) return "everyone on the link";
  if (mac.isGroup()) return fmt::format("the group {}", mac.text());
  const std::string card = cardName(f.network, mac);
  return card.empty() ? mac.text() : fmt::format("{} ({})", mac.text(), card);
}

Told sendPhysical(const StopFacts &f, const Packet &p) {
  std::string text;
  if (f.waited > Duration{})
    text = fmt::format("It waited {} in the queue for frames before it. ", durationText(f.waited));
  if (f.rateBps == 0) return {text + fmt::format("{} bytes left.", p.frameBytes), ""};
  const auto ns = 8e9 * p.frameBytes / static_cast<double>(f.rateBps);
  text += fmt::format("{} bytes at {}: {} to put them on the wire", p.frameBytes,
                      rateText(static_cast<double>(f.rateBps)),
                      durationText(Duration::ns(static_cast<std::int64_t>(ns))));
  text += f.travel > Duration{} ? fmt::format(", then {} along it.", durationText(f.travel)) : ".";
  return {text, "IEEE 802.3"};
}

Told sendLink(const StopFacts &f, const Packet &p) {
  std::string text =
      fmt::format("Ethernet addressed the frame to {}", cardText(f, p.ethernet.destination));
  if (p.isIp() && !p.ethernet.destination.isGroup())
    text += !f.askedArp ? ", as its ARP cache says"
            : f.held > Duration{}
                ? fmt::format(", which ARP had to ask for first ({})", durationText(f.held))
                : ", which ARP had to ask for first";
  return {text + ".", p.isIp() ? "RFC 894; RFC 826" : "IEEE 802.3"};
}

Told sendTransport(const Packet &p) {
  if (p.kind == PacketKind::Udp)
    return {fmt::format("UDP put ports {} → {}, a length and a checksum in front; nothing is "
                        "promised about arrival.",
                        p.udp.sourcePort, p.udp.destinationPort),
            "RFC 768"};
  if (p.tcp.has(wire::TcpFlags::Syn))
    return {fmt::format("TCP opens: ports {} → {}, and the first sequence number {}.",
                        p.tcp.sourcePort, p.tcp.destinationPort, p.tcp.sequence),
            "RFC 9293, 3.5"};
  if (p.tcp.has(wire::TcpFlags::Fin))
    return {"TCP says that no more bytes will come from this side (FIN).", "RFC 9293, 3.6"};
  if (p.payload.empty())
    return {fmt::format("TCP confirms every byte before {} and offers a window of {}.",
                        p.tcp.acknowledgment, p.tcp.window),
            "RFC 9293, 3.4"};
  return {fmt::format("TCP numbered these {} bytes from {} on, so that the receiver can order and "
                      "confirm them.",
                      p.payload.size(), p.tcp.sequence),
          "RFC 9293, 3.4"};
}

Told applicationReference(const Packet &p, std::string sentence) {
  switch (p.protocol) {
  case wire::ProtocolClass::Http: return {std::move(sentence), "RFC 9110; RFC 9112"};
  case wire::ProtocolClass::Dns: return {std::move(sentence), "RFC 1035"};
  case wire::ProtocolClass::Voice: return {std::move(sentence), "RFC 3550"};
  case wire::ProtocolClass::Tls: return {std::move(sentence), "RFC 8446"};
  default: return {std::move(sentence), ""};
  }
}

/// What TLS did with what it was given, or says by itself.
std::string tlsSent(const StopFacts &f, std::uint32_t node, const Packet &p) {
  if (carriesEncrypted(p))
    return "TLS encrypted it with a key that only the two ends have, and wrote type and length in "
           "front: those can be seen.";
  if (wire::tls::startsRecord(p.payload.view()))
    return fmt::format("TLS on {} says this itself, before the application may speak: {}.",
                       nodeName(f.network, node), wire::shortLabel(p));
  return "TLS goes on with a record that began in an earlier segment.";
}

std::string tlsReceived(const Packet &p) {
  if (carriesEncrypted(p))
    return "TLS checks that nobody changed it, decrypts it with its key and hands on what was "
           "meant.";
  if (wire::tls::startsRecord(p.payload.view()))
    return "TLS takes this for itself; the application learns nothing of it.";
  return "TLS waits until the whole record is here.";
}

void tellUpperSend(std::vector<LayerStory> &out, const StopFacts &f, std::uint32_t node,
                   const Packet &p) {
  tell(out, 7,
       applicationReference(p, carriesTls(p)
                                   ? fmt::format("A program on {} hands its bytes to TLS.",
                                                 nodeName(f.network, node))
                                   : fmt::format("A program on {} hands down {}.",
                                                 nodeName(f.network, node), packetName(p))));
  if (carriesTls(p)) tellTls(out, tlsSent(f, node, p));
  tell(out, 6,
       {"What the program means is written as bytes that both sides read alike; in TCP/IP "
        "the application does this itself.",
        ""});
  tell(out, 5,
       {"Who talks when, and what belongs together, the application keeps track of; TCP/IP "
        "has no layer of its own for it.",
        ""});
  if (p.kind == PacketKind::Tcp || p.kind == PacketKind::Udp) tell(out, 4, sendTransport(p));
}

void tellSender(JourneyStop &stop, const StopFacts &f) {
  const Packet &p = *stop.outPacket;
  tellUpperSend(stop.outLayers, f, stop.node, p);
  if (p.kind == PacketKind::Arp) {
    tell(stop.outLayers, 3,
         {p.arp.operation == wire::ArpMessage::Request
              ? fmt::format("{} must learn which card has {}, so ARP asks everyone on the link.",
                            nodeName(f.network, stop.node), p.arp.targetIp.text())
              : fmt::format("{} owns {} and answers with its hardware address.",
                            nodeName(f.network, stop.node), p.arp.senderIp.text()),
          "RFC 826"});
  } else if (p.isIp()) {
    tell(stop.outLayers, 3,
         {fmt::format("IP wrote {} → {} and a TTL of {}, and chose {}.", p.ip.source.text(),
                      p.ip.destination.text(), p.ip.ttl, routeText(f, stop.node, p)),
          "RFC 791; RFC 1122, 3.3.1"});
  }
  tell(stop.outLayers, 2, sendLink(f, p));
  tell(stop.outLayers, 1, sendPhysical(f, p));
}

void tellSwitch(JourneyStop &stop, const StopFacts &f) {
  tell(stop.inLayers, 1, {"The bits came in at one port.", ""});
  if (stop.inPacket)
    tell(stop.inLayers, 2,
         {fmt::format("It noted that {} is behind this port.",
                      cardText(f, stop.inPacket->ethernet.source)),
          "IEEE 802.1D, 7.8"});
  if (!stop.outPacket) return;
  const Packet &p = *stop.outPacket;
  std::string text;
  if (p.ethernet.destination.isGroup())
    text = "The frame is for everyone, so it left by every other port.";
  else if (f.copies > 1)
    text = fmt::format("It did not know yet where {} is, so it sent a copy out of every other "
                       "port.",
                       p.ethernet.destination.text());
  else
    text = fmt::format("It found {} in its table and sent the frame out of that port alone, "
                       "unchanged.",
                       cardText(f, p.ethernet.destination));
  tell(stop.outLayers, 2, {text, "IEEE 802.1D, 7.7"});
  tell(stop.outLayers, 1, sendPhysical(f, p));
}

void tellArrivalLink(JourneyStop &stop, const StopFacts &f) {
  const Packet &p = *stop.inPacket;
  tell(stop.inLayers, 1, {"The bits came in and were a whole frame.", "IEEE 802.3"});
  const bool all = p.ethernet.destination.isGroup();
  tell(stop.inLayers, 2,
       {all ? std::string("The frame is for everyone, so it looked inside and took off the "
                          "Ethernet header.")
            : fmt::format("The frame is for {}, its own card: it took off the Ethernet header.",
                          cardText(f, p.ethernet.destination)),
        "RFC 894"});
}

std::string portsText(const Packet &p, bool source) {
  const wire::Ipv4Address a = source ? p.ip.source : p.ip.destination;
  if (p.kind == PacketKind::Tcp)
    return fmt::format("{}:{}", a.text(), source ? p.tcp.sourcePort : p.tcp.destinationPort);
  if (p.kind == PacketKind::Udp)
    return fmt::format("{}:{}", a.text(), source ? p.udp.sourcePort : p.udp.destinationPort);
  return a.text();
}

Told natSentence(const StopFacts &f, std::uint32_t node, const Packet &in, const Packet &out) {
  const bool outward = portsText(in, true) != portsText(out, true);
  const std::string name = nodeName(f.network, node);
  if (outward)
    return {fmt::format("{} replaced the source {} by its own {}, and remembers whose it is (NAT).",
                        name, portsText(in, true), portsText(out, true)),
            "RFC 3022, 2.2"};
  return {fmt::format("{} knows that {} stands for {} and put that in as destination (NAT).", name,
                      portsText(in, false), portsText(out, false)),
          "RFC 3022, 2.2"};
}

void tellRouter(JourneyStop &stop, const StopFacts &f) {
  tellArrivalLink(stop, f);
  const Packet &in = *stop.inPacket;
  const std::string name = nodeName(f.network, stop.node);
  tell(stop.inLayers, 3,
       {fmt::format("{} is not its own address, so it passes the packet on.",
                    in.ip.destination.text()),
        "RFC 1812, 5.2.1"});
  if (!stop.outPacket) return;
  const Packet &out = *stop.outPacket;
  if (stop.role == StopRole::Nat) {
    const Told nat = natSentence(f, stop.node, in, out);
    tell(stop.inLayers, 4, nat);
    tell(stop.outLayers, 4,
         {"The ports in the header changed, and with them the checksum.", "RFC 3022, 4.1"});
    if (in.kind != PacketKind::Tcp && in.kind != PacketKind::Udp) tell(stop.outLayers, 3, nat);
  }
  tell(stop.outLayers, 3,
       {fmt::format("{} looked up {}, matched {}, took one from the TTL ({} → {}) and wrote a new "
                    "header checksum.",
                    name, out.ip.destination.text(), routeText(f, stop.node, out), in.ip.ttl,
                    out.ip.ttl),
        "RFC 1812, 5.2.4 and 5.3.1"});
  tell(stop.outLayers, 2, sendLink(f, out));
  tell(stop.outLayers, 1, sendPhysical(f, out));
}

Told receiveTransport(const StopFacts &f, std::uint32_t node, const Packet &p) {
  const std::string name = nodeName(f.network, node);
  if (p.kind == PacketKind::Udp)
    return {fmt::format("The checksum is right; UDP hands the datagram to the program on port {}.",
                        p.udp.destinationPort),
            "RFC 768"};
  if (p.tcp.has(wire::TcpFlags::Rst))
    return {"TCP ends the connection at once (RST).", "RFC 9293, 3.10.7"};
  if (p.tcp.has(wire::TcpFlags::Syn) && !p.tcp.has(wire::TcpFlags::Ack))
    return {fmt::format("Port {} is where {} was listening before this SYN came.",
                        p.tcp.destinationPort, name),
            "RFC 9293, 3.10.7.2"};
  if (p.payload.empty())
    return {fmt::format("The checksum is right; TCP takes the acknowledgement of all before {}.",
                        p.tcp.acknowledgment),
            "RFC 9293, 3.10.7.4"};
  return {fmt::format("The checksum is right; TCP puts bytes {} to {} in order for the program on "
                      "port {}.",
                      p.tcp.sequence, p.tcp.sequence + p.payload.size() - 1, p.tcp.destinationPort),
          "RFC 9293, 3.10.7.4"};
}

void tellReceiver(JourneyStop &stop, const StopFacts &f) {
  tellArrivalLink(stop, f);
  const Packet &p = *stop.inPacket;
  const std::string name = nodeName(f.network, stop.node);
  if (p.kind == PacketKind::Arp) {
    tell(stop.inLayers, 3,
         {p.arp.operation == wire::ArpMessage::Request
              ? fmt::format("{} is asked for {} and notes who asks.", name, p.arp.targetIp.text())
              : fmt::format("{} notes in its ARP cache that {} is at {}.", name,
                            p.arp.senderIp.text(), p.arp.senderMac.text()),
          "RFC 826"});
    return;
  }
  if (!p.isIp()) return;
  tell(stop.inLayers, 3,
       {fmt::format("{} is for {} itself: the packet goes up.", p.ip.destination.text(), name),
        "RFC 1122, 3.2.1.3"});
  if (p.kind == PacketKind::Icmp)
    tell(stop.inLayers, 3, {fmt::format("It is {}.", packetName(p)), "RFC 792"});
  if (p.kind == PacketKind::Tcp || p.kind == PacketKind::Udp)
    tell(stop.inLayers, 4, receiveTransport(f, stop.node, p));
  if (carriesTls(p)) tellTls(stop.inLayers, tlsReceived(p));
  tell(stop.inLayers, 5, {"The application knows which exchange this belongs to.", ""});
  tell(stop.inLayers, 6, {"The bytes are read back into what they mean.", ""});
  tell(stop.inLayers, 7,
       applicationReference(p, carriesTls(p)
                                   ? fmt::format("A program on {} gets the bytes from TLS.", name)
                                   : fmt::format("A program on {} gets {}.", name, packetName(p))));
}

std::uint8_t topOf(const JourneyStop &stop) {
  if (stop.role == StopRole::Switch) return 2;
  if (stop.role == StopRole::Router) return 3;
  if (stop.role == StopRole::Nat) return 4;
  const Packet &p = stop.outPacket ? *stop.outPacket : *stop.inPacket;
  if (p.kind != PacketKind::Tcp && p.kind != PacketKind::Udp) return 3;
  if (p.payload.empty()) return 4;
  return carriesTls(p) && !carriesEncrypted(p) ? 6 : 7;
}

/// Layers that this device does not look at are carried as they are.
void dim(std::vector<LayerStory> &layers, std::uint8_t top) {
  for (LayerStory &s : layers)
    if (s.layer > top) s.active = false;
}

} // namespace

void tellStop(JourneyStop &stop, const StopFacts &facts, LayerModel model) {
  if (!stop.inPacket && !stop.outPacket) return;
  stop.topLayer = topOf(stop);
  if (stop.inPacket) stop.inLayers = layersOf(*stop.inPacket, LayerModel::Osi7);
  if (stop.outPacket) stop.outLayers = layersOf(*stop.outPacket, LayerModel::Osi7);
  dim(stop.inLayers, stop.topLayer);
  dim(stop.outLayers, stop.topLayer);
  if (!stop.inPacket)
    tellSender(stop, facts);
  else if (stop.role == StopRole::Switch)
    tellSwitch(stop, facts);
  else if (stop.role == StopRole::Router || stop.role == StopRole::Nat)
    tellRouter(stop, facts);
  else if (stop.role == StopRole::Receiver)
    tellReceiver(stop, facts);
  else
    tellArrivalLink(stop, facts);
  for (auto it = stop.inLayers.rbegin(); it != stop.inLayers.rend(); ++it)
    if (!it->sentence.empty()) stop.sentences.push_back(it->sentence);
  for (const LayerStory &s : stop.outLayers)
    if (!s.sentence.empty()) stop.sentences.push_back(s.sentence);
  stop.inLayers = groupLayers(stop.inLayers, model);
  stop.outLayers = groupLayers(stop.outLayers, model);
}

} // namespace packetarium::analysis
