// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/wire/payload.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace packetarium::wire::http {

/// HTTP/1.1 messages, RFC 9112 (framing) and RFC 9110 (meaning).

struct Header {
  std::string name;
  std::string value;
  bool operator==(const Header &) const = default;
};
using Headers = std::vector<Header>;
/// The value of the first header of that name, whatever its case; nothing when there is none.
std::optional<std::string_view> find(const Headers &headers, std::string_view name);

struct Request {
  std::string method = "GET";
  std::string target = "/";
  std::string version = "HTTP/1.1";
  Headers headers;
  bool operator==(const Request &) const = default;
};

struct Response {
  std::string version = "HTTP/1.1";
  int status = 200; ///< 100 to 599
  std::string reason = "OK";
  Headers headers;
  bool operator==(const Response &) const = default;
};
/// The reason phrase of RFC 9110 section 15; empty for a status without one here.
std::string_view reasonOf(int status);

/// A GET with Host, User-Agent, Accept and Connection headers.
Request get(std::string_view host, std::string_view target, bool keepAlive = true);
/// A response with Server, Content-Type, Content-Length and Connection headers.
Response respond(int status, std::string_view contentType, std::uint64_t contentLength,
                 bool keepAlive = true);

/// Start line, headers and the empty line. The body is sent after it as it is, so that a virtual
/// payload stays virtual.
Payload serialise(const Request &request);
Payload serialise(const Response &response);

/// What went over the connection: a request or a response, with its body.
struct Message {
  std::variant<Request, Response> start;
  std::uint64_t bodyBytes = 0;
  std::vector<Payload> body; ///< in order, up to the limit that the parser keeps; never copied
  bool keepAlive = true;     ///< the connection may carry another message (RFC 9112 section 9.3)

  bool isRequest() const { return start.index() == 0; }
  const Request &request() const { return std::get<0>(start); }
  const Response &response() const { return std::get<1>(start); }
  const Headers &headers() const { return isRequest() ? request().headers : response().headers; }
  std::string bodyText() const;
};

/// Sizes beyond which a message is refused.
struct Limits {
  std::size_t lineBytes = 8192;
  std::size_t headBytes = 65536;
  std::size_t headerCount = 100;
  std::uint64_t bodyBytes = std::uint64_t{1} << 40;
  std::uint64_t keptBodyBytes = 64 * 1024; ///< further body bytes are counted, not kept
};

/// Incremental parser of one direction of a connection. Copyable; body bytes are counted without
/// being looked at, so virtual payloads stay virtual. After a fault it stays faulty.
class Parser {
public:
  enum class Role : std::uint8_t { Requests, Responses };
  explicit Parser(Role role = Role::Requests, Limits limits = {})
      : m_role(role), m_limits(limits) {}

  /// The next bytes of the stream.
  Status feed(const Payload &data);
  /// The peer closed the stream: ends a response body that has no length (RFC 9112 section 6.3,
  /// rule 8). A fault when a message was cut short.
  Status end();
  /// Responses: the next one answers a request of this method (HEAD has no body). Call once for
  /// each request sent, in order; without it GET is taken.
  void expectAnswerTo(std::string_view method) { m_methods.emplace_back(method); }

  bool hasMessage() const { return !m_ready.empty(); }
  /// The oldest complete message, or nothing.
  std::optional<Message> take();

  /// The head of the message under way is complete (and its body is not yet).
  bool inBody() const;
  /// The message under way, valid while inBody: headers, and the body so far.
  const Message &current() const { return m_current; }
  /// Nothing of a next message has been seen.
  bool idle() const { return m_state == State::Start && m_line.empty(); }
  bool failed() const { return m_fault.has_value(); }

private:
  enum class State : std::uint8_t {
    Start,
    Fields,
    Body,
    BodyToClose,
    ChunkSize,
    ChunkData,
    ChunkEnd,
    Trailers
  };
  Status fail(const char *path, std::string message);
  Status onLine();
  Status onStartLine();
  Status onRequestLine();
  Status onStatusLine();
  Status onHeaderLine();
  Status onHeadComplete();
  Status onChunkSize();
  Status bodyFraming(bool &chunked, std::optional<std::uint64_t> &length);
  void keepBody(const Payload &part);
  void beginBody(std::uint64_t length);
  void finish();
  bool takesLines() const;
  Headers &headers();

  Role m_role;
  Limits m_limits;
  State m_state = State::Start;
  std::string m_line;
  std::size_t m_headBytes = 0;
  std::uint64_t m_remaining = 0; ///< of the body or chunk
  Message m_current;
  std::deque<Message> m_ready;
  std::deque<std::string> m_methods;
  std::optional<Fault> m_fault;
};

} // namespace packetarium::wire::http
