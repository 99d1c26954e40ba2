// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/document/clips.h"

#include "ui/document/faults.h"
#include "ui/widgets/format.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>
#include <set>
#include <unordered_map>

namespace packetarium::ui {
namespace {

using Action = scenario::ScriptEntry::Kind;
using Kind = ScriptClip::Kind;

constexpr Duration shortest = Duration::ns(1);

QString say(const char *text) { return QCoreApplication::translate("Clips", text); }

bool isCondition(Kind kind) { return kind >= Kind::Rate; }

Action setterOf(Kind kind) {
  switch (kind) {
  case Kind::Rate: return Action::SetRate;
  case Kind::Delay: return Action::SetDelay;
  case Kind::Jitter: return Action::SetJitter;
  case Kind::Loss: return Action::SetLoss;
  case Kind::Queue: return Action::SetQueue;
  case Kind::Cut: return Action::RestoreLink;
  case Kind::Crash: return Action::RestartNode;
  case Kind::Pause: return Action::ResumeNode;
  }
  return Action::RestoreLink;
}

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
    return isCondition(back.kind) && ends.contains(back.beginId) &&
           back.value == conditionAt(s, back.target, setterOf(back.kind), beforeAll);
  });
}

void findBounds(const scenario::Scenario &s, std::vector<ScriptClip> &clips) {
  const SimTime runEnd = SimTime::zero() + s.duration;
  for (ScriptClip &clip : clips) {
    clip.earliest = SimTime::zero();
    clip.latest = runEnd;
    for (const ScriptClip &other : clips) {
      if (&other == &clip || other.target != clip.target || other.kind != clip.kind) continue;
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

Status edit(Document &document, const ScriptClip &clip, const QString &pattern, int mergeId,
            const Document::Change &change) {
  return document.edit(pattern.arg(clipLabel(document.scenario(), clip)), change, mergeId);
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
  const SimTime last = std::max(clip.earliest, clip.to - shortest);
  return std::clamp(begin, clip.earliest, last);
}

SimTime stretchedEnd(const ScriptClip &clip, SimTime end) {
  const SimTime first = clip.from + shortest;
  return std::clamp(end, first, std::max(first, clip.latest));
}

Status moveClip(Document &document, const std::string &beginId, SimTime begin, int mergeId) {
  const auto clip = findClip(document.scenario(), beginId);
  if (!clip) return noSuchClip(beginId);
  const Duration by = movedBegin(*clip, begin) - clip->from;
  return edit(document, *clip, say("Move “%1”"), mergeId, [&](scenario::Scenario &s) {
    if (by == Duration{}) return;
    if (auto *first = entryOf(s, clip->beginId)) first->at = first->at + by;
    if (auto *last = entryOf(s, clip->endId); last != nullptr && !clip->endShared)
      last->at = last->at + by;
    sortScript(s);
  });
}

Status stretchBegin(Document &document, const std::string &beginId, SimTime begin, int mergeId) {
  const auto clip = findClip(document.scenario(), beginId);
  if (!clip) return noSuchClip(beginId);
  const SimTime at = stretchedBegin(*clip, begin);
  return edit(document, *clip, say("Stretch “%1”"), mergeId, [&](scenario::Scenario &s) {
    auto *first = entryOf(s, clip->beginId);
    if (first == nullptr || first->at == at) return;
    first->at = at;
    sortScript(s);
  });
}

Status stretchEnd(Document &document, const std::string &beginId, SimTime end, int mergeId) {
  const auto clip = findClip(document.scenario(), beginId);
  if (!clip) return noSuchClip(beginId);
  const SimTime at = stretchedEnd(*clip, end);
  return edit(document, *clip, say("Stretch “%1”"), mergeId, [&](scenario::Scenario &s) {
    if (auto *last = entryOf(s, clip->endId)) {
      if (last->at == at) return;
      last->at = at;
    } else {
      scenario::ScriptEntry back;
      back.action = setterOf(clip->kind);
      back.target = clip->target;
      back.at = at;
      if (isCondition(clip->kind))
        back.value = conditionAt(s, clip->target, back.action, clip->from - shortest);
      back.id = freeEntryId(s, std::string(scenario::name(back.action)) + "-" + clip->target);
      s.script.push_back(std::move(back));
    }
    sortScript(s);
  });
}

Status removeClip(Document &document, const std::string &beginId) {
  const auto clip = findClip(document.scenario(), beginId);
  if (!clip) return noSuchClip(beginId);
  return edit(document, *clip, say("Remove “%1”"), Document::neverMerge,
              [&](scenario::Scenario &s) {
                std::erase_if(s.script, [&](const auto &entry) {
                  return entry.id == clip->beginId ||
                         (!clip->endShared && entry.id == clip->endId && !clip->endId.empty());
                });
              });
}

QString clipLabel(const scenario::Scenario &scenario, const ScriptClip &clip) {
  const QString whom = targetLabel(scenario, clip.target);
  switch (clip.kind) {
  case Kind::Cut: return say("cut %1").arg(whom);
  case Kind::Crash: return say("crash %1").arg(whom);
  case Kind::Pause: return say("pause %1").arg(whom);
  case Kind::Rate: return say("rate of %1 %2").arg(whom, formatBitRate(clip.value));
  case Kind::Delay:
    return say("delay of %1 %2").arg(whom, formatDuration(std::llround(clip.value)));
  case Kind::Jitter:
    return say("jitter of %1 %2").arg(whom, formatDuration(std::llround(clip.value)));
  case Kind::Loss: return say("loss of %1 %2").arg(whom, formatPercent(clip.value));
  case Kind::Queue: return say("queue of %1 %2").arg(whom, formatCount(std::llround(clip.value)));
  }
  return whom;
}

} // namespace packetarium::ui
