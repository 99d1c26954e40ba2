// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/activity.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace packetarium::analysis {
namespace {

using trace::RecordKind;

/// Maps instants of [from, to) to columns.
struct Scale {
  SimTime from, to;
  std::size_t columns;
  double perNs() const {
    return static_cast<double>(columns) / static_cast<double>((to - from).ns());
  }
  double at(SimTime t) const { return static_cast<double>((t - from).ns()) * perNs(); }
};

void countRecords(const trace::Chunk &chunk, const Scale &scale, std::vector<ActivityColumn> &out) {
  const auto first = std::lower_bound(chunk.records.begin(), chunk.records.end(), scale.from,
                                      [](const trace::Record &r, SimTime t) { return r.at < t; });
  const double perNs = scale.perNs();
  for (auto it = first; it != chunk.records.end() && it->at < scale.to; ++it) {
    float ActivityColumn::*member = nullptr;
    switch (it->kind) {
    case RecordKind::FrameSent: member = &ActivityColumn::sent; break;
    case RecordKind::FrameDropped: member = &ActivityColumn::dropped; break;
    case RecordKind::TcpRetransmit: member = &ActivityColumn::retransmitted; break;
    default: continue;
    }
    const auto column =
        static_cast<std::size_t>(static_cast<double>((it->at - scale.from).ns()) * perNs);
    out[std::min(column, out.size() - 1)].*member += 1;
  }
}

/// Spreads counts evenly over the part of [begin, end] (in columns) that lies in the picture.
void spread(const trace::ChunkSummary &s, double begin, double end,
            std::vector<ActivityColumn> &out) {
  const double length = end - begin;
  const auto last = static_cast<double>(out.size());
  if (end < 0 || begin >= last) return;
  const auto from = static_cast<std::size_t>(std::clamp(begin, 0.0, last - 1));
  const auto to = static_cast<std::size_t>(std::clamp(end, 0.0, last - 1));
  for (std::size_t c = from; c <= to; ++c) {
    const double left = std::max(begin, static_cast<double>(c));
    const double right = std::min(end, static_cast<double>(c) + 1);
    const double share = length <= 0 ? 1.0 : std::max(0.0, right - left) / length;
    out[c].sent += static_cast<float>(share * s.sent);
    out[c].dropped += static_cast<float>(share * s.dropped);
    out[c].retransmitted += static_cast<float>(share * s.retransmitted);
  }
}

} // namespace

std::vector<ActivityColumn> activityOf(const trace::Trace &trace, SimTime from, SimTime to,
                                       std::size_t columns) {
  std::vector<ActivityColumn> out(columns);
  if (to <= from || columns == 0) return out;
  const Scale scale{from, to, columns};
  const auto &slots = trace.slots();
  // Several slots may share the instant at which the picture begins.
  std::size_t i = trace.slotAt(from);
  if (i == slots.size()) i = 0;
  while (i > 0 && slots[i - 1].summary.to >= from) --i;
  for (; i < slots.size() && slots[i].summary.from < to; ++i) {
    const trace::ChunkSummary &s = slots[i].summary;
    const double begin = scale.at(s.from), end = scale.at(s.to);
    const bool inOneColumn =
        begin >= 0 && static_cast<std::int64_t>(begin) == static_cast<std::int64_t>(end);
    if (slots[i].chunk && !inOneColumn)
      countRecords(*slots[i].chunk, scale, out);
    else
      spread(s, begin, end, out);
  }
  return out;
}

namespace {

/// Opens and closes clips as faults begin and end, whatever tells of them.
class ClipMaker {
public:
  explicit ClipMaker(SimTime end) : m_end(end) {}

