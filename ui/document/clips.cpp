// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/document/clips.h"

#include "ui/document/faults.h"
#include "ui/widgets/format.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <unordered_map>

namespace packetarium::ui {
namespace {

using Action = scenario::ScriptEntry::Kind;
using Kind = ScriptClip::Kind;

constexpr Duration shortest = Duration::ns(1);

QString say(const char *text) { return QCoreApplication::translate("Clips", text); }

bool hasValue(Kind kind) { return kind >= Kind::Rate; }

// The action that ends it; of a condition, the one that gives it another value. Clips of conditions
// stand in the order of their actions.
Action setterOf(Kind kind) {
  switch (kind) {
  case Kind::Cut: return Action::RestoreLink;
  case Kind::Crash: return Action::RestartNode;
  case Kind::Pause: return Action::ResumeNode;
  default: break;
  }
  const int place = static_cast<int>(kind) - static_cast<int>(Kind::Rate);
  return static_cast<Action>(static_cast<int>(Action::SetRate) + place);
}
static_assert(static_cast<int>(Kind::Partition) - static_cast<int>(Kind::Rate) ==
              static_cast<int>(Action::SetPartition) - static_cast<int>(Action::SetRate));

scenario::ScriptEntry *entryOf(scenario::Scenario &s, const std::string &id) {
  for (scenario::ScriptEntry &entry : s.script)
    if (entry.id == id) return &entry;
  return nullptr;
}

void sortScript(scenario::Scenario &s) {
  std::stable_sort(s.script.begin(), s.script.end(),
                   [](const auto &a, const auto &b) { return a.at < b.at; });
}

/// The script as the simulator would get it; targets are named by their place in a list of ids.
struct IndexedScript {
  world::Script script;
  std::vector<const scenario::ScriptEntry *> entries; // in the same order
  std::vector<std::string> targets;
};

IndexedScript indexed(const scenario::Scenario &s) {
  IndexedScript out;
  std::unordered_map<std::string, std::uint32_t> places;
  for (const scenario::ScriptEntry &entry : s.script) out.entries.push_back(&entry);
  std::stable_sort(out.entries.begin(), out.entries.end(),
                   [](const auto *a, const auto *b) { return a->at < b->at; });
  for (const scenario::ScriptEntry *entry : out.entries) {
    const auto [place, fresh] =
        places.emplace(entry->target, static_cast<std::uint32_t>(out.targets.size()));
    if (fresh) out.targets.push_back(entry->target);
    world::ScriptEntry e;
    e.at = entry->at;
    e.action.kind = entry->action;
    if (scenario::targetsNode(entry->action))
      e.action.node = {place->second};
    else
      e.action.link = {place->second};
    e.action.value = entry->value;
    out.script.push_back(e);
  }
  return out;
}

/// Going back to what the document says ends what was before, and begins nothing.
void joinReturns(const scenario::Scenario &s, std::vector<ScriptClip> &clips) {
  std::set<std::string> ends;
  for (const ScriptClip &clip : clips) ends.insert(clip.endId);
  const SimTime beforeAll = SimTime::zero() - shortest;
  std::erase_if(clips, [&](const ScriptClip &back) {
    return hasValue(back.kind) && ends.contains(back.beginId) &&
           back.value == conditionAt(s, back.target, setterOf(back.kind), beforeAll);
  });
}

/// What passes at once and no stretch of time tells of.
void addMoments(const IndexedScript &script, std::vector<ScriptClip> &clips) {
  std::set<std::string> told;
  for (const ScriptClip &clip : clips) told.insert(clip.endId);
  for (const scenario::ScriptEntry *entry : script.entries) {
    const bool passes = entry->action == Action::Promote || entry->action == Action::RestartEmpty;
    if (!passes || told.contains(entry->id)) continue;
    ScriptClip clip;
    clip.kind = Kind::Crash;
    clip.moment = entry->action;
    clip.target = entry->target;
    clip.from = clip.to = entry->at;
    clip.beginId = entry->id;
    clips.push_back(std::move(clip));
  }
  std::stable_sort(clips.begin(), clips.end(),
                   [](const ScriptClip &a, const ScriptClip &b) { return a.from < b.from; });
}

void findBounds(const scenario::Scenario &s, std::vector<ScriptClip> &clips) {
  const SimTime runEnd = SimTime::zero() + s.duration;
  for (ScriptClip &clip : clips) {
    clip.earliest = SimTime::zero();
    clip.latest = runEnd;
    if (clip.moment) continue;
    for (const ScriptClip &other : clips) {
      if (&other == &clip || other.target != clip.target || other.kind != clip.kind || other.moment)
        continue;
      if (clip.endId == other.beginId) {
        clip.endShared = true;
        clip.latest = std::min(clip.latest, other.to - shortest);
      } else if (other.from >= clip.to) {
        clip.latest = std::min(clip.latest, other.from);
      } else if (other.to <= clip.from && !(other.endId == clip.beginId)) {
        clip.earliest = std::max(clip.earliest, other.to);
      } else if (other.from < clip.from) {
        clip.earliest = std::max(clip.earliest, other.from + shortest);
      }
    }
    for (const ScriptClip &other : clips) // a pause that a crash ends
      if (&other != &clip && !clip.endId.empty() && other.beginId == clip.endId)
        clip.endShared = true;
  }
}

Status edit(Document &document, const std::vector<ScriptClip> &clips, const QString &pattern,
            int mergeId,
            const std::function<void(scenario::Scenario &, const ScriptClip &)> &each) {
  return document.edit(
      pattern.arg(clipsLabel(document.scenario(), clips)),
      [&](scenario::Scenario &s) {
        for (const ScriptClip &clip : clips) each(s, clip);
        sortScript(s);
      },
      mergeId);
}

std::vector<ScriptClip> findClips(const scenario::Scenario &s,
                                  const std::vector<std::string> &beginIds) {
  std::vector<ScriptClip> found;
  const std::vector<ScriptClip> all = clipsOf(s);
  for (const std::string &id : beginIds)
    for (const ScriptClip &clip : all)
      if (clip.beginId == id) found.push_back(clip);
  return found;
}

Status noSuchClip(const std::string &id) {
  return Fault{id, say("This fault is no longer there.").toStdString()};
}

std::string freeEntryId(const scenario::Scenario &s, const std::string &stem) {
  std::string cut = stem.substr(0, 56);
  std::string id = cut;
  const auto taken = [&](const std::string &wanted) {
    return std::any_of(s.script.begin(), s.script.end(),
                       [&](const auto &entry) { return entry.id == wanted; });
  };
  for (int n = 2; taken(id); ++n) id = cut + "-" + std::to_string(n);
  return id;
}

} // namespace

std::vector<ScriptClip> clipsOf(const scenario::Scenario &s) {
  const IndexedScript script = indexed(s);
  std::vector<ScriptClip> clips;
  for (const analysis::FaultClip &fault :
       analysis::faultClips(script.script, SimTime::zero() + s.duration)) {
    const auto idAt = [&](int entry) {
      return entry < 0 ? std::string() : script.entries[static_cast<std::size_t>(entry)]->id;
    };
    const std::uint32_t place = fault.node != NodeIndex::noneValue ? fault.node : fault.link;
    ScriptClip clip;
    clip.kind = fault.kind;
    clip.target = script.targets[place];
    clip.from = fault.from;
    clip.to = fault.to;
    clip.value = fault.value;
    clip.open = fault.open;
    clip.beginId = idAt(fault.beginEntry);
    clip.endId = idAt(fault.endEntry);
    clips.push_back(std::move(clip));
  }
  joinReturns(s, clips);
  addMoments(script, clips);
  findBounds(s, clips);
  return clips;
}

std::optional<ScriptClip> findClip(const scenario::Scenario &scenario, const std::string &beginId) {
  for (ScriptClip &clip : clipsOf(scenario))
    if (clip.beginId == beginId) return std::move(clip);
  return {};
}

SimTime movedBegin(const ScriptClip &clip, SimTime begin) {
  SimTime last = clip.latest;
  if (!clip.open && !clip.endShared)
    last = clip.latest - (clip.to - clip.from);
  else
    last = clip.endShared ? clip.to - shortest : clip.latest - shortest;
  return std::clamp(begin, clip.earliest, std::max(clip.earliest, last));
}

SimTime stretchedBegin(const ScriptClip &clip, SimTime begin) {
  if (clip.moment) return movedBegin(clip, begin);
  const SimTime last = std::max(clip.earliest, clip.to - shortest);
  return std::clamp(begin, clip.earliest, last);
}

SimTime stretchedEnd(const ScriptClip &clip, SimTime end) {
  if (clip.moment) return clip.to;
  const SimTime first = clip.from + shortest;
  return std::clamp(end, first, std::max(first, clip.latest));
}

Status moveClips(Document &document, const std::vector<std::string> &beginIds, SimTime begin,
                 int mergeId) {
  const std::vector<ScriptClip> clips = findClips(document.scenario(), beginIds);
  if (clips.empty()) return noSuchClip(beginIds.empty() ? std::string() : beginIds.front());
  Duration by = begin - clips.front().from;
  for (const ScriptClip &clip : clips) by = movedBegin(clip, clip.from + by) - clip.from;
  return edit(document, clips, say("Move “%1”"), mergeId,
              [by](scenario::Scenario &s, const ScriptClip &clip) {
                if (by == Duration{}) return;
                if (auto *first = entryOf(s, clip.beginId)) first->at = first->at + by;
                if (auto *last = entryOf(s, clip.endId); last != nullptr && !clip.endShared)
                  last->at = last->at + by;
              });
}

Status stretchBegins(Document &document, const std::vector<std::string> &beginIds, SimTime begin,
                     int mergeId) {
  const std::vector<ScriptClip> clips = findClips(document.scenario(), beginIds);
  if (clips.empty()) return noSuchClip(beginIds.empty() ? std::string() : beginIds.front());
  SimTime at = begin;
  for (const ScriptClip &clip : clips) at = stretchedBegin(clip, at);
  return edit(document, clips, say("Stretch “%1”"), mergeId,
              [at](scenario::Scenario &s, const ScriptClip &clip) {
                if (auto *first = entryOf(s, clip.beginId)) first->at = at;
              });
}

Status stretchEnds(Document &document, const std::vector<std::string> &beginIds, SimTime end,
                   int mergeId) {
  std::vector<ScriptClip> clips = findClips(document.scenario(), beginIds);
  if (clips.empty()) return noSuchClip(beginIds.empty() ? std::string() : beginIds.front());
  std::erase_if(clips, [](const ScriptClip &clip) { return clip.moment.has_value(); });
  if (clips.empty()) return Done{};
  SimTime at = end;
  for (const ScriptClip &clip : clips) at = stretchedEnd(clip, at);
  return edit(document, clips, say("Stretch “%1”"), mergeId,
              [at](scenario::Scenario &s, const ScriptClip &clip) {
                if (auto *last = entryOf(s, clip.endId)) {
                  last->at = at;
                  return;
                }
                scenario::ScriptEntry back;
                back.action = setterOf(clip.kind);
                back.target = clip.target;
                back.at = at;
                if (hasValue(clip.kind))
                  back.value = conditionAt(s, clip.target, back.action, clip.from - shortest);
                back.id =
                    freeEntryId(s, std::string(scenario::name(back.action)) + "-" + clip.target);
                s.script.push_back(std::move(back));
              });
}

Status removeClips(Document &document, const std::vector<std::string> &beginIds) {
  const std::vector<ScriptClip> clips = findClips(document.scenario(), beginIds);
  if (clips.empty()) return noSuchClip(beginIds.empty() ? std::string() : beginIds.front());
  return edit(document, clips, say("Remove “%1”"), Document::neverMerge,
              [](scenario::Scenario &s, const ScriptClip &clip) {
                std::erase_if(s.script, [&](const auto &entry) {
                  return entry.id == clip.beginId ||
                         (!clip.endShared && entry.id == clip.endId && !clip.endId.empty());
                });
              });
}

Status moveClip(Document &document, const std::string &beginId, SimTime begin, int mergeId) {
  return moveClips(document, {beginId}, begin, mergeId);
}

Status stretchBegin(Document &document, const std::string &beginId, SimTime begin, int mergeId) {
  return stretchBegins(document, {beginId}, begin, mergeId);
}

Status stretchEnd(Document &document, const std::string &beginId, SimTime end, int mergeId) {
  return stretchEnds(document, {beginId}, end, mergeId);
}

Status removeClip(Document &document, const std::string &beginId) {
  return removeClips(document, {beginId});
}

bool belongTogether(const ScriptClip &a, const ScriptClip &b) {
  return a.kind == b.kind && !a.moment && !b.moment &&
         (a.kind == Kind::Cut || a.kind == Kind::Crash || a.kind == Kind::Partition) &&
         a.from == b.from && a.to == b.to && a.open == b.open && (a.value != 0) == (b.value != 0);
}

QString clipsLabel(const scenario::Scenario &scenario, const std::vector<ScriptClip> &clips) {
  if (clips.size() == 1) return clipLabel(scenario, clips.front());
  if (clips.empty()) return {};
  if (clips.front().kind == Kind::Cut) return say("partition: %1 cables cut").arg(clips.size());
  if (clips.front().kind == Kind::Crash) {
    QStringList names;
    for (const ScriptClip &clip : clips) names << targetLabel(scenario, clip.target);
    return say("crash %1")
        .arg(names.size() > 3 ? say("%1 nodes").arg(names.size())
                              : names.join(QStringLiteral(", ")));
  }
  std::map<double, QStringList> sides;
  for (const ScriptClip &clip : clips) sides[clip.value] << targetLabel(scenario, clip.target);
  QStringList told;
  for (const auto &[side, names] : sides)
    told << (names.size() > 3 ? say("%1 nodes").arg(names.size())
                              : names.join(QStringLiteral(", ")));
  return say("partition: %1").arg(told.join(QStringLiteral(" | ")));
}

QString clipLabel(const scenario::Scenario &scenario, const ScriptClip &clip) {
  const QString whom = targetLabel(scenario, clip.target);
  const auto told = [&](const char *pattern) {
    return say(pattern).arg(whom,
                            valueText(scenario, clip.target, setterOf(clip.kind), clip.value));
  };
  if (clip.moment == Action::Promote) return say("promote %1").arg(whom);
  if (clip.moment) return say("restart %1 empty").arg(whom);
  switch (clip.kind) {
  case Kind::Cut: return say("cut %1").arg(whom);
  case Kind::Crash: return say("crash %1").arg(whom);
  case Kind::Pause: return say("pause %1").arg(whom);
  case Kind::Rate: return told("rate of %1 %2");
  case Kind::Delay: return told("delay of %1 %2");
  case Kind::Jitter: return told("jitter of %1 %2");
  case Kind::Loss: return told("loss of %1 %2");
  case Kind::Queue: return told("queue of %1 %2");
  case Kind::Duplicate: return told("duplication on %1 %2");
  case Kind::Reorder: return told("reordering on %1 %2");
  case Kind::Corrupt: return told("corruption on %1 %2");
  case Kind::Blocked:
    return clip.value == 0 ? told("%1 %2")
                           : valueText(scenario, clip.target, Action::SetBlocked, clip.value);
  case Kind::Flap: return told("%1 flaps %2");
  case Kind::Slowness: return told("CPU of %1 slower %2");
  case Kind::ClockOffset: return told("clock of %1 %2");
  case Kind::ClockDrift: return told("clock of %1 %2");
  case Kind::Partition: return told("partition: %1 on %2");
  }
  return whom;
}

} // namespace packetarium::ui
