// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/cluster/consensus_watch.h"

namespace packetarium::ui {

ConsensusWatch &ConsensusWatch::of(const ViewState &state) {
  auto *watch = state.findChild<ConsensusWatch *>(QString(), Qt::FindDirectChildrenOnly);
  // A child of what it watches, made when somebody first looks.
  if (watch == nullptr) watch = new ConsensusWatch(const_cast<ViewState &>(state));
  return *watch;
}

ConsensusWatch::ConsensusWatch(ViewState &state) : QObject(&state), m_state(state) {
  const auto forget = [this] { m_upTo.reset(); };
  connect(&state, &ViewState::rebuilt, this, forget);
  connect(&state, &ViewState::truncated, this, forget);
  connect(&state, &ViewState::traceGrown, this, forget);
}

const analysis::ConsensusState &ConsensusWatch::now() {
  const trace::Sequence upTo = m_state.cursor().upTo;
  if (m_upTo != upTo) {
    m_now = analysis::consensusState(m_state.facts(), m_state.network(), upTo);
    m_upTo = upTo;
  }
  return m_now;
}

const analysis::MemberView *memberOf(const analysis::ConsensusState &state, std::uint32_t node,
                                     std::string_view service) {
  for (const analysis::MemberView &member : state.members)
    if (member.node == node && (service.empty() || member.service == service)) return &member;
  return nullptr;
}

const analysis::MemberView *leaderOf(const analysis::ConsensusState &state,
                                     std::string_view service) {
  const analysis::MemberView *leader = nullptr;
  for (const analysis::MemberView &member : state.members)
    if (member.service == service && member.role == "leader" &&
        (leader == nullptr || member.term > leader->term))
      leader = &member;
  return leader;
}

} // namespace packetarium::ui
