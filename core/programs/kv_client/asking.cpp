// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/kv_client/client.h"
#include "core/programs/kv_protocol.h"
#include "core/programs/peer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace packetarium::programs::kv {
namespace {

std::optional<transport::Endpoint> endpointOf(std::string_view text) {
  const std::size_t colon = text.find(':');
  const auto address = wire::Ipv4Address::parse(text.substr(0, colon));
  if (!address || colon == std::string_view::npos) return {};
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (read.ec != std::errc{} || port == 0) return {};
  return transport::Endpoint{*address, port};
}

/// An attempt is under way, not the pause before the next one.
constexpr int pausing = -1;

} // namespace

using trace::FactTopic;
using transport::SocketEvent;

transport::Endpoint Client::firstServer(Context &ctx, const Process &p) {
  if (!p.operation.isRead() || m_set.readFrom == "primary") return m_leader;
  if (m_set.readFrom == "nearest") return m_set.servers.front();
  return m_set.servers[ctx.random("server").below(m_set.servers.size())];
}

transport::Endpoint Client::serverAfter(const Endpoint &server) const {
  const auto at = std::find(m_set.servers.begin(), m_set.servers.end(), server);
  if (at == m_set.servers.end() || at + 1 == m_set.servers.end()) return m_set.servers.front();
  return *(at + 1);
}

void Client::attempt(Context &ctx, std::uint64_t number) {
  Process &p = m_processes.at(number);
  ++p.attempts;
  p.redirects = 0;
  ctx.cancelTimer(p.timer);
  p.timer = ctx.setTimer(m_set.timeout, tagOf(number, Timeout));
  ask(ctx, number);
}

void Client::ask(Context &ctx, std::uint64_t number) {
  Process &p = m_processes.at(number);
  p.sent = false;
  const auto at = p.connections.find(p.to);
  if (at != p.connections.end()) {
    if (at->second.connected) sendRequest(ctx, p, at->second);
    return;
  }
  const SocketId socket = ctx.tcpConnect(p.to, messageTcp());
  if (socket == transport::noSocket) {
    failAttempt(ctx, number, Outcome::Cancelled, "no own port is left");
    return;
  }
  p.connections[p.to] = {p.to, false, MessageStream(socket, p.to)};
  m_bySocket[socket] = number;
}

void Client::sendRequest(Context &ctx, Process &p, Connection &c) {
  ctx.fact(c.stream.socket(), FactTopic::Try, "sent", text(p.request), c.to.text());
  Message message = p.operation.message(p.request);
  if (!p.operation.isRead()) {
    message.add("once", fmt::format("{} {}", p.name, p.request));
    const auto context = p.contexts.find(p.operation.key);
    if (context != p.contexts.end()) message.add("context", context->second);
  }
  if (p.operation.isRead() && m_set.stale) message.add("level", "stale");
  if (m_set.session) p.session.ask(message);
  p.sent = true;
  c.stream.send(ctx, message);
}

Client::Connection *Client::connectionOf(std::uint64_t number, SocketId socket) {
  for (auto &[to, c] : m_processes.at(number).connections)
    if (c.stream.socket() == socket) return &c;
  return nullptr;
}

void Client::onConnected(Context &ctx, std::uint64_t number, SocketId socket) {
  Connection &c = *connectionOf(number, socket);
  Process &p = m_processes.at(number);
  c.connected = true;
  if (!p.busy || p.to != c.to || p.sent || p.redirects == pausing) return;
  ctx.fact(socket, FactTopic::Try, "connected", text(p.request), c.to.text());
  sendRequest(ctx, p, c);
}

void Client::onData(Context &ctx, std::uint64_t number, const SocketEvent &event) {
  if (!connectionOf(number, event.socket)->stream.feed(event.data)) {
    ctx.abort(event.socket);
    onLost(ctx, number, event.socket, Outcome::ServerError, "not a store's answer");
    return;
  }
  while (Connection *c = connectionOf(number, event.socket)) {
    const auto message = c->stream.take();
    if (!message) return;
    onAnswer(ctx, number, *c, *message);
  }
}

void Client::onAnswer(Context &ctx, std::uint64_t number, const Connection &c,
                      const Message &message) {
  Process &p = m_processes.at(number);
  const bool mine =
      p.busy && p.sent && message.number("id", -1) == static_cast<std::int64_t>(p.request);
  if (!mine || p.to != c.to) return;
  if (message.is(ok) || message.is(value) || message.is(failed)) {
    onDone(ctx, number, c, message);
    return;
  }
  if (message.number("perhaps", 0) == 1) p.perhaps = true;
  // Else what is refused is surely not done.
  p.sent = false;
  if (message.is(redirect))
    follow(ctx, number, endpointOf(message.text("to")));
  else
    failAttempt(ctx, number, Outcome::ServerError, std::string(message.text("why")));
}

