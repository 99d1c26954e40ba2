// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/browser/cookie_jar.h"

#include "core/programs/calendar.h"
#include "core/programs/peer.h"
#include "core/wire/dns.h"
#include "core/wire/http_cookie.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::programs {
namespace {

using wire::http::SetCookie;

/// What a browser holds at least (RFC 6265 section 6.1), and this one at most.
constexpr std::size_t cookiesMost = 3000;
constexpr std::size_t cookieBytesMost = 4096;

bool expired(const Cookie &c, SimTime now) { return c.expires && *c.expires <= now; }

std::string lowerHost(std::string_view host) {
  std::string out(host);
  for (char &c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

/// No Domain, or one that many sites share, such as "com": no list of those is kept here, one label
/// is taken for one (section 5.3, step 5).
bool isTop(std::string_view domain) { return domain.find('.') == domain.npos; }

std::optional<SimTime> expiryOf(const SetCookie &set, SimTime now) {
  if (set.maxAge) { // goes before Expires (section 5.3, step 3)
    if (*set.maxAge <= 0) return now;
    return SimTime::fromNs(saturatingAdd(now.ns(), Duration::seconds(*set.maxAge).ns()));
  }
  if (set.expires) return instantOf(*set.expires);
  return std::nullopt;
}

/// Why a browser must not take a cookie from there; empty when it may.
std::string whyRefused(const SetCookie &set, const Url &from) {
  if (set.name.size() + set.value.size() > cookieBytesMost)
    return fmt::format("it is longer than {} bytes", cookieBytesMost);
  if (set.secure && !from.secure) return "it says Secure, but came over http";
  if (set.domain.empty() || wire::http::domainMatches(from.host, set.domain)) {
    const bool ownName = set.domain.empty() || wire::dns::sameName(from.host, set.domain);
    if (ownName || !isTop(set.domain)) return {};
    return fmt::format("it is meant for everything below {}", set.domain);
  }
  return fmt::format("it is meant for {}, but came from {}", set.domain, from.host);
}

std::string flags(const Cookie &c, SimTime now) {
  std::string out = c.hostOnly ? c.domain : "." + c.domain;
  out += c.path;
  out += c.expires ? fmt::format(", for {} more", toString(*c.expires - now))
                   : std::string(", until the browser ends");
  if (c.secure) out += ", Secure";
  if (c.httpOnly) out += ", HttpOnly";
  if (!c.sameSite.empty()) out += ", SameSite=" + c.sameSite;
  return out;
}

} // namespace

std::string CookieJar::store(std::string_view setCookie, const Url &from, SimTime now) {
  const auto set = wire::http::parseSetCookie(setCookie);
  if (!set) return "The server's Set-Cookie header holds no cookie.";
  if (const std::string why = whyRefused(*set, from); !why.empty())
    return fmt::format("The cookie {} is refused: {}.", set->name, why);
  Cookie c;
  c.name = set->name;
  c.value = set->value;
  c.hostOnly = isTop(set->domain);
  c.domain = set->domain.empty() ? lowerHost(from.host) : set->domain;
  c.path = set->path.empty() ? wire::http::defaultCookiePath(from.bare()) : set->path;
  c.expires = expiryOf(*set, now);
  c.secure = set->secure;
  c.httpOnly = set->httpOnly;
  c.sameSite = set->sameSite;
  c.created = now;
  insert(std::move(c), now);
  return {};
}

/// A cookie of the same name, domain and path is replaced and keeps its place in the order.
void CookieJar::insert(Cookie cookie, SimTime now) {
  const auto same = std::find_if(m_cookies.begin(), m_cookies.end(), [&cookie](const Cookie &c) {
    return c.name == cookie.name && c.domain == cookie.domain && c.path == cookie.path;
  });
  if (same != m_cookies.end()) {
    cookie.created = same->created;
    *same = std::move(cookie);
  } else {
    m_cookies.push_back(std::move(cookie));
  }
  std::erase_if(m_cookies, [now](const Cookie &c) { return expired(c, now); });
  if (m_cookies.size() > cookiesMost) m_cookies.erase(m_cookies.begin());
}

std::string CookieJar::headerFor(const Url &to, SimTime now) const {
  std::vector<const Cookie *> fitting;
  for (const Cookie &c : m_cookies) {
    const bool host = c.hostOnly ? wire::dns::sameName(to.host, c.domain)
                                 : wire::http::domainMatches(to.host, c.domain);
    if (host && wire::http::pathMatches(to.bare(), c.path) && (to.secure || !c.secure) &&
        !expired(c, now))
      fitting.push_back(&c);
  }
  std::stable_sort(fitting.begin(), fitting.end(), [](const Cookie *a, const Cookie *b) {
    return a->path.size() > b->path.size();
  });
  std::string out;
  for (const Cookie *c : fitting)
    out += fmt::format("{}{}={}", out.empty() ? "" : "; ", c->name, c->value);
  return out;
}

std::vector<Cookie> CookieJar::cookies(SimTime now) const {
  std::vector<Cookie> live = m_cookies;
  std::erase_if(live, [now](const Cookie &c) { return expired(c, now); });
  return live;
}

Described CookieJar::describe(SimTime now) const {
  const std::vector<Cookie> live = cookies(now);
  Described table = row("cookies", text(live.size()), "forgotten when the node restarts");
  for (const Cookie &c : live) table.children.push_back(row(c.name, c.value, flags(c, now)));
  return table;
}

} // namespace packetarium::programs
