// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/scenario/scenario.h"

#include <string>
#include <string_view>

/// What the program chose for a person who did not say, and how it learns that a person did.
namespace packetarium::scenario {

/// Paths within Node::chosen.
inline std::string chosenAddress(std::string_view interface) {
  return "interfaces." + std::string(interface);
}
inline std::string chosenProgram(std::string_view program) {
  return "programs." + std::string(program);
}
inline std::string chosenParameter(std::string_view program, std::string_view key) {
  return chosenProgram(program) + "." + std::string(key);
}
constexpr std::string_view chosenGateway = "gateway";
constexpr std::string_view chosenNameServers = "name_servers";

/// Forgets those chosen values which no longer fit what is around them (no link, another subnet, a
/// router or a name server that is gone), so that they are chosen anew. Values set by hand stay.
void dropStaleChoices(Scenario &scenario);

/// What differs between two values of a document in a place which the program had chosen was set
/// by hand: it is no longer chosen. An emptied value goes back to the program.
void markSetByHand(const Scenario &before, Scenario &after);

/// Fills the parameters marked as chosen: where browsers and clients go to, what name servers hold.
void chooseServices(Scenario &scenario);

} // namespace packetarium::scenario
