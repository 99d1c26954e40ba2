// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace packetarium::wire::http {

/// Equal without regard to the case of ASCII letters.
bool sameText(std::string_view a, std::string_view b);
/// RFC 9110 section 5.6.2: letters, digits and a few marks; not empty.
bool isToken(std::string_view text);
/// Without spaces and tabs at both ends.
std::string_view trimmed(std::string_view text);
/// Whether a comma-separated list holds the item, whatever its case.
bool listHolds(std::string_view list, std::string_view item);

} // namespace packetarium::wire::http
