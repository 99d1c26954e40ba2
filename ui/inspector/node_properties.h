// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/forms/property_form.h"

#include <functional>
#include <string>
#include <vector>

// What can be set of nodes and links, as the fields of a form.
namespace packetarium::ui {

// "Home router", for people.
[[nodiscard]] QString kindName(scenario::NodeKind kind);

// All of one node: the device, its interfaces, how it routes, and its programs.
[[nodiscard]] std::vector<PropertySection> nodeSections(Document &document,
                                                        const scenario::Node &node);
// What several nodes have in common.
[[nodiscard]] std::vector<Property>
sharedNodeProperties(const std::vector<const scenario::Node *> &nodes);

// A program's own declaration as a section; a removal goes to the document.
[[nodiscard]] PropertySection programSection(Document &document, const scenario::Node &node,
                                             const scenario::Program &program);

// Of one or several links. Conditions are read and set at the instant (at 0 in the document); the
// cost always in the document.
[[nodiscard]] std::vector<Property> linkConditions(const scenario::Scenario &scenario,
                                                   const std::vector<std::string> &ids,
                                                   std::function<SimTime()> at);
// Of one or several nodes, likewise: processor, clock, side of a partition.
[[nodiscard]] std::vector<Property> nodeConditions(std::function<SimTime()> at);
[[nodiscard]] Property linkCost();

} // namespace packetarium::ui
