// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/packets/packet_match.h"

#include "core/analysis/names.h"
#include "core/wire/dissect.h"

#include <array>
#include <string>
#include <vector>

namespace packetarium::ui {
namespace {

constexpr std::array<std::string_view, 2> ownNames{"reason", "retransmission"};
constexpr std::int64_t nsPerMs = 1'000'000;

wire::Field field(std::string_view abbrev, wire::FieldKey key) {
  wire::Field f;
  f.abbrev = std::string(abbrev);
  if (const auto *text = std::get_if<std::string>(&key)) f.value = *text;
  f.key = std::move(key);
  return f;
}

// Names and ids both count, since people see the one and files the other.
std::vector<wire::Field> rowFields(const analysis::PacketList &list, std::size_t row,
                                   const trace::Record &sent, const net::Blueprint &network) {
  const trace::DropReason reason = list.reasonOf(row);
  std::vector<wire::Field> fields{
      field("frame.number", std::uint64_t{row + 1}),
      field("frame.time", static_cast<std::uint64_t>(sent.at.ns() / nsPerMs)),
      field("dropped", std::uint64_t{reason != trace::DropReason::None ? 1U : 0U}),
      field("retransmission", std::uint64_t{list.retransmissionAt(row) ? 1U : 0U})};
  if (reason != trace::DropReason::None)
    fields.push_back(field("reason", std::string(trace::name(reason))));
  if (sent.node < network.nodes.size()) {
    fields.push_back(field("node", network.nodes[sent.node].name));
    fields.push_back(field("node", network.nodes[sent.node].id));
  }
  if (sent.link < network.links.size()) {
    fields.push_back(field("link", analysis::linkName(network, sent.link)));
    fields.push_back(field("link", network.links[sent.link].id));
  }
  return fields;
}

} // namespace

Result<analysis::PacketFilter> parsePacketFilter(std::string_view text) {
  return analysis::PacketFilter::parse(text, ownNames);
}

std::optional<bool> matchesRow(const analysis::PacketFilter &filter,
                               const analysis::PacketList &list, std::size_t row,
                               const trace::Trace &trace, const net::Blueprint &network,
                               std::size_t &slot) {
  const trace::Record *sent = trace.record(list.sentOf(row));
  if (sent == nullptr) {
    slot = trace.slotOf(list.sentOf(row));
    return std::nullopt;
  }
  const auto packet = list.packetAt(row, trace);
  if (!packet) {
    slot = trace.slotOfPacket(sent->packet);
    return std::nullopt;
  }
  return filter.matches(wire::dissect(*packet), rowFields(list, row, *sent, network));
}

} // namespace packetarium::ui
