// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What the protocols need of cryptography, as values, on OpenSSL's libcrypto: nothing in this room
/// is a primitive of our own. Everything random is drawn from an Entropy that is passed in, so that
/// the same run makes the same keys and signatures.
namespace packetarium::crypto {

using Bytes = std::vector<std::uint8_t>;
using View = std::span<const std::uint8_t>;

inline void append(Bytes &out, View more) { out.insert(out.end(), more.begin(), more.end()); }
inline View viewOf(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t *>(text.data()), text.size()};
}
/// Lower-case hexadecimal without separators.
std::string hex(View bytes);
/// The bytes of such a text (either case); empty when it is malformed.
Bytes fromHex(std::string_view text);
/// Compares in a time that depends on the sizes alone.
bool sameSecret(View a, View b);

} // namespace packetarium::crypto
