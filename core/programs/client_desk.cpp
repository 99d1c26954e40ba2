// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/client_desk.h"

namespace packetarium::programs {

using transport::SocketEvent;
using wire::cluster::Message;

void ClientDesk::onSocket(Context &ctx, const SocketEvent &event) {
  const auto client = m_clients.find(event.socket);
  if (client == m_clients.end()) return;
  switch (event.kind) {
  case SocketEvent::Kind::Data: onData(ctx, event); return;
  case SocketEvent::Kind::Writable: client->second.flush(ctx); return;
  case SocketEvent::Kind::PeerClosed: ctx.close(event.socket); return;
  case SocketEvent::Kind::Closed:
  case SocketEvent::Kind::Failed: m_clients.erase(client); return;
  default: return;
  }
}

void ClientDesk::onData(Context &ctx, const SocketEvent &event) {
  MessageStream &stream = m_clients.at(event.socket);
  const bool sound = stream.feed(event.data);
  while (auto message = stream.take())
    if (m_queue.size() < m_waitingMax)
      m_queue.push_back({event.socket, std::move(*message), ctx.now()});
  if (!sound) {
    ctx.note("A client sent what is no message.");
    ctx.abort(event.socket);
    m_clients.erase(event.socket);
  }
  serve(ctx);
}

std::optional<ClientDesk::Request> ClientDesk::take() {
  m_serving = false;
  if (m_queue.empty()) return std::nullopt;
  Request request = std::move(m_queue.front());
  m_queue.pop_front();
  return request;
}

void ClientDesk::serve(Context &ctx) {
  if (m_serving || m_queue.empty()) return;
  m_serving = true;
  ctx.setTimer(ctx.work(m_serviceTime), m_tag);
}

void ClientDesk::send(Context &ctx, transport::SocketId client, const Message &message) {
  const auto found = m_clients.find(client);
  if (found != m_clients.end()) found->second.send(ctx, message);
}

bool ClientDesk::answer(Context &ctx, const Request &request, const Message &message) {
  if (!holds(request.socket)) return false;
  Message numbered(message.verb());
  numbered.add("id", request.message.text("id"));
  for (const auto &[key, text] : message.fields()) numbered.add(key, text);
  send(ctx, request.socket, numbered);
  return true;
}

} // namespace packetarium::programs
