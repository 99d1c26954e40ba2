// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/net/blueprint.h"
#include "core/trace/chunk.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace packetarium::analysis {

/// One crossing (or attempted crossing) of a link by a copy of a packet.
struct TreeHop {
  static constexpr std::size_t root = ~std::size_t{0};
  std::size_t parent = root; ///< the hop that brought it to `from`
  trace::Sequence queued = 0, sent = 0;
  trace::Sequence ended = 0; ///< its FrameReceived or FrameDropped
  PacketId form = 0;
  std::uint32_t link = 0, from = 0, to = 0;
  std::uint8_t end = 0;
  SimTime queuedAt, sentAt, arrival, endedAt;
  bool received = false;
  bool final = false; ///< received by a node it was for
  bool lost = false;
  trace::DropReason reason = trace::DropReason::None;
};

/// A drop inside a node: behind the hop that brought it there.
struct TreeDrop {
  std::size_t parent = TreeHop::root;
  trace::Sequence sequence = 0;
  SimTime at;
  std::uint32_t node = 0, link = 0;
  trace::DropReason reason = trace::DropReason::None;
};

/// All ways that the copies of one packet took, as told by its records in order.
class PacketTree {
public:
  /// Takes a record about any form of the packet.
  void take(const trace::Trace &trace, const net::Blueprint &network, const trace::Record &r,
            trace::Sequence s);

  const std::vector<TreeHop> &hops() const { return m_hops; }
  const std::vector<TreeDrop> &drops() const { return m_drops; }
  /// True when no copy is under way: none queued, none flying, none resting in a node.
  bool settled() const;
  /// True when some copy is queued or flying.
  bool moving() const;
  SimTime lastChange() const { return m_last; }

  /// The hop that reached a node the packet was for; the first of them through `through` when that
  /// is a hop of the tree.
  std::optional<std::size_t> delivered(std::size_t through = TreeHop::root) const;
  /// From the first hop to this one.
  std::vector<std::size_t> pathTo(std::size_t hop) const;
  /// The hop that a record is about, or led to; root when none is.
  std::size_t hopOf(trace::Sequence sequence) const;
  bool isBehind(std::size_t hop, std::size_t ancestor) const;
  std::size_t childCount(std::size_t hop) const;

private:
  std::size_t parentOf(trace::Sequence cause) const;
  void takeSent(const net::Blueprint &network, const trace::Record &r, trace::Sequence s);
  void takeDropped(const trace::Record &r, trace::Sequence s);

  std::vector<TreeHop> m_hops;
  std::vector<TreeDrop> m_drops;
  std::vector<std::pair<trace::Sequence, trace::Sequence>> m_rewrites; ///< record, its cause
  SimTime m_last;
};

} // namespace packetarium::analysis
