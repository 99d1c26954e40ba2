// SPDX-License-Identifier: GPL-3.0-or-later
// Fields of links.
#include "core/scenario/ranges.h"
#include "ui/document/edits.h"
#include "ui/document/faults.h"
#include "ui/inspector/node_properties.h"

#include <QCoreApplication>

#include <algorithm>

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
    if (s.link(id) == nullptr) return FieldValue();
    const double value = conditionAt(s, id, action, at());
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

} // namespace

std::vector<Property> linkConditions(std::function<SimTime()> at) {
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
  FieldSpec queue = spec(FieldKind::Whole, say("Queue limit"),
                         say("Frames that may wait in each direction; the next one is dropped"), 0,
                         most(range::queuePackets));
  queue.unit = say("frames");
  all.push_back(condition("queue", Action::SetQueue, std::move(queue), at));
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
