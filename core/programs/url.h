// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace packetarium::programs {

/// An http URL (RFC 9110 section 4.2.1): http://host[:port][/path].
struct Url {
  std::string host;
  std::uint16_t port = 80;
  std::string path = "/"; ///< with query, without fragment

  static std::optional<Url> parse(std::string_view text);
  /// What the Host header says: the port only when it is not 80.
  std::string authority() const;
  std::string text() const { return "http://" + authority() + path; }
};

/// What is wrong with a URL; empty when nothing is.
std::string checkUrl(std::string_view text);
/// The same for the path of a page: begins with a slash, holds no spaces.
std::string checkPath(std::string_view text);

} // namespace packetarium::programs
