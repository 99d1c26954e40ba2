// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/message_stream.h"

namespace packetarium::programs {

void MessageStream::send(Context &ctx, const wire::cluster::Message &message) {
  const wire::Payload line = wire::cluster::payloadOf(message);
  m_waiting = m_waiting.empty() ? line : m_waiting.followedBy(line);
  flush(ctx);
}

void MessageStream::flush(Context &ctx) {
  if (m_waiting.empty()) return;
  const std::uint32_t taken = ctx.tcpSend(m_socket, m_waiting);
  m_waiting = m_waiting.slice(taken, m_waiting.size() - taken);
}

transport::TcpOptions messageTcp() {
  transport::TcpOptions o;
  o.nagle = false;
  o.rtoMin = Duration::ms(200);
  o.timeWait = Duration::seconds(5);
  return o;
}

} // namespace packetarium::programs
