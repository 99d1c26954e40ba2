// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/channel.h"
#include "core/programs/http_server/site.h"
#include "core/wire/http.h"

#include <fmt/format.h>

#include <deque>
#include <optional>
#include <string>

namespace packetarium::programs {

/// A request that waits for its answer; without a request: it could not be read (400).
struct HttpExchange {
  std::optional<wire::http::Request> request;
  bool keepAlive = false;
};

/// One client's connection. Its requests are answered one after the other, so that answers keep
/// the order of pipelined requests (RFC 9112 section 9.3.2).
struct HttpConnection {
  transport::Endpoint remote;
  Channel channel;
  wire::http::Parser parser{wire::http::Parser::Role::Requests};
  std::deque<HttpExchange> requests;
  std::deque<wire::Payload> outbound; ///< what the channel had no room for
  std::string session;                ///< whose state the store is asked for
  Answer held;                        ///< until the store has its session
  bool inService = false, waiting = false;
  bool closeWhenSent = false, peerClosed = false, closing = false;
  TimerId idle;
  std::uint64_t served = 0;
};

/// For people.
inline std::string doing(const HttpConnection &c) {
  if (c.closing) return "closing";
  if (c.inService) return "serving a request";
  if (c.waiting) return "waits for a worker";
  if (!c.outbound.empty()) return "sending a response";
  return fmt::format("idle after {} responses", c.served);
}

} // namespace packetarium::programs
