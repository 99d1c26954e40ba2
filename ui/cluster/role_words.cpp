// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/cluster/role_words.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>

namespace packetarium::ui {
namespace {

struct Known {
  std::string_view role;
  RoleLook look;
};

constexpr std::array<Known, 18> known = {{
    {"active", {"crown", RoleRank::Leads}},
    {"leader", {"crown", RoleRank::Leads}},
    {"master", {"crown", RoleRank::Leads}},
    {"primary", {"crown", RoleRank::Leads}},
    {"serving", {"crown", RoleRank::Leads}},
    {"candidate", {"candidate", RoleRank::Stands}},
    {"pre-candidate", {"pre-candidate", RoleRank::Stands}},
    {"learner", {"learner", RoleRank::Follows}},
    {"promoting", {"crown", RoleRank::Other}},
    {"standby", {"standby", RoleRank::Follows}},
    {"backup", {"standby", RoleRank::Follows}},
    {"passive", {"standby", RoleRank::Follows}},
    {"replica", {"replica", RoleRank::Follows}},
    {"secondary", {"replica", RoleRank::Follows}},
    {"follower", {"replica", RoleRank::Follows}},
    {"witness", {"witness", RoleRank::Referees}},
    {"down", {"crash", RoleRank::Other}},
    {"starting", {"restart-node", RoleRank::Other}},
}};

QString say(const char *text) { return QCoreApplication::translate("Roles", text); }

} // namespace

RoleLook roleLook(std::string_view role) {
  const auto at =
      std::find_if(known.begin(), known.end(), [role](const Known &k) { return k.role == role; });
  return at != known.end() ? at->look : RoleLook{"node", RoleRank::Other};
}

QColor roleColour(const Theme &theme, RoleRank rank) {
  switch (rank) {
  case RoleRank::Leads: return theme.warn; // gold
  case RoleRank::Stands: return theme.tls;
  case RoleRank::Follows: return theme.accent;
  case RoleRank::Referees: return theme.ip;
  case RoleRank::Other: break;
  }
  return theme.dim;
}

std::vector<const analysis::RoleView *> rolesOf(const analysis::ClusterState &state,
                                                std::uint32_t node) {
  std::vector<const analysis::RoleView *> roles;
  for (const analysis::RoleView &role : state.roles)
    if (role.node == node) roles.push_back(&role);
  std::stable_sort(roles.begin(), roles.end(), [](const auto *a, const auto *b) {
    return roleLook(a->role).rank < roleLook(b->role).rank;
  });
  return roles;
}

const analysis::LogView *logOf(const analysis::ClusterState &state, std::uint32_t node,
                               std::string_view service) {
  for (const analysis::LogView &log : state.logs)
    if (log.node == node && log.service == service) return &log;
  return nullptr;
}

QString roleSentence(const analysis::RoleView &role, const analysis::ClusterState &state) {
  QString text =
      say("%1 of %2").arg(QString::fromStdString(role.role), QString::fromStdString(role.service));
  const analysis::LogView *log = logOf(state, role.node, role.service);
  if (log != nullptr && log->lag == 1) text += say(", 1 entry behind");
  if (log != nullptr && log->lag > 1) text += say(", %1 entries behind").arg(log->lag);
  return text;
}

} // namespace packetarium::ui
