// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/scenario/placeable.h"
#include "core/scenario/scenario.h"

#include <string>
#include <string_view>
#include <vector>

/// Changes that a person makes to a topology by hand. Each leaves a document that complete() makes
/// whole: ids that are still free, ports that exist, nothing that names what is gone.
namespace packetarium::scenario {

/// Adds a device, a node with a service, or a whole group; gives the id of its (first) node.
std::string place(Scenario &scenario, const Placeable &what, Position at);

/// Why a node cannot run another service; empty when it can.
std::string installFault(const Scenario &scenario, std::string_view node);
/// Puts a program of this kind on a node, with what it needs chosen; gives the program's id.
Result<std::string> install(Scenario &scenario, std::string_view node, std::string_view kind);

/// Why two nodes cannot be linked, as a sentence for people; empty when they can. Refuses a second
/// way between switches: frames would circle in it for ever.
std::string linkFault(const Scenario &scenario, std::string_view a, std::string_view b);
/// Links two nodes by a free port of each, adding one where none is free; gives the link's id.
Result<std::string> connect(Scenario &scenario, std::string_view a, std::string_view b);

std::string addNote(Scenario &scenario, std::string text, Position at);

/// Takes nodes, links and notes away by their ids, with the links, script entries, phases and the
/// hint that are about them. Ids of nothing are passed over.
void remove(Scenario &scenario, const std::vector<std::string> &ids);
/// Takes a program off a node.
void uninstall(Scenario &scenario, std::string_view node, std::string_view program);

/// The nodes and notes of these ids and the links between these nodes, as a document of its own.
/// Addresses that were chosen are left out, so that a copy gets its own.
Scenario fragment(const Scenario &scenario, const std::vector<std::string> &ids);
/// Adds copies of everything in a fragment, moved by so many pixels, under free ids and names;
/// gives the new ids of nodes, links and notes.
std::vector<std::string> paste(Scenario &scenario, const Scenario &fragment, Position by);

/// "host 3": the first name "stem N" that no node has; a copy of "host 2" is "host 3" too.
std::string freeName(const Scenario &scenario, std::string_view stem);

} // namespace packetarium::scenario
