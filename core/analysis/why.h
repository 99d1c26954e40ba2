// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/net/blueprint.h"
#include "core/trace/chunk.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace packetarium::analysis {

/// One link of a causal chain.
struct WhyStep {
  trace::Sequence sequence = 0; ///< 0: sums up several records
  SimTime at;
  std::string sentence; ///< a full sentence without the time
};

struct Why {
  std::string question;       ///< "Why was this packet lost?"
  std::string answer;         ///< the short answer: one sentence
  std::vector<WhyStep> chain; ///< from the record back to its first cause
  bool complete = true;       ///< false: the chain goes on into a chunk that is not in memory
  std::optional<std::size_t> pendingSlot;
};

/// Why a record happened: its causes, each in a sentence. Hops of one packet are told as one step.
Why whyOf(const trace::Trace &trace, const net::Blueprint &network, trace::Sequence record,
          std::size_t stepsMax = 32);

/// What a record says, as one sentence: "browser sent SYN to home router.".
std::string describeRecord(const trace::Trace &trace, const net::Blueprint &network,
                           trace::Sequence record);

} // namespace packetarium::analysis
