// SPDX-License-Identifier: GPL-3.0-or-later
// Frames from anywhere: decode, dissect and checksums must read no byte outside them, and what was
// decoded must survive being encoded again.
#include "core/wire/codec.h"
#include "core/wire/dissect.h"
#include "core/wire/rtp.h"

#include <cstdlib>

using namespace packetarium::wire;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void requireInside(const std::vector<Field> &fields, std::size_t size) {
  for (const Field &f : fields) {
    require(std::size_t{f.offset} + f.length <= size);
    require(!f.abbrev.empty() && !f.name.empty());
    requireInside(f.children, size);
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  const std::span<const std::uint8_t> frame(data, size);
  const Dissection d = dissectBytes(frame);
  requireInside(d.layers, size);
  (void)checkSums(frame);
  (void)rtp::decode(frame);
  const Payload payload = Payload::of(Bytes(data, data + size));
  if (const auto quote = parseQuote(payload))
    require(rewriteQuote(payload, *quote).size() == payload.size());
  const auto packet = decode(frame);
  if (!packet) return 0;
  const Bytes encoded = encode(*packet);
  require(checkSums(encoded).allGood());
  const auto again = decode(encoded);
  require(again.ok());
  require(again->kind == packet->kind);
  require(encode(*again) == encoded);
  return 0;
}
