// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/cluster_state.h"
#include "ui/playback/view_state.h"

#include <QString>

#include <string_view>
#include <vector>

// Roles of members of replicated services, as people see them.
namespace packetarium::ui {

enum class RoleRank { Leads, Stands, Follows, Referees, Other };

struct RoleLook {
  std::string_view icon; // of resources/icons
  RoleRank rank = RoleRank::Other;
};
// "primary", "active", "master", "leader": who serves; "candidate": who wants to; "standby",
// "replica", …: who follows.
[[nodiscard]] RoleLook roleLook(std::string_view role);
[[nodiscard]] QColor roleColour(const Theme &theme, RoleRank rank);

// What the node is, the most telling first: who leads something before who follows.
[[nodiscard]] std::vector<const analysis::RoleView *> rolesOf(const analysis::ClusterState &state,
                                                              std::uint32_t node);
// "primary of store, 3 entries behind".
[[nodiscard]] QString roleSentence(const analysis::RoleView &role,
                                   const analysis::ClusterState &state);
// The node's log for the service; null: it has told of none.
[[nodiscard]] const analysis::LogView *logOf(const analysis::ClusterState &state,
                                             std::uint32_t node, std::string_view service);

} // namespace packetarium::ui
