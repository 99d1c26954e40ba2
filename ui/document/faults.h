// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/sim_time.h"
#include "ui/document/document.h"
#include "ui/document/fault_kinds.h"

#include <QString>

#include <string>
#include <vector>

namespace packetarium::ui {

// A fault or a condition put on a node or link at an instant. At t > 0 it becomes a script entry;
// at t = 0 what the document says of the node or link changes instead, since nothing came before.
struct FaultRequest {
  scenario::ScriptEntry::Kind action = scenario::ScriptEntry::Kind::CutLink;
  std::string target; // id of the node or link
  double value = 0;   // in the unit of the script
  SimTime at;
};

// One undoable edit. An entry for the same target at the same instant that does the opposite is
// taken out instead; one that does the same is replaced.
Status applyFault(Document &document, const FaultRequest &request);
// Several at once, as one undoable edit of that name. Where a condition holds already, nothing is
// added.
Status applyFaults(Document &document, const QString &label,
                   const std::vector<FaultRequest> &requests);
// The change itself, as part of a larger edit.
void putFault(scenario::Scenario &scenario, const FaultRequest &request);

// The condition of a link or a node at an instant, with all the script has done to it by then, in
// the unit of the script; of CutLink and RestoreLink 1 when it is up. 0 for what is not there.
[[nodiscard]] double conditionAt(const scenario::Scenario &scenario, const std::string &target,
                                 scenario::ScriptEntry::Kind kind, SimTime at);
// Puts one condition on several links or nodes from an instant on, as one undoable edit: in the
// script, or at t = 0 in the document. Where it holds already, nothing is added.
Status setCondition(Document &document, const std::vector<std::string> &targets,
                    scenario::ScriptEntry::Kind kind, double value, SimTime at,
                    int mergeId = Document::neverMerge);

// Takes an entry of the script out, as one undoable edit.
Status removeScriptEntry(Document &document, const std::string &entryId);

// "Cut isp – core-1 at 1.25 s", "Set delay of home – isp to 40 ms".
[[nodiscard]] QString faultLabel(const scenario::Scenario &scenario, const FaultRequest &request);
// A condition's value for people; a direction is told by the names of the link's ends.
[[nodiscard]] QString valueText(const scenario::Scenario &scenario, const std::string &target,
                                scenario::ScriptEntry::Kind action, double value);
// "browser" for a node, "isp – core-1" for a link.
[[nodiscard]] QString targetLabel(const scenario::Scenario &scenario, const std::string &id);

} // namespace packetarium::ui
