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
  Cut connectedCut(const RequestMark &answer) const;
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
