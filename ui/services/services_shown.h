// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/cluster_state.h"
#include "core/analysis/outages.h"
#include "core/analysis/services.h"

#include <QString>

#include <vector>

namespace packetarium::ui {

/// A machine that is paid for, whatever it does.
struct MachineRow {
  QString machine, service;
  Duration active, idle;
};

/// All that the Services view shows, as values: of the run up to an instant.
struct ServicesShown {
  std::vector<analysis::ServiceReport> reports;
  std::vector<analysis::Outage> outages; ///< of all services
  std::vector<analysis::LostWrite> lost;
  std::vector<MachineRow> machines;
  SimTime from, to; ///< of the axis
  SimTime until;    ///< what is known
};

/// Of the machines: how many, and the share of their time that they stood by; 0 without any.
struct MachinePrice {
  int machines = 0;
  double idleShare = 0;
};
MachinePrice machinePrice(const std::vector<MachineRow> &rows);

} // namespace packetarium::ui
