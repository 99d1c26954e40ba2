// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/overheard.h"
#include "core/analysis/overheard_readers.h"
#include "core/base/cow.h"
#include "core/trace/chunk.h"
#include "core/transport/reassembly.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <tuple>
#include <vector>

namespace packetarium::analysis {

/// A tap on a link: puts together the conversations that pass it, and tells what can be read of
/// each without any key. It sees a frame when its first bit leaves onto the link. A value: copying
/// shares what was heard, so that one can go back.
class Eavesdropper {
public:
  /// Older conversations are forgotten, and counted.
  static constexpr std::size_t conversationsMax = 1000;

  explicit Eavesdropper(std::uint32_t link) : m_link(link) {}

  /// Everything up to and with this record that it has not heard yet.
  void listen(const trace::Trace &trace, trace::Sequence upTo);
  trace::Sequence heardUpTo() const { return m_next - 1; }
  std::uint32_t link() const { return m_link; }

  /// In the order in which they began.
  std::size_t count() const { return m_talks.size(); }
  const Conversation &conversation(std::size_t i) const { return m_talks[i]->told; }
  std::uint64_t forgotten() const { return m_forgotten; }
  /// Frames that belong to no conversation: ARP, ICMP.
  std::uint64_t otherFrames() const { return m_otherFrames; }
  /// Part of the run was not in memory, so that something is missing.
  bool missed() const { return m_missed; }

private:
  /// One direction of a TCP connection, put in order.
  struct Stream {
    std::optional<std::uint32_t> next; ///< sequence number; none before its first segment
    transport::Reassembly ahead;
    bool closed = false;
  };
  struct Talk {
    Conversation told;
    std::array<Stream, 2> streams;
    HttpEar http;
    TlsEar tls;
  };
  using Key = std::tuple<std::uint32_t, std::uint16_t, std::uint32_t, std::uint16_t, bool>;

  void hear(const wire::Packet &packet, const trace::Record &sent, trace::Sequence sequence);
  Talk &talkOf(const wire::Packet &packet, const trace::Record &sent);
  std::size_t begin(const Key &key, const wire::Packet &packet, const trace::Record &sent);
  void hearSegment(Talk &talk, const Passing &passing, const wire::Packet &packet);
  static void read(Talk &talk, const Passing &passing, const wire::Payload &data);
  static void lose(Talk &talk, bool back);
  void loseAll();

  std::uint32_t m_link;
  trace::Sequence m_next = 1;
  std::deque<Cow<Talk>> m_talks;
  std::map<Key, std::uint64_t> m_newest; ///< number (from 0, with forgotten ones) of the newest
  std::uint64_t m_forgotten = 0;
  std::uint64_t m_otherFrames = 0;
  bool m_missed = false;
};

/// What was heard at any cursor of a run that still grows, from the nearest of a few copies on.
class TapHistory {
public:
  explicit TapHistory(std::uint32_t link) : m_link(link) {}
  /// Valid until the next call.
  const Eavesdropper &at(const trace::Trace &trace, trace::Sequence upTo);
  /// Forgets everything at or after the record (an edit made it stale).
  void truncate(trace::Sequence from);

private:
  static constexpr std::size_t copiesMax = 48;
  void keep(const Eavesdropper &ears);

  std::uint32_t m_link;
  std::vector<Eavesdropper> m_copies; ///< by what they heard; each at the end of a chunk
  std::optional<Eavesdropper> m_shown;
};

} // namespace packetarium::analysis
