// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/cluster_state.h"
#include "ui/playback/view_state.h"

#include <QObject>

#include <cstdint>
#include <optional>

namespace packetarium::ui {

// What the members of replicated services are and hold at the cursor. The same until the cursor
// passes something that changes it; one for all views of a state.
class ClusterWatch : public QObject {
  Q_OBJECT
public:
  [[nodiscard]] static ClusterWatch &of(const ViewState &state);
  [[nodiscard]] const analysis::ClusterState &now();

private:
  // What it depends on.
  struct Basis {
    std::size_t facts = 0, addresses = 0, healths = 0;
    std::uint64_t edits = 0;
    bool operator==(const Basis &) const = default;
  };
  explicit ClusterWatch(ViewState &state);

  ViewState &m_state;
  analysis::ClusterState m_now;
  std::optional<Basis> m_basis;
  std::uint64_t m_edits = 0; // of the past of the run
};

[[nodiscard]] inline const analysis::ClusterState &clusterOf(const ViewState &state) {
  return ClusterWatch::of(state).now();
}

} // namespace packetarium::ui
