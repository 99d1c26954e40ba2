// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/quorum_store/quorum_store.h"
#include "core/programs/quorum_store/session_mark.h"

#include <fmt/format.h>

#include <algorithm>

/// What a request goes through at the member that coordinates it.
namespace packetarium::programs::quorum {

namespace {

/// Tries of a replica that does not answer, before somebody else stands in for it.
constexpr std::size_t triesAlone = 2;

} // namespace

/// A key's own replicas; with a sloppy quorum, the next members on the ring for those that are
/// gone.
void QuorumStore::chooseTargets(Operation &op) const {
  const auto walk = walkOf(op.key);
  const std::size_t homes = std::min(walk.size(), m_set.n);
  std::vector<MemberIndex> gone;
  for (std::size_t i = 0; i < walk.size(); ++i) {
    if (i < homes && (alive(walk[i]) || !m_set.sloppy))
      op.targets[walk[i]] = {};
    else if (i < homes)
      gone.push_back(walk[i]);
    else if (m_set.sloppy && alive(walk[i]))
      op.left.push_back(walk[i]);
  }
  for (const MemberIndex home : gone) {
    if (op.left.empty()) {
      op.targets[home] = {};
      continue;
    }
    op.targets[op.left.front()].standsFor = home;
    op.left.erase(op.left.begin());
  }
}

std::size_t QuorumStore::reachableTargets(const Operation &op) const {
  return static_cast<std::size_t>(
      std::count_if(op.targets.begin(), op.targets.end(),
                    [this](const auto &target) { return alive(target.first); }));
}

void QuorumStore::launch(Context &ctx, Operation op) {
  const std::uint64_t number = ++m_lastNumber;
  op.retry = ctx.setTimer(m_set.retry, tagOf(Retry, number));
  op.deadline = ctx.setTimer(m_set.timeout, tagOf(Deadline, number));
  const Operation &kept = m_operations.emplace(number, std::move(op)).first->second;
  for (const auto &[to, target] : kept.targets) send(ctx, number, to);
}

void QuorumStore::send(Context &ctx, std::uint64_t number, MemberIndex to) {
  const Operation &op = m_operations.at(number);
  const Target &target = op.targets.at(to);
  Message m(op.isWrite ? "put" : "fetch");
  m.add("id", static_cast<std::int64_t>(number)).add("from", m_members.nameOf(m_members.self()));
  m.add("key", op.key);
  if (op.isWrite) {
    m.add("why", "write");
    if (target.standsFor && m_set.hintedHandoff) m.add("for", m_members.nameOf(*target.standsFor));
    op.state.addTo(m);
  }
  tell(ctx, to, m);
}

/// stored or state.
void QuorumStore::onAnswer(Context &ctx, std::uint64_t number, MemberIndex from,
                           const Message &message) {
  Operation &op = m_operations.at(number);
  const auto target = op.targets.find(from);
  if (target == op.targets.end() || target->second.answered) return;
  if (!op.isWrite) {
    auto state = KeyState::from(message);
    if (!state) return;
    op.state.join(m_set.policy, *state);
    target->second.state = std::move(*state);
  }
  target->second.answered = true;
  checkOperation(ctx, number);
}

void QuorumStore::checkOperation(Context &ctx, std::uint64_t number) {
  Operation &op = m_operations.at(number);
  const auto answers = static_cast<std::size_t>(std::count_if(
      op.targets.begin(), op.targets.end(), [](const auto &t) { return t.second.answered; }));
  const SessionMark session = SessionMark::parse(op.after);
  const std::string_view seen = session.of(op.key);
  const bool newEnough = op.isWrite || seen.empty() || op.state.reaches(m_set.policy, seen);
  if (!op.replied && answers >= op.needed && newEnough)
    op.isWrite ? answerWrite(ctx, op) : answerRead(ctx, op);
  if (answers == op.targets.size()) finish(ctx, number);
}

void QuorumStore::onRetry(Context &ctx, std::uint64_t number) {
  const auto at = m_operations.find(number);
  if (at == m_operations.end()) return;
  Operation &op = at->second;
  ++op.tries;
  op.retry = ctx.setTimer(m_set.retry, tagOf(Retry, number));
  std::vector<MemberIndex> silent;
  for (const auto &[to, target] : op.targets)
    if (!target.answered) silent.push_back(to);
  for (const MemberIndex to : silent) send(ctx, number, to);
  if (m_set.sloppy && !op.replied && op.tries >= triesAlone) addStandIn(ctx, number);
}

/// For the first silent replica that nobody stands in for.
void QuorumStore::addStandIn(Context &ctx, std::uint64_t number) {
  Operation &op = m_operations.at(number);
  if (op.left.empty()) return;
  std::vector<MemberIndex> stoodFor;
  for (const auto &[to, target] : op.targets)
    if (target.standsFor) stoodFor.push_back(*target.standsFor);
  for (const auto &[to, target] : op.targets) {
    if (target.answered || target.standsFor ||
        std::find(stoodFor.begin(), stoodFor.end(), to) != stoodFor.end())
      continue;
    const MemberIndex next = op.left.front(), home = to;
    op.left.erase(op.left.begin());
    op.targets[next].standsFor = home;
    send(ctx, number, next);
    return;
  }
}

/// All have answered, or its time is up.
void QuorumStore::finish(Context &ctx, std::uint64_t number) {
  auto node = m_operations.extract(number);
  if (node.empty()) return;
  Operation &op = node.mapped();
  ctx.cancelTimer(op.retry);
  ctx.cancelTimer(op.deadline);
  if (!op.replied) giveUp(ctx, op);
  if (op.isWrite)
    keepHints(ctx, op);
  else if (m_set.readRepair)
    repairReplicas(ctx, op);
}

void QuorumStore::giveUp(Context &ctx, Operation &op) {
  const auto answers = static_cast<std::size_t>(std::count_if(
      op.targets.begin(), op.targets.end(), [](const auto &t) { return t.second.answered; }));
  const std::string why =
      answers < op.needed
          ? fmt::format("only {} of {} replicas answered in time", answers, op.needed)
          : std::string("no replica that answers has what this session has seen");
  refuse(ctx, op.socket, op.clientId, why, op.isWrite);
}

/// Replicas that gave something older than all answers together come to.
void QuorumStore::repairReplicas(Context &ctx, const Operation &op) {
  if (op.state.empty()) return;
  const auto homes = homesOf(op.key);
  KeyState whole = op.state;
  for (const auto &[from, target] : op.targets) {
    const bool home = std::find(homes.begin(), homes.end(), from) != homes.end();
    if (!home || !target.answered || target.state.digest() == whole.digest()) continue;
    bringUp(ctx, from, op.key, whole, "read");
  }
}

/// Replicas that have not got the write, nor anybody for them: this member keeps it for them.
void QuorumStore::keepHints(Context &ctx, const Operation &op) {
  if (!m_set.hintedHandoff) return;
  for (const MemberIndex home : homesOf(op.key)) {
    const auto at = op.targets.find(home);
    bool has = home == m_members.self() || (at != op.targets.end() && at->second.answered);
    for (const auto &[to, target] : op.targets)
      if (target.answered && target.standsFor == home) has = true;
    if (has) continue;
    hold(ctx, op.key, op.state, false);
    keepHint(ctx, home, op.key);
  }
}

} // namespace packetarium::programs::quorum
