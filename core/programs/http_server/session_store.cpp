// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/http_server/session_store.h"

#include "core/programs/kv_protocol.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

namespace packetarium::programs {
namespace {

using transport::SocketEvent;

constexpr int sendsMost = 3; ///< of one question: once more when cut off, once when redirected

std::string sessionKey(const std::string &id) { return "session/" + id; }

std::optional<transport::Endpoint> endpointOf(std::string_view text) {
  const std::size_t colon = std::min(text.find(':'), text.size());
  const auto address = wire::Ipv4Address::parse(text.substr(0, colon));
  if (!address) return std::nullopt;
  transport::Endpoint to{*address, kv::port};
  if (colon == text.size()) return to;
  const auto [end, error] =
      std::from_chars(text.data() + colon + 1, text.data() + text.size(), to.port);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return to;
}

} // namespace

SessionStore::SessionStore(std::string peer, std::uint16_t port, Duration timeout,
                           std::uint64_t (*tagOf)(std::uint64_t id))
    : m_peer(std::move(peer), port), m_timeout(timeout), m_tagOf(tagOf) {}

void SessionStore::read(Context &ctx, std::uint64_t ticket, const std::string &id) {
  wire::cluster::Message m(kv::get);
  m.add("id", static_cast<std::int64_t>(m_last + 1)).add("key", sessionKey(id));
  ask(ctx, ticket, std::move(m));
}

void SessionStore::write(Context &ctx, std::uint64_t ticket, const std::string &id,
                         std::string_view value) {
  wire::cluster::Message m(kv::set);
  m.add("id", static_cast<std::int64_t>(m_last + 1)).add("key", sessionKey(id));
  m.add("value", value);
  ask(ctx, ticket, std::move(m));
}

void SessionStore::ask(Context &ctx, std::uint64_t ticket, wire::cluster::Message message) {
  const std::uint64_t id = ++m_last;
  Question &q = m_questions[id];
  q.ticket = ticket;
  q.message = std::move(message);
  q.timer = ctx.setTimer(m_timeout, m_tagOf(id));
  if (m_open)
    send(ctx, q);
  else
    connect(ctx);
}

void SessionStore::connect(Context &ctx) {
  if (m_resolving || m_socket != transport::noSocket) return;
  m_resolving = !m_peer.lookUp(ctx, 0);
  if (!m_resolving) connectTo(ctx, m_peer.endpoint());
}

/// Without a free port nothing is opened; the questions then end by their time-outs.
void SessionStore::connectTo(Context &ctx, transport::Endpoint to) {
  m_asked = to;
  m_open = false;
  m_reader = {};
  m_outbound.clear();
  transport::TcpOptions options;
  options.nagle = false;
  m_socket = ctx.tcpConnect(to, options);
}

void SessionStore::send(Context &ctx, Question &question) {
  ++question.sent;
  m_outbound.push_back(payloadOf(question.message));
  flush(ctx);
}

void SessionStore::flush(Context &ctx) {
  auto part = m_outbound.begin();
  for (; part != m_outbound.end(); ++part) {
    const std::uint32_t taken = ctx.tcpSend(m_socket, *part);
    if (taken == part->size()) continue;
    *part = part->slice(taken, part->size() - taken);
    break;
  }
  m_outbound.erase(m_outbound.begin(), part);
}

SessionStore::Replies SessionStore::onSocket(Context &ctx, const SocketEvent &event) {
  Replies replies;
  switch (event.kind) {
  case SocketEvent::Kind::Connected:
    m_open = true;
    for (auto &[id, q] : m_questions) send(ctx, q);
    break;
  case SocketEvent::Kind::Data: onData(ctx, event.data, replies); break;
  case SocketEvent::Kind::Writable: flush(ctx); break;
  case SocketEvent::Kind::PeerClosed:
    ctx.close(m_socket);
    lost(ctx, m_peer.text() + " closed the connection.", replies);
    break;
  case SocketEvent::Kind::Failed: lost(ctx, sentence(event.error, m_peer.text()), replies); break;
  case SocketEvent::Kind::Closed:
    lost(ctx, m_peer.text() + " closed the connection.", replies);
    break;
  default: break;
  }
  return replies;
}

void SessionStore::lost(Context &ctx, const std::string &why, Replies &replies) {
  m_socket = transport::noSocket;
  m_open = false;
  std::vector<std::uint64_t> over;
  for (auto &[id, q] : m_questions)
    if (++q.sent >= sendsMost) over.push_back(id);
  for (const std::uint64_t id : over) answer(ctx, id, Reply::Kind::Failed, why, replies);
  if (!m_questions.empty()) connect(ctx);
}

void SessionStore::onData(Context &ctx, const wire::Payload &data, Replies &replies) {
  if (!m_reader.feed(data).ok()) {
    ctx.abort(m_socket);
    lost(ctx, m_peer.text() + " does not speak like a key-value store.", replies);
    return;
  }
  const transport::SocketId socket = m_socket;
  while (socket == m_socket) { // a redirect leads to another one
    const auto message = m_reader.take();
    if (!message) return;
    onAnswer(ctx, *message, replies);
  }
}

void SessionStore::onAnswer(Context &ctx, const wire::cluster::Message &message, Replies &replies) {
  const auto id = static_cast<std::uint64_t>(message.number("id", 0));
  const auto at = m_questions.find(id);
  if (at == m_questions.end()) return;
  if (message.is(kv::value)) {
    const bool found = message.has("value");
    answer(ctx, id, found ? Reply::Kind::Found : Reply::Kind::Missing,
           std::string(message.text("value")), replies);
  } else if (message.is(kv::ok)) {
    answer(ctx, id, Reply::Kind::Stored, {}, replies);
  } else if (const auto to = endpointOf(message.text("to"));
             message.is(kv::redirect) && to && at->second.sent < sendsMost) {
    ctx.close(m_socket);
    connectTo(ctx, *to);
  } else {
    answer(ctx, id, Reply::Kind::Failed,
           fmt::format("{} refused: {}", m_asked.text(), message.text("why")), replies);
  }
}

SessionStore::Replies SessionStore::onResolved(Context &ctx, const Resolution &resolution) {
  if (!m_resolving) return {};
  m_resolving = false;
  Replies replies;
  if (m_peer.take(resolution)) {
    connectTo(ctx, m_peer.endpoint());
    return replies;
  }
  while (!m_questions.empty())
    answer(ctx, m_questions.begin()->first, Reply::Kind::Failed,
           sentence(resolution.status, m_peer.name()), replies);
  return replies;
}

SessionStore::Replies SessionStore::onTimeout(Context &ctx, std::uint64_t id) {
  if (!m_questions.contains(id)) return {};
  Replies replies;
  answer(ctx, id, Reply::Kind::Failed, fmt::format("{} did not answer in time.", m_peer.text()),
         replies);
  if (m_socket == transport::noSocket) return replies;
  ctx.abort(m_socket);
  m_socket = transport::noSocket;
  m_open = false;
  if (!m_questions.empty()) connect(ctx);
  return replies;
}

void SessionStore::answer(Context &ctx, std::uint64_t id, Reply::Kind kind, std::string value,
                          Replies &replies) {
  const auto node = m_questions.extract(id);
  ctx.cancelTimer(node.mapped().timer);
  replies.push_back({node.mapped().ticket, kind, std::move(value)});
  ++(kind == Reply::Kind::Failed ? m_failed : m_answered);
}

Described SessionStore::describe() const {
  Described store = row("session store", m_peer.text(), "Where sessions are kept for all servers");
  store.children = {row("connection", m_open ? "open to " + m_asked.text() : "none"),
                    row("waiting for an answer", text(m_questions.size())),
                    row("answers", text(m_answered)), row("failures", text(m_failed))};
  return store;
}

} // namespace packetarium::programs
