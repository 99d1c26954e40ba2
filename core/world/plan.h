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
    SetQueue,
    SetDuplicate,   ///< probability
    SetReorder,     ///< probability
    SetCorrupt,     ///< probability
    SetBlocked,     ///< 0: none, 1: what the first end sends is lost, 2: what the second end sends
    SetFlap,        ///< ns of a period, half up and half cut; 0: steady
    SetSlowness,    ///< node: its processor needs so many times longer; 1: as ever
    SetClockOffset, ///< node: its clock is put so many ns ahead of the true time (or behind)
    SetClockDrift,  ///< node: from now on its clock runs fast by so many parts per million
    SetPartition,   ///< node: is on this side of a partition, from 1; 0: on no side
    RestartEmpty,   ///< node: restarts with an empty disk
    Promote,        ///< node: its services are told by hand to take over
    TimeOut         ///< node: what its programs wait for counts as over (an election time-out)
  };
  Kind kind = Kind::CutLink;
  NodeIndex node;
  LinkIndex link;
  double value = 0; ///< as the kind says; else bits per second, nanoseconds, probability or packets
  bool operator==(const Action &) const = default;
};
constexpr int actionKinds = static_cast<int>(Action::Kind::TimeOut) + 1;
/// The action is about a node, not about a link.
constexpr bool onNode(Action::Kind kind) {
  return kind <= Action::Kind::ResumeNode || kind >= Action::Kind::SetSlowness;
}

/// Comes before all events of the same instant and uses up no sequence number of the queue.
struct ScriptEntry {
  SimTime at;
  Action action;
  bool operator==(const ScriptEntry &) const = default;
};
/// Ordered by time; entries of the same instant run in the order given.
using Script = std::vector<ScriptEntry>;

} // namespace packetarium::world
