// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/core/programs/lab.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace packetarium::programs::testing {

using Given = std::map<std::string, ParameterValue>;

/// Members of a store and one host of clients, each on its own cable to one switch.
struct StoreLab {
  /// member and client: parameters besides the members and the servers.
  StoreLab(std::size_t members, Given member, Given client, std::uint64_t seed = 1,
           const std::string &kind = "kv-store");
  static NodeIndex member(std::size_t i) { return NodeIndex{static_cast<std::uint32_t>(i)}; }
  /// The cable of a node, by its index.
  static LinkIndex cable(std::size_t i) { return LinkIndex{static_cast<std::uint32_t>(i)}; }
  Lab lab;
  std::size_t members;
};

/// One node's log as its facts tell it: operations by index (0 is index 1).
struct ToldLog {
  std::vector<std::pair<std::uint64_t, std::string>> entries; ///< epoch, operation
  std::size_t committed = 0;
};

/// What a run told, gone through record by record and kept as simple as can be.
struct StoreStory {
  explicit StoreStory(const std::vector<Line> &lines);
  std::map<std::uint32_t, ToldLog> logs;
  std::map<std::uint32_t, std::string> roles;
  std::set<std::string> acknowledged; ///< writes whose client was told ok
  std::set<std::string> thrownAway;   ///< writes that a truncate fact names
  std::vector<std::string> wrong;     ///< what must not be told
  std::vector<std::pair<SimTime, std::string>> failover;
  bool holds(std::uint32_t node, const std::string &operation) const;
};

} // namespace packetarium::programs::testing
