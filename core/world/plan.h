// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/net/blueprint.h"
#include "core/programs/program.h"

#include <memory>
#include <string>
#include <vector>

namespace packetarium::world {

/// One program that a node runs.
struct ProgramSpec {
  std::string id; ///< of the document, unique within the node; keys its random streams
  std::string kind;
  programs::ParameterValues values;
};

/// Everything a World is built from; fixed during a run and shared by all its copies.
struct Plan {
  net::Blueprint network;
  std::vector<std::vector<ProgramSpec>> programs; ///< by node
};

/// What the script (or a person) does to a running world.
struct Action {
  enum class Kind : std::uint8_t {
    CrashNode,
    RestartNode,
    PauseNode,
    ResumeNode,
    CutLink,
    RestoreLink,
    SetRate,
    SetDelay,
    SetJitter,
    SetLoss,
    SetQueue
  };
  Kind kind = Kind::CutLink;
  NodeIndex node;
  LinkIndex link;
  double value = 0; ///< bits per second, nanoseconds, probability or packets
  bool operator==(const Action &) const = default;
};

/// Comes before all events of the same instant and uses up no sequence number of the queue.
struct ScriptEntry {
  SimTime at;
  Action action;
  bool operator==(const ScriptEntry &) const = default;
};
/// Ordered by time; entries of the same instant run in the order given.
using Script = std::vector<ScriptEntry>;

} // namespace packetarium::world
