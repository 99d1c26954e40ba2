// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/cluster/raft_stages.h"

#include "ui/cluster/consensus_watch.h"
#include "ui/widgets/format.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>
#include <variant>

namespace packetarium::ui {
namespace {

using Kind = FaultAction;

constexpr Duration backAfter = Duration::seconds(2); // a crashed leader's restart
constexpr Duration healAfter = Duration::seconds(3); // of a partition
constexpr double oldSide = 1, newSide = 2;

QString say(const char *text) { return QCoreApplication::translate("Stages", text); }

// The cluster as it stands at the cursor.
class StageSetter {
public:
  explicit StageSetter(const ViewState &state) : m_state(state), m_at(state.now()) {
    const analysis::ConsensusState &consensus = consensusOf(state);
    if (consensus.members.empty()) return;
    const Selection &selection = state.selection();
    const analysis::MemberView *chosen = selection.kind == Selection::Kind::Node
                                             ? memberOf(consensus, selection.node.value)
                                             : nullptr;
    m_service = chosen != nullptr ? chosen->service : consensus.members.front().service;
    m_selected = chosen;
    m_leader = leaderOf(consensus, m_service);
    for (const analysis::MemberView &member : consensus.members) {
      if (member.service != m_service || member.role == "learner") continue;
      ++m_members;
      if (lives(member)) m_live.push_back(&member);
    }
  }

  StagePlan make(RaftStage stage) {
    if (m_members == 0)
      return refuse(say("There is no Raft cluster at this instant. Put a “5-node Raft” on the "
                        "canvas, or open the example “Leader election”, and let it run."));
    if (m_at == SimTime::zero())
      return refuse(say("Let the cluster run first: nobody waits for anything yet."));
    switch (stage) {
    case RaftStage::SplitVote: splitVote(); break;
    case RaftStage::DivergedLog: divergedLog(); break;
    case RaftStage::CutOffLeader: cutOffLeader(); break;
    case RaftStage::TimeOut: timeOut(); break;
    }
    if (!m_plan.fault.isEmpty()) m_plan.requests.clear();
    return std::move(m_plan);
  }

private:
  [[nodiscard]] bool lives(const analysis::MemberView &member) const {
    const auto &health = m_state.frame().nodes;
    return member.role != "down" && member.node < health.size() &&
           health[member.node] == trace::NodeHealth::Up;
  }
  [[nodiscard]] std::size_t needed() const { return m_members / 2 + 1; }
  [[nodiscard]] QString nameOf(const analysis::MemberView &member) const {
    return m_state.nodeName(member.node);
  }
  [[nodiscard]] QString when() const { return formatTimeShort(m_at.ns()); }

  StagePlan refuse(const QString &why) {
    m_plan.fault = why;
    return std::move(m_plan);
  }
  void request(Kind kind, std::uint32_t node, double value = 0, Duration after = {}) {
    const auto &nodes = m_state.network().nodes;
    if (node < nodes.size()) m_plan.requests.push_back({kind, nodes[node].id, value, m_at + after});
  }
  void needLeader() {
    if (m_leader == nullptr || !lives(*m_leader))
      m_plan.fault = say("Nobody leads at this instant. Go to where the cluster has a leader.");
  }

  [[nodiscard]] bool asksBeforehand() const {
    return std::any_of(m_live.begin(), m_live.end(), [this](const auto *member) {
      const scenario::Node *node = m_state.documentNode(member->node);
      if (node == nullptr) return false;
      return std::any_of(node->programs.begin(), node->programs.end(), [](const auto &program) {
        const auto found = program.parameters.find("prevote");
        const bool *set =
            found == program.parameters.end() ? nullptr : std::get_if<bool>(&found->second);
        return program.kind == "raft" && set != nullptr && *set;
      });
    });
  }

