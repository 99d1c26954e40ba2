// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/core/programs/lab.h"

#include <map>
#include <set>
#include <string>
#include <vector>

/// Members of a quorum store and hosts of clients, each on its own cable to one switch.
namespace packetarium::programs::testing::quorum {

using Given = std::map<std::string, ParameterValue>;

/// One host of clients: what they are told, and which members they may ask (from 0).
struct ClientHost {
  Given given;
  std::vector<std::size_t> servers;
};

struct QuorumLab {
  /// Nodes m1, m2, ... then c1, c2, ...; their cables in the same order, 500 us long.
  QuorumLab(std::size_t members, Given member, const std::vector<ClientHost> &clients,
            std::uint64_t seed = 1);
  static NodeIndex node(std::size_t i) { return NodeIndex{static_cast<std::uint32_t>(i)}; }
  static LinkIndex cable(std::size_t i) { return LinkIndex{static_cast<std::uint32_t>(i)}; }
  Lab lab;
  std::size_t members;
};

/// What a client was told: invoke, ok, fail or info.
struct Told {
  SimTime at;
  std::uint32_t node = 0;
  std::string how, verb, key, value, process; ///< value: "-" for none
};
std::vector<Told> toldBy(const Run &run);

/// One finished operation.
struct Done {
  SimTime began, ended;
  std::string how, verb, key, value, process;
};
std::vector<Done> doneIn(const Run &run);

/// The row of a key in what a member says it holds: "17", or "17 | 18"; "none".
std::string heldAt(Run &run, std::size_t member, const std::string &key);
/// All of them, by key.
std::map<std::string, std::string> allHeldAt(Run &run, std::size_t member);
/// How often a fact of the topic with a value beginning so was told.
std::size_t factsOf(const Run &run, trace::FactTopic topic, const std::string &beginning = {});

} // namespace packetarium::programs::testing::quorum
