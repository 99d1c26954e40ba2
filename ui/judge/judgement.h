// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/judgement.h"

#include <memory>
#include <string>
#include <vector>

namespace packetarium::ui {

/// A store judged from what its clients saw, as far as the run was known then.
struct ServiceJudgement {
  std::string service;
  judge::History history;
  std::vector<analysis::ReadMark> marks;
  std::vector<analysis::Light> lights;
  judge::LinearizabilityVerdict linearizability;
};

/// All stores of a run.
struct Judgement {
  std::vector<ServiceJudgement> services; ///< by name
  trace::Sequence upTo = 0;
  /// That it was judged by; null: it was made by hand.
  std::shared_ptr<const analysis::FactBook> facts;
  [[nodiscard]] const ServiceJudgement *find(const std::string &service) const;
};

/// Judges all stores up to the newest known record; what is not decided in the time is unknown.
/// budget: for each service. Takes no longer than about that; cheap to run again and again.
Judgement judgeRun(const analysis::FactBook &facts, const net::Blueprint &network,
                   judge::Budget budget);

/// The mark of an operation; null: it is no read.
[[nodiscard]] const analysis::ReadMark *markOf(const ServiceJudgement &judged,
                                               std::size_t operation);

} // namespace packetarium::ui
