// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/chunk.h"

#include <algorithm>

namespace packetarium::trace {
namespace {

constexpr std::size_t spare = 64; ///< records that a last step may tell beyond a full chunk
constexpr std::size_t blockRecords = (2u << 20) / sizeof(Record);

} // namespace

std::size_t Chunk::bytes() const {
  std::size_t total = sizeof(Chunk) + records.size_bytes() +
                      packets.capacity() * sizeof(wire::Packet) +
                      keyframe.inFlight.capacity() * sizeof(InFlight) +
                      keyframe.sockets.capacity() * sizeof(SocketSnapshot) +
                      keyframe.links.capacity() * sizeof(LinkSnapshot) + keyframe.nodes.capacity();
  for (const auto &t : texts) total += sizeof(std::string) + t.capacity();
  for (const auto &p : packets)
    if (!p.payload.isPattern()) total += p.payload.size(); // at most: slices share their bytes
  return total;
}

void ChunkWriter::open(Sequence first, PacketId firstPacket, Keyframe keyframe) {
  m_chunk = std::make_unique<Chunk>();
  // A keyframe must stay small beside the records it opens, whatever is in flight, and in a
  // network of any size.
  const std::size_t things = keyframe.nodes.size() + keyframe.links.size();
  m_limit = std::max(recordsPerChunk, 2 * (keyframe.inFlight.size() + things));
  m_chunk->summary.first = first;
  m_chunk->summary.firstPacket = firstPacket;
  m_chunk->keyframe = std::move(keyframe);
  m_first += m_count;
  m_room -= m_count;
  m_count = 0;
  if (m_room < m_limit + spare) takeBlock(m_limit + spare);
}

void ChunkWriter::takeBlock(std::size_t records) {
  // Short runs take a small block, long ones large blocks that hold several chunks.
  const std::size_t wanted =
      m_block ? std::clamp(4 * m_block->size(), recordsPerChunk, blockRecords) : 0;
  m_block = std::make_shared<RecordBlock>(std::max(records, wanted));
  m_first = m_block->begin();
  m_room = m_block->size();
}

/// One step of a World may tell more than there is room for: then all moves on to a larger block.
void ChunkWriter::grow() {
  const std::shared_ptr<RecordBlock> before = m_block;
  const Record *const from = m_first;
  takeBlock(2 * m_count);
  std::uninitialized_copy_n(from, m_count, m_first);
}

std::uint64_t ChunkWriter::appendText(std::string_view text) {
  auto &texts = m_chunk->texts;
  // Neighbouring records often repeat a text; a short look back keeps the pool small.
  const std::size_t lookBack = std::min<std::size_t>(texts.size(), 16);
  for (std::size_t i = texts.size() - lookBack; i < texts.size(); ++i)
    if (texts[i] == text) return i;
  texts.emplace_back(text);
  return texts.size() - 1;
}

ChunkPtr ChunkWriter::seal() {
  if (!hasRecords()) {
    m_chunk.reset();
    return nullptr;
  }
  m_chunk->records = {m_first, m_count};
  m_chunk->block = m_block;
  ChunkSummary &s = m_chunk->summary;
  s.count = static_cast<std::uint32_t>(m_count);
  s.packetCount = static_cast<std::uint32_t>(m_chunk->packets.size());
  s.from = m_chunk->records.front().at;
  s.to = m_chunk->records.back().at;
  return ChunkPtr(std::move(m_chunk));
}

void Trace::insert(ChunkPtr chunk) {
  const ChunkSummary &s = chunk->summary;
  const std::size_t i = slotOf(s.first);
  if (i < m_slots.size()) {
    m_slots[i].chunk = std::move(chunk);
    return;
  }
  m_knownUntil = std::max(m_knownUntil, s.to);
  m_slots.push_back({s, std::move(chunk)});
}

void Trace::truncate(Sequence from) {
  while (!m_slots.empty() && m_slots.back().summary.first >= from) m_slots.pop_back();
}

std::size_t Trace::slotOf(Sequence sequence) const {
  const auto after =
      std::upper_bound(m_slots.begin(), m_slots.end(), sequence,
                       [](Sequence s, const Slot &slot) { return s < slot.summary.first; });
  if (after == m_slots.begin()) return m_slots.size();
  const auto it = after - 1;
  if (sequence >= it->summary.end()) return m_slots.size();
  return static_cast<std::size_t>(it - m_slots.begin());
}

std::size_t Trace::slotOfPacket(PacketId id) const {
  const auto after =
      std::upper_bound(m_slots.begin(), m_slots.end(), id,
                       [](PacketId p, const Slot &slot) { return p < slot.summary.firstPacket; });
  if (after == m_slots.begin()) return m_slots.size();
  const auto it = after - 1;
  if (id >= it->summary.firstPacket + it->summary.packetCount) return m_slots.size();
  return static_cast<std::size_t>(it - m_slots.begin());
}

std::size_t Trace::slotAt(SimTime t) const {
  const auto after =
      std::upper_bound(m_slots.begin(), m_slots.end(), t,
                       [](SimTime at, const Slot &slot) { return at < slot.summary.from; });
  if (after == m_slots.begin()) return m_slots.size();
  return static_cast<std::size_t>(after - m_slots.begin() - 1);
}

Sequence Trace::lastAtOrBefore(SimTime t) const {
  const std::size_t i = slotAt(t);
  if (i == m_slots.size()) return 0;
  const Slot &slot = m_slots[i];
  if (slot.summary.to <= t) return slot.summary.end() - 1;
  if (!slot.chunk) return slot.summary.first;
  const auto &records = slot.chunk->records;
  const auto after = std::upper_bound(records.begin(), records.end(), t,
                                      [](SimTime at, const Record &r) { return at < r.at; });
  return slot.summary.first + static_cast<Sequence>(after - records.begin()) - 1;
}

const Record *Trace::record(Sequence sequence) const {
  const std::size_t i = slotOf(sequence);
  if (i == m_slots.size() || !m_slots[i].chunk) return nullptr;
  return &m_slots[i].chunk->records[sequence - m_slots[i].summary.first];
}

const wire::Packet *Trace::packet(PacketId id) const {
  const std::size_t i = slotOfPacket(id);
  if (i == m_slots.size() || !m_slots[i].chunk) return nullptr;
  return &m_slots[i].chunk->packets[id - m_slots[i].summary.firstPacket];
}

std::string_view Trace::text(Sequence sequence, std::uint64_t textArg) const {
  const std::size_t i = slotOf(sequence);
  if (i == m_slots.size() || !m_slots[i].chunk) return {};
  return m_slots[i].chunk->text(textArg);
}

} // namespace packetarium::trace
