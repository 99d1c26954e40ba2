// SPDX-License-Identifier: GPL-3.0-or-later
// What is staged in a Raft cluster: several entries of the script as one edit.
#include "ui/topology/fault_actions.h"

namespace packetarium::ui {

void FaultActions::stage(RaftStage stage) {
  const StagePlan plan = planStage(stage, m_state);
  if (!plan.fault.isEmpty()) return Q_EMIT failed(plan.fault);
  const Status status = applyFaults(m_state.document(), plan.label, plan.requests);
  report(status, plan.watch);
}

} // namespace packetarium::ui