  // The leader is gone, and so many stand at the same instant that nobody is left to give one of
  // them the vote that would make it win; which of them is heard first does not matter.
  void splitVote() {
    std::vector<const analysis::MemberView *> others;
    for (const auto *member : m_live)
      if (member != m_leader) others.push_back(member);
    const std::size_t stand = standersForSplit(others.size(), needed());
    if (others.size() < needed() || others.size() < 2) {
      m_plan.fault = say("Too few members are up for an election. Restart one first.");
      return;
    }
    if (asksBeforehand()) {
      m_plan.fault = say("These members ask beforehand whether they would be elected (prevote), "
                         "which keeps the votes from splitting. Set prevote to no to see a split.");
      return;
    }
    QStringList names;
    for (std::size_t i = 0; i < stand; ++i) names << nameOf(*others[i]);
    if (m_leader != nullptr && lives(*m_leader)) {
      request(Kind::CrashNode, m_leader->node);
      request(Kind::RestartNode, m_leader->node, 0, backAfter);
    }
    for (std::size_t i = 0; i < stand; ++i) request(Kind::TimeOut, others[i]->node);
    m_plan.label = say("Stage a split vote at %1").arg(when());
    m_plan.watch =
        say("Split vote staged: %1 stand at the same instant, each votes for itself, and nobody "
            "reaches %2 votes. Watch the rings: the next time-outs are drawn at random, and the "
            "shortest one ends it.")
            .arg(names.join(say(", ")))
            .arg(needed());
  }

  // The leader keeps a minority, and clients on no side of the partition still write to it.
  void divergedLog() {
    needLeader();
    if (!m_plan.fault.isEmpty()) return;
    if (m_live.size() < m_members || m_members < 3) {
      m_plan.fault = say("Every member must be up, and three at least: a majority has to go on "
                         "without the leader.");
      return;
    }
    const std::size_t with = m_members - needed(); // the leader and so many less one
    QStringList names{nameOf(*m_leader)};
    std::vector<std::uint32_t> old{m_leader->node};
    for (const auto *member : m_live) {
      if (member == m_leader || old.size() >= with) continue;
      old.push_back(member->node);
      names << nameOf(*member);
    }
    for (const auto *member : m_live) {
      const bool stays = std::find(old.begin(), old.end(), member->node) != old.end();
      request(Kind::SetPartition, member->node, stays ? oldSide : newSide);
      request(Kind::SetPartition, member->node, 0, healAfter);
    }
    m_plan.label = say("Stage a diverged log at %1").arg(when());
    m_plan.watch =
        say("Diverged log staged: for %1 the others do not hear %2, who still takes writes that it "
            "cannot commit. Watch the log strips (Ctrl+Shift+C): when the partition heals, those "
            "entries are thrown away.")
            .arg(formatDuration(healAfter.ns()), names.join(say(", ")));
  }

  void cutOffLeader() {
    needLeader();
    if (!m_plan.fault.isEmpty()) return;
    for (std::size_t i = 0; i < m_state.network().nodes.size(); ++i) {
      const auto node = static_cast<std::uint32_t>(i);
      const scenario::Node *document = m_state.documentNode(node);
      if (document == nullptr || !scenario::isHost(document->kind)) continue;
      request(Kind::SetPartition, node, node == m_leader->node ? oldSide : newSide);
    }
    m_plan.label = say("Cut off the leader, %1, at %2").arg(nameOf(*m_leader), when());
    m_plan.watch = say("%1 is cut off and does not know that others elect another leader. Watch "
                       "the terms; Ctrl+Shift+K heals it.")
                       .arg(nameOf(*m_leader));
  }

  void timeOut() {
    const analysis::MemberView *who = m_selected;
    if (who == nullptr || !lives(*who)) {
      m_plan.fault = say("Select a member of the cluster that is up: its time-out ends now.");
      return;
    }
    request(Kind::TimeOut, who->node);
    m_plan.label = say("Time out %1 at %2").arg(nameOf(*who), when());
    m_plan.watch = who == m_leader
                       ? say("%1 leads: it waits for nobody, so its time-out changes nothing.")
                             .arg(nameOf(*who))
                       : say("%1 stands for election now, in the next term. Watch the votes come.")
                             .arg(nameOf(*who));
  }

  const ViewState &m_state;
  SimTime m_at;
  std::string m_service;
  const analysis::MemberView *m_selected = nullptr;
  const analysis::MemberView *m_leader = nullptr;
  std::size_t m_members = 0;
  std::vector<const analysis::MemberView *> m_live; // have a vote and run
  StagePlan m_plan;
};

} // namespace

StagePlan planStage(RaftStage stage, const ViewState &state) {
  return StageSetter(state).make(stage);
}

} // namespace packetarium::ui
