// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/document/faults.h"

#include "ui/widgets/format.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>
#include <optional>

namespace packetarium::ui {
namespace {

using Kind = scenario::ScriptEntry::Kind;

QString say(const char *text) { return QCoreApplication::translate("Faults", text); }

std::optional<Kind> opposite(Kind kind) {
  switch (kind) {
  case Kind::CrashNode: return Kind::RestartNode;
  case Kind::RestartNode: return Kind::CrashNode;
  case Kind::PauseNode: return Kind::ResumeNode;
  case Kind::ResumeNode: return Kind::PauseNode;
  case Kind::CutLink: return Kind::RestoreLink;
  case Kind::RestoreLink: return Kind::CutLink;
  default: return std::nullopt;
  }
}

// Letters and digits of both, cut so that a number still fits into an id.
std::string freeEntryId(const scenario::Scenario &scenario, const FaultRequest &request) {
  std::string stem = std::string(scenario::name(request.action)) + "-" + request.target;
  stem.resize(std::min<std::size_t>(stem.size(), 56));
  const auto taken = [&](const std::string &id) {
    return std::any_of(scenario.script.begin(), scenario.script.end(),
                       [&](const auto &entry) { return entry.id == id; });
  };
  std::string id = stem;
  for (int n = 2; taken(id); ++n) id = stem + "-" + std::to_string(n);
  return id;
}

void editLink(scenario::Link &link, const FaultRequest &request) {
  const auto whole = static_cast<std::int64_t>(std::llround(request.value));
  switch (request.action) {
  case Kind::CutLink: link.up = false; break;
  case Kind::RestoreLink: link.up = true; break;
  case Kind::SetRate:
    link.rateBps = static_cast<std::uint64_t>(std::max<std::int64_t>(whole, 1));
    break;
  case Kind::SetDelay: link.delay = Duration::ns(whole); break;
  case Kind::SetJitter: link.jitter = Duration::ns(whole); break;
  case Kind::SetLoss: link.loss = request.value; break;
  case Kind::SetQueue: link.queuePackets = static_cast<std::uint32_t>(whole); break;
  case Kind::SetDuplicate: link.duplicate = request.value; break;
  case Kind::SetReorder: link.reorder = request.value; break;
  case Kind::SetCorrupt: link.corrupt = request.value; break;
  case Kind::SetBlocked: link.blocked = static_cast<std::uint32_t>(whole); break;
  case Kind::SetFlap: link.flap = Duration::ns(whole); break;
  default: break;
  }
}

void editNode(scenario::Node &node, const FaultRequest &request) {
  switch (request.action) {
  case Kind::SetSlowness: node.slowness = request.value; break;
  case Kind::SetClockOffset: node.clockOffset = Duration::ns(std::llround(request.value)); break;
  case Kind::SetClockDrift: node.clockDriftPpm = request.value; break;
  default: break;
  }
}

// The document has a member for it.
bool isOfDocument(const scenario::Scenario &s, const FaultRequest &request) {
  if (s.link(request.target) != nullptr) return true;
  return request.action == Kind::SetSlowness || request.action == Kind::SetClockOffset ||
         request.action == Kind::SetClockDrift;
}

// What the document itself says of a condition, in the unit of the script.
double documentCondition(const scenario::Link &link, Kind kind) {
  switch (kind) {
  case Kind::SetRate: return static_cast<double>(link.rateBps);
  case Kind::SetDelay: return static_cast<double>(link.delay.ns());
  case Kind::SetJitter: return static_cast<double>(link.jitter.ns());
  case Kind::SetLoss: return link.loss;
  case Kind::SetQueue: return static_cast<double>(link.queuePackets);
  case Kind::SetDuplicate: return link.duplicate;
  case Kind::SetReorder: return link.reorder;
  case Kind::SetCorrupt: return link.corrupt;
  case Kind::SetBlocked: return link.blocked;
  case Kind::SetFlap: return static_cast<double>(link.flap.ns());
  default: return link.up ? 1 : 0;
  }
}

double documentCondition(const scenario::Node &node, Kind kind) {
  switch (kind) {
  case Kind::SetSlowness: return node.slowness;
  case Kind::SetClockOffset: return static_cast<double>(node.clockOffset.ns());
  case Kind::SetClockDrift: return node.clockDriftPpm;
  default: return 0;
  }
}

void insertEntry(scenario::Scenario &scenario, const FaultRequest &request) {
  auto &script = scenario.script;
  const auto undone = opposite(request.action);
  const auto here = [&](const scenario::ScriptEntry &entry, Kind kind) {
    return entry.at == request.at && entry.target == request.target && entry.action == kind;
  };
  const auto contrary = std::find_if(script.begin(), script.end(), [&](const auto &entry) {
    return undone && here(entry, *undone);
  });
  if (contrary != script.end()) {
    script.erase(contrary);
    return;
  }
  std::erase_if(script, [&](const auto &entry) { return here(entry, request.action); });
  const auto after = std::upper_bound(script.begin(), script.end(), request.at,
                                      [](SimTime t, const auto &entry) { return t < entry.at; });
  scenario::ScriptEntry entry;
  entry.id = freeEntryId(scenario, request);
  entry.at = request.at;
  entry.action = request.action;
  entry.target = request.target;
  if (!scenario::valueKey(request.action).empty()) entry.value = request.value;
  script.insert(after, std::move(entry));
}

} // namespace

Status applyFault(Document &document, const FaultRequest &request) {
  const bool node = scenario::targetsNode(request.action);
  const bool known = node ? document.scenario().node(request.target) != nullptr
                          : document.scenario().link(request.target) != nullptr;
  if (!known) return Fault{request.target, "there is nothing of this id"};
  return document.edit(faultLabel(document.scenario(), request),
                       [&](scenario::Scenario &s) { putFault(s, request); });
}

Status applyFaults(Document &document, const QString &label,
                   const std::vector<FaultRequest> &requests) {
  return document.edit(label, [&](scenario::Scenario &s) {
    for (const FaultRequest &request : requests) {
      std::erase_if(s.script, [&](const auto &entry) {
        return request.at > SimTime::zero() && entry.at == request.at &&
               entry.target == request.target && entry.action == request.action &&
               isCondition(request.action);
      });
      const bool held = isCondition(request.action) &&
                        conditionAt(s, request.target, request.action, request.at) == request.value;
      if (!held) putFault(s, request);
    }
  });
}

void putFault(scenario::Scenario &s, const FaultRequest &request) {
  scenario::Link *link = s.link(request.target);
  scenario::Node *node = s.node(request.target);
  if (request.at != SimTime::zero() || !isOfDocument(s, request))
    insertEntry(s, request);
  else if (link != nullptr)
    editLink(*link, request);
  else if (node != nullptr)
    editNode(*node, request);
}

double conditionAt(const scenario::Scenario &s, const std::string &target, Kind kind, SimTime at) {
  const scenario::Link *link = s.link(target);
  const scenario::Node *node = s.node(target);
  if (link == nullptr && node == nullptr) return 0;
  const bool cut = kind == Kind::CutLink || kind == Kind::RestoreLink;
  double value = link != nullptr ? documentCondition(*link, kind) : documentCondition(*node, kind);
  SimTime since;
  for (const scenario::ScriptEntry &entry : s.script) {
    const bool about = cut ? entry.action == Kind::CutLink || entry.action == Kind::RestoreLink
                           : entry.action == kind;
    if (!about || entry.target != target || entry.at > at || entry.at < since) continue;
    since = entry.at;
    value = cut ? (entry.action == Kind::RestoreLink ? 1 : 0) : entry.value;
  }
  return value;
}

Status setCondition(Document &document, const std::vector<std::string> &targets, Kind kind,
                    double value, SimTime at, int mergeId) {
  const bool cut = kind == Kind::CutLink || kind == Kind::RestoreLink;
  if (cut) kind = value != 0 ? Kind::RestoreLink : Kind::CutLink;
  const bool node = scenario::targetsNode(kind);
  const QString whom = targets.size() == 1
                           ? targetLabel(document.scenario(), targets.front())
                           : (node ? say("%1 nodes") : say("%1 links")).arg(targets.size());
  const QString what =
      (cut ? QStringLiteral("%1 %2") : say("%1 of %2")).arg(actionVerb(kind), whom);
  const QString when = at == SimTime::zero() ? say("%1 from the start").arg(what)
                                             : say("%1 at %2").arg(what, formatTimeShort(at.ns()));
  return document.edit(
      when,
      [&](scenario::Scenario &s) {
        for (const std::string &target : targets) {
          std::erase_if(s.script, [&](const auto &entry) {
            return at > SimTime::zero() && entry.at == at && entry.target == target &&
                   (entry.action == kind || (cut && entry.action == opposite(kind)));
          });
          if (conditionAt(s, target, kind, at) != value) putFault(s, {kind, target, value, at});
        }
      },
      mergeId);
}

Status removeScriptEntry(Document &document, const std::string &entryId) {
  const auto &script = document.scenario().script;
  const auto it = std::find_if(script.begin(), script.end(),
                               [&](const auto &entry) { return entry.id == entryId; });
  if (it == script.end()) return Fault{entryId, "there is no such script entry"};
  const QString label =
      say("Remove “%1”")
          .arg(faultLabel(document.scenario(), {it->action, it->target, it->value, it->at}));
  return document.edit(label, [&](scenario::Scenario &s) {
    std::erase_if(s.script, [&](const auto &entry) { return entry.id == entryId; });
  });
}

QString targetLabel(const scenario::Scenario &scenario, const std::string &id) {
  const auto nameOf = [&](const std::string &nodeId) {
    const auto *node = scenario.node(nodeId);
    return QString::fromStdString(node != nullptr ? node->name : nodeId);
  };
  if (scenario.node(id) != nullptr) return nameOf(id);
  const auto *link = scenario.link(id);
  if (link == nullptr) return QString::fromStdString(id);
  return nameOf(link->from.node) + QStringLiteral(" – ") + nameOf(link->to.node);
}

QString valueText(const scenario::Scenario &scenario, const std::string &target, Kind action,
                  double value) {
  const scenario::Link *link = scenario.link(target);
  if (action != Kind::SetBlocked || link == nullptr) return valueText(action, value);
  if (value == 0) return say("both ways");
  const bool back = value == 1; // what the first end sends is lost
  return say("%1 → %2 only")
      .arg(targetLabel(scenario, back ? link->to.node : link->from.node),
           targetLabel(scenario, back ? link->from.node : link->to.node));
}

QString faultLabel(const scenario::Scenario &scenario, const FaultRequest &request) {
  const QString target = targetLabel(scenario, request.target);
  QString what;
  if (request.action == Kind::RestartEmpty)
    what = say("Restart %1 with an empty disk").arg(target);
  else if (isCondition(request.action))
    what = say("%1 of %2 to %3")
               .arg(actionVerb(request.action), target,
                    valueText(scenario, request.target, request.action, request.value));
  else
    what = QStringLiteral("%1 %2").arg(actionVerb(request.action), target);
  if (request.at == SimTime::zero()) return say("%1 from the start").arg(what);
  return say("%1 at %2").arg(what, formatTimeShort(request.at.ns()));
}

} // namespace packetarium::ui
