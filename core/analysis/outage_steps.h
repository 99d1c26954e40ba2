// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/outages.h"

#include <array>
#include <map>
#include <string>
#include <string_view>

namespace packetarium::analysis {

/// Cuts an outage into its parts, at what the run told.
class OutageSteps {
public:
  OutageSteps(const Chronicle &chronicle, const FactBook &facts, const net::Blueprint &network,
              SimTime until);
  /// Fills the steps of an outage whose ends are known. answer: null while it is open.
  void tell(Outage &outage, const RequestMark &firstFailed, const RequestMark *answer) const;

private:
  /// The end of a part: when, and what tells of it.
  struct Cut {
    bool known = false;
    SimTime at;
    trace::Sequence record = 0;
    std::string text;
  };
  using Cuts = std::array<Cut, outageParts>;
  Cut factCut(std::uint32_t fact) const;
  void failoverCuts(Cuts &cuts, const Outage &outage, SimTime upTo) const;
  Cut repairCut(const Outage &outage, SimTime upTo) const;
  /// How a client's request got to whoever answered it; null: nothing tells of that.
  struct Way {
    const FactMark *sent = nullptr;      ///< the last time that it turned to an end point
    const FactMark *named = nullptr;     ///< it had asked a name server for that
    const FactMark *connected = nullptr; ///< with the end point
    const FactMark *led = nullptr;       ///< a balancer there led it to the server that answered
    const FactMark *joined = nullptr;    ///< and was connected with that one
  };
  Way wayOf(const RequestMark &answer) const;
  void wayBehind(Way &way, const RequestMark &answer) const;
  bool turnedElsewhere(const RequestMark &firstFailed, const RequestMark &answer,
                       const Way &way) const;
  Cut connectedCut(const Way &way) const;
  void redirectCut(Cuts &cuts, const RequestMark &firstFailed, const RequestMark &answer,
                   const Way &way) const;
  Cut cutAt(const FactMark &fact) const;
  std::pair<std::size_t, std::size_t> factsWithin(const std::vector<std::uint32_t> &facts,
                                                  SimTime from, SimTime to) const;
  bool isAbout(const FactMark &fact, std::string_view service) const;

  const Chronicle &m_chronicle;
  const FactBook &m_facts;
  const net::Blueprint &m_network;
  SimTime m_until;
  std::map<std::string, bool, std::less<>> m_told; ///< services that any Failover fact names
};

} // namespace packetarium::analysis
