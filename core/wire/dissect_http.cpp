// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/dissector.h"
#include "core/wire/http_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::wire {
namespace {

struct KnownHeader {
  std::string_view name;
  std::string_view abbrev;
};
constexpr KnownHeader knownHeaders[] = {
    {"Host", "http.host"},
    {"User-Agent", "http.user_agent"},
    {"Accept", "http.accept"},
    {"Connection", "http.connection"},
    {"Server", "http.server"},
    {"Content-Type", "http.content_type"},
    {"Content-Length", "http.content_length"},
    {"Transfer-Encoding", "http.transfer_encoding"},
    {"Date", "http.date"},
    {"Location", "http.location"},
    {"Cookie", "http.cookie"},
    {"Set-Cookie", "http.set_cookie"},
    {"Strict-Transport-Security", "http.strict_transport_security"},
};

std::string dataText(std::size_t bytes) { return fmt::format("HTTP data {} bytes", bytes); }

/// The number a header holds when it is a plain one, so that filters can compare it.
FieldKey headerKey(std::string_view abbrev, std::string_view value) {
  if (abbrev != "http.content_length" || value.empty() || value.size() > 18)
    return std::string(value);
  std::uint64_t number = 0;
  for (const char c : value) {
    if (c < '0' || c > '9') return std::string(value);
    number = number * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return number;
}

/// The cookies that a Cookie header brings, each in its place; at: where the line begins.
void addCookiePairs(const Dissector &d, Field &header, std::size_t at, std::string_view line) {
  for (std::size_t i = std::min(line.find(':'), line.size() - 1) + 1; i < line.size();) {
    const std::size_t end = std::min(line.find(';', i), line.size());
    const std::string_view pair = http::trimmed(line.substr(i, end - i));
    if (!pair.empty()) {
      const auto offset = static_cast<std::size_t>(pair.data() - line.data());
      header.children.push_back(d.text("http.cookie_pair", at + offset, pair.size()));
    }
    i = end + 1;
  }
}

Field headerField(const Dissector &d, std::size_t at, std::string_view line, std::size_t length,
                  bool request) {
  const std::size_t colon = line.find(':');
  std::string_view abbrev = request ? "http.request.line" : "http.response.line";
  std::string_view value = line;
  std::string_view name;
  if (colon != line.npos) {
    name = line.substr(0, colon);
    for (const auto &known : knownHeaders)
      if (http::sameText(known.name, name)) abbrev = known.abbrev;
    value = http::trimmed(line.substr(colon + 1));
  }
  Field f = Dissector::make(abbrev, at, length, printable(value), headerKey(abbrev, value));
  if (!name.empty()) f.name = printable(name, 60);
  if (abbrev == "http.cookie") addCookiePairs(d, f, at, line);
  return f;
}

/// The three parts of a start line; the middle and last may hold blanks.
Field startField(const Dissector &d, std::size_t at, std::string_view line, std::size_t length) {
  const bool request = line.substr(0, 5) != "HTTP/";
  const std::size_t first = line.find(' ');
  const std::size_t second = request ? line.rfind(' ') : line.find(' ', first + 1);
  const std::size_t middleEnd = second == line.npos ? line.size() : second;
  Field f = Dissector::make(request ? "http.request" : "http.response", at, length, printable(line),
                            std::string(line));
  const std::size_t middle = first + 1;
  auto &out = f.children;
  out.push_back(d.text(request ? "http.request.method" : "http.response.version", at, first));
  if (request) {
    out.push_back(d.text("http.request.uri", at + middle, middleEnd - middle));
  } else {
    Field code = d.text("http.response.code", at + middle, middleEnd - middle);
    std::uint64_t number = 0;
    for (const char c : line.substr(middle, middleEnd - middle))
      number = number * 10 + static_cast<std::uint64_t>(c - '0');
    code.key = number;
    out.push_back(std::move(code));
  }
  if (middleEnd < line.size())
    out.push_back(d.text(request ? "http.request.version" : "http.response.phrase",
                         at + middleEnd + 1, line.size() - middleEnd - 1));
  return f;
}

bool isStatusLine(std::string_view line) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return line.size() >= 12 && line.substr(0, 5) == "HTTP/" && line[8] == ' ' && digit(line[9]) &&
         digit(line[10]) && digit(line[11]) && (line.size() == 12 || line[12] == ' ');
}

bool isRequestLine(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  return first != line.npos && last > first && http::isToken(line.substr(0, first)) &&
         line.substr(last + 1, 5) == "HTTP/";
}

} // namespace

std::string_view httpStartLine(std::string_view text) {
  const std::size_t end = text.find('\n');
  if (end == text.npos || end == 0) return {};
  const std::string_view line = text.substr(0, text[end - 1] == '\r' ? end - 1 : end);
  return isStatusLine(line) || isRequestLine(line) ? line : std::string_view{};
}

void dissectHttp(Dissector &d, std::size_t at, std::size_t end) {
  const std::string_view text(reinterpret_cast<const char *>(d.frame.data()) + at, end - at);
  Field layer = Dissector::make("http", at, end - at);
  const std::string_view start = httpStartLine(text);
  if (start.empty()) {
    layer.value = dataText(end - at);
    layer.children.push_back(d.text("http.file_data", at, end - at));
    d.layers.push_back(std::move(layer));
    return;
  }
  layer.value = printable(start);
  const bool request = start.substr(0, 5) != "HTTP/";
  std::size_t i = 0;
  for (bool first = true; i < text.size(); first = false) {
    const std::size_t feed = text.find('\n', i);
    const std::size_t next = feed == text.npos ? text.size() : feed + 1;
    std::string_view line = text.substr(i, (feed == text.npos ? next : feed) - i);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty() && feed != text.npos) {
      i = next;
      break;
    }
    layer.children.push_back(first ? startField(d, at + i, line, next - i)
                                   : headerField(d, at + i, line, next - i, request));
    i = next;
  }
  if (i < text.size()) layer.children.push_back(d.text("http.file_data", at + i, text.size() - i));
  d.layers.push_back(std::move(layer));
}

Summary summariseHttp(const Payload &payload) {
  constexpr std::uint32_t enough = 600; // a longer start line is not worth a list's time
  const std::string data = dataText(payload.size());
  if (payload.isPattern()) return {"HTTP", data, data};
  const std::string text = payload.slice(0, std::min(payload.size(), enough)).toText();
  const std::string_view line = httpStartLine(text);
  if (line.empty()) return {"HTTP", data, data};
  // A request's label leaves out its version, a response's too: "GET /index.html", "200 OK".
  const bool request = line.substr(0, 5) != "HTTP/";
  const std::string_view label = request ? line.substr(0, line.rfind(' ')) : line.substr(9);
  return {"HTTP", printable(label, 40), printable(line)};
}

} // namespace packetarium::wire
