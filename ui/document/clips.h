// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/activity.h"
#include "ui/document/document.h"
#include "ui/document/fault_kinds.h"

#include <QString>

#include <optional>
#include <string>
#include <vector>

// Faults of the script as stretches of time, and what a person does to them by hand: each is one
// undoable edit.
namespace packetarium::ui {

// A fault or a changed condition with its end, from the script.
struct ScriptClip {
  using Kind = analysis::FaultClip::Kind;
  Kind kind = Kind::Cut;
  std::string target;                // id of the node or link
  SimTime from, to;                  // to: end of the run while it lasts
  double value = 0;                  // of a changed condition, in the unit of the script
  bool open = false;                 // nothing ends it
  std::string beginId;               // of the script entry that begins it; names the clip
  std::string endId;                 // of the one that ends it; empty: none
  std::optional<FaultAction> moment; // it passes at once: promoted, restarted with an empty disk
  bool endShared = false;            // the end is the beginning of another clip
  SimTime earliest, latest;          // how far it can go without running into its neighbours
};

// All of them, ordered by begin. A condition that goes back to what the document says is the end of
// the one before and no clip of its own.
[[nodiscard]] std::vector<ScriptClip> clipsOf(const scenario::Scenario &scenario);
[[nodiscard]] std::optional<ScriptClip> findClip(const scenario::Scenario &scenario,
                                                 const std::string &beginId);

// Moves it with its end so that it begins at the instant, or as near as its neighbours let it.
Status moveClip(Document &document, const std::string &beginId, SimTime begin,
                int mergeId = Document::neverMerge);
// Moves one end of it. An end given to a clip that has none makes the entry that ends the fault.
Status stretchBegin(Document &document, const std::string &beginId, SimTime begin,
                    int mergeId = Document::neverMerge);
Status stretchEnd(Document &document, const std::string &beginId, SimTime end,
                  int mergeId = Document::neverMerge);
// Takes the fault out of the script, with its end.
Status removeClip(Document &document, const std::string &beginId);

// The same for several that begin and end together, as one edit: a partition. The first one leads.
Status moveClips(Document &document, const std::vector<std::string> &beginIds, SimTime begin,
                 int mergeId = Document::neverMerge);
Status stretchBegins(Document &document, const std::vector<std::string> &beginIds, SimTime begin,
                     int mergeId = Document::neverMerge);
Status stretchEnds(Document &document, const std::vector<std::string> &beginIds, SimTime end,
                   int mergeId = Document::neverMerge);
Status removeClips(Document &document, const std::vector<std::string> &beginIds);
// Cuts, crashes, or sides of a partition that begin and end at the same instants are one thing to
// people.
[[nodiscard]] bool belongTogether(const ScriptClip &a, const ScriptClip &b);

// Where these would put it, for showing while it is dragged.
[[nodiscard]] SimTime movedBegin(const ScriptClip &clip, SimTime begin);
[[nodiscard]] SimTime stretchedBegin(const ScriptClip &clip, SimTime begin);
[[nodiscard]] SimTime stretchedEnd(const ScriptClip &clip, SimTime end);

// "partition: 3 cables cut", "partition: a, b | c"; of one clip its label.
[[nodiscard]] QString clipsLabel(const scenario::Scenario &scenario,
                                 const std::vector<ScriptClip> &clips);
// "cut isp – core-1", "loss of isp – core-1 5 %".
[[nodiscard]] QString clipLabel(const scenario::Scenario &scenario, const ScriptClip &clip);

} // namespace packetarium::ui
