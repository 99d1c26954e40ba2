// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/bytes.h"
#include "core/wire/codec.h"
#include "core/wire/dissector.h"
#include "core/wire/vrrp.h"

#include <fmt/format.h>

namespace packetarium::wire {
namespace {

std::string centisecondsText(std::uint16_t centiseconds) {
  return fmt::format("{} ({} s)", centiseconds, centiseconds / 100.0);
}

std::string vrrpPriorityText(std::uint8_t priority) {
  if (priority == vrrp::ownerPriority) return "255 (owns the addresses)";
  if (priority == vrrp::stepDownPriority) return "0 (steps down)";
  return std::to_string(priority);
}

/// What the checksum should be: that of the message with the field taken as zero.
std::uint16_t expectedVrrpChecksum(std::span<const std::uint8_t> message) {
  Bytes copy(message.begin(), message.end());
  set16(copy, 6, 0);
  return internetChecksum(copy);
}

} // namespace

void dissectVrrp(Dissector &d, std::size_t at, std::size_t end, bool whole) {
  Field layer = Dissector::make("vrrp", at, end - at);
  const auto message = d.frame.subspan(at, end - at);
  if (message.size() < vrrp::headerBytes) {
    Dissector::malformed(
        layer, at, end - at,
        fmt::format("a VRRP message has {} bytes, {} are left", vrrp::headerBytes, message.size()));
    d.layers.push_back(std::move(layer));
    return;
  }
  auto &out = layer.children;
  layer.value = fmt::format("virtual router {}, priority {}", message[1], message[2]);
  out.push_back(d.bits("vrrp.version", at, 1, 0xf0));
  out.push_back(d.bits("vrrp.type", at, 1, 0x0f,
                       (message[0] & 15) == vrrp::advertisementType ? "advertisement (1)" : ""));
  out.push_back(d.number("vrrp.virt_rtr_id", at + 1, 1));
  out.push_back(d.number("vrrp.prio", at + 2, 1, vrrpPriorityText(message[2])));
  out.push_back(d.number("vrrp.addr_count", at + 3, 1));
  out.push_back(d.bits("vrrp.reserved_mbz", at + 4, 1, 0xf0));
  const std::uint16_t interval = get16(message, 4) & vrrp::maxIntervalCs;
  out.push_back(
      d.bits("vrrp.short_adver_int", at + 4, 2, vrrp::maxIntervalCs, centisecondsText(interval)));
  out.push_back(d.hex("vrrp.checksum", at + 6, 2));
  if (whole)
    out.push_back(
        checksumStatus("vrrp.checksum.status", get16(message, 6), expectedVrrpChecksum(message)));
  std::size_t i = at + vrrp::headerBytes;
  for (int n = message[3]; n > 0 && end - i >= 4; --n, i += 4)
    out.push_back(d.address("vrrp.ip_addr", i));
  if (whole && i != at + vrrp::headerBytes + std::size_t{4} * message[3])
    Dissector::malformed(layer, i, end - i, "there are fewer addresses than the count says");
  else if (i != end)
    Dissector::malformed(layer, i, end - i, "bytes follow the last address");
  d.layers.push_back(std::move(layer));
}

Summary summariseVrrp(const Payload &payload) {
  const auto decoded = vrrp::decode(payload.toBytes());
  if (!decoded) return {"VRRP", "VRRP?", "Malformed VRRP message: " + decoded.faults()[0].text()};
  std::string addresses;
  for (const Ipv4Address a : decoded->addresses)
    if (addresses.size() < 60) addresses += ' ' + a.text();
  return {"VRRP", fmt::format("VRRP {}", decoded->priority),
          fmt::format("Advertisement prio {} router={} every {} s:{}", decoded->priority,
                      decoded->virtualRouterId, decoded->maxAdvertiseIntervalCs / 100.0,
                      addresses)};
}

} // namespace packetarium::wire
