// SPDX-License-Identifier: GPL-3.0-or-later
// Filter texts from anywhere: a fault with a column, or a filter that gives the opposite answer
// when negated.
#include "core/analysis/packet_filter.h"

#include <cstdlib>
#include <string>

using namespace packetarium;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

const wire::Dissection &subject() {
  static const wire::Dissection d = [] {
    wire::Packet p;
    p.kind = wire::PacketKind::Tcp;
    p.ip.protocol = 6;
    p.ip.source = wire::Ipv4Address::of(10, 0, 0, 1);
    p.tcp = wire::TcpHeader{};
    p.tcp.destinationPort = 80;
    p.payload = wire::Payload::of("GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n");
    wire::seal(p);
    return wire::dissect(p);
  }();
  return d;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  const std::string text(reinterpret_cast<const char *>(data), size);
  const auto filter = analysis::PacketFilter::parse(text);
  if (!filter) {
    require(!filter.faults()[0].message.empty());
    return 0;
  }
  const bool holds = filter->matches(subject());
  const auto negated = analysis::PacketFilter::parse("!(" + text + ")");
  if (negated && !filter->matchesEverything()) require(negated->matches(subject()) != holds);
  return 0;
}
