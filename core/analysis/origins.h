// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/delivery.h"
#include "core/trace/chunk.h"

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace packetarium::analysis {

/// Joins the forms of a packet over a run read chunk by chunk: which packet a form belongs to
/// (NAT gives it new forms), and which of its sendings was the first. Costs a bit per packet.
class FormTable {
public:
  /// The next chunk in order.
  void learn(const trace::Chunk &chunk);
  /// The form a packet was born with; the id itself when nothing else is known.
  PacketId originOf(PacketId form) const;
  /// True the first time it is asked about an origin.
  bool firstSending(PacketId origin);

private:
  std::vector<std::pair<PacketId, PacketId>> m_rewritten; ///< form, origin; ordered by form
  std::vector<bool> m_sent;
};

/// Follows packets end to end over a run: when each was first sent, and when it reached a node it
/// was for. Keeps only those under way.
class OriginTracker {
public:
  void openChunk(const trace::Chunk &chunk);
  /// True when this FrameSent is the packet's first.
  bool sent(const trace::Record &sent);
  /// When this FrameReceived is the first final reception of its packet: since when it was under
  /// way. sentRecord: its FrameSent.
  std::optional<Duration> received(const trace::Chunk &chunk, std::uint32_t index,
                                   const trace::Record *sentRecord, const net::Blueprint &network);
  void dropped(const trace::Record &r);

private:
  void forgetOld();

  FormTable m_forms;
  /// Forms of earlier chunks whose packets may still be under way.
  std::unordered_map<PacketId, wire::Packet> m_kept;
  std::unordered_map<PacketId, SimTime> m_since; ///< by origin
};

} // namespace packetarium::analysis
