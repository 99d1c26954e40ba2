// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/frame.h"

#include <array>
#include <cstdint>
#include <vector>

namespace packetarium::analysis {

/// Parts of making a frame that need no memory of where one was.

constexpr std::uint16_t closedState = 0; ///< transport::TcpState::Closed

void applyLinkChange(trace::LinkSnapshot &link, const trace::Record &changed);
void applyNodeChange(trace::NodeCondition &node, const trace::Record &changed);
/// By how much the node's clock is ahead at the instant.
Duration clockAhead(const trace::NodeCondition &node, SimTime at);

/// Most frames that a direction may have in flight to be drawn one by one, so that all directions
/// that are within it hold at most packetsMax together.
std::uint32_t flowThreshold(const std::vector<LinkView> &links, std::size_t packetsMax);

/// Gathers the frames of crowded directions into flows.
class FlowTally {
public:
  FlowTally(const std::vector<LinkView> &links, std::uint32_t limit)
      : m_links(links), m_limit(limit) {}
  /// True when the frame became part of a flow.
  bool take(const trace::Record &sent);
  /// Ordered by (link, end).
  std::vector<FlowView> flows() const;

private:
  static constexpr std::size_t classes = 16;
  struct Tally {
    std::uint32_t packets = 0;
    std::uint64_t bytes = 0;
    std::array<std::uint32_t, classes> byClass{};
  };
  const std::vector<LinkView> &m_links;
  std::uint32_t m_limit;
  std::vector<Tally> m_tallies; ///< by link * 2 + end; made when the first is needed
};

/// Drops, notes and use of the links in the windows before the cursor.
void fillRecent(Frame &frame, const trace::Trace &trace, const FrameOptions &options);
/// Phase and request under way.
void fillStory(Frame &frame, const trace::Trace &trace, const Chronicle *chronicle);

} // namespace packetarium::analysis
