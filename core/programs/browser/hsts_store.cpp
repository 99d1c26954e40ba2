// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/browser/hsts_store.h"

#include "core/programs/peer.h"
#include "core/wire/http_cookie.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::programs {
namespace {

std::string hstsKey(std::string_view host) {
  std::string out(host.substr(0, host.size() - (host.ends_with('.') ? 1 : 0)));
  for (char &c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

} // namespace

bool HstsStore::take(std::string_view header, const Url &from, SimTime now) {
  if (!from.secure || wire::Ipv4Address::parse(from.host)) return false;
  const auto policy = wire::http::parseStrictTransport(header);
  if (!policy) return false;
  if (policy->maxAge == 0) {
    m_hosts.erase(hstsKey(from.host));
    return false;
  }
  const Duration life = Duration::seconds(policy->maxAge);
  m_hosts[hstsKey(from.host)] = {SimTime::fromNs(saturatingAdd(now.ns(), life.ns())),
                                 policy->includeSubDomains};
  return true;
}

/// Section 8.2: the host itself, or one above it that speaks for those below.
bool HstsStore::covers(std::string_view host, SimTime now) const {
  const std::string whole = hstsKey(host);
  std::string_view name = whole;
  for (bool itself = true; !name.empty(); itself = false) {
    const auto at = m_hosts.find(name);
    if (at != m_hosts.end() && at->second.until > now && (itself || at->second.includeSubDomains))
      return true;
    name.remove_prefix(std::min(name.find('.'), name.size() - 1) + 1);
  }
  return false;
}

Url HstsStore::upgraded(const Url &url, SimTime now) const {
  if (url.secure || !covers(url.host, now)) return url;
  Url secure = url;
  secure.secure = true;
  if (url.port == url.defaultPort()) secure.port = secure.defaultPort();
  return secure;
}

Described HstsStore::describe(SimTime now) const {
  Described table = row("https only (HSTS)", "", "forgotten when the node restarts");
  for (const auto &[host, known] : m_hosts) {
    if (known.until <= now) continue;
    table.children.push_back(row(host, fmt::format("for {} more", toString(known.until - now)),
                                 known.includeSubDomains ? "and every host below it" : ""));
  }
  table.value = text(table.children.size());
  return table;
}

} // namespace packetarium::programs
