// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/sim_time.h"
#include "core/net/blueprint.h"
#include "core/wire/packet.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace packetarium::analysis {

/// How sentences name things.

/// The node's name for people; its id when it has none; "nobody" for no node.
std::string nodeName(const net::Blueprint &network, std::uint32_t node);
/// "B: no heartbeat came"; words that begin with the name already stand as they are.
std::string saidBy(std::string_view who, std::string_view words);
/// The node that a fact's text names: by its id, its name or an address of it (a port may follow).
std::optional<std::uint32_t> nodeNamed(const net::Blueprint &network, std::string_view text);
/// The nodes of a list with "," or "|" between them, each once, in order; unknown ones are left
/// out.
std::vector<std::uint32_t> nodesNamed(const net::Blueprint &network, std::string_view list);
/// "isp – core-2".
std::string linkName(const net::Blueprint &network, std::uint32_t link);
/// "10 Mbit/s", "2.5 Gbit/s".
std::string rateText(double bitsPerSecond);
/// "1.21 ms", "38 µs": three digits are enough for reading.
std::string durationText(Duration d);
/// The instant as the clock shows it: "1.250 s", "96.0 ms".
std::string timeText(SimTime t);
/// The node whose card has the address, such as "home router's eth0"; empty when unknown.
std::string cardName(const net::Blueprint &network, wire::MacAddress mac);
/// What a packet is, with an article where it needs one: "the SYN", "the voice packet".
std::string packetName(const wire::Packet &packet);
/// First letter in upper case.
std::string capitalised(std::string text);

} // namespace packetarium::analysis
