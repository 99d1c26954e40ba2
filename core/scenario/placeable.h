// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/scenario/scenario.h"

#include <span>
#include <string_view>

namespace packetarium::scenario {

/// Something a person can put into a topology: a device, or a service that runs on one.
struct Placeable {
  std::string_view key;     ///< "host", "web-server"
  std::string_view title;   ///< "Host"
  std::string_view help;    ///< one line
  std::string_view icon;    ///< name of the icon
  NodeKind kind;            ///< of the node that is made for it
  std::string_view program; ///< kind of the program a service is; empty for devices
  bool isService() const { return !program.empty(); }
};

/// What the program knows to simulate, in the order in which it is offered.
std::span<const Placeable> placeableDevices();
std::span<const Placeable> placeableServices();
/// Null when there is none of that key.
const Placeable *findPlaceable(std::string_view key);

} // namespace packetarium::scenario
