// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The small pieces that the text forms of this room are made of.
namespace packetarium::cluster {

constexpr std::size_t textBytesMax = 20000; ///< of a value that is read from outside

/// Letters, digits and . _ - ~ stay; everything else becomes %XX (RFC 3986 section 2.1).
std::string escaped(std::string_view text);
/// Nothing when a % is not followed by two hexadecimal digits.
std::optional<std::string> unescaped(std::string_view text);
/// Between the separators; an empty text has no parts.
/// The parts lie in the text, which must outlive them.
std::vector<std::string_view> parts(std::string_view text, char separator);
std::vector<std::string_view> parts(std::string &&text, char separator) = delete;
/// Cuts the text at the first separator; second is nothing without one.
std::pair<std::string_view, std::optional<std::string_view>> cutAt(std::string_view text, char at);
/// All of the text as a number; nothing otherwise.
std::optional<std::uint64_t> unsignedOf(std::string_view text);
std::optional<std::int64_t> signedOf(std::string_view text);

} // namespace packetarium::cluster
