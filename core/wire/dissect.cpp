// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/dissect.h"

#include "core/wire/codec.h"
#include "core/wire/dissector.h"

#include <fmt/format.h>

namespace packetarium::wire {
namespace {

const Field *findIn(const std::vector<Field> &fields, std::string_view abbrev) {
  for (const Field &f : fields) {
    if (f.abbrev == abbrev) return &f;
    if (const Field *inner = findIn(f.children, abbrev)) return inner;
  }
  return nullptr;
}

const Field *findMalformed(const std::vector<Field> &fields) {
  for (const Field &f : fields) {
    if (f.abbrev == "_ws.malformed") return &f;
    if (const Field *inner = findMalformed(f.children)) return inner;
  }
  return nullptr;
}

std::vector<Field> layersOf(std::span<const std::uint8_t> frame, std::optional<TcpBase> base) {
  Dissector d(frame, base);
  Field whole = Dissector::make("frame", 0, frame.size(), fmt::format("{} bytes", frame.size()));
  whole.children.push_back(
      Dissector::derived("frame.len", std::to_string(frame.size()), std::uint64_t{frame.size()}));
  d.layers.push_back(std::move(whole));
  dissectEthernet(d);
  return std::move(d.layers);
}

Dissection withSummary(Summary s) {
  Dissection out;
  out.protocol = std::move(s.protocol);
  out.label = std::move(s.label);
  out.info = std::move(s.info);
  return out;
}

/// What to say of a frame that decode() refuses.
Summary summaryOf(const std::vector<Field> &layers, const Fault &fault) {
  for (const Field &layer : layers)
    if (const Field *bad = findMalformed(layer.children))
      return {layer.name, "malformed", fmt::format("Malformed {}: {}", layer.name, bad->value)};
  const std::string &protocol = layers.back().name;
  return {protocol, protocol, fault.text()}; // sound, but without a struct here
}

} // namespace

Dissection dissect(const Packet &p, std::optional<TcpBase> base) {
  Dissection out = withSummary(summarise(p, base));
  out.bytes = encode(p);
  out.layers = layersOf(out.bytes, base);
  return out;
}

Dissection dissectBytes(std::span<const std::uint8_t> frame, std::optional<TcpBase> base) {
  auto layers = layersOf(frame, base);
  const auto packet = decode(frame);
  Dissection out =
      withSummary(packet ? summarise(*packet, base) : summaryOf(layers, packet.faults()[0]));
  out.bytes.assign(frame.begin(), frame.end());
  out.layers = std::move(layers);
  return out;
}

const Field *findField(const Dissection &d, std::string_view abbrev) {
  return findIn(d.layers, abbrev);
}

} // namespace packetarium::wire
