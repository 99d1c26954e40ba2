// SPDX-License-Identifier: GPL-3.0-or-later
// DNS messages from anywhere: a decoded message encodes, and decodes to itself.
#include "core/wire/dissect.h"
#include "core/wire/dns.h"

#include <algorithm>
#include <cstdlib>

using namespace packetarium::wire;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  Packet p;
  p.kind = PacketKind::Udp;
  p.udp = UdpHeader{53, 40000};
  p.payload = Payload::of(Bytes(data, data + std::min<std::size_t>(size, 60000)));
  seal(p);
  require(!dissect(p).info.empty());

  const auto message = dns::decode(std::span(data, size));
  if (!message) return 0;
  const auto encoded = dns::encode(*message);
  if (!encoded) { // without compression as clever as the sender's it may not fit
    require(size > 512);
    return 0;
  }
  const auto again = dns::decode(std::span<const std::uint8_t>(*encoded));
  require(again.ok());
  require(*again == *message);
  (void)dns::negativeTtl(*message);
  for (const auto &record : message->answers) (void)record.dataText();
  const auto cut = dns::encodeTruncated(*message, 128);
  require(cut.ok());
  return 0;
}
