// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/sim_time.h"
#include "ui/document/document.h"

#include <QString>

#include <string>
#include <vector>

namespace packetarium::ui {

// A fault or a condition put on a node or link at an instant. At t > 0 it becomes a script entry;
// at t = 0 a link's state and conditions in the document change instead, since nothing came before.
struct FaultRequest {
  scenario::ScriptEntry::Kind action = scenario::ScriptEntry::Kind::CutLink;
  std::string target; // id of the node or link
  double value = 0;   // bits per second, nanoseconds, probability or packets
  SimTime at;
};

// One undoable edit. An entry for the same target at the same instant that does the opposite is
// taken out instead; one that does the same is replaced.
Status applyFault(Document &document, const FaultRequest &request);
// The change itself, as part of a larger edit.
void putFault(scenario::Scenario &scenario, const FaultRequest &request);

// A link's condition at an instant, with all the script has done to it by then, in the unit of the
// script; of CutLink and RestoreLink 1 when it is up. 0 for a link that is not there.
[[nodiscard]] double conditionAt(const scenario::Scenario &scenario, const std::string &link,
                                 scenario::ScriptEntry::Kind kind, SimTime at);
// Puts one condition on several links from an instant on, as one undoable edit: in the script, or
// at t = 0 in the document. Where it holds already, nothing is added.
Status setCondition(Document &document, const std::vector<std::string> &links,
                    scenario::ScriptEntry::Kind kind, double value, SimTime at,
                    int mergeId = Document::neverMerge);

// Takes an entry of the script out, as one undoable edit.
Status removeScriptEntry(Document &document, const std::string &entryId);

// "Cut isp – core-1 at 1.25 s", "Set delay of home – isp to 40 ms".
[[nodiscard]] QString faultLabel(const scenario::Scenario &scenario, const FaultRequest &request);
// "browser" for a node, "isp – core-1" for a link.
[[nodiscard]] QString targetLabel(const scenario::Scenario &scenario, const std::string &id);
// "Cut", "Crash", "Set delay": what an action does, as a verb.
[[nodiscard]] QString actionVerb(scenario::ScriptEntry::Kind action);

} // namespace packetarium::ui