void Client::onDone(Context &ctx, std::uint64_t number, const Connection &c,
                    const Message &message) {
  Process &p = m_processes.at(number);
  if (!p.operation.isRead()) m_leader = c.to;
  if (message.has("context")) p.contexts[p.operation.key] = std::string(message.text("context"));
  if (m_set.session) p.session.hear(message);
  Answer answer;
  // One that does not remember what it did cannot tell whether an earlier attempt did it.
  const bool unsure = p.perhaps && message.number("perhaps", 0) == 1;
  if (message.is(failed)) answer.how = unsure ? Answer::How::Unknown : Answer::How::Otherwise;
  if (message.is(ok)) answer.values = {p.operation.value};
  for (const auto &[field, text] : message.fields())
    if (field == "value" && !message.is(ok)) answer.values.push_back(text);
  end(ctx, number, Outcome::Ok, answer,
      message.is(failed) ? fmt::format("it held another value: {}", message.text("value")) : "");
}

void Client::follow(Context &ctx, std::uint64_t number, std::optional<Endpoint> to) {
  Process &p = m_processes.at(number);
  if (!to || *to == p.to || ++p.redirects > redirectsMax) {
    failAttempt(ctx, number, Outcome::ServerError, "it knows of no primary");
    return;
  }
  if (m_leader == p.to || !p.operation.isRead()) m_leader = *to;
  p.to = *to;
  ask(ctx, number);
}

/// The connection is gone. An operation on it has failed, for this time.
void Client::onLost(Context &ctx, std::uint64_t number, SocketId socket, Outcome outcome,
                    const std::string &why) {
  Process &p = m_processes.at(number);
  const Connection *c = connectionOf(number, socket);
  m_bySocket.erase(socket);
  if (c == nullptr) return;
  const Endpoint to = c->to;
  p.connections.erase(to);
  if (p.busy && p.to == to && p.redirects != pausing) failAttempt(ctx, number, outcome, why);
}

void Client::onTimeout(Context &ctx, std::uint64_t number) {
  Process &p = m_processes.at(number);
  if (!p.busy) return;
  const auto at = p.connections.find(p.to);
  if (at != p.connections.end()) {
    ctx.abort(at->second.stream.socket());
    m_bySocket.erase(at->second.stream.socket());
    p.connections.erase(at);
  }
  failAttempt(ctx, number, Outcome::Timeout,
              fmt::format("no answer within {}", toString(m_set.timeout)));
}

void Client::failAttempt(Context &ctx, std::uint64_t number, Outcome outcome,
                         const std::string &why) {
  Process &p = m_processes.at(number);
  ctx.cancelTimer(p.timer);
  if (p.sent) p.perhaps = true;
  p.sent = false;
  if (m_leader == p.to) m_leader = serverAfter(p.to);
  if (p.attempts > m_set.retries && !(p.operation.persists && p.perhaps)) {
    const bool unknown = p.perhaps && !p.operation.isRead();
    end(ctx, number, outcome, {unknown ? Answer::How::Unknown : Answer::How::NotDone, {}}, why);
    return;
  }
  p.to = p.operation.isRead() && m_set.readFrom != "primary" ? serverAfter(p.to) : m_leader;
  p.redirects = pausing;
  ctx.setTimer(pauseBefore(ctx, p.attempts), tagOf(number, Again));
}

/// Doubles with each attempt; full jitter, so that clients that failed together come back apart.
Duration Client::pauseBefore(Context &ctx, int attempts) const {
  Duration most = m_set.backoff;
  for (int i = 1; i < attempts && most < m_set.backoffMax; ++i) most = most * 2;
  return ctx.random("backoff").uniform(Duration::us(1),
                                       std::max(std::min(most, m_set.backoffMax), Duration::us(1)));
}

void Client::end(Context &ctx, std::uint64_t number, Outcome outcome, const Answer &answer,
                 const std::string &why) {
  Process &p = m_processes.at(number);
  ctx.cancelTimer(p.timer);
  p.busy = p.sent = false;
  const bool read = p.operation.isRead() && outcome == Outcome::Ok;
  const std::string told = !read                   ? p.operation.value
                           : answer.values.empty() ? std::string{}
                                                   : answer.values.front();
  ctx.requestEnded(p.request, outcome, ctx.now() - p.began, told.size(), why);
  const bool unknown = answer.how == Answer::How::Unknown;
  tell(ctx, p, answer.how == Answer::How::Done ? "ok" : unknown ? "info" : "fail", told);
  count(outcome);
  // Its operation may still take effect: whoever goes on is somebody else.
  if (unknown) p.name.clear();
  goOn(ctx, number, answer);
}

} // namespace packetarium::programs::kv
