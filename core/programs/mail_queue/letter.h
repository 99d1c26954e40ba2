// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/sim_time.h"
#include "core/programs/program.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace packetarium::programs::mail {

constexpr std::uint16_t port = 25; ///< of SMTP (RFC 5321 section 4.5.4.2)

/// One message with its envelope (RFC 5321 section 2.3.1). Addresses without angle brackets.
struct Letter {
  std::string from, to;
  std::string id;   ///< of its Message-ID header, "17@ann"
  SimTime sent;     ///< the sender's clock when it was written
  std::string body; ///< lines with CR LF
  bool operator==(const Letter &) const = default;

  /// What DATA carries: headers (RFC 5322), an empty line, the body; without the final ".".
  std::string content() const;
  static Letter of(std::string from, std::string to, std::string_view content);
};

/// What stands behind the "@"; empty without one.
std::string_view domainOf(std::string_view address);

/// One TCP connection that carries lines of text: what is sent waits here while the socket's buffer
/// is full. A value.
class LineStream {
public:
  LineStream() = default;
  explicit LineStream(transport::SocketId socket) : m_socket(socket) {}
  transport::SocketId socket() const { return m_socket; }
  void send(Context &ctx, std::string_view text);
  void flush(Context &ctx);
  /// False when a line is longer than RFC 5321 section 4.5.3.1 allows (1000 octets of text).
  bool feed(const wire::Payload &data);
  /// Without its CR LF.
  std::optional<std::string> take();

private:
  transport::SocketId m_socket = transport::noSocket;
  wire::Payload m_waiting;
  std::string m_text;
};

/// Lines that begin with a "." get one more, and a "." of its own ends them (RFC 5321 section
/// 4.5.2).
std::string stuffed(std::string_view content);

} // namespace packetarium::programs::mail
