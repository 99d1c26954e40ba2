// SPDX-License-Identifier: GPL-3.0-or-later
// A stream from anywhere gives the same messages and the same fault however it is cut. The first
// byte chooses the role and the cuts. The same text is read as the value of each header that has a
// reader of its own, and what was read is written and read back.
#include "core/wire/http.h"
#include "core/wire/http_cookie.h"

#include <algorithm>
#include <cstdlib>

using namespace packetarium::wire;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

std::string digest(http::Parser &parser) {
  std::string out;
  while (auto m = parser.take()) {
    out += m->isRequest() ? m->request().method + m->request().target : m->response().reason;
    for (const auto &h : m->headers()) out += h.name + ":" + h.value;
    out += std::to_string(m->bodyBytes) + m->bodyText() + (m->keepAlive ? "+" : "-");
  }
  return out;
}

std::string run(http::Parser::Role role, const Payload &stream, std::uint32_t step) {
  http::Parser parser(role);
  std::string out;
  for (std::uint32_t at = 0; at < stream.size(); at += step) {
    const auto status = parser.feed(stream.slice(at, std::min(step, stream.size() - at)));
    out += digest(parser);
    if (!status) return out + status.faults()[0].text();
  }
  const auto status = parser.end();
  out += digest(parser);
  return out + (status ? "" : status.faults()[0].text());
}

void readHeaders(std::string_view value) {
  if (const auto cookie = http::parseSetCookie(value)) {
    const auto again = http::parseSetCookie(http::text(*cookie));
    require(again && again->name == cookie->name && again->value == cookie->value);
    require(again->maxAge == cookie->maxAge && again->expires == cookie->expires);
  }
  if (const auto date = http::parseCookieDate(value))
    require(http::parseCookieDate(http::imfDate(*date)) == date);
  for (const auto &[name, content] : http::parseCookies(value))
    require(!name.empty() && content.size() <= value.size());
  const auto policy = http::parseStrictTransport(value);
  require(!policy || policy->maxAge >= 0);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  if (size == 0) return 0;
  const auto role =
      (data[0] & 1) != 0 ? http::Parser::Role::Responses : http::Parser::Role::Requests;
  const Payload stream = Payload::of(Bytes(data + 1, data + size));
  const std::string whole = run(role, stream, stream.size());
  require(run(role, stream, 1U + (data[0] >> 1)) == whole);
  readHeaders(stream.toText());
  return 0;
}
