// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/mail_queue/letter.h"

namespace packetarium::programs::mail {

/// The server's half of an SMTP session (RFC 5321) as a state machine on lines: HELO or EHLO, MAIL
/// FROM, RCPT TO (one), DATA, RSET, NOOP, QUIT. A value.
class ServerDialogue {
public:
  struct Reply {
    std::string text; ///< lines with CR LF; empty: nothing is said (yet)
    bool closes = false;
    std::optional<Letter> letter; ///< came whole: the caller answers it when it is safe
    std::string recipient;        ///< the caller says whether it takes mail for it (RCPT TO)
  };
  Reply hear(const std::string &line);
  /// The caller's answer to Reply::recipient.
  std::string takeRecipient(const std::string &address, bool accepted);

private:
  Reply command(const std::string &line);
  Reply contentLine(const std::string &line);
  bool m_hello = false, m_data = false, m_tooLong = false;
  std::optional<std::string> m_from, m_to;
  std::string m_content;
};

/// The client's half: hands one letter over.
class ClientDialogue {
public:
  enum class End : std::uint8_t {
    None,
    Accepted, ///< 250 to the whole: the server is responsible for it now
    Later,    ///< 4yz or no sense: to be tried again
    Never     ///< 5yz: the same will happen again
  };
  ClientDialogue() = default;
  ClientDialogue(std::string self, Letter letter)
      : m_self(std::move(self)), m_letter(std::move(letter)) {}

  struct Step {
    std::string text;    ///< to be sent
    End end = End::None; ///< told with QUIT
    bool over = false;   ///< QUIT was answered: the connection can be closed
  };
  Step hear(const std::string &line);
  const std::string &lastReply() const { return m_lastReply; }

private:
  enum class Stage : std::uint8_t { Greeting, Hello, From, To, Data, Content, Done };
  std::string nextCommand() const;
  std::string m_self, m_lastReply;
  Letter m_letter;
  Stage m_stage = Stage::Greeting;
};

} // namespace packetarium::programs::mail
