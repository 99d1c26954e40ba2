// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/url.h"

#include "core/wire/address.h"
#include "core/wire/dns.h"
#include "core/wire/http_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace packetarium::programs {
namespace {

bool visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

std::optional<std::uint16_t> parsePort(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port < 1 || port > 65535)
    return std::nullopt;
  return static_cast<std::uint16_t>(port);
}

bool validHost(std::string_view host) {
  if (host.empty()) return false;
  return wire::Ipv4Address::parse(host).has_value() || wire::dns::validName(host);
}

/// Whether the reference begins with a scheme of its own (RFC 3986 section 3.1).
bool hasScheme(std::string_view reference) {
  const std::size_t colon = reference.find(':');
  if (colon == reference.npos || reference.find_first_of("/?#") < colon) return false;
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto fits = [&](char c) {
    return letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  };
  return colon > 0 && letter(reference.front()) &&
         std::all_of(reference.begin(), reference.begin() + static_cast<std::ptrdiff_t>(colon),
                     fits);
}

/// A path without "." and ".." (RFC 3986 section 5.2.4); path begins with a slash.
std::string withoutDots(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/', 1), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(end);
    const bool up = segment == "/..";
    if (up) out.erase(std::min(out.rfind('/'), out.size()));
    if (!up && segment != "/.") out += segment;
    if ((up || segment == "/.") && path.empty()) out += '/';
  }
  return out;
}

/// Takes a scheme that is known here from the front, whatever its case; nothing without one.
std::optional<bool> takeScheme(std::string_view &text) {
  for (const bool secure : {false, true}) {
    const std::string_view scheme = secure ? "https://" : "http://";
    if (!wire::http::sameText(text.substr(0, scheme.size()), scheme)) continue;
    text.remove_prefix(scheme.size());
    return secure;
  }
  return std::nullopt;
}

} // namespace

std::optional<Url> Url::parse(std::string_view text) {
  if (!visible(text)) return std::nullopt;
  const auto secure = takeScheme(text);
  if (!secure) return std::nullopt;
  text = text.substr(0, text.find('#'));
  const std::size_t pathAt = std::min(text.find_first_of("/?"), text.size());
  std::string_view host = text.substr(0, pathAt);
  Url url;
  url.secure = *secure;
  url.port = url.defaultPort();
  if (pathAt < text.size()) url.path = text.substr(pathAt);
  if (url.path.front() == '?') url.path.insert(0, "/");
  if (const std::size_t colon = host.find(':'); colon != std::string_view::npos) {
    const auto port = parsePort(host.substr(colon + 1));
    if (!port) return std::nullopt;
    url.port = *port;
    host = host.substr(0, colon);
  }
  if (!validHost(host)) return std::nullopt;
  url.host = host;
  return url;
}

std::optional<Url> Url::resolve(std::string_view reference) const {
  if (!visible(reference)) return std::nullopt;
  if (hasScheme(reference)) {
    auto url = parse(reference);
    if (url) url->path = withoutDots(url->bare()) + url->path.substr(url->bare().size());
    return url;
  }
  if (reference.starts_with("//")) return resolve(fmt::format("{}:{}", scheme(), reference));
  reference = reference.substr(0, reference.find('#'));
  Url url = *this;
  const std::size_t query = std::min(reference.find('?'), reference.size());
  const std::string_view target = reference.substr(0, query), asked = reference.substr(query);
  if (target.empty()) {
    if (!asked.empty()) url.path = fmt::format("{}{}", bare(), asked);
    return url;
  }
  const std::string_view folder = bare().substr(0, bare().rfind('/') + 1);
  const bool absolute = target.front() == '/';
  const std::string whole = fmt::format("{}{}", absolute ? std::string_view{} : folder, target);
  url.path = fmt::format("{}{}", withoutDots(whole), asked);
  return url;
}

std::string Url::authority() const {
  return port == defaultPort() ? host : fmt::format("{}:{}", host, port);
}

std::string Url::text() const { return fmt::format("{}://{}{}", scheme(), authority(), path); }

bool Url::sameOrigin(const Url &other) const {
  return secure == other.secure && port == other.port && wire::dns::sameName(host, other.host);
}

std::string checkUrl(std::string_view text) {
  if (Url::parse(text)) return {};
  return fmt::format("must be a URL such as http://www.example.com/index.html, got \"{}\"", text);
}

std::string checkPath(std::string_view text) {
  if (text.starts_with('/') && visible(text)) return {};
  return fmt::format("must begin with a slash and hold no spaces, got \"{}\"", text);
}

} // namespace packetarium::programs
