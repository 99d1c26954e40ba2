// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/consensus.h"
#include "ui/playback/view_state.h"

#include <QObject>

#include <cstdint>
#include <optional>
#include <string_view>

namespace packetarium::ui {

// What the members of Raft clusters and quorum stores are about at the cursor; one for all views of
// a state, the same until the cursor passes another record.
class ConsensusWatch : public QObject {
  Q_OBJECT
public:
  [[nodiscard]] static ConsensusWatch &of(const ViewState &state);
  [[nodiscard]] const analysis::ConsensusState &now();

private:
  explicit ConsensusWatch(ViewState &state);

  ViewState &m_state;
  analysis::ConsensusState m_now;
  std::optional<trace::Sequence> m_upTo;
};

[[nodiscard]] inline const analysis::ConsensusState &consensusOf(const ViewState &state) {
  return ConsensusWatch::of(state).now();
}

// The node as a member of the service, or of any when none is named; null: it is none.
[[nodiscard]] const analysis::MemberView *
memberOf(const analysis::ConsensusState &state, std::uint32_t node, std::string_view service = {});
// The member of the service that leads by the newest term; null: nobody does.
[[nodiscard]] const analysis::MemberView *leaderOf(const analysis::ConsensusState &state,
                                                   std::string_view service);

} // namespace packetarium::ui
