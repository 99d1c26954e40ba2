// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/capture.h"

#include "core/analysis/delivery.h"
#include "core/analysis/key_log.h"
#include "core/wire/codec.h"
#include "core/wire/pcapng.h"

#include <array>
#include <unordered_map>

namespace packetarium::analysis {

struct CaptureWriter::State {
  /// A frame on its way, with what is needed to write it again at the far end.
  struct Flying {
    PacketId packet = 0;
    trace::SentArgs hop;
  };

  State(std::ostream &out, std::shared_ptr<const net::Blueprint> n)
      : stream(out), writer(out), network(std::move(n)) {}

  std::ostream &stream;
  wire::PcapngWriter writer;
  std::shared_ptr<const net::Blueprint> network;
  std::vector<std::array<std::uint32_t, 2>> interfaces; ///< number in the file by link and end
  std::unordered_map<trace::Sequence, Flying> flying;
  /// Forms of earlier chunks that may still come out somewhere.
  std::unordered_map<PacketId, wire::Packet> kept;
  KeyLog log;
  std::string secrets; ///< lines told since the last block of them
  bool ok = true;

  void note(const Status &status) { ok = ok && status.ok(); }
  void addInterfaces();
  const wire::Packet *form(const trace::Chunk &chunk, PacketId id) const;
  void write(const trace::Chunk &chunk, const Flying &frame, SimTime at, std::uint32_t link,
             std::size_t end, wire::PcapngWriter::Direction direction);
  void take(const trace::Chunk &chunk, const trace::Record &r, trace::Sequence s);
  void keepForms(const trace::Chunk &chunk);
  void takeSecret(const trace::Chunk &chunk, const trace::Record &r);
  void writeSecrets();
};

void CaptureWriter::State::addInterfaces() {
  for (const net::LinkSpec &link : network->links) {
    std::array<std::uint32_t, 2> numbers{};
    for (std::size_t end = 0; end < 2; ++end) {
      const net::NodeSpec &node = network->nodes[link.ends[end].node.value];
      const net::NodeSpec &far = network->nodes[link.ends[1 - end].node.value];
      wire::PcapngWriter::Interface i;
      i.name = node.id + ":" + node.interfaces[link.ends[end].interface].name;
      i.description = node.name + ", link " + link.id + " to " + far.name;
      i.speedBps = link.rateBps;
      const auto number = writer.addInterface(i);
      ok = ok && number.ok();
      if (number) numbers[end] = *number;
    }
    interfaces.push_back(numbers);
  }
}

const wire::Packet *CaptureWriter::State::form(const trace::Chunk &chunk, PacketId id) const {
  const PacketId offset = id - chunk.summary.firstPacket;
  if (id >= chunk.summary.firstPacket && offset < chunk.packets.size())
    return &chunk.packets[offset];
  const auto it = kept.find(id);
  return it == kept.end() ? nullptr : &it->second;
}

void CaptureWriter::State::write(const trace::Chunk &chunk, const Flying &frame, SimTime at,
                                 std::uint32_t link, std::size_t end,
                                 wire::PcapngWriter::Direction direction) {
  const wire::Packet *packet = form(chunk, frame.packet);
  if (packet == nullptr || link >= interfaces.size()) return;
  writeSecrets();
  const wire::Bytes bytes = wire::encode(applyHop(*packet, frame.hop));
  note(writer.packet(interfaces[link][end], at, bytes, direction));
}

void CaptureWriter::State::takeSecret(const trace::Chunk &chunk, const trace::Record &r) {
  const std::string_view line = log.take(chunk, r);
  if (!line.empty()) secrets.append(line).append("\n");
}

/// Readers go through the file once: a secret stands before whatever it opens. Programs tell theirs
/// before the bytes leave, so all that were told before a packet go in front of it.
void CaptureWriter::State::writeSecrets() {
  if (secrets.empty()) return;
  const auto *bytes = reinterpret_cast<const std::uint8_t *>(secrets.data());
  note(writer.decryptionSecrets({bytes, secrets.size()}));
  secrets.clear();
}

void CaptureWriter::State::take(const trace::Chunk &chunk, const trace::Record &r,
                                trace::Sequence s) {
  using trace::RecordKind;
  if (r.kind == RecordKind::Fact) return takeSecret(chunk, r);
  const auto end = static_cast<std::size_t>(trace::sendingEnd(r));
  if (r.kind == RecordKind::FrameSent) {
    const Flying frame{r.packet, trace::sentArgs(r)};
    write(chunk, frame, r.at, r.link, end, wire::PcapngWriter::Direction::Outbound);
    flying.emplace(s, frame);
    return;
  }
  if (r.kind != RecordKind::FrameReceived && r.kind != RecordKind::FrameDropped) return;
  const auto it = flying.find(r.args[0]);
  if (it == flying.end()) return;
  if (r.kind == RecordKind::FrameReceived)
    write(chunk, it->second, r.at, r.link, 1 - end, wire::PcapngWriter::Direction::Inbound);
  flying.erase(it);
}

/// A form is needed again while a frame of it flies, and while it may lie queued, held for ARP or
/// in a paused node: whatever the newest chunks brought is kept for a while.
void CaptureWriter::State::keepForms(const trace::Chunk &chunk) {
  constexpr PacketId keptMax = 200'000;
  for (const wire::Packet &p : chunk.packets) kept.emplace(p.id, p);
  if (kept.size() <= keptMax) return;
  const PacketId newest = chunk.summary.firstPacket + chunk.summary.packetCount;
  const PacketId oldest = newest > keptMax / 2 ? newest - keptMax / 2 : 0;
  std::unordered_map<PacketId, bool> needed;
  for (const auto &[sequence, frame] : flying) needed[frame.packet] = true;
  std::erase_if(kept, [&](const auto &entry) {
    return entry.first < oldest && !needed.contains(entry.first);
  });
}

CaptureWriter::CaptureWriter(std::ostream &out, std::shared_ptr<const net::Blueprint> network)
    : m_state(std::make_unique<State>(out, std::move(network))) {
  m_state->note(m_state->writer.begin({"Packetarium", "Times count from the start of the run."}));
  m_state->addInterfaces();
}

CaptureWriter::~CaptureWriter() = default;

void CaptureWriter::add(const trace::Chunk &chunk) {
  for (std::size_t i = 0; i < chunk.records.size(); ++i)
    m_state->take(chunk, chunk.records[i], chunk.summary.first + i);
  m_state->keepForms(chunk);
}

std::uint64_t CaptureWriter::packetCount() const { return m_state->writer.packetCount(); }
bool CaptureWriter::good() const { return m_state->ok && m_state->stream.good(); }

} // namespace packetarium::analysis
