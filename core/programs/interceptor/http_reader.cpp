// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/interceptor/http_reader.h"

#include "core/wire/http_text.h"

#include <fmt/format.h>

#include <initializer_list>

namespace packetarium::programs {
namespace {

using namespace wire::http;

/// The headers that are worth stealing.
std::string secretsIn(const Headers &headers, std::initializer_list<std::string_view> names) {
  std::string out;
  for (const Header &h : headers)
    for (const std::string_view name : names)
      if (wire::http::sameText(h.name, name)) out += fmt::format(", {}: {}", h.name, h.value);
  return out;
}

} // namespace

std::vector<std::string> HttpReader::fromClient(const wire::Payload &bytes) {
  (void)m_client.feed(bytes); // what is no HTTP says nothing to it
  std::vector<std::string> lines;
  while (const auto message = m_client.take()) {
    ++m_requests;
    const Request &request = message->request();
    m_server.expectAnswerTo(request.method);
    lines.push_back(fmt::format("{} {}{}", request.method, request.target,
                                secretsIn(request.headers, {"Cookie", "Authorization"})));
    if (message->bodyBytes > 0) lines.back() += fmt::format(", body: {}", message->bodyText());
  }
  return lines;
}

std::vector<std::string> HttpReader::fromServer(const wire::Payload &bytes) {
  (void)m_server.feed(bytes);
  std::vector<std::string> lines;
  while (const auto message = m_server.take()) {
    ++m_answers;
    const Response &response = message->response();
    lines.push_back(fmt::format("{} {}, {} bytes{}", response.status, response.reason,
                                message->bodyBytes, secretsIn(response.headers, {"Set-Cookie"})));
  }
  return lines;
}

} // namespace packetarium::programs
