// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/http.h"
#include "core/wire/http_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::wire::http {
namespace {

bool isVersion(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return text.size() == 8 && text.substr(0, 5) == "HTTP/" && digit(text[5]) && text[6] == '.' &&
         digit(text[7]);
}

/// A decimal number without sign that does not exceed max.
std::optional<std::uint64_t> decimal(std::string_view text, std::uint64_t max) {
  if (text.empty() || text.size() > 19) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value <= max ? std::optional(value) : std::nullopt;
}

int hexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool isFieldValue(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 32 && byte != '\t') || byte == 127;
  });
}

bool isTarget(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 32 && byte < 127;
  });
}

/// RFC 9112 section 9.3: 1.1 stays open unless told otherwise, 1.0 the other way round.
bool staysOpen(std::string_view version, const Headers &headers) {
  bool close = false, keep = false;
  for (const auto &h : headers) {
    if (!sameText(h.name, "Connection")) continue;
    close = close || listHolds(h.value, "close");
    keep = keep || listHolds(h.value, "keep-alive");
  }
  return !close && (version != "HTTP/1.0" || keep);
}

} // namespace

Status Parser::fail(const char *path, std::string message) {
  m_fault = Fault{path, std::move(message)};
  m_line.clear();
  return *m_fault;
}

Headers &Parser::headers() {
  if (auto *request = std::get_if<Request>(&m_current.start)) return request->headers;
  return std::get<Response>(m_current.start).headers;
}

bool Parser::takesLines() const {
  return m_state != State::Body && m_state != State::BodyToClose && m_state != State::ChunkData;
}

bool Parser::inBody() const {
  return !m_fault && m_state != State::Start && m_state != State::Fields;
}

std::optional<Message> Parser::take() {
  if (m_ready.empty()) return std::nullopt;
  Message message = std::move(m_ready.front());
  m_ready.pop_front();
  return message;
}

Status Parser::feed(const Payload &data) {
  std::uint32_t i = 0;
  while (i < data.size()) {
    if (m_fault) return *m_fault;
    if (!takesLines()) {
      std::uint32_t take = data.size() - i;
      if (m_state != State::BodyToClose && take > m_remaining)
        take = static_cast<std::uint32_t>(m_remaining);
      keepBody(data.slice(i, take));
      i += take;
      if (m_state == State::BodyToClose) {
        if (m_current.bodyBytes > m_limits.bodyBytes) return fail("http.body", "is too long");
        continue;
      }
      m_remaining -= take;
      if (m_remaining > 0) continue;
      if (m_state == State::ChunkData)
        m_state = State::ChunkEnd;
      else
        finish();
      continue;
    }
    const char c = static_cast<char>(data.at(i++));
    if (++m_headBytes > m_limits.headBytes)
      return fail("http.head", fmt::format("must be at most {} bytes", m_limits.headBytes));
    if (c != '\n') {
      if (m_line.size() == m_limits.lineBytes)
        return fail("http.line", fmt::format("must be at most {} bytes", m_limits.lineBytes));
      m_line.push_back(c);
      continue;
    }
    // RFC 9112 section 2.2: a bare LF may be taken for CRLF.
    if (!m_line.empty() && m_line.back() == '\r') m_line.pop_back();
    Status status = onLine();
    m_line.clear();
    if (!status) return status;
  }
  if (m_fault) return *m_fault;
  return Done{};
}

Status Parser::end() {
  if (m_fault) return *m_fault;
  if (m_state == State::BodyToClose) finish();
  if (!idle()) return fail("http", "the connection was closed in the middle of a message");
  return Done{};
}

Status Parser::onLine() {
  if (m_line.find('\r') != std::string::npos || m_line.find('\0') != std::string::npos)
    return fail("http.line", "holds a bare CR or a NUL");
  switch (m_state) {
  case State::Start: return onStartLine();
  case State::Fields: return m_line.empty() ? onHeadComplete() : onHeaderLine();
  case State::ChunkSize: return onChunkSize();
  case State::ChunkEnd:
    if (!m_line.empty()) return fail("http.chunk", "must end with a line break");
    m_state = State::ChunkSize;
    return Done{};
  case State::Trailers:
    if (m_line.empty()) finish();
    return Done{};
  default: return Done{};
  }
}

Status Parser::onStartLine() {
  if (m_line.empty()) return Done{}; // RFC 9112 section 2.2: empty lines before it are skipped
  m_current = Message{};
  Status status = m_role == Role::Requests ? onRequestLine() : onStatusLine();
  if (status) m_state = State::Fields;
  return status;
}

Status Parser::onRequestLine() {
  const std::string_view line = m_line;
  const std::size_t first = line.find(' ');
  const std::size_t second = first == line.npos ? line.npos : line.find(' ', first + 1);
  if (second == line.npos)
    return fail("http.request_line", "must be: method, target and version, one space apart");
  Request r;
  r.method = std::string(line.substr(0, first));
  r.target = std::string(line.substr(first + 1, second - first - 1));
  r.version = std::string(line.substr(second + 1));
  if (!isToken(r.method)) return fail("http.method", "is no token");
  if (!isTarget(r.target)) return fail("http.target", "must be printable ASCII without blanks");
  if (!isVersion(r.version)) return fail("http.version", "must be HTTP/digit.digit");
  if (r.version[5] != '1') return fail("http.version", "only HTTP/1.x is read here");
  m_current.start = std::move(r);
  return Done{};
}

