// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace packetarium::programs {

/// An http or https URL (RFC 9110 section 4.2): http://host[:port][/path].
struct Url {
  bool secure = false; ///< https
  std::string host;
  std::uint16_t port = 80;
  std::string path = "/"; ///< with query, without fragment

  static std::optional<Url> parse(std::string_view text);
  /// What a reference found on this page leads to, such as a Location (RFC 3986 section 5.2);
  /// nothing when that is no http or https URL.
  std::optional<Url> resolve(std::string_view reference) const;

  std::uint16_t defaultPort() const { return secure ? 443 : 80; }
  /// What the Host header says: the port only when it is not the scheme's own.
  std::string authority() const;
  std::string_view scheme() const { return secure ? "https" : "http"; }
  std::string text() const;
  /// The path without its query.
  std::string_view bare() const { return std::string_view(path).substr(0, path.find('?')); }
  /// A connection to one serves the other: same scheme, host (whatever its case) and port.
  bool sameOrigin(const Url &other) const;
};

/// What is wrong with a URL in a document; empty when nothing is.
std::string checkUrl(std::string_view text);
/// The same for the path of a page: begins with a slash, holds no spaces.
std::string checkPath(std::string_view text);

} // namespace packetarium::programs
