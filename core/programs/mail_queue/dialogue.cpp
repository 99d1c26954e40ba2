// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/mail_queue/dialogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace packetarium::programs::mail {
namespace {

constexpr std::size_t contentMax = 16'000; ///< a line of the disk holds it, whatever its bytes

/// Commands are told in any case (RFC 5321 section 2.4).
bool beginsWith(const std::string &line, std::string_view word) {
  return line.size() >= word.size() &&
         std::equal(word.begin(), word.end(), line.begin(), [](char a, char b) {
           return a == std::toupper(static_cast<unsigned char>(b));
         });
}

/// "MAIL FROM:<a@b>" has the path a@b; nothing when there are no brackets.
std::optional<std::string> pathOf(const std::string &line) {
  const std::size_t open = line.find('<'), end = line.find('>');
  if (open == std::string::npos || end == std::string::npos || end < open) return {};
  return line.substr(open + 1, end - open - 1);
}

} // namespace

ServerDialogue::Reply ServerDialogue::hear(const std::string &line) {
  return m_data ? contentLine(line) : command(line);
}

ServerDialogue::Reply ServerDialogue::command(const std::string &line) {
  if (beginsWith(line, "QUIT")) return {"221 Bye\r\n", true, {}, {}};
  if (beginsWith(line, "NOOP")) return {"250 OK\r\n", false, {}, {}};
  if (beginsWith(line, "HELO") || beginsWith(line, "EHLO") || beginsWith(line, "RSET")) {
    m_hello = m_hello || !beginsWith(line, "RSET");
    m_from.reset();
    m_to.reset();
    return {"250 Hello\r\n", false, {}, {}};
  }
  if (beginsWith(line, "MAIL FROM:") && m_hello && !m_from) {
    m_from = pathOf(line);
    return {m_from ? "250 OK\r\n" : "501 No path in it\r\n", false, {}, {}};
  }
  if (beginsWith(line, "RCPT TO:") && m_from && !m_to) {
    const auto path = pathOf(line);
    if (!path || path->empty()) return {"501 No path in it\r\n", false, {}, {}};
    return {{}, false, {}, *path};
  }
  if (beginsWith(line, "DATA") && m_to) {
    m_data = true;
    m_content.clear();
    return {"354 End with a line of one dot\r\n", false, {}, {}};
  }
  const bool known =
      beginsWith(line, "MAIL") || beginsWith(line, "RCPT") || beginsWith(line, "DATA");
  return {known ? "503 Not now\r\n" : "500 Not understood\r\n", false, {}, {}};
}

std::string ServerDialogue::takeRecipient(const std::string &address, bool accepted) {
  if (!accepted) return "550 No mail for this domain here\r\n";
  m_to = address;
  return "250 OK\r\n";
}

ServerDialogue::Reply ServerDialogue::contentLine(const std::string &line) {
  if (line != ".") {
    m_tooLong = m_tooLong || m_content.size() + line.size() > contentMax;
    if (!m_tooLong) m_content += (line.empty() || line[0] != '.' ? line : line.substr(1)) + "\r\n";
    return {};
  }
  m_data = false;
  if (m_tooLong) {
    m_from.reset();
    m_to.reset();
    m_tooLong = false;
    return {"552 Too long\r\n", false, {}, {}};
  }
  Reply reply;
  reply.letter = Letter::of(*m_from, *m_to, m_content);
  m_from.reset();
  m_to.reset();
  m_content.clear();
  return reply;
}

std::string ClientDialogue::nextCommand() const {
  switch (m_stage) {
  case Stage::Greeting: return {};
  case Stage::Hello: return fmt::format("EHLO {}\r\n", m_self);
  case Stage::From: return fmt::format("MAIL FROM:<{}>\r\n", m_letter.from);
  case Stage::To: return fmt::format("RCPT TO:<{}>\r\n", m_letter.to);
  case Stage::Data: return "DATA\r\n";
  case Stage::Content: return stuffed(m_letter.content());
  case Stage::Done: return "QUIT\r\n";
  }
  return {};
}

ClientDialogue::Step ClientDialogue::hear(const std::string &line) {
  if (line.size() < 3) return {};
  if (line.size() > 3 && line[3] == '-') return {}; // more lines of this reply follow
  if (m_stage == Stage::Done) return {{}, End::None, true};
  m_lastReply = line;
  const char wanted = m_stage == Stage::Data ? '3' : '2';
  if (line[0] != wanted) {
    m_stage = Stage::Done;
    return {"QUIT\r\n", line[0] == '5' ? End::Never : End::Later};
  }
  m_stage = static_cast<Stage>(static_cast<int>(m_stage) + 1);
  return {nextCommand(), m_stage == Stage::Done ? End::Accepted : End::None};
}

} // namespace packetarium::programs::mail
