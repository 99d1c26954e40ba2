// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/load_balancer/forwarding.h"

#include "core/wire/http_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace packetarium::programs::forwarding {
namespace {

using namespace wire::http;

/// For one hop alone: those that RFC 9110 section 7.6.1 lists and those that Connection names.
bool forOneHop(const std::string &name, std::string_view connection) {
  constexpr std::array<std::string_view, 7> always = {
      "Connection", "Keep-Alive",        "Proxy-Connection", "TE",
      "Trailer",    "Transfer-Encoding", "Upgrade"};
  return std::any_of(always.begin(), always.end(),
                     [&name](std::string_view a) { return sameText(name, a); }) ||
         listHolds(connection, name);
}

Headers endToEnd(const Headers &headers) {
  const std::string connection(find(headers, "Connection").value_or(std::string_view{}));
  Headers kept;
  for (const Header &h : headers)
    if (!forOneHop(h.name, connection)) kept.push_back(h);
  return kept;
}

void append(Headers &headers, std::string_view name, std::string_view item) {
  const auto last = std::find_if(headers.rbegin(), headers.rend(),
                                 [name](const Header &h) { return sameText(h.name, name); });
  if (last == headers.rend())
    headers.push_back({std::string(name), std::string(item)});
  else
    last->value = fmt::format("{}, {}", last->value, item);
}

} // namespace

Request request(const Request &asked, std::uint64_t bodyBytes, std::string_view client,
                std::string_view gateway) {
  Request r = asked;
  r.version = "HTTP/1.1";
  r.headers = endToEnd(asked.headers);
  append(r.headers, "X-Forwarded-For", client);
  append(r.headers, "Via", fmt::format("1.1 {}", gateway));
  if (bodyBytes > 0 && !find(r.headers, "Content-Length"))
    r.headers.push_back({"Content-Length", fmt::format("{}", bodyBytes)});
  r.headers.push_back({"Connection", "keep-alive"});
  return r;
}

Response response(const Response &answered, std::optional<std::uint64_t> length, bool keepAlive) {
  Response r = answered;
  r.version = "HTTP/1.1";
  r.headers = endToEnd(answered.headers);
  if (length && !find(r.headers, "Content-Length"))
    r.headers.push_back({"Content-Length", fmt::format("{}", *length)});
  r.headers.push_back({"Connection", keepAlive ? "keep-alive" : "close"});
  return r;
}

std::optional<std::uint64_t> toldLength(const Response &response) {
  const auto told = find(response.headers, "Content-Length");
  if (!told || find(response.headers, "Transfer-Encoding")) return std::nullopt;
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(told->data(), told->data() + told->size(), length);
  if (error != std::errc{} || end != told->data() + told->size()) return std::nullopt;
  return length;
}

bool idempotent(std::string_view method) {
  constexpr std::array<std::string_view, 6> methods = {"GET",   "HEAD", "OPTIONS",
                                                       "TRACE", "PUT",  "DELETE"};
  return std::find(methods.begin(), methods.end(), method) != methods.end();
}

} // namespace packetarium::programs::forwarding
