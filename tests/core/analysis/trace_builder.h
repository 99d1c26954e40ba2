// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/chunk.h"

#include <map>
#include <optional>
#include <utility>

namespace packetarium::analysis::fixture {

/// Makes traces by hand. Keeps the keyframe of each chunk right for frames queued and in flight,
/// links and nodes, by its own count.
class TraceBuilder {
public:
  explicit TraceBuilder(std::size_t nodes = 2, std::size_t links = 1)
      : m_nodes(nodes), m_links(links) {
    for (auto &l : m_links) l.rateBps = 1'000'000'000;
  }

  trace::Sequence append(const trace::Record &r) {
    if (!m_writer.isOpen()) open();
    const trace::Sequence s = m_next++;
    m_writer.append(r);
    ++m_inChunk;
    using trace::RecordKind;
    if (r.kind == RecordKind::FrameSent) m_flying.erase(r.args[0]);
    if (r.kind == RecordKind::FrameSent || r.kind == RecordKind::FrameQueued) m_flying[s] = r;
    if (r.kind == RecordKind::FrameReceived || r.kind == RecordKind::FrameDropped)
      m_flying.erase(r.args[0]);
    return s;
  }

  /// Stores a packet's form and gives its id.
  PacketId packet(wire::Packet p) {
    if (!m_writer.isOpen()) open();
    wire::seal(p);
    p.id = m_nextPacket++;
    if (p.origin == 0) p.origin = p.id;
    m_writer.appendPacket(p);
    return p.id;
  }

  trace::Sequence sent(SimTime at, std::uint32_t link, int end, Duration flight,
                       PacketId packet = 0, trace::Sequence cause = 0, std::uint16_t bytes = 100,
                       trace::Sequence queued = 0) {
    trace::Record r = record(trace::RecordKind::FrameSent, at);
    r.link = link;
    r.node = static_cast<std::uint32_t>(end);
    r.packet = packet;
    r.cause = cause;
    r.detail = static_cast<std::uint16_t>(end << 8);
    trace::SentArgs args;
    args.queued = queued;
    args.arrival = at + flight;
    args.frameBytes = bytes;
    r.args = trace::pack(args);
    return append(r);
  }
  trace::Sequence received(SimTime at, trace::Sequence sent, std::uint32_t node = 1,
                           PacketId packet = 0) {
    trace::Record r = record(trace::RecordKind::FrameReceived, at);
    r.node = node;
    r.link = 0;
    r.packet = packet;
    r.cause = sent;
    r.args[0] = sent;
    return append(r);
  }
  trace::Sequence note(SimTime at, std::string_view text = "note", std::uint32_t node = 0) {
    if (!m_writer.isOpen()) open();
    trace::Record r = record(trace::RecordKind::Note, at);
    r.node = node;
    r.args[0] = m_writer.appendText(text);
    return append(r);
  }
  trace::Sequence phase(SimTime at, std::string_view milestone, std::uint32_t node = 0) {
    if (!m_writer.isOpen()) open();
    trace::Record r = record(trace::RecordKind::Phase, at);
    r.node = node;
    r.args[0] = m_writer.appendText(milestone);
    r.args[1] = trace::noText;
    return append(r);
  }
  trace::Sequence fact(SimTime at, std::uint32_t node, trace::FactTopic topic,
                       std::string_view name, std::string_view value,
                       std::string_view detail = {}) {
    if (!m_writer.isOpen()) open();
    trace::Record r = record(trace::RecordKind::Fact, at);
    r.node = node;
    r.detail = static_cast<std::uint16_t>(topic);
    r.args = {0, m_writer.appendText(name), m_writer.appendText(value), text(detail)};
    return append(r);
  }
  trace::Sequence countdown(SimTime at, std::uint32_t node, trace::CountdownKind kind,
                            std::string_view service, std::optional<SimTime> deadline) {
    if (!m_writer.isOpen()) open();
    trace::Record r = record(trace::RecordKind::Countdown, at);
    r.node = node;
    r.detail = static_cast<std::uint16_t>(kind);
    r.args[0] = deadline ? static_cast<std::uint64_t>(deadline->ns()) : ~std::uint64_t{0};
    r.args[1] = m_writer.appendText(service);
    return append(r);
  }
  trace::Sequence asked(SimTime at, std::uint32_t node, std::uint64_t number,
                        std::string_view service) {
    if (!m_writer.isOpen()) open();
    trace::Record r = record(trace::RecordKind::RequestStarted, at);
    r.node = node;
    r.args = {number, m_writer.appendText("something"), text(service), 0};
    return append(r);
  }
  trace::Sequence ended(SimTime at, std::uint32_t node, std::uint64_t number,
                        trace::RequestOutcome outcome, Duration latency) {
    trace::Record r = record(trace::RecordKind::RequestEnded, at);
    r.node = node;
    r.detail = static_cast<std::uint16_t>(outcome);
    r.args = {number, static_cast<std::uint64_t>(latency.ns()), 0, trace::noText};
    return append(r);
  }
  trace::Sequence health(SimTime at, std::uint32_t node, trace::NodeHealth health) {
    trace::Record r = record(trace::RecordKind::NodeState, at);
    r.node = node;
    r.detail = static_cast<std::uint16_t>(health);
    return append(r);
  }
  static trace::Record record(trace::RecordKind kind, SimTime at) {
    trace::Record r;
    r.kind = kind;
    r.at = at;
    return r;
  }

  std::size_t openRecords() const { return m_inChunk; }
  void seal() {
    if (auto chunk = m_writer.seal()) m_trace.insert(std::move(chunk));
    m_inChunk = 0;
  }
  trace::Trace take() {
    seal();
    return std::move(m_trace);
  }

private:
  std::uint64_t text(std::string_view t) {
    return t.empty() ? trace::noText : m_writer.appendText(t);
  }
  void open() {
    trace::Keyframe k;
    k.nodes = m_nodes;
    k.links = m_links;
    for (const auto &[s, r] : m_flying) k.inFlight.push_back({s, r});
    m_writer.open(m_next, m_nextPacket, std::move(k));
  }

  trace::ChunkWriter m_writer;
  trace::Trace m_trace;
  trace::Sequence m_next = 1;
  PacketId m_nextPacket = 1;
  std::size_t m_inChunk = 0;
  std::map<trace::Sequence, trace::Record> m_flying;
  std::vector<trace::NodeHealth> m_nodes;
  std::vector<trace::LinkSnapshot> m_links;
};

} // namespace packetarium::analysis::fixture
