// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/url.h"

#include "core/wire/address.h"
#include "core/wire/dns.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace packetarium::programs {
namespace {

constexpr std::string_view scheme = "http://";

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

} // namespace

std::optional<Url> Url::parse(std::string_view text) {
  if (!text.starts_with(scheme) || !visible(text)) return std::nullopt;
  text.remove_prefix(scheme.size());
  text = text.substr(0, text.find('#'));
  const std::size_t slash = std::min(text.find('/'), text.size());
  std::string_view host = text.substr(0, slash);
  Url url;
  if (slash < text.size()) url.path = text.substr(slash);
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

std::string Url::authority() const { return port == 80 ? host : fmt::format("{}:{}", host, port); }

std::string checkUrl(std::string_view text) {
  if (Url::parse(text)) return {};
  return fmt::format(
      "must be a URL such as http://www.example.com/index.html (http only), got \"{}\"", text);
}

std::string checkPath(std::string_view text) {
  if (text.starts_with('/') && visible(text)) return {};
  return fmt::format("must begin with a slash and hold no spaces, got \"{}\"", text);
}

} // namespace packetarium::programs
