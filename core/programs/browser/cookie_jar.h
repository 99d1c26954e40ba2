// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/program.h"
#include "core/programs/url.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace packetarium::programs {

/// What a browser remembers of one Set-Cookie header (RFC 6265 section 5.3).
struct Cookie {
  std::string name, value;
  std::string domain;             ///< lower case
  bool hostOnly = true;           ///< only that very host gets it, not those below it
  std::string path;               ///< only pages at or below it get it
  std::optional<SimTime> expires; ///< nothing: lives until the browser ends
  bool secure = false, httpOnly = false;
  std::string sameSite; ///< shown only: all that this browser asks for is asked for by its user
  SimTime created;
};

/// A browser's cookies (RFC 6265). A value.
class CookieJar {
public:
  /// Takes what a Set-Cookie header of an answer from a URL says. Gives nothing, or a sentence that
  /// says why the cookie was refused.
  std::string store(std::string_view setCookie, const Url &from, SimTime now);
  /// The value of the Cookie header for a request; empty: none goes along (section 5.4).
  std::string headerFor(const Url &to, SimTime now) const;
  /// Those that have not expired, oldest first.
  std::vector<Cookie> cookies(SimTime now) const;
  /// The same for people.
  Described describe(SimTime now) const;

private:
  void insert(Cookie cookie, SimTime now);
  std::vector<Cookie> m_cookies; ///< in order of creation
};

} // namespace packetarium::programs
