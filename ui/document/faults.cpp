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
  default: break;
  }
}

// What the document itself says of a condition, in the unit of the script.
double documentCondition(const scenario::Link &link, Kind kind) {
  switch (kind) {
  case Kind::SetRate: return static_cast<double>(link.rateBps);
  case Kind::SetDelay: return static_cast<double>(link.delay.ns());
  case Kind::SetJitter: return static_cast<double>(link.jitter.ns());
  case Kind::SetLoss: return link.loss;
  case Kind::SetQueue: return static_cast<double>(link.queuePackets);
  default: return link.up ? 1 : 0;
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
  entry.value = request.value;
  script.insert(after, std::move(entry));
}

QString valueText(const FaultRequest &request) {
  switch (request.action) {
  case Kind::SetRate: return formatBitRate(request.value);
  case Kind::SetDelay:
  case Kind::SetJitter: return formatDuration(std::llround(request.value));
  case Kind::SetLoss: return formatPercent(request.value);
  case Kind::SetQueue: return say("%1 packets").arg(formatCount(std::llround(request.value)));
  default: return {};
  }
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

void putFault(scenario::Scenario &s, const FaultRequest &request) {
  scenario::Link *link = s.link(request.target);
  if (request.at == SimTime::zero() && link != nullptr)
    editLink(*link, request);
  else
    insertEntry(s, request);
}

double conditionAt(const scenario::Scenario &s, const std::string &link, Kind kind, SimTime at) {
  const scenario::Link *l = s.link(link);
  if (l == nullptr) return 0;
  const bool cut = kind == Kind::CutLink || kind == Kind::RestoreLink;
  double value = documentCondition(*l, kind);
  SimTime since;
  for (const scenario::ScriptEntry &entry : s.script) {
    const bool about = cut ? entry.action == Kind::CutLink || entry.action == Kind::RestoreLink
                           : entry.action == kind;
    if (!about || entry.target != link || entry.at > at || entry.at < since) continue;
    since = entry.at;
    value = cut ? (entry.action == Kind::RestoreLink ? 1 : 0) : entry.value;
  }
  return value;
}

Status setCondition(Document &document, const std::vector<std::string> &links, Kind kind,
                    double value, SimTime at, int mergeId) {
  const bool cut = kind == Kind::CutLink || kind == Kind::RestoreLink;
  if (cut) kind = value != 0 ? Kind::RestoreLink : Kind::CutLink;
  const QString whom = links.size() == 1 ? targetLabel(document.scenario(), links.front())
                                         : say("%1 links").arg(links.size());
  const QString what =
      (cut ? QStringLiteral("%1 %2") : say("%1 of %2")).arg(actionVerb(kind), whom);
  const QString when = at == SimTime::zero() ? say("%1 from the start").arg(what)
                                             : say("%1 at %2").arg(what, formatTimeShort(at.ns()));
  return document.edit(
      when,
      [&](scenario::Scenario &s) {
        for (const std::string &link : links) {
          std::erase_if(s.script, [&](const auto &entry) {
            return at > SimTime::zero() && entry.at == at && entry.target == link &&
                   (entry.action == kind || (cut && entry.action == opposite(kind)));
          });
          if (conditionAt(s, link, kind, at) != value) putFault(s, {kind, link, value, at});
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

QString actionVerb(Kind action) {
  switch (action) {
  case Kind::CrashNode: return say("Crash");
  case Kind::RestartNode: return say("Restart");
  case Kind::PauseNode: return say("Pause");
  case Kind::ResumeNode: return say("Resume");
  case Kind::CutLink: return say("Cut");
  case Kind::RestoreLink: return say("Restore");
  case Kind::SetRate: return say("Set rate");
  case Kind::SetDelay: return say("Set delay");
  case Kind::SetJitter: return say("Set jitter");
  case Kind::SetLoss: return say("Set loss");
  case Kind::SetQueue: return say("Set queue");
  }
  return {};
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

QString faultLabel(const scenario::Scenario &scenario, const FaultRequest &request) {
  const QString target = targetLabel(scenario, request.target);
  const QString value = valueText(request);
  const QString what = value.isEmpty()
                           ? QStringLiteral("%1 %2").arg(actionVerb(request.action), target)
                           : say("%1 of %2 to %3").arg(actionVerb(request.action), target, value);
  if (request.at == SimTime::zero()) return say("%1 from the start").arg(what);
  return say("%1 at %2").arg(what, formatTimeShort(request.at.ns()));
}

} // namespace packetarium::ui
