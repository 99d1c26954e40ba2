// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/overheard_readers.h"

#include "core/wire/dns.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>

namespace packetarium::analysis {
namespace {

constexpr std::size_t textMax = 400;

OverheardItem readableItem(const Passing &passing, std::string what, std::string text,
                           std::uint64_t bytes, bool telling = false) {
  return {passing.at, passing.sent, passing.back,    Exposure::Readable,
          telling,    bytes,        std::move(what), std::move(text)};
}

bool sameHeader(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return std::tolower(static_cast<unsigned char>(x)) ==
                  std::tolower(static_cast<unsigned char>(y));
         });
}

bool isTelling(std::string_view header) {
  for (const char *name : {"Host", "Cookie", "Set-Cookie", "Authorization", "Location", "Referer"})
    if (sameHeader(header, name)) return true;
  return false;
}

int base64Value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

/// "user:password" of an Authorization header (RFC 7617): base64 hides nothing.
std::optional<std::string> basicCredentials(std::string_view value) {
  constexpr std::string_view scheme = "Basic ";
  if (!value.starts_with(scheme)) return std::nullopt;
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : value.substr(scheme.size())) {
    const int v = base64Value(c);
    if (v < 0) break;
    bits = bits << 6 | static_cast<std::uint32_t>(v);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out.push_back(static_cast<char>(bits >> count & 0xff));
  }
  return out;
}

std::string bodyText(const wire::http::Message &message) {
  wire::Payload start;
  for (const wire::Payload &part : message.body) {
    start = start.followedBy(part);
    if (start.size() >= textMax) break;
  }
  return printable(start, textMax);
}

} // namespace

std::string printable(const wire::Payload &data, std::size_t most) {
  const auto shown = static_cast<std::uint32_t>(std::min<std::size_t>(data.size(), most));
  std::string text;
  for (std::uint32_t i = 0; i < shown; ++i) {
    const auto c = static_cast<char>(data.at(i));
    if (c == '\n') {
      text.push_back(' ');
    } else if (c != '\r') {
      text.push_back(c >= 0x20 && c < 0x7f ? c : '.');
    }
  }
  if (shown < data.size()) text += "…";
  return text;
}

void HttpEar::tellHead(Conversation &told, const Passing &passing,
                       const wire::http::Message &message) {
  if (message.isRequest()) {
    const auto &r = message.request();
    const std::string line = fmt::format("{} {} {}", r.method, r.target, r.version);
    told.list(readableItem(passing, "request", line, line.size() + 2, true));
    if (const auto host = wire::http::find(r.headers, "Host"); host && told.name.empty())
      told.name = *host;
  } else {
    const auto &r = message.response();
    const std::string line = fmt::format("{} {} {}", r.version, r.status, r.reason);
    told.list(readableItem(passing, "response", line, line.size() + 2, true));
  }
  for (const wire::http::Header &h : message.headers()) {
    const std::uint64_t bytes = h.name.size() + h.value.size() + 4;
    told.list(readableItem(passing, h.name, h.value, bytes, isTelling(h.name)));
    if (!sameHeader(h.name, "Authorization")) continue;
    if (const auto who = basicCredentials(h.value))
      told.list(readableItem(passing, "credentials", *who, 0, true));
  }
}

void HttpEar::tellBody(Conversation &told, const Passing &passing,
                       const wire::http::Message &message) {
  if (message.bodyBytes == 0) return;
  Way &way = m_ways[passing.back ? 1 : 0];
  OverheardItem item = readableItem(passing, "body", bodyText(message), message.bodyBytes);
  if (way.bodyItem < told.items.size())
    told.items[way.bodyItem] = std::move(item);
  else
    way.bodyItem = told.list(std::move(item));
}

void HttpEar::feed(Conversation &told, const Passing &passing, const wire::Payload &data) {
  Way &way = m_ways[passing.back ? 1 : 0];
  if (way.lost || way.parser.failed()) {
    way.lost = true;
    return hearPlain(told, passing, data);
  }
  const bool good = way.parser.feed(data).ok();
  while (const auto message = way.parser.take()) {
    if (!way.headTold) tellHead(told, passing, *message);
    tellBody(told, passing, *message);
    way.headTold = false;
    way.bodyItem = Conversation::itemsMax;
    if (message->isRequest()) m_ways[1].parser.expectAnswerTo(message->request().method);
  }
  if (!good) {
    way.lost = true;
    return;
  }
  if (!way.parser.inBody()) return;
  if (!way.headTold) tellHead(told, passing, way.parser.current());
  way.headTold = true;
  tellBody(told, passing, way.parser.current());
}

void hearPlain(Conversation &told, const Passing &passing, const wire::Payload &data) {
  for (OverheardItem &item : told.items) {
    if (item.back != passing.back || item.what != "bytes") continue;
    item.bytes += data.size();
    return;
  }
  told.list(readableItem(passing, "bytes", printable(data, textMax), data.size()));
}

namespace {

void hearDns(Conversation &told, const Passing &passing, const wire::Payload &data) {
  const auto message = wire::dns::decode(data);
  if (!message.ok()) return hearPlain(told, passing, data);
  for (const wire::dns::Question &q : message->questions) {
    if (told.name.empty()) told.name = q.name;
    if (!message->response)
      told.list(readableItem(passing, "question",
                             fmt::format("{} {}", wire::dns::name(q.type), q.name), data.size(),
                             true));
  }
  if (!message->response) return;
  for (const wire::dns::Record &r : message->answers)
    told.list(readableItem(passing, "answer",
                           fmt::format("{} {} {}", r.name, wire::dns::name(r.type), r.dataText()),
                           data.size()));
  if (message->answers.empty())
    told.list(
        readableItem(passing, "answer", std::string(wire::dns::name(message->code)), data.size()));
}

} // namespace

void hearDatagram(Conversation &told, const Passing &passing, const wire::Packet &packet) {
  if (packet.payload.empty()) return;
  switch (packet.protocol) {
  case wire::ProtocolClass::Dns:
    told.kind = ConversationKind::Dns;
    return hearDns(told, passing, packet.payload);
  case wire::ProtocolClass::Voice:
    told.kind = ConversationKind::Voice;
    return hearPlain(told, passing, packet.payload);
  default: told.kind = ConversationKind::Plain; return hearPlain(told, passing, packet.payload);
  }
}

} // namespace packetarium::analysis
