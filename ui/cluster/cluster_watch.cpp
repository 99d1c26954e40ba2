// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/cluster/cluster_watch.h"

#include <algorithm>

namespace packetarium::ui {

ClusterWatch &ClusterWatch::of(const ViewState &state) {
  auto *watch = state.findChild<ClusterWatch *>(QString(), Qt::FindDirectChildrenOnly);
  // A child of what it watches, made when somebody first looks.
  if (watch == nullptr) watch = new ClusterWatch(const_cast<ViewState &>(state));
  return *watch;
}

ClusterWatch::ClusterWatch(ViewState &state) : QObject(&state), m_state(state) {
  connect(&state, &ViewState::rebuilt, this, [this] { ++m_edits; });
  connect(&state, &ViewState::truncated, this, [this] { ++m_edits; });
}

const analysis::ClusterState &ClusterWatch::now() {
  const analysis::FactBook &book = m_state.facts();
  const trace::Sequence upTo = m_state.cursor().upTo;
  const auto countOf = [upTo](const auto &marks) {
    const auto after =
        std::upper_bound(marks.begin(), marks.end(), upTo,
                         [](trace::Sequence s, const auto &mark) { return s < mark.sequence; });
    return static_cast<std::size_t>(after - marks.begin());
  };
  const Basis basis{book.countUpTo(upTo), countOf(book.addresses()), countOf(book.healths()),
                    m_edits};
  if (m_basis != basis) {
    m_now = analysis::clusterState(book, m_state.network(), upTo);
    m_basis = basis;
  }
  return m_now;
}

} // namespace packetarium::ui
