// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/interceptor/attempt.h"

#include <fmt/format.h>

namespace packetarium::programs {

using transport::SocketEvent;

std::vector<ChannelEvent> Outlet::onSocket(Context &ctx, const SocketEvent &event) {
  m_connected = m_connected || event.kind == SocketEvent::Kind::Connected ||
                event.kind == SocketEvent::Kind::Accepted;
  return m_channel.onSocket(ctx, event);
}

void Outlet::send(Context &ctx, wire::Payload data) {
  if (m_closing || data.empty()) return;
  m_bytes += data.size();
  m_waiting.push_back(std::move(data));
  flush(ctx);
}

void Outlet::flush(Context &ctx) {
  if (!m_channel.established()) return;
  while (!m_waiting.empty()) {
    wire::Payload &part = m_waiting.front();
    const std::uint32_t taken = m_channel.send(ctx, part);
    m_bytes -= taken;
    if (taken < part.size()) {
      part = part.slice(taken, part.size() - taken);
      return;
    }
    m_waiting.pop_front();
  }
  if (m_closing) m_channel.close(ctx);
}

void Outlet::close(Context &ctx) {
  m_closing = true;
  if (m_channel.established())
    flush(ctx);
  else if (m_connected)
    m_channel.close(ctx);
  else
    m_channel.abort(ctx);
}

Described Attempt::describe() const {
  const std::string &name = seen.serverName();
  Described all = row(remote.text(), name.empty() ? std::string("no name seen yet") : name);
  all.children = {row("bytes from the client", text(seen.clientBytes())),
                  row("bytes from the server", text(seen.serverBytes())),
                  row("done", done.empty() ? "only passed on" : done),
                  row("ended", ended.empty() ? "not yet" : ended)};
  Described lines = row("read in clear", read.empty() ? "nothing" : text(read.size()));
  for (const std::string &line : read) lines.children.push_back(row({}, line));
  all.children.push_back(std::move(lines));
  return all;
}

} // namespace packetarium::programs
