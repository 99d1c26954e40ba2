// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/cluster/policy_cards.h"

#include "core/cluster/merge.h"
#include "ui/widgets/format.h"

#include <QCoreApplication>

namespace packetarium::ui {
namespace {

using cluster::ConflictPolicy;

QString say(const char *text) { return QCoreApplication::translate("MergePolicies", text); }

QString fromStd(const std::string &text) { return QString::fromStdString(text); }

QString policyName(ConflictPolicy policy) {
  switch (policy) {
  case ConflictPolicy::LastWriteWins: return say("Last write wins");
  case ConflictPolicy::Merge: return say("Merge");
  case ConflictPolicy::Application: return say("Ask the application");
  }
  return {};
}

QString policyHelp(ConflictPolicy policy, cluster::DataType type) {
  if (policy == ConflictPolicy::LastWriteWins)
    return say("The newest time stamp stays; a clock that runs ahead wins.");
  if (policy == ConflictPolicy::Application)
    return say("All versions are kept, and the next reader has to decide.");
  switch (type) {
  case cluster::DataType::Counter: return say("A counter adds up what each side counted.");
  case cluster::DataType::Set: return say("A set keeps what any side put in.");
  case cluster::DataType::Register: break;
  }
  return say("A register keeps both values side by side.");
}

QString valueOf(const std::optional<std::string> &value) {
  return value ? QStringLiteral("“%1”").arg(fromStd(*value)) : say("nothing (removed)");
}

QString lostText(const cluster::LostWrite &lost) {
  QString text = fromStd(lost.operation);
  if (lost.writes > 1) text = say("%1 writes, the last “%2”").arg(lost.writes).arg(text);
  if (!lost.why.empty()) text += QStringLiteral(": ") + withShortDurations(fromStd(lost.why));
  return text;
}

PolicyCard cardOf(ConflictPolicy policy, const std::vector<cluster::Version> &versions) {
  const cluster::Outcome outcome = cluster::resolve(policy, versions);
  PolicyCard card;
  card.name = policyName(policy);
  card.help = policyHelp(policy, versions.front().type);
  card.hands = policy == ConflictPolicy::Application;
  QStringList values;
  for (const auto &value : outcome.values) values << valueOf(value);
  card.kept = values.join(say(" and "));
  for (const cluster::LostWrite &lost : outcome.lost) card.lost << lostText(lost);
  return card;
}

} // namespace

QStringList versionLines(const analysis::ConflictView &conflict) {
  const auto versions = cluster::parseVersions(conflict.versions);
  QStringList lines;
  if (!versions) return lines;
  for (const cluster::Version &version : *versions) {
    const std::string seen = version.seen.text();
    lines << say("%1, taken by %2, stamped %3, knew %4")
                 .arg(fromStd(version.operation), fromStd(version.dot.text()),
                      formatTimeShort(version.stamp.ns()),
                      seen.empty() ? say("of no other write") : fromStd(seen));
  }
  return lines;
}

QString ownOutcome(const analysis::ConflictView &conflict) {
  const auto merged = cluster::parseMerged(conflict.merged);
  return merged ? withShortDurations(fromStd(merged->story)) : fromStd(conflict.merged);
}

std::vector<PolicyCard> policyCards(const analysis::ConflictView &conflict) {
  const auto versions = cluster::parseVersions(conflict.versions);
  std::vector<PolicyCard> cards;
  if (!versions || versions->empty()) return cards;
  for (const ConflictPolicy policy :
       {ConflictPolicy::LastWriteWins, ConflictPolicy::Merge, ConflictPolicy::Application})
    cards.push_back(cardOf(policy, *versions));
  return cards;
}

} // namespace packetarium::ui
