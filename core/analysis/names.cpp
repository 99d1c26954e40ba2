// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/names.h"

#include "core/wire/dissect.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

namespace packetarium::analysis {
namespace {

/// Three significant digits, without zeros that say nothing.
std::string threeDigits(double v) {
  const int decimals = v >= 100 ? 0 : v >= 10 ? 1 : 2;
  std::string text = fmt::format("{:.{}f}", v, decimals);
  if (text.find('.') != std::string::npos) {
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
  }
  return text;
}

/// "home router's", "clients'".
std::string possessiveOf(std::string_view name) {
  return std::string(name) + (name.ends_with('s') ? "'" : "'s");
}

} // namespace

std::string saidBy(std::string_view who, std::string_view words) {
  const bool named =
      words.starts_with(who) &&
      (words.size() == who.size() || words[who.size()] == ' ' || words[who.size()] == ':');
  return named ? std::string(words) : fmt::format("{}: {}", who, words);
}

std::string nodeName(const net::Blueprint &network, std::uint32_t node) {
  if (node >= network.nodes.size()) return "nobody";
  const net::NodeSpec &spec = network.nodes[node];
  return spec.name.empty() ? spec.id : spec.name;
}

std::optional<std::uint32_t> nodeNamed(const net::Blueprint &network, std::string_view text) {
  if (text.empty()) return std::nullopt;
  const auto count = static_cast<std::uint32_t>(network.nodes.size());
  for (std::uint32_t n = 0; n < count; ++n)
    if (network.nodes[n].id == text) return n;
  for (std::uint32_t n = 0; n < count; ++n)
    if (network.nodes[n].name == text) return n;
  const auto address = wire::Ipv4Address::parse(text.substr(0, text.find(':')));
  if (!address) return std::nullopt;
  for (std::uint32_t n = 0; n < count; ++n)
    for (const net::InterfaceSpec &card : network.nodes[n].interfaces)
      if (card.address && card.address->address == *address) return n;
  return std::nullopt;
}

std::vector<std::uint32_t> nodesNamed(const net::Blueprint &network, std::string_view list) {
  std::vector<std::uint32_t> nodes;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find_first_of(",|"), list.size());
    const auto node = nodeNamed(network, list.substr(0, end));
    if (node && std::find(nodes.begin(), nodes.end(), *node) == nodes.end()) nodes.push_back(*node);
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return nodes;
}

std::string linkName(const net::Blueprint &network, std::uint32_t link) {
  if (link >= network.links.size()) return "no link";
  const auto &ends = network.links[link].ends;
  return nodeName(network, ends[0].node.value) + " – " + nodeName(network, ends[1].node.value);
}

std::string rateText(double bitsPerSecond) {
  const std::pair<double, const char *> units[] = {
      {1e12, "Tbit/s"}, {1e9, "Gbit/s"}, {1e6, "Mbit/s"}, {1e3, "kbit/s"}};
  for (const auto &[size, unit] : units)
    if (bitsPerSecond >= size) return threeDigits(bitsPerSecond / size) + " " + unit;
  return threeDigits(bitsPerSecond) + " bit/s";
}

std::string durationText(Duration d) {
  const auto ns = static_cast<double>(d.ns());
  if (ns >= 1e9) return threeDigits(ns / 1e9) + " s";
  if (ns >= 1e6) return threeDigits(ns / 1e6) + " ms";
  if (ns >= 1e3) return threeDigits(ns / 1e3) + " µs";
  return fmt::format("{} ns", d.ns());
}

std::string timeText(SimTime t) {
  const auto ns = static_cast<double>(t.ns());
  if (ns >= 1e9) return fmt::format("{:.3f} s", ns / 1e9);
  return fmt::format("{:.3f} ms", ns / 1e6);
}

std::string cardName(const net::Blueprint &network, wire::MacAddress mac) {
  for (const net::NodeSpec &node : network.nodes)
    for (const net::InterfaceSpec &i : node.interfaces)
      if (i.mac == mac) return possessiveOf(node.name.empty() ? node.id : node.name) + " " + i.name;
  return {};
}

std::string packetName(const wire::Packet &packet) {
  const wire::Summary s = wire::summarise(packet);
  switch (packet.protocol) {
  case wire::ProtocolClass::Arp:
    return packet.arp.operation == wire::ArpMessage::Request ? "the ARP question “" + s.label + "”"
                                                             : "the ARP answer “" + s.label + "”";
  case wire::ProtocolClass::Dns: return "the DNS message “" + s.label + "”";
  case wire::ProtocolClass::Http: return "“" + s.label + "”";
  case wire::ProtocolClass::Icmp: return "the ICMP message “" + s.label + "”";
  case wire::ProtocolClass::Voice: return "the voice packet";
  case wire::ProtocolClass::Tls: return "the TLS data “" + s.label + "”";
  case wire::ProtocolClass::Vrrp: return "the VRRP advertisement “" + s.label + "”";
  case wire::ProtocolClass::Cluster: return "the message “" + s.label + "”";
  case wire::ProtocolClass::Tcp:
    if (packet.kind == wire::PacketKind::Tcp && !packet.payload.empty() &&
        !packet.tcp.has(wire::TcpFlags::Syn | wire::TcpFlags::Fin | wire::TcpFlags::Rst))
      return fmt::format("the segment of {} bytes", packet.payload.size());
    return "the " + s.label;
  case wire::ProtocolClass::Udp: return "the UDP datagram of " + s.label;
  default: return "the frame";
  }
}

std::string capitalised(std::string text) {
  if (!text.empty())
    text.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(text.front())));
  return text;
}

} // namespace packetarium::analysis
