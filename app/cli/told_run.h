// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/commands.h"
#include "core/analysis/chronicle.h"
#include "core/analysis/fact_book.h"
#include "core/scenario/build.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace packetarium::cli {

struct ToldRequest {
  std::string scenario; ///< id or file
  std::optional<Duration> until;
  std::optional<std::uint64_t> seed;
  std::vector<std::string> settings; ///< "links.l1.loss=0.1"
};

/// What a run told of its services; its chunks were dropped as they passed.
struct ToldRun {
  scenario::Scenario document;
  std::shared_ptr<const world::Plan> plan;
  analysis::Chronicle chronicle;
  analysis::FactBook facts;
  SimTime until;
  bool interrupted = false;

  const net::Blueprint &network() const { return plan->network; }
  trace::Sequence last() const { return facts.seenUpTo(); }
  int exitCode() const { return interrupted ? Interrupted : Done_; }
};
/// Runs to the end on this thread; Ctrl+C ends it early, in good order.
Result<ToldRun> toldBy(const ToldRequest &request);

/// The document with the settings and the seed that a command was given.
Result<scenario::Scenario> documentOf(const ToldRequest &request);

} // namespace packetarium::cli
