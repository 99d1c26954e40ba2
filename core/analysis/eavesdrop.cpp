// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/eavesdrop.h"

#include "core/transport/seq.h"
#include "core/wire/ports.h"

#include <algorithm>

namespace packetarium::analysis {
namespace {

using transport::seqDiff;
using wire::TcpFlags;

/// Bytes that may wait for those in front of them before the hole is given up.
constexpr std::uint32_t aheadMax = 4U << 20;

struct Ports {
  std::uint16_t source = 0, destination = 0;
};

std::optional<Ports> portsOf(const wire::Packet &p) {
  if (p.kind == wire::PacketKind::Tcp) return Ports{p.tcp.sourcePort, p.tcp.destinationPort};
  if (p.kind == wire::PacketKind::Udp) return Ports{p.udp.sourcePort, p.udp.destinationPort};
  return std::nullopt;
}

bool isOpening(const wire::Packet &p) {
  return p.kind == wire::PacketKind::Tcp && p.tcp.has(TcpFlags::Syn) && !p.tcp.has(TcpFlags::Ack);
}

/// Whether the sender of the first packet that was seen is the client.
bool fromClient(const wire::Packet &p, Ports ports) {
  if (p.kind == wire::PacketKind::Tcp && p.tcp.has(TcpFlags::Syn)) return isOpening(p);
  if (p.kind == wire::PacketKind::Udp && ports.source == wire::dnsPort) return false;
  return p.kind == wire::PacketKind::Udp || ports.source >= ports.destination;
}

ConversationKind kindOf(const wire::Payload &data) {
  const auto startsWith = [&](std::string_view text) {
    if (data.size() < text.size()) return false;
    for (std::uint32_t i = 0; i < text.size(); ++i)
      if (data.at(i) != static_cast<std::uint8_t>(text[i])) return false;
    return true;
  };
  const std::uint8_t first = data.at(0);
  if (first >= 20 && first <= 23 && (data.size() < 2 || data.at(1) == 3))
    return ConversationKind::Tls;
  for (const char *word :
       {"GET ", "POST ", "HEAD ", "PUT ", "DELETE ", "OPTIONS ", "PATCH ", "CONNECT ", "HTTP/"})
    if (startsWith(word)) return ConversationKind::Http;
  return ConversationKind::Plain;
}

} // namespace

void Eavesdropper::read(Talk &talk, const Passing &passing, const wire::Payload &data) {
  Conversation &told = talk.told;
  told.ways[passing.back ? 1 : 0].bytes += data.size();
  if (told.kind == ConversationKind::Unknown) told.kind = kindOf(data);
  switch (told.kind) {
  case ConversationKind::Http: talk.http.feed(told, passing, data); break;
  case ConversationKind::Tls:
    if (data.isPattern()) {
      const wire::Bytes bytes = data.toBytes();
      talk.tls.feed(told, passing, bytes);
    } else {
      talk.tls.feed(told, passing, data.view());
    }
    break;
  default: hearPlain(told, passing, data); break;
  }
}

void Eavesdropper::lose(Talk &talk, bool back) {
  Stream &stream = talk.streams[back ? 1 : 0];
  if (!stream.next) return;
  stream.next.reset();
  stream.ahead.clear();
  talk.http.lose(back);
  talk.tls.lose(back);
}

void Eavesdropper::loseAll() {
  m_missed = true;
  for (Cow<Talk> &talk : m_talks) {
    lose(talk.write(), false);
    lose(talk.write(), true);
  }
}

void Eavesdropper::hearSegment(Talk &talk, const Passing &passing, const wire::Packet &packet) {
  Stream &stream = talk.streams[passing.back ? 1 : 0];
  Conversation::Way &way = talk.told.ways[passing.back ? 1 : 0];
  const bool syn = packet.tcp.has(TcpFlags::Syn);
  const std::uint32_t begin = packet.tcp.sequence + (syn ? 1 : 0);
  if (packet.tcp.has(TcpFlags::Fin) || packet.tcp.has(TcpFlags::Rst)) stream.closed = true;
  if (!stream.next) stream.next = begin;
  wire::Payload data = packet.payload;
  if (data.empty()) return;
  const std::int32_t behind = seqDiff(*stream.next, begin);
  if (behind > 0) {
    const auto known = std::min(static_cast<std::uint32_t>(behind), data.size());
    way.again += known;
    if (known == data.size()) return;
    data = data.slice(known, data.size() - known);
  }
  if (behind < 0) {
    const std::uint32_t before = stream.ahead.bytes();
    stream.ahead.insert(begin, data);
    way.again += data.size() - (stream.ahead.bytes() - before);
    if (stream.ahead.bytes() <= aheadMax) return;
    lose(talk, passing.back);
    return;
  }
  while (!data.empty()) {
    *stream.next += data.size();
    read(talk, passing, data);
    const std::uint32_t held = stream.ahead.bytes();
    data = stream.ahead.take(*stream.next);
    way.again += held - stream.ahead.bytes() - data.size();
  }
}

std::size_t Eavesdropper::begin(const Key &key, const wire::Packet &packet,
                                const trace::Record &sent) {
  Talk talk;
  Conversation &told = talk.told;
  const Ports ports = *portsOf(packet);
  const bool client = fromClient(packet, ports);
  told.tcp = packet.kind == wire::PacketKind::Tcp;
  told.client = {packet.ip.source, ports.source};
  told.server = {packet.ip.destination, ports.destination};
  if (!client) std::swap(told.client, told.server);
  const auto end = static_cast<std::uint8_t>(trace::sendingEnd(sent));
  told.clientEnd = client ? end : static_cast<std::uint8_t>(1 - end);
  told.first = sent.at;
  m_talks.emplace_back(std::move(talk));
  m_newest[key] = m_forgotten + m_talks.size() - 1;
  if (m_talks.size() > conversationsMax) {
    std::erase_if(m_newest, [&](const auto &entry) { return entry.second == m_forgotten; });
    m_talks.pop_front();
    ++m_forgotten;
  }
  return m_talks.size() - 1;
}

Eavesdropper::Talk &Eavesdropper::talkOf(const wire::Packet &packet, const trace::Record &sent) {
  const Ports ports = *portsOf(packet);
  Key key{packet.ip.source.value, ports.source, packet.ip.destination.value, ports.destination,
          packet.kind == wire::PacketKind::Tcp};
  auto &[a, aPort, b, bPort, tcp] = key;
  if (std::tie(b, bPort) < std::tie(a, aPort)) {
    std::swap(a, b);
    std::swap(aPort, bPort);
  }
  const auto at = m_newest.find(key);
  if (at == m_newest.end()) return m_talks[begin(key, packet, sent)].write();
  const std::size_t index = at->second - m_forgotten;
  // The ports are used again: another connection.
  const Talk &old = *m_talks[index].operator->();
  if (isOpening(packet) && (old.streams[0].closed || old.streams[1].closed))
    return m_talks[begin(key, packet, sent)].write();
  return m_talks[index].write();
}

void Eavesdropper::hear(const wire::Packet &packet, const trace::Record &sent,
                        trace::Sequence sequence) {
  const auto ports = portsOf(packet);
  if (!ports) {
    ++m_otherFrames;
    return;
  }
  Talk &talk = talkOf(packet, sent);
  Conversation &told = talk.told;
  const bool back = told.client != Conversation::EndPoint{packet.ip.source, ports->source};
  Conversation::Way &way = told.ways[back ? 1 : 0];
  ++way.frames;
  way.frameBytes += packet.frameBytes;
  told.last = sent.at;
  const Passing passing{sent.at, sequence, back};
  if (told.tcp) return hearSegment(talk, passing, packet);
  way.bytes += packet.payload.size();
  hearDatagram(told, passing, packet);
}

void Eavesdropper::listen(const trace::Trace &trace, trace::Sequence upTo) {
  while (m_next <= upTo) {
    const std::size_t slot = trace.slotOf(m_next);
    if (slot >= trace.slots().size()) return;
    const trace::Trace::Slot &s = trace.slots()[slot];
    const trace::Sequence end = std::min(upTo + 1, s.summary.end());
    if (!s.chunk) {
      loseAll();
      m_next = end;
      continue;
    }
    for (; m_next < end; ++m_next) {
      const trace::Record &r = s.chunk->records[m_next - s.summary.first];
      if (r.kind != trace::RecordKind::FrameSent || r.link != m_link) continue;
      if (const wire::Packet *packet = trace.packet(r.packet))
        hear(*packet, r, m_next);
      else
        m_missed = true;
    }
  }
}

void TapHistory::keep(const Eavesdropper &ears) {
  if (ears.missed()) return;
  if (!m_copies.empty() && m_copies.back().heardUpTo() >= ears.heardUpTo()) return;
  m_copies.push_back(ears);
  if (m_copies.size() <= copiesMax) return;
  // Every second one of the older half goes, so that the newest stay close together.
  std::vector<Eavesdropper> fewer;
  for (std::size_t i = 0; i < m_copies.size(); ++i)
    if (i % 2 == 1 || i >= copiesMax / 2) fewer.push_back(std::move(m_copies[i]));
  m_copies = std::move(fewer);
}

const Eavesdropper &TapHistory::at(const trace::Trace &trace, trace::Sequence upTo) {
  const bool forward = m_shown && !m_shown->missed() && m_shown->heardUpTo() <= upTo;
  if (!forward) {
    const auto after = std::find_if(m_copies.begin(), m_copies.end(),
                                    [&](const auto &c) { return c.heardUpTo() > upTo; });
    m_shown = after == m_copies.begin() ? Eavesdropper(m_link) : *std::prev(after);
  }
  for (std::size_t slot = trace.slotOf(m_shown->heardUpTo() + 1); slot < trace.slots().size();
       ++slot) {
    const trace::Sequence last = trace.slots()[slot].summary.end() - 1;
    if (last > upTo) break;
    m_shown->listen(trace, last);
    keep(*m_shown);
  }
  m_shown->listen(trace, upTo);
  return *m_shown;
}

void TapHistory::truncate(trace::Sequence from) {
  std::erase_if(m_copies, [&](const auto &c) { return c.heardUpTo() >= from; });
  if (m_shown && m_shown->heardUpTo() >= from) m_shown.reset();
}

} // namespace packetarium::analysis
