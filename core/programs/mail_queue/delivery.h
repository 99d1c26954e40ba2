// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/mail_queue/dialogue.h"

namespace packetarium::programs::mail {

/// One attempt to hand a letter to a server: the connection and the client's half of the dialogue.
/// A value.
class Delivery {
public:
  struct Outcome {
    ClientDialogue::End end = ClientDialogue::End::None;
    std::string why;
  };
  bool busy() const { return m_busy; }
  bool owns(transport::SocketId socket) const {
    return socket != transport::noSocket && socket == m_lines.socket();
  }
  /// self: as it introduces itself.
  Outcome begin(Context &ctx, transport::Endpoint to, const std::string &self, Letter letter);
  /// Ends once with something else than None.
  Outcome onSocket(Context &ctx, const transport::SocketEvent &event);
  /// Breaks off.
  Outcome giveUp(Context &ctx);

private:
  Outcome over(ClientDialogue::End end, std::string why);
  ClientDialogue m_dialogue;
  LineStream m_lines;
  transport::Endpoint m_to;
  bool m_busy = false;
  Outcome m_outcome; ///< known; what is left is the goodbye
};

} // namespace packetarium::programs::mail
