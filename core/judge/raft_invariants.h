// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/sim_time.h"
#include "core/trace/record.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Raft's promises, watched while it runs (Ongaro and Ousterhout 2014, figure 3).
namespace packetarium::judge {

enum class RaftInvariant : std::uint8_t {
  ElectionSafety,     ///< at most one leader in a term
  LogMatching,        ///< logs that share an entry (index and term) are the same up to it
  LeaderCompleteness, ///< what was committed is in the log of every later leader
  StateMachineSafety  ///< no two members apply different entries at the same index
};
std::string_view name(RaftInvariant invariant);     ///< "election safety"
std::string_view sentence(RaftInvariant invariant); ///< what it promises

struct Breach {
  RaftInvariant invariant = RaftInvariant::ElectionSafety;
  std::string service;
  SimTime at;
  trace::Sequence record = 0;           ///< at which it broke
  std::vector<trace::Sequence> against; ///< records that it contradicts
  std::vector<std::uint32_t> nodes;     ///< that disagree
  std::string why;                      ///< sentences
};

/// Fed with the facts of a run in order, tells the first breach. A value: a checkpoint copies it.
class RaftWatch {
public:
  /// nodeName: of the node, for sentences. Facts of other topics are ignored.
  void take(trace::Sequence sequence, SimTime at, std::uint32_t node, std::string_view nodeName,
            trace::FactTopic topic, std::string_view service, std::string_view value,
            std::string_view detail);
  const std::optional<Breach> &breach() const { return m_breach; }

private:
  std::optional<Breach> m_breach;
};

} // namespace packetarium::judge
