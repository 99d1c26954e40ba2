// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace packetarium::wire::dns {

/// The labels of a name as raw bytes, escapes undone; nothing when it is no name that fits into a
/// message (RFC 1035 section 2.3.4: 63 bytes a label, 255 in all).
std::optional<std::vector<std::string>> splitName(std::string_view name);
/// One raw label as text, with "\DDD" for what is no letter, digit, '-' or '_'.
std::string labelText(std::string_view raw);

} // namespace packetarium::wire::dns
