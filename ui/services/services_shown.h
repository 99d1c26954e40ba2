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

/// All that the Services view shows, as values. What has been seen once stays in the picture when
/// one goes back in the run, as something that is still to come.
struct ServicesShown {
  std::vector<analysis::ServiceReport> reports; ///< as known at `until`: the figures
  std::vector<analysis::ServiceReport> seen;    ///< of the same services, as known at `seenUntil`
  std::vector<analysis::Outage> outages;        ///< of all services, up to `seenUntil`
  std::vector<analysis::LostWrite> lost;        ///< up to `seenUntil`
  std::vector<MachineRow> machines;             ///< up to `until`
  SimTime from, to;                             ///< of the axis
  SimTime until, seenUntil;
};

/// Of the machines: how many, and the share of their time that they stood by; 0 without any.
struct MachinePrice {
  int machines = 0;
  double idleShare = 0;
};
MachinePrice machinePrice(const std::vector<MachineRow> &rows);

} // namespace packetarium::ui
