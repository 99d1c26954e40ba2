// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/cluster/member_words.h"

#include "ui/widgets/format.h"

#include <QCoreApplication>

#include <algorithm>

namespace packetarium::ui {
namespace {

QString sayOfMember(const char *text) { return QCoreApplication::translate("Members", text); }

QString votesLine(const analysis::MemberView &member) {
  const auto count = [&](analysis::VoteState state) {
    return std::count_if(member.votes.begin(), member.votes.end(), [&](const auto &vote) {
      return vote.state == state && vote.voter != member.node;
    });
  };
  const auto asked = std::count_if(member.votes.begin(), member.votes.end(),
                                   [&](const auto &vote) { return vote.voter != member.node; });
  const auto granted = count(analysis::VoteState::Granted);
  const auto refused = count(analysis::VoteState::Refused);
  const bool pre = member.role == "pre-candidate";
  QString text = (pre ? sayOfMember("asked %1 others whether they would vote for it: %2 would")
                      : sayOfMember("asked %1 others for their votes: %2 gave it"))
                     .arg(asked)
                     .arg(granted);
  if (refused > 0) text += sayOfMember(", %1 refused").arg(refused);
  return text;
}

} // namespace

QStringList memberLines(const analysis::MemberView &member, SimTime now, const ViewState &names) {
  QStringList lines;
  if (member.role == "down" || member.role.empty()) return lines;
  QString first = sayOfMember("term %1").arg(member.term);
  if (member.leader && *member.leader != member.node)
    first += sayOfMember(", follows %1").arg(names.nodeName(*member.leader));
  else if (member.votedFor && *member.votedFor != member.node)
    first += sayOfMember(", gave its vote to %1").arg(names.nodeName(*member.votedFor));
  else if (member.role == "follower")
    first += sayOfMember(", knows of no leader");
  lines << first;
  if (member.role == "candidate" || member.role == "pre-candidate") lines << votesLine(member);
  if (member.leaseUntil && *member.leaseUntil > now)
    lines << sayOfMember("its lease lasts %1 more")
                 .arg(formatDuration((*member.leaseUntil - now).ns()));
  if (member.electionAt && *member.electionAt > now)
    lines << sayOfMember("stands for election in %1 unless it hears from a leader")
                 .arg(formatDuration((*member.electionAt - now).ns()));
  return lines;
}

} // namespace packetarium::ui
