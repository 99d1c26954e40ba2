// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/mail_queue/letter.h"

#include "core/programs/calendar.h"
#include "core/wire/http_cookie.h"

#include <fmt/format.h>

#include <charconv>

namespace packetarium::programs::mail {
namespace {

constexpr std::size_t lineMax = 1000;

/// The header's value; empty when it is not there.
std::string_view headerOf(std::string_view content, std::string_view name) {
  while (!content.empty() && content.substr(0, 2) != "\r\n") {
    const std::size_t end = std::min(content.find("\r\n"), content.size());
    const std::string_view line = content.substr(0, end);
    if (line.substr(0, name.size()) == name) return line.substr(name.size());
    content.remove_prefix(std::min(end + 2, content.size()));
  }
  return {};
}

} // namespace

std::string Letter::content() const {
  std::string date = wire::http::imfDate(secondsSince1970(sent));
  date.replace(date.size() - 3, 3, "+0000"); // RFC 5322 section 3.3
  return fmt::format("Date: {}\r\nFrom: <{}>\r\nTo: <{}>\r\nMessage-ID: <{}>\r\nX-Sent-Ns: {}\r\n"
                     "\r\n{}",
                     date, from, to, id, sent.ns(), body);
}

Letter Letter::of(std::string from, std::string to, std::string_view content) {
  Letter letter{std::move(from), std::move(to), {}, {}, {}};
  std::string_view id = headerOf(content, "Message-ID: ");
  if (id.size() > 2) letter.id = id.substr(1, id.size() - 2);
  const std::string_view ns = headerOf(content, "X-Sent-Ns: ");
  std::int64_t sent = 0;
  std::from_chars(ns.data(), ns.data() + ns.size(), sent);
  letter.sent = SimTime::fromNs(sent);
  const std::size_t gap = content.find("\r\n\r\n");
  if (gap != std::string_view::npos) letter.body = content.substr(gap + 4);
  return letter;
}

std::string_view domainOf(std::string_view address) {
  const std::size_t at = address.rfind('@');
  return at == std::string_view::npos ? std::string_view{} : address.substr(at + 1);
}

void LineStream::send(Context &ctx, std::string_view text) {
  const wire::Payload more = wire::Payload::of(text);
  m_waiting = m_waiting.empty() ? more : m_waiting.followedBy(more);
  flush(ctx);
}

void LineStream::flush(Context &ctx) {
  if (m_waiting.empty()) return;
  const std::uint32_t taken = ctx.tcpSend(m_socket, m_waiting);
  m_waiting = m_waiting.slice(taken, m_waiting.size() - taken);
}

bool LineStream::feed(const wire::Payload &data) {
  m_text += data.toText();
  const std::size_t lastLine = m_text.rfind('\n');
  return m_text.size() - (lastLine == std::string::npos ? 0 : lastLine) <= lineMax;
}

std::optional<std::string> LineStream::take() {
  const std::size_t end = m_text.find("\r\n");
  if (end == std::string::npos) return {};
  std::string line = m_text.substr(0, end);
  m_text.erase(0, end + 2);
  return line;
}

std::string stuffed(std::string_view content) {
  std::string out;
  bool begins = true;
  for (const char c : content) {
    if (begins && c == '.') out += '.';
    out += c;
    begins = c == '\n';
  }
  return out + (begins ? ".\r\n" : "\r\n.\r\n");
}

} // namespace packetarium::programs::mail
