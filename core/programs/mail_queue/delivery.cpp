// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/mail_queue/delivery.h"

#include "core/programs/message_stream.h"
#include "core/programs/peer.h"

#include <utility>

namespace packetarium::programs::mail {

using transport::SocketEvent;
using End = ClientDialogue::End;

Delivery::Outcome Delivery::begin(Context &ctx, transport::Endpoint to, const std::string &self,
                                  Letter letter) {
  m_to = to;
  m_dialogue = ClientDialogue(self, std::move(letter));
  m_outcome = {};
  m_lines = LineStream(ctx.tcpConnect(to, messageTcp()));
  m_busy = m_lines.socket() != transport::noSocket;
  return m_busy ? Outcome{} : Outcome{End::Later, "No own port is left."};
}

Delivery::Outcome Delivery::over(End end, std::string why) {
  if (!m_busy) return {};
  m_busy = false;
  // What the server has said counts, whatever became of the goodbye.
  return m_outcome.end != End::None ? std::exchange(m_outcome, {}) : Outcome{end, std::move(why)};
}

Delivery::Outcome Delivery::onSocket(Context &ctx, const SocketEvent &event) {
  switch (event.kind) {
  case SocketEvent::Kind::Data: {
    if (!m_lines.feed(event.data)) return giveUp(ctx);
    while (const auto line = m_lines.take()) {
      const ClientDialogue::Step step = m_dialogue.hear(*line);
      if (!step.text.empty()) m_lines.send(ctx, step.text);
      if (step.end != End::None) m_outcome = {step.end, m_dialogue.lastReply()};
      if (!step.over) continue;
      ctx.close(event.socket);
      m_lines = {};
      return over(End::Later, {});
    }
    return {};
  }
  case SocketEvent::Kind::Writable: m_lines.flush(ctx); return {};
  case SocketEvent::Kind::PeerClosed:
    ctx.close(event.socket);
    return over(End::Later, "The server closed the connection.");
  case SocketEvent::Kind::Closed:
    m_lines = {};
    return over(End::Later, "The connection was closed.");
  case SocketEvent::Kind::Failed:
    m_lines = {};
    return over(End::Later, sentence(event.error, m_to.text()));
  default: return {};
  }
}

Delivery::Outcome Delivery::giveUp(Context &ctx) {
  if (m_lines.socket() != transport::noSocket) ctx.abort(m_lines.socket());
  m_lines = {};
  return over(End::Later, "The server did not answer in time.");
}

} // namespace packetarium::programs::mail