Status Parser::onStatusLine() {
  const std::string_view line = m_line;
  if (line.size() < 12 || !isVersion(line.substr(0, 8)) || line[8] != ' ')
    return fail("http.status_line", "must be: version, status and reason, one space apart");
  if (line[5] != '1') return fail("http.version", "only HTTP/1.x is read here");
  const auto status = decimal(line.substr(9, 3), 599);
  if (!status || *status < 100 || (line.size() > 12 && line[12] != ' '))
    return fail("http.status", "must be a number of three digits, 100 to 599");
  Response r;
  r.version = std::string(line.substr(0, 8));
  r.status = static_cast<int>(*status);
  r.reason = line.size() > 13 ? std::string(line.substr(13)) : std::string();
  if (!isFieldValue(r.reason)) return fail("http.reason", "holds control characters");
  m_current.start = std::move(r);
  return Done{};
}

Status Parser::onHeaderLine() {
  const std::string_view line = m_line;
  if (line.front() == ' ' || line.front() == '\t')
    return fail("http.header", "a header folded over two lines is obsolete (RFC 9112, 5.2)");
  const std::size_t colon = line.find(':');
  if (colon == line.npos || !isToken(line.substr(0, colon)))
    return fail("http.header", "must be: name, colon, value");
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (!isFieldValue(value)) return fail("http.header", "the value holds control characters");
  if (headers().size() == m_limits.headerCount)
    return fail("http.header", fmt::format("at most {} headers", m_limits.headerCount));
  headers().push_back({std::string(line.substr(0, colon)), std::string(value)});
  return Done{};
}

/// RFC 9112 section 6.3: which framing the headers declare.
Status Parser::bodyFraming(bool &chunked, std::optional<std::uint64_t> &length) {
  for (const auto &h : headers()) {
    if (sameText(h.name, "Transfer-Encoding")) {
      if (!sameText(h.value, "chunked") || chunked)
        return fail("http.transfer_encoding", "only \"chunked\" is known here");
      chunked = true;
    }
    if (sameText(h.name, "Content-Length")) {
      const auto value = decimal(h.value, m_limits.bodyBytes);
      if (!value || (length && *length != *value))
        return fail("http.content_length",
                    fmt::format("must be one number of 0 to {}", m_limits.bodyBytes));
      length = value;
    }
  }
  // Section 6.1: both together is how requests are smuggled.
  if (chunked && length) return fail("http.content_length", "must not come with Transfer-Encoding");
  return Done{};
}

Status Parser::onHeadComplete() {
  bool chunked = false;
  std::optional<std::uint64_t> length;
  if (Status status = bodyFraming(chunked, length); !status) return status;
  if (m_current.isRequest()) {
    m_current.keepAlive = staysOpen(m_current.request().version, headers());
    if (chunked)
      m_state = State::ChunkSize;
    else
      beginBody(length.value_or(0));
    return Done{};
  }
  const Response &response = m_current.response();
  m_current.keepAlive = staysOpen(response.version, headers());
  const bool interim = response.status < 200;
  std::string method = "GET";
  if (!m_methods.empty()) {
    method = m_methods.front();
    if (!interim) m_methods.pop_front(); // after an interim response the final one still comes
  }
  if (method == "HEAD" || interim || response.status == 204 || response.status == 304) {
    beginBody(0);
  } else if (chunked) {
    m_state = State::ChunkSize;
  } else if (length) {
    beginBody(*length);
  } else {
    m_state = State::BodyToClose;
    m_current.keepAlive = false;
  }
  return Done{};
}

Status Parser::onChunkSize() {
  const std::string_view digits = trimmed(std::string_view(m_line).substr(0, m_line.find(';')));
  if (digits.empty() || digits.size() > 15) return fail("http.chunk_size", "must be hexadecimal");
  std::uint64_t size = 0;
  for (const char c : digits) {
    if (hexDigit(c) < 0) return fail("http.chunk_size", "must be hexadecimal");
    size = size << 4 | static_cast<std::uint64_t>(hexDigit(c));
  }
  if (size > m_limits.bodyBytes - m_current.bodyBytes) return fail("http.body", "is too long");
  m_headBytes = 0; // the limit holds for each chunk's framing
  m_remaining = size;
  m_state = size == 0 ? State::Trailers : State::ChunkData;
  return Done{};
}

void Parser::keepBody(const Payload &part) {
  const std::uint64_t kept = std::min(m_current.bodyBytes, m_limits.keptBodyBytes);
  const std::uint64_t room = m_limits.keptBodyBytes - kept;
  m_current.bodyBytes += part.size();
  if (room == 0) return;
  const auto size = static_cast<std::uint32_t>(std::min<std::uint64_t>(room, part.size()));
  m_current.body.push_back(part.slice(0, size));
}

void Parser::beginBody(std::uint64_t length) {
  m_remaining = length;
  m_state = State::Body;
  if (length == 0) finish();
}

void Parser::finish() {
  m_ready.push_back(std::move(m_current));
  m_current = Message{};
  m_headBytes = 0;
  m_state = State::Start;
}

} // namespace packetarium::wire::http
