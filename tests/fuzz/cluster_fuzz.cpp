// SPDX-License-Identifier: GPL-3.0-or-later
// Cluster messages and VRRP advertisements from anywhere: what is read encodes to the same bytes.
#include "core/wire/cluster_message.h"
#include "core/wire/dissect.h"
#include "core/wire/vrrp.h"

#include <algorithm>
#include <cstdlib>

using namespace packetarium::wire;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void show(PacketKind kind, std::uint8_t protocol, const Payload &payload) {
  Packet p;
  p.kind = kind;
  p.ip.protocol = protocol;
  if (kind == PacketKind::Udp) p.udp = UdpHeader{694, 694};
  p.payload = payload;
  seal(p);
  require(!dissect(p).info.empty());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  const Payload payload = Payload::of(Bytes(data, data + std::min<std::size_t>(size, 60000)));
  show(PacketKind::Udp, 17, payload);
  show(PacketKind::Ip, 112, payload);

  const std::string_view text(reinterpret_cast<const char *>(data), size);
  if (const auto message = cluster::decode(text))
    require(cluster::encode(*message) ==
            (text.back() == '\n' ? std::string(text) : std::string(text) + '\n'));
  cluster::Reader reader;
  if (reader.feed(payload).ok())
    while (const auto message = reader.take()) (void)message->label();

  const auto advertisement = vrrp::decode(std::span(data, size));
  if (advertisement) {
    const auto again = vrrp::decode(vrrp::encode(*advertisement).toBytes());
    require(again.ok());
    require(*again == *advertisement);
  }
  return 0;
}
