// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace packetarium::wire::http {

/// What a Set-Cookie header says (RFC 6265). Instants are whole seconds since 1970.
struct SetCookie {
  std::string name, value;
  std::string domain; ///< lower case, without a leading dot; empty: only the host that set it
  std::string path;   ///< begins with a slash; empty: that of the page that set it
  std::optional<std::int64_t> maxAge;  ///< seconds; 0 or less: forget it now
  std::optional<std::int64_t> expires; ///< an instant
  bool secure = false, httpOnly = false;
  std::string sameSite; ///< "Lax", "Strict" or "None" (draft RFC 6265bis); empty: not said
};
/// Section 5.2; nothing for a header that must be ignored.
std::optional<SetCookie> parseSetCookie(std::string_view value);
/// Section 4.1.1.
std::string text(const SetCookie &cookie);
/// Names and values of a Cookie header, in order (section 4.2.1).
std::vector<std::pair<std::string, std::string>> parseCookies(std::string_view value);

/// Section 5.1.3; both in any case. An address matches only itself.
bool domainMatches(std::string_view host, std::string_view domain);
/// Section 5.1.4: the path of a request, without its query, and that of a cookie.
bool pathMatches(std::string_view requestPath, std::string_view cookiePath);
/// Section 5.1.4: the path of a cookie whose header names none.
std::string defaultCookiePath(std::string_view requestPath);

/// A date in any of the forms that servers use, in seconds since 1970 (RFC 6265 section 5.1.1).
std::optional<std::int64_t> parseCookieDate(std::string_view text);
/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7).
std::string imfDate(std::int64_t secondsSince1970);

/// What a Strict-Transport-Security header says (RFC 6797 section 6.1).
struct StrictTransport {
  std::int64_t maxAge = 0; ///< seconds; 0: forget the host
  bool includeSubDomains = false;
};
std::optional<StrictTransport> parseStrictTransport(std::string_view value);

} // namespace packetarium::wire::http