  using Key = std::tuple<FaultClip::Kind, std::uint32_t, std::uint32_t>;
  void begin(FaultClip clip) {
    const Key key{clip.kind, clip.node, clip.link};
    const auto open = m_open.find(key);
    if (open != m_open.end()) {
      FaultClip &before = m_clips[open->second];
      if (before.kind <= FaultClip::Kind::Pause) return; // cut twice: the first one counts
      before.to = clip.from;
      before.endEntry = clip.beginEntry;
      before.open = false;
    }
    clip.to = std::max(clip.from, m_end);
    clip.open = true;
    m_open[key] = m_clips.size();
    m_clips.push_back(clip);
  }
  void end(FaultClip::Kind kind, std::uint32_t node, std::uint32_t link, SimTime at, int entry) {
    const auto open = m_open.find(Key{kind, node, link});
    if (open == m_open.end()) return;
    FaultClip &clip = m_clips[open->second];
    clip.to = at;
    clip.open = false;
    clip.endEntry = entry;
    m_open.erase(open);
  }
  std::vector<FaultClip> take() { return std::move(m_clips); }

private:
  SimTime m_end;
  std::vector<FaultClip> m_clips;
  std::map<Key, std::size_t> m_open;
};

constexpr std::uint32_t none = 0xffffffffU;

void scriptEntry(ClipMaker &clips, const world::ScriptEntry &e, int index) {
  using Kind = world::Action::Kind;
  const world::Action &a = e.action;
  FaultClip clip;
  clip.from = e.at;
  clip.beginEntry = index;
  clip.node = world::onNode(a.kind) ? a.node.value : none;
  clip.link = world::onNode(a.kind) ? none : a.link.value;
  clip.value = a.value;
  const auto begin = [&](FaultClip::Kind kind) {
    clip.kind = kind;
    clips.begin(clip);
  };
  const auto end = [&](FaultClip::Kind kind) {
    clips.end(kind, clip.node, clip.link, e.at, index);
  };
  switch (a.kind) {
  case Kind::CrashNode:
    end(FaultClip::Kind::Pause);
    begin(FaultClip::Kind::Crash);
    break;
  case Kind::RestartNode:
  case Kind::RestartEmpty:
    end(FaultClip::Kind::Crash);
    end(FaultClip::Kind::Pause);
    break;
  case Kind::PauseNode: begin(FaultClip::Kind::Pause); break;
  case Kind::ResumeNode: end(FaultClip::Kind::Pause); break;
  case Kind::CutLink: begin(FaultClip::Kind::Cut); break;
  case Kind::RestoreLink: end(FaultClip::Kind::Cut); break;
  case Kind::SetRate: begin(FaultClip::Kind::Rate); break;
  case Kind::SetDelay: begin(FaultClip::Kind::Delay); break;
  case Kind::SetJitter: begin(FaultClip::Kind::Jitter); break;
  case Kind::SetLoss: begin(FaultClip::Kind::Loss); break;
  case Kind::SetQueue: begin(FaultClip::Kind::Queue); break;
  case Kind::SetDuplicate: begin(FaultClip::Kind::Duplicate); break;
  case Kind::SetReorder: begin(FaultClip::Kind::Reorder); break;
  case Kind::SetCorrupt: begin(FaultClip::Kind::Corrupt); break;
  case Kind::SetBlocked: begin(FaultClip::Kind::Blocked); break;
  case Kind::SetFlap: begin(FaultClip::Kind::Flap); break;
  case Kind::SetSlowness: begin(FaultClip::Kind::Slowness); break;
  case Kind::SetClockOffset: begin(FaultClip::Kind::ClockOffset); break;
  case Kind::SetClockDrift: begin(FaultClip::Kind::ClockDrift); break;
  case Kind::SetPartition: begin(FaultClip::Kind::Partition); break;
  case Kind::Promote:
  case Kind::TimeOut: break; // an order, not a fault
  }
}

void nodeChange(ClipMaker &clips, FaultClip clip, trace::NodeHealth health) {
  using Kind = FaultClip::Kind;
  const auto end = [&](Kind kind) { clips.end(kind, clip.node, none, clip.from, -1); };
  if (health != trace::NodeHealth::Paused) end(Kind::Pause);
  if (health != trace::NodeHealth::Crashed) end(Kind::Crash);
  if (health == trace::NodeHealth::Up || health == trace::NodeHealth::Starting) return;
  clip.kind = health == trace::NodeHealth::Crashed ? Kind::Crash : Kind::Pause;
  clips.begin(clip);
}

FaultClip::Kind kindAt(FaultClip::Kind first, int quantity) {
  return static_cast<FaultClip::Kind>(static_cast<int>(first) + quantity);
}

/// The quantity that a LinkChanged or NodeChanged record is about, as a clip.
std::optional<FaultClip::Kind> changedKind(const trace::Record &r) {
  return r.kind == RecordKind::NodeChanged ? clipKindOf(static_cast<trace::NodeQuantity>(r.detail))
                                           : clipKindOf(static_cast<trace::LinkQuantity>(r.detail));
}

void recordedChange(ClipMaker &clips, const trace::Record &r) {
  const bool ofNode = r.kind == RecordKind::NodeState || r.kind == RecordKind::NodeChanged;
  FaultClip clip;
  clip.from = r.at;
  clip.node = ofNode ? r.node : none;
  clip.link = ofNode ? none : r.link;
  if (r.kind == RecordKind::NodeState) {
    nodeChange(clips, clip, static_cast<trace::NodeHealth>(r.detail));
  } else if (r.kind == RecordKind::LinkState) {
    if (r.detail != 0)
      clips.end(FaultClip::Kind::Cut, none, r.link, r.at, -1);
    else
      clips.begin(clip);
  } else if (const auto kind = changedKind(r)) {
    clip.kind = *kind;
    clip.value = trace::doubleOf(r.args[0]);
    clips.begin(clip);
  }
}

} // namespace

