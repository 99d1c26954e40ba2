// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/packets.h"

#include "core/analysis/delivery.h"
#include "core/wire/dissect.h"

#include <algorithm>

namespace packetarium::analysis {

using trace::RecordKind;
using trace::Sequence;

void PacketList::extend(const trace::Trace &trace) {
  for (std::size_t i = trace.slotOf(m_next); i < trace.slots().size(); ++i) {
    const auto &slot = trace.slots()[i];
    if (slot.chunk) add(*slot.chunk);
    m_next = slot.summary.end();
  }
}

void PacketList::add(const trace::Chunk &chunk) {
  m_forms.learn(chunk);
  for (std::size_t i = 0; i < chunk.records.size(); ++i) {
    const trace::Record &r = chunk.records[i];
    const Sequence s = chunk.summary.first + i;
    switch (r.kind) {
    case RecordKind::FrameSent: addSent(r, s); break;
    case RecordKind::FrameDropped: addDrop(r, s); break;
    case RecordKind::TcpRetransmit: addRetransmit(r, s); break;
    default: break;
    }
  }
  m_next = chunk.summary.end();
}

std::uint32_t &PacketList::firstRowOf(PacketId origin) {
  if (origin >= m_rowOf.size())
    m_rowOf.resize(std::max<std::size_t>(origin + 1, 2 * m_rowOf.size()));
  return m_rowOf[origin];
}

void PacketList::addSent(const trace::Record &r, Sequence s) {
  const PacketId origin = m_forms.originOf(r.packet);
  std::uint32_t &first = firstRowOf(origin);
  if (first != 0 && m_mode == PacketRows::Origins) return;
  Row row;
  row.sent = s;
  row.origin = origin;
  row.retransmission = isRetransmission(origin) ? 1 : 0;
  m_rows.push_back(row);
  if (first == 0) first = static_cast<std::uint32_t>(m_rows.size());
}

void PacketList::addDrop(const trace::Record &r, Sequence s) {
  if (isHarmless(static_cast<trace::DropReason>(r.detail))) return;
  std::optional<std::size_t> row = rowOfOrigin(m_forms.originOf(r.packet));
  if (m_mode == PacketRows::Frames) row = rowOfDrop(r, s);
  if (!row) return;
  m_drops.push_back({s, *row, m_rows[*row].reason});
  m_rows[*row].reason = r.detail;
  changed(*row);
}

/// Frame by frame it is the crossing on which it was lost, or the last one before its end.
std::optional<std::size_t> PacketList::rowOfDrop(const trace::Record &r, Sequence s) const {
  if (const auto row = rowOfSent(r.args[0])) return row;
  constexpr std::size_t lookBack = 4096;
  const PacketId origin = m_forms.originOf(r.packet);
  std::size_t row = rowsUpTo(s);
  for (std::size_t i = 0; i < lookBack && row > 0; ++i)
    if (m_rows[--row].origin == origin) return row;
  return std::nullopt;
}

void PacketList::addRetransmit(const trace::Record &r, Sequence s) {
  const PacketId origin = m_forms.originOf(r.packet);
  m_retransmits.emplace_back(s, origin);
  m_retransmitted.insert(origin);
  const auto row = rowOfOrigin(origin);
  if (!row) return; // the record stands before the frame
  m_rows[*row].retransmission = 1;
  changed(*row);
}

void PacketList::truncate(Sequence from) {
  if (from >= m_next) return;
  for (; !m_drops.empty() && m_drops.back().at >= from; m_drops.pop_back()) {
    m_rows[m_drops.back().row].reason = m_drops.back().before;
    changed(m_drops.back().row);
  }
  for (; !m_retransmits.empty() && m_retransmits.back().first >= from; m_retransmits.pop_back()) {
    m_retransmitted.erase(m_retransmits.back().second);
    if (const auto row = rowOfOrigin(m_retransmits.back().second)) m_rows[*row].retransmission = 0;
  }
  for (; !m_rows.empty() && m_rows.back().sent >= from; m_rows.pop_back()) {
    std::uint32_t &first = firstRowOf(m_rows.back().origin);
    if (first == m_rows.size()) first = 0;
  }
  changed(m_rows.size());
  m_next = from;
}

std::optional<std::size_t> PacketList::rowOfOrigin(PacketId origin) const {
  if (origin >= m_rowOf.size() || m_rowOf[origin] == 0) return std::nullopt;
  return m_rowOf[origin] - 1;
}

std::optional<std::size_t> PacketList::rowOfSent(Sequence sent) const {
  const auto it = std::lower_bound(m_rows.begin(), m_rows.end(), sent,
                                   [](const Row &row, Sequence s) { return row.sent < s; });
  if (it == m_rows.end() || it->sent != sent) return std::nullopt;
  return static_cast<std::size_t>(it - m_rows.begin());
}

std::size_t PacketList::rowsUpTo(Sequence upTo) const {
  return static_cast<std::size_t>(
      std::upper_bound(m_rows.begin(), m_rows.end(), upTo,
                       [](Sequence s, const Row &row) { return s < row.sent; }) -
      m_rows.begin());
}

std::size_t PacketList::takeFirstChanged() {
  const std::size_t first = std::min(m_firstChanged, m_rows.size());
  m_firstChanged = m_rows.size();
  return first;
}

std::optional<wire::Packet> PacketList::packetAt(std::size_t row, const trace::Trace &trace) const {
  return packetOn(trace, m_rows[row].sent);
}

namespace {

void fillAddresses(PacketRow &row, const wire::Packet &packet, const net::Blueprint &network) {
  const auto name = [&](wire::Ipv4Address a) {
    const auto owner = ownerOf(network, a);
    return owner ? network.nodes[*owner].name : std::string();
  };
  if (packet.isIp()) {
    row.source = packet.ip.source.text();
    row.destination = packet.ip.destination.text();
    row.sourceName = name(packet.ip.source);
    row.destinationName = name(packet.ip.destination);
    return;
  }
  row.source = packet.ethernet.source.text();
  row.destination = packet.ethernet.destination == wire::MacAddress::broadcast()
                        ? std::string("Broadcast")
                        : packet.ethernet.destination.text();
  if (packet.kind != wire::PacketKind::Arp) return;
  row.sourceName = name(packet.arp.senderIp);
  if (!packet.ethernet.destination.isGroup()) row.destinationName = name(packet.arp.targetIp);
}

} // namespace

PacketRow PacketList::row(std::size_t index, const trace::Trace &trace,
                          const net::Blueprint &network, std::size_t *slot) const {
  const Row &known = m_rows[index];
  PacketRow row;
  row.number = index + 1;
  row.sent = known.sent;
  row.origin = known.origin;
  row.reason = static_cast<trace::DropReason>(known.reason);
  row.dropped = known.reason != 0;
  row.retransmission = known.retransmission != 0;
  const trace::Record *sent = trace.record(known.sent);
  const wire::Packet *form = sent != nullptr ? trace.packet(sent->packet) : nullptr;
  if (sent != nullptr) {
    row.packet = sent->packet;
    row.at = sent->at;
    row.node = sent->node;
    row.link = sent->link;
    row.length = trace::sentArgs(*sent).frameBytes;
    row.protocol = trace::protocolClass(*sent);
  }
  row.pending = form == nullptr;
  if (form == nullptr) {
    if (slot != nullptr)
      *slot = sent == nullptr ? trace.slotOf(known.sent) : trace.slotOfPacket(sent->packet);
    return row;
  }
  const wire::Packet packet = applyHop(*form, trace::sentArgs(*sent));
  fillAddresses(row, packet, network);
  row.info = wire::shortInfo(packet);
  return row;
}

} // namespace packetarium::analysis
