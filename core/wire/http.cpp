// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/http.h"

#include "core/wire/http_text.h"

#include <fmt/format.h>

namespace packetarium::wire::http {
namespace {

struct Reason {
  int status;
  std::string_view phrase;
};
constexpr Reason reasons[] = {
    {100, "Continue"},
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {411, "Length Required"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string headerLines(const Headers &headers) {
  std::string out;
  for (const auto &h : headers) out += fmt::format("{}: {}\r\n", h.name, h.value);
  return out + "\r\n";
}

} // namespace

bool sameText(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

bool isToken(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  for (const char c : text) {
    const bool letter = lower(c) >= 'a' && lower(c) <= 'z';
    if (!letter && !(c >= '0' && c <= '9') && marks.find(c) == std::string_view::npos) return false;
  }
  return !text.empty();
}

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

bool listHolds(std::string_view list, std::string_view item) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    if (sameText(trimmed(list.substr(0, comma)), item)) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
  return false;
}

std::optional<std::string_view> find(const Headers &headers, std::string_view name) {
  for (const auto &h : headers)
    if (sameText(h.name, name)) return h.value;
  return std::nullopt;
}

std::string_view reasonOf(int status) {
  for (const auto &r : reasons)
    if (r.status == status) return r.phrase;
  return {};
}

Request get(std::string_view host, std::string_view target, bool keepAlive) {
  Request r;
  r.target = std::string(target);
  r.headers = {{"Host", std::string(host)},
               {"User-Agent", "Packetarium"},
               {"Accept", "*/*"},
               {"Connection", keepAlive ? "keep-alive" : "close"}};
  return r;
}

Response respond(int status, std::string_view contentType, std::uint64_t contentLength,
                 bool keepAlive) {
  Response r;
  r.status = status;
  r.reason = std::string(reasonOf(status));
  r.headers = {{"Server", "Packetarium"},
               {"Content-Type", std::string(contentType)},
               {"Content-Length", std::to_string(contentLength)},
               {"Connection", keepAlive ? "keep-alive" : "close"}};
  return r;
}

Payload serialise(const Request &r) {
  return Payload::of(fmt::format("{} {} {}\r\n", r.method, r.target, r.version) +
                     headerLines(r.headers));
}

Payload serialise(const Response &r) {
  return Payload::of(fmt::format("{} {} {}\r\n", r.version, r.status, r.reason) +
                     headerLines(r.headers));
}

std::string Message::bodyText() const {
  std::string out;
  for (const auto &part : body) out += part.toText();
  return out;
}

} // namespace packetarium::wire::http