std::optional<FaultClip::Kind> clipKindOf(trace::LinkQuantity quantity) {
  static_assert(static_cast<int>(FaultClip::Kind::Rate) +
                    static_cast<int>(trace::LinkQuantity::Flap) ==
                static_cast<int>(FaultClip::Kind::Flap));
  if (quantity > trace::LinkQuantity::Flap) return std::nullopt;
  return kindAt(FaultClip::Kind::Rate, static_cast<int>(quantity));
}

std::optional<FaultClip::Kind> clipKindOf(trace::NodeQuantity quantity) {
  static_assert(static_cast<int>(FaultClip::Kind::Slowness) +
                    static_cast<int>(trace::NodeQuantity::Partition) ==
                static_cast<int>(FaultClip::Kind::Partition));
  if (quantity > trace::NodeQuantity::Partition) return std::nullopt;
  return kindAt(FaultClip::Kind::Slowness, static_cast<int>(quantity));
}

std::vector<FaultClip> faultClips(const world::Script &script, SimTime end) {
  ClipMaker clips(end);
  for (std::size_t i = 0; i < script.size(); ++i)
    scriptEntry(clips, script[i], static_cast<int>(i));
  return clips.take();
}

std::vector<FaultClip> faultClips(const Chronicle &chronicle, SimTime knownUntil) {
  ClipMaker clips(knownUntil);
  for (const ChangeMark &mark : chronicle.changes()) recordedChange(clips, mark.record);
  return clips.take();
}

std::vector<FaultClip> faultClips(const FactBook &facts) {
  ClipMaker clips{SimTime()};
  auto health = facts.healths().begin();
  const auto takeHealths = [&](trace::Sequence before) {
    for (; health != facts.healths().end() && health->sequence < before; ++health) {
      FaultClip clip;
      clip.from = health->at;
      clip.node = health->node;
      nodeChange(clips, clip, health->health);
    }
  };
  for (const DisturbanceMark &mark : facts.disturbances()) {
    takeHealths(mark.sequence);
    recordedChange(clips, mark.record);
  }
  takeHealths(~trace::Sequence{0});
  return clips.take();
}

} // namespace packetarium::analysis
