// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/chronicle.h"
#include "core/analysis/fact_book.h"
#include "core/analysis/judgement.h"
#include "core/experiments/cap_dial.h"
#include "core/net/blueprint.h"

#include <string>
#include <vector>

namespace packetarium::experiments {

/// What one run told, and what is counted in it.
struct DialRun {
  const analysis::Chronicle &chronicle;
  const analysis::FactBook &facts;
  const net::Blueprint &network;
  const std::vector<Partition> &partitions; ///< of the script that it was run with, or would be
  std::string service;
  SimTime until;
};

/// Fills a row's figures; its design and partitioned are set already.
void countRow(const DialRun &run, DialRow &row);

} // namespace packetarium::experiments
