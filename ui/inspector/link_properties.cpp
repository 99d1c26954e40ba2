// SPDX-License-Identifier: GPL-3.0-or-later
// Fields of links, and the conditions of nodes.
#include "core/scenario/ranges.h"
#include "ui/document/edits.h"
#include "ui/document/faults.h"
#include "ui/inspector/node_properties.h"

#include <QCoreApplication>

#include <cmath>
#include <cstdlib>

namespace packetarium::ui {
namespace {

using Action = scenario::ScriptEntry::Kind;
using Value = programs::ParameterValue;
using scenario::Scenario;

QString say(const char *text) { return QCoreApplication::translate("Properties", text); }

FieldSpec spec(FieldKind kind, const QString &caption, const QString &help, double minimum,
               double maximum) {
  FieldSpec s;
  s.kind = kind;
  s.caption = caption;
  s.help = help;
  s.minimum = minimum;
  s.maximum = maximum;
  return s;
}

double numberOf(const FieldValue &value) {
  if (!value) return 0;
  if (const auto *text = std::get_if<std::string>(&*value)) return std::atof(text->c_str());
  if (const auto *whole = std::get_if<std::int64_t>(&*value)) return static_cast<double>(*whole);
  if (const auto *on = std::get_if<bool>(&*value)) return *on ? 1 : 0;
  const auto *real = std::get_if<double>(&*value);
  return real != nullptr ? *real : 0;
}

Property condition(std::string path, Action action, FieldSpec spec,
                   const std::function<SimTime()> &at) {
  Property p;
  const FieldKind kind = spec.kind;
  p.path = std::move(path);
  p.spec = std::move(spec);
  p.get = [action, kind, at](const Scenario &s, const std::string &id) {
    if (s.link(id) == nullptr && s.node(id) == nullptr) return FieldValue();
    const double value = conditionAt(s, id, action, at());
    if (kind == FieldKind::Choice) return FieldValue(Value(std::to_string(std::llround(value))));
    if (kind == FieldKind::Real) return FieldValue(Value(value));
    if (kind == FieldKind::Boolean) return FieldValue(Value(value != 0));
    if (kind == FieldKind::Percent) return FieldValue(Value(value));
    return FieldValue(Value(static_cast<std::int64_t>(value)));
  };
  p.commit = [action, at, path = p.path](Document &document, const std::vector<std::string> &ids,
                                         const FieldValue &value) {
    return setCondition(document, ids, action, numberOf(value), at(), mergeIdOf(path, ids));
  };
  return p;
}

// The ends are named where one link is meant.
Property directionCondition(const scenario::Link *link, const Scenario &s,
                            const std::function<SimTime()> &at) {
  FieldSpec f = spec(FieldKind::Choice, say("Direction"), actionHelp(Action::SetBlocked), 0, 0);
  const std::string id = link != nullptr ? link->id : std::string();
  const QString oneWay[] = {say("both ways"), say("backwards only"), say("forwards only")};
  for (const int value : {0, 2, 1})
    f.choices.emplace_back(std::to_string(value), link != nullptr
                                                      ? valueText(s, id, Action::SetBlocked, value)
                                                      : oneWay[value]);
  return condition("blocked", Action::SetBlocked, std::move(f), at);
}

} // namespace

std::vector<Property> linkConditions(const Scenario &s, const std::vector<std::string> &ids,
                                     std::function<SimTime()> at) {
  const scenario::Link *link = ids.size() == 1 ? s.link(ids.front()) : nullptr;
  namespace range = scenario::range;
  const auto most = [](std::uint64_t v) { return static_cast<double>(v); };
  std::vector<Property> all;
  all.push_back(condition("up", Action::CutLink,
                          spec(FieldKind::Boolean, say("Plugged in"),
                               say("A cut link loses what waits and what is under way"), 0, 0),
                          at));
  all.push_back(condition("rate", Action::SetRate,
                          spec(FieldKind::Rate, say("Rate"),
                               say("Bits per second it puts on the wire"), 1, most(range::rateBps)),
                          at));
  all.push_back(
      condition("delay", Action::SetDelay,
                spec(FieldKind::Duration, say("Delay"),
                     say("How long a bit travels from end to end"), 0, most(range::linkNs)),
                at));
  all.push_back(condition("jitter", Action::SetJitter,
                          spec(FieldKind::Duration, say("Jitter"),
                               say("Extra delay, drawn for each frame from 0 to this"), 0,
                               most(range::linkNs)),
                          at));
  all.push_back(condition(
      "loss", Action::SetLoss,
      spec(FieldKind::Percent, say("Loss"), say("Share of frames that vanish on the way"), 0, 1),
      at));
  const auto share = [&](const char *path, Action action, const QString &caption) {
    all.push_back(
        condition(path, action, spec(FieldKind::Percent, caption, actionHelp(action), 0, 1), at));
  };
  share("duplicate", Action::SetDuplicate, say("Duplication"));
  share("reorder", Action::SetReorder, say("Reordering"));
  share("corrupt", Action::SetCorrupt, say("Corruption"));
  all.push_back(directionCondition(link, s, at));
  all.push_back(condition("flap", Action::SetFlap,
                          spec(FieldKind::Duration, say("Flapping"), actionHelp(Action::SetFlap), 0,
                               most(range::linkNs)),
                          at));
  FieldSpec queue = spec(FieldKind::Whole, say("Queue limit"),
                         say("Frames that may wait in each direction; the next one is dropped"), 0,
                         most(range::queuePackets));
  queue.unit = say("frames");
  all.push_back(condition("queue", Action::SetQueue, std::move(queue), at));
  return all;
}

std::vector<Property> nodeConditions(std::function<SimTime()> at) {
  const auto ranged = [](FieldKind kind, Action action, const QString &caption,
                         const QString &unit) {
    const scenario::ValueRange range = scenario::valueRange(action);
    FieldSpec f = spec(kind, caption, actionHelp(action), range.minimum, range.maximum);
    f.unit = unit;
    return f;
  };
  std::vector<Property> all;
  const auto add = [&](const char *path, FieldKind kind, Action action, const QString &caption,
                       const QString &unit) {
    all.push_back(condition(path, action, ranged(kind, action, caption, unit), at));
  };
  add("slowness", FieldKind::Real, Action::SetSlowness, say("CPU slower"), say("times"));
  add("clock_offset", FieldKind::Duration, Action::SetClockOffset, say("Clock ahead"), {});
  add("clock_drift", FieldKind::Real, Action::SetClockDrift, say("Clock drift"), say("ppm"));
  add("partition", FieldKind::Whole, Action::SetPartition, say("Partition side"), {});
  return all;
}

Property linkCost() {
  Property p;
  p.path = "cost";
  p.spec = spec(FieldKind::Whole, say("Cost"),
                say("For shortest paths; routes are chosen for the whole run"), 1,
                static_cast<double>(scenario::range::cost));
  p.get = [](const Scenario &s, const std::string &id) {
    const scenario::Link *link = s.link(id);
    return link != nullptr ? FieldValue(Value(static_cast<std::int64_t>(link->cost)))
                           : FieldValue();
  };
  p.set = [](Scenario &s, const std::string &id, const FieldValue &value) {
    if (scenario::Link *link = s.link(id)) link->cost = static_cast<std::uint32_t>(numberOf(value));
  };
  return p;
}

} // namespace packetarium::ui
