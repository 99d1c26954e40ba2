// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/program.h"
#include "core/programs/url.h"

#include <map>
#include <string>
#include <string_view>

namespace packetarium::programs {

/// The hosts that a browser only speaks https with, because they once said so over https
/// (RFC 6797). A value.
class HstsStore {
public:
  /// Takes a Strict-Transport-Security header of an answer. It counts only from a secure URL whose
  /// host is a name (section 8.1). Tells whether the host is known now.
  bool take(std::string_view header, const Url &from, SimTime now);
  /// What to ask for in place of a URL: https with a known host, else the URL itself (section 8.3).
  Url upgraded(const Url &url, SimTime now) const;
  /// The hosts for people.
  Described describe(SimTime now) const;

private:
  struct Known {
    SimTime until;
    bool includeSubDomains = false;
  };
  bool covers(std::string_view host, SimTime now) const;
  std::map<std::string, Known, std::less<>> m_hosts; ///< by name in lower case
};

} // namespace packetarium::programs
