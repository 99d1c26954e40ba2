// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/wire/http.h"

#include <optional>
#include <string>
#include <string_view>

/// What a gateway changes about the messages it hands on (RFC 9110 section 7.6).
namespace packetarium::programs::forwarding {

/// The request as it goes to a server: without what is for one hop alone, with X-Forwarded-For (who
/// asked), Via (who handed it on) and the length of its body. path of the bytes: head, then body.
wire::http::Request request(const wire::http::Request &asked, std::uint64_t bodyBytes,
                            std::string_view client, std::string_view gateway);
/// The response as it goes to the client. length: what its body will have, unless the response
/// itself has said so.
wire::http::Response response(const wire::http::Response &answered,
                              std::optional<std::uint64_t> length, bool keepAlive);
/// The length that a response's head tells; nothing when it comes in chunks or up to the end.
std::optional<std::uint64_t> toldLength(const wire::http::Response &response);
/// May be sent again when nobody knows what became of it (RFC 9110 section 9.2.2).
bool idempotent(std::string_view method);

} // namespace packetarium::programs::forwarding
