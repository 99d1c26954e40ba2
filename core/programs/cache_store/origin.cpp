// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/cache_store/origin.h"

#include "core/programs/kv_protocol.h"

namespace packetarium::programs::cache {

using transport::SocketEvent;
using wire::cluster::Message;

std::uint64_t Origin::ask(Context &ctx, Message message) {
  const std::uint64_t id = ++m_last;
  message.add("id", static_cast<std::int64_t>(id));
  Question &question = m_questions[id];
  question.timer = ctx.setTimer(m_timeout, m_timerTag + id);
  if (m_stream.socket() == transport::noSocket)
    m_stream = MessageStream(ctx.tcpConnect(m_to, messageTcp()), m_to);
  if (m_open) m_stream.send(ctx, message);
  question.message = std::move(message);
  return id;
}

Origin::Replies Origin::onSocket(Context &ctx, const SocketEvent &event) {
  Replies replies;
  switch (event.kind) {
  case SocketEvent::Kind::Connected:
    m_open = true;
    for (const auto &[id, question] : m_questions) m_stream.send(ctx, question.message);
    break;
  case SocketEvent::Kind::Data:
    if (m_stream.feed(event.data)) {
      takeAnswers(ctx, replies);
      break;
    }
    ctx.abort(event.socket);
    lose(ctx, replies);
    break;
  case SocketEvent::Kind::Writable: m_stream.flush(ctx); break;
  case SocketEvent::Kind::PeerClosed:
    ctx.close(event.socket);
    lose(ctx, replies);
    break;
  case SocketEvent::Kind::Closed:
  case SocketEvent::Kind::Failed: lose(ctx, replies); break;
  default: break;
  }
  return replies;
}

void Origin::takeAnswers(Context &ctx, Replies &replies) {
  while (const auto answer = m_stream.take()) {
    const auto question = m_questions.find(static_cast<std::uint64_t>(answer->number("id", 0)));
    if (question == m_questions.end()) continue;
    ctx.cancelTimer(question->second.timer);
    Reply reply{question->first, answer->is(kv::ok) || answer->is(kv::value), {}};
    if (answer->is(kv::value) && answer->has("value")) reply.value = answer->text("value");
    replies.push_back(std::move(reply));
    m_questions.erase(question);
  }
}

/// The connection is gone: the next question opens another one.
void Origin::lose(Context &ctx, Replies &replies) {
  m_stream = {};
  m_open = false;
  for (const auto &[id, question] : m_questions) {
    ctx.cancelTimer(question.timer);
    replies.push_back({id, false, {}});
  }
  m_questions.clear();
}

Origin::Replies Origin::onTimeout(Context &ctx, std::uint64_t id) {
  Replies replies;
  if (!m_questions.contains(id)) return replies;
  if (m_stream.socket() != transport::noSocket) ctx.abort(m_stream.socket());
  lose(ctx, replies);
  return replies;
}

} // namespace packetarium::programs::cache
