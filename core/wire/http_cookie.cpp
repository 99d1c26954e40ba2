// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/http_cookie.h"

#include "core/wire/address.h"
#include "core/wire/http_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::wire::http {
namespace {

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char &c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

/// Takes what stands before the next semicolon.
std::string_view nextPart(std::string_view &rest) {
  const std::size_t end = std::min(rest.find(';'), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

struct NamedPart {
  std::string_view name, value;
  bool assigned = false; ///< there was a '='
};

NamedPart split(std::string_view part) {
  const std::size_t equals = part.find('=');
  if (equals == part.npos) return {trimmed(part), {}, false};
  return {trimmed(part.substr(0, equals)), trimmed(part.substr(equals + 1)), true};
}

/// Digits, perhaps after a minus; numbers too long to hold stop at the end of the range.
std::optional<std::int64_t> wholeSeconds(std::string_view text, bool signAllowed) {
  const bool negative = signAllowed && text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = std::min<std::int64_t>(value * 10 + (c - '0'), 100'000'000'000);
  }
  return negative ? -value : value;
}

void applyAttribute(SetCookie &cookie, const NamedPart &a) {
  if (sameText(a.name, "Expires")) {
    if (const auto date = parseCookieDate(a.value)) cookie.expires = date;
  } else if (sameText(a.name, "Max-Age")) {
    if (const auto age = wholeSeconds(a.value, true)) cookie.maxAge = age;
  } else if (sameText(a.name, "Domain")) {
    if (!a.value.empty()) cookie.domain = lowered(a.value.substr(a.value.front() == '.' ? 1 : 0));
  } else if (sameText(a.name, "Path")) {
    cookie.path = a.value.starts_with('/') ? a.value : std::string_view{};
  } else if (sameText(a.name, "Secure")) {
    cookie.secure = true;
  } else if (sameText(a.name, "HttpOnly")) {
    cookie.httpOnly = true;
  } else if (sameText(a.name, "SameSite")) {
    for (const std::string_view known : {"Lax", "Strict", "None"})
      if (sameText(a.value, known)) cookie.sameSite = known;
  }
}

std::string_view unquoted(std::string_view text) {
  const bool quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
  return quoted ? text.substr(1, text.size() - 2) : text;
}

} // namespace

std::optional<SetCookie> parseSetCookie(std::string_view value) {
  const NamedPart pair = split(nextPart(value));
  if (!pair.assigned || pair.name.empty()) return std::nullopt;
  SetCookie cookie;
  cookie.name = pair.name;
  cookie.value = pair.value;
  while (!value.empty()) applyAttribute(cookie, split(nextPart(value)));
  return cookie;
}

std::string text(const SetCookie &c) {
  std::string out = fmt::format("{}={}", c.name, c.value);
  if (!c.domain.empty()) out += "; Domain=" + c.domain;
  if (!c.path.empty()) out += "; Path=" + c.path;
  if (c.maxAge) out += fmt::format("; Max-Age={}", *c.maxAge);
  if (c.expires) out += "; Expires=" + imfDate(*c.expires);
  if (c.secure) out += "; Secure";
  if (c.httpOnly) out += "; HttpOnly";
  if (!c.sameSite.empty()) out += "; SameSite=" + c.sameSite;
  return out;
}

std::vector<std::pair<std::string, std::string>> parseCookies(std::string_view value) {
  std::vector<std::pair<std::string, std::string>> cookies;
  while (!value.empty()) {
    const NamedPart pair = split(nextPart(value));
    if (pair.assigned && !pair.name.empty()) cookies.emplace_back(pair.name, pair.value);
  }
  return cookies;
}

bool domainMatches(std::string_view host, std::string_view domain) {
  if (sameText(host, domain)) return true;
  if (domain.empty() || host.size() <= domain.size()) return false;
  const std::size_t before = host.size() - domain.size();
  return sameText(host.substr(before), domain) && host[before - 1] == '.' &&
         !Ipv4Address::parse(host);
}

bool pathMatches(std::string_view requestPath, std::string_view cookiePath) {
  if (!requestPath.starts_with(cookiePath)) return false;
  return requestPath.size() == cookiePath.size() || cookiePath.ends_with('/') ||
         requestPath[cookiePath.size()] == '/';
}

std::string defaultCookiePath(std::string_view requestPath) {
  const std::size_t last = requestPath.rfind('/');
  if (!requestPath.starts_with('/') || last == 0) return "/";
  return std::string(requestPath.substr(0, last));
}

std::optional<StrictTransport> parseStrictTransport(std::string_view value) {
  StrictTransport policy;
  std::vector<std::string> seen;
  while (!value.empty()) {
    const NamedPart directive = split(nextPart(value));
    if (directive.name.empty()) continue;
    std::string name = lowered(directive.name);
    if (!isToken(name) || std::find(seen.begin(), seen.end(), name) != seen.end())
      return std::nullopt; // no directive may come twice
    if (name == "max-age") {
      const auto age = wholeSeconds(unquoted(directive.value), false);
      if (!age) return std::nullopt;
      policy.maxAge = *age;
    } else if (name == "includesubdomains") {
      if (directive.assigned) return std::nullopt;
      policy.includeSubDomains = true;
    }
    seen.push_back(std::move(name));
  }
  const bool hasAge = std::find(seen.begin(), seen.end(), "max-age") != seen.end();
  return hasAge ? std::optional(policy) : std::nullopt;
}

} // namespace packetarium::wire::http
