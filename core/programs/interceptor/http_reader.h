// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/wire/http.h"

#include <cstdint>
#include <string>
#include <vector>

namespace packetarium::programs {

/// Reads along in both directions of an HTTP conversation. A value.
class HttpReader {
public:
  /// What the next bytes complete, one line each: "GET /account, Cookie: session=7f3a".
  std::vector<std::string> fromClient(const wire::Payload &bytes);
  /// "200 OK, 1256 bytes, Set-Cookie: session=7f3a".
  std::vector<std::string> fromServer(const wire::Payload &bytes);
  std::uint64_t requests() const { return m_requests; }
  std::uint64_t answers() const { return m_answers; }

private:
  wire::http::Parser m_client{wire::http::Parser::Role::Requests};
  wire::http::Parser m_server{wire::http::Parser::Role::Responses};
  std::uint64_t m_requests = 0, m_answers = 0;
};

} // namespace packetarium::programs
