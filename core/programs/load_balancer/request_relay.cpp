// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/load_balancer/request_relay.h"

#include "core/programs/http_server/site.h"
#include "core/programs/load_balancer/forwarding.h"
#include "core/programs/peer.h"
#include "core/wire/http_cookie.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace packetarium::programs {
namespace {

using transport::noSocket;
using transport::SocketEvent;
using namespace wire::http;

/// The body of a request is kept whole, so that it can be sent again; more than this is refused.
constexpr std::uint64_t requestBodyMost = 1U << 20;

Limits wholeBodies(std::uint64_t most) {
  Limits limits;
  limits.keptBodyBytes = most;
  return limits;
}

/// "s2": the second server.
std::optional<std::size_t> serverOfCookie(const Headers &headers, const std::string &name,
                                          std::size_t servers) {
  const auto cookies = find(headers, "Cookie");
  if (!cookies) return std::nullopt;
  for (const auto &[key, value] : parseCookies(*cookies)) {
    std::size_t number = 0;
    if (key != name || value.size() < 2 || value.front() != 's') continue;
    const auto [end, error] =
        std::from_chars(value.data() + 1, value.data() + value.size(), number);
    if (error == std::errc{} && number >= 1 && number <= servers) return number - 1;
  }
  return std::nullopt;
}

} // namespace

void RequestRelay::accept(Context &ctx, BalancerCore &core, const SocketEvent &event) {
  Client &c = m_clients[event.socket];
  c.from = event.remote;
  c.parser = Parser(Parser::Role::Requests, wholeBodies(requestBodyMost));
  c.idle = ctx.setTimer(core.idleTimeout, BalancerCore::tagOf(event.socket, BalancerCore::Idle));
}

bool RequestRelay::onSocket(Context &ctx, BalancerCore &core, const SocketEvent &event) {
  if (m_clients.contains(event.socket)) {
    onClient(ctx, core, event);
  } else if (const auto at = m_byServer.find(event.socket); at != m_byServer.end()) {
    onServer(ctx, core, at->second, event);
  } else if (m_idle.contains(event.socket)) {
    onIdleServer(ctx, event);
  } else {
    return false;
  }
  return true;
}

void RequestRelay::onClient(Context &ctx, BalancerCore &core, const SocketEvent &event) {
  Client &c = m_clients.at(event.socket);
  switch (event.kind) {
  case SocketEvent::Kind::Data: onRequests(ctx, core, event.socket, event.data); return;
  case SocketEvent::Kind::Writable: flush(ctx, core, event.socket); return;
  case SocketEvent::Kind::PeerClosed:
    c.peerClosed = true;
    if (c.exchange == 0 && c.requests.empty() && c.outbound.empty()) closeClient(ctx, event.socket);
    return;
  case SocketEvent::Kind::Closed:
  case SocketEvent::Kind::Failed: forgetClient(ctx, core, event.socket); return;
  default: return;
  }
}

void RequestRelay::onRequests(Context &ctx, BalancerCore &core, SocketId socket,
                              const wire::Payload &data) {
  Client &c = m_clients.at(socket);
  if (c.closing || c.closeWhenSent || c.parser.failed()) return;
  const bool sound = c.parser.feed(data).ok();
  while (auto message = c.parser.take()) c.requests.push_back(std::move(*message));
  ctx.cancelTimer(c.idle);
  if (!sound && c.requests.empty() && c.exchange == 0)
    answerItself(ctx, core, socket, 400, false);
  else
    serveNext(ctx, core, socket);
}

/// Answers keep the order of the requests, so one is under way at a time for each client.
void RequestRelay::serveNext(Context &ctx, BalancerCore &core, SocketId socket) {
  Client &c = m_clients.at(socket);
  if (c.exchange != 0 || c.closing || c.closeWhenSent || !c.outbound.empty()) return;
  if (c.requests.empty()) {
    if (c.parser.failed()) answerItself(ctx, core, socket, 400, false);
    return;
  }
  ++m_requests;
  const std::uint64_t number = c.exchange = ++m_last;
  Exchange &e = m_exchanges[number];
  e.client = socket;
  e.asked = std::move(c.requests.front());
  c.requests.pop_front();
  if (core.sticky == BalancerCore::Sticky::Cookie)
    e.wanted = serverOfCookie(e.asked.headers(), core.cookieName, core.watch.size());
  if (e.asked.bodyBytes > requestBodyMost) {
    m_exchanges.erase(number);
    c.exchange = 0;
    answerItself(ctx, core, socket, 413, false);
    return;
  }
  assign(ctx, core, number);
}

/// Chooses a server and sends the request there, over a connection that is open if there is one.
void RequestRelay::assign(Context &ctx, BalancerCore &core, std::uint64_t number) {
  Exchange &e = m_exchanges.at(number);
  const transport::Endpoint &from = m_clients.at(e.client).from;
  const auto server = core.choose(ctx, from.address, e.tried, e.wanted);
  if (!server) {
    const SocketId client = e.client;
    const bool keepAlive = e.asked.keepAlive;
    ctx.phase("lb.no-server", from.text());
    m_exchanges.erase(number);
    m_clients.at(client).exchange = 0;
    answerItself(ctx, core, client, 503, keepAlive);
    return;
  }
  e.server = *server;
  core.pool.begin(*server);
  const transport::Endpoint &to = core.pool.servers()[*server].endpoint;
  core.tellLed(ctx, from, *server);
  const auto idle = std::find_if(m_idle.begin(), m_idle.end(),
                                 [&](const auto &entry) { return entry.second == *server; });
  e.reused = idle != m_idle.end();
  e.socket = e.reused ? idle->first : ctx.tcpConnect(to, core.tcp);
  if (e.reused) m_idle.erase(idle);
  if (e.socket == noSocket) {
    serverFailed(ctx, core, number, 502, "No connection could be opened.");
    return;
  }
  m_byServer[e.socket] = number;
  if (e.reused)
    send(ctx, core, number);
  else
    e.limit = ctx.setTimer(core.connectTimeout, BalancerCore::tagOf(number, BalancerCore::Limit));
}

void RequestRelay::send(Context &ctx, BalancerCore &core, std::uint64_t number) {
  Exchange &e = m_exchanges.at(number);
  ctx.cancelTimer(e.limit);
  e.limit = ctx.setTimer(core.serverTimeout, BalancerCore::tagOf(number, BalancerCore::Limit));
  e.parser = Parser(Parser::Role::Responses, wholeBodies(~std::uint64_t{0}));
  e.parser.expectAnswerTo(e.asked.request().method);
  e.sent = true;
  e.sentAt = ctx.now();
  const std::string client = m_clients.at(e.client).from.address.text();
  e.outbound = {
      serialise(forwarding::request(e.asked.request(), e.asked.bodyBytes, client, ctx.node().id))};
  for (const wire::Payload &part : e.asked.body) e.outbound.push_back(part);
  flushRequest(ctx, e);
}

void RequestRelay::flushRequest(Context &ctx, Exchange &e) {
  while (!e.outbound.empty()) {
    wire::Payload &part = e.outbound.front();
    const std::uint32_t taken = ctx.tcpSend(e.socket, part);
    if (taken < part.size()) {
      part = part.slice(taken, part.size() - taken);
      return;
    }
    e.outbound.pop_front();
  }
}

void RequestRelay::onServer(Context &ctx, BalancerCore &core, std::uint64_t number,
                            const SocketEvent &event) {
  Exchange &e = m_exchanges.at(number);
  switch (event.kind) {
  case SocketEvent::Kind::Connected:
    core.tellJoined(ctx, m_clients.at(e.client).from, e.server);
    send(ctx, core, number);
    return;
  case SocketEvent::Kind::Writable: flushRequest(ctx, e); return;
  case SocketEvent::Kind::Data:
    e.reused = false;
    if (e.parser.feed(event.data).ok())
      onResponse(ctx, core, number);
    else
      serverFailed(ctx, core, number, 502, "It answered with something that is not HTTP.");
    return;
  case SocketEvent::Kind::PeerClosed:
    e.ended = true;
    if (e.parser.end().ok() && e.parser.hasMessage())
      onResponse(ctx, core, number);
    else
      serverFailed(ctx, core, number, 502, "It closed before the response was complete.");
    return;
  case SocketEvent::Kind::Closed:
  case SocketEvent::Kind::Failed: {
    const std::string why = sentence(event.error, event.remote.text());
    m_byServer.erase(std::exchange(e.socket, noSocket));
    if (!e.sent) core.connectFailed(ctx, e.server, why);
    serverFailed(ctx, core, number, event.error == transport::SocketError::TimedOut ? 504 : 502,
                 why);
    return;
  }
  default: return;
  }
}

/// Hands on what there is: at once when the head tells the length, else when all of it is here.
void RequestRelay::onResponse(Context &ctx, BalancerCore &core, std::uint64_t number) {
  Exchange &e = m_exchanges.at(number);
  const SocketId client = e.client;
  while (auto message = e.parser.take()) {
    const Response &head = message->response();
    if (head.status < 200) continue; // interim (RFC 9110 section 15.2)
    const bool bodiless =
        e.asked.request().method == "HEAD" || head.status == 204 || head.status == 304;
    if (!e.headSent)
      sendHead(ctx, core, e, head, bodiless ? std::nullopt : std::optional(message->bodyBytes));
    sendBody(e, *message);
    complete(ctx, core, number, message->keepAlive);
    return;
  }
  if (!e.parser.inBody()) return;
  const Message &message = e.parser.current();
  const auto length = forwarding::toldLength(message.response());
  if (!length) return;
  if (!e.headSent) sendHead(ctx, core, e, message.response(), length);
  sendBody(e, message);
  flush(ctx, core, client);
}

void RequestRelay::sendHead(Context &ctx, BalancerCore &core, Exchange &e, const Response &head,
                            std::optional<std::uint64_t> length) {
  core.answered(e.server, ctx.now() - e.sentAt);
  Response r = forwarding::response(head, length, e.asked.keepAlive);
  if (core.sticky == BalancerCore::Sticky::Cookie && e.wanted != e.server) {
    wire::http::SetCookie cookie;
    cookie.name = core.cookieName;
    cookie.value = fmt::format("s{}", e.server + 1);
    cookie.path = "/";
    cookie.httpOnly = true;
    r.headers.push_back({"Set-Cookie", wire::http::text(cookie)});
  }
  m_clients.at(e.client).outbound.push_back(serialise(r));
  e.headSent = true;
}

void RequestRelay::sendBody(Exchange &e, const Message &message) {
  auto &outbound = m_clients.at(e.client).outbound;
  for (; e.partsSent < message.body.size(); ++e.partsSent) {
    wire::Payload part = message.body[e.partsSent];
    if (!outbound.empty() && e.partsSent == 0 && outbound.back().size() + part.size() <= 1460)
      outbound.back() = outbound.back().followedBy(part); // a small answer fits one segment
    else
      outbound.push_back(std::move(part));
  }
}

void RequestRelay::complete(Context &ctx, BalancerCore &core, std::uint64_t number,
                            bool serverKeepsOpen) {
  Exchange &e = m_exchanges.at(number);
  const SocketId client = e.client;
  Client &c = m_clients.at(client);
  if (serverKeepsOpen && !e.ended && e.socket != noSocket) {
    if (e.paused) ctx.setReading(e.socket, true);
    m_idle[e.socket] = e.server;
    m_byServer.erase(std::exchange(e.socket, noSocket));
  } else if (e.socket != noSocket) {
    ctx.close(e.socket);
    m_byServer.erase(std::exchange(e.socket, noSocket));
  }
  leaveServer(ctx, core, e, true);
  c.exchange = 0;
  c.closeWhenSent = c.closeWhenSent || !e.asked.keepAlive;
  m_exchanges.erase(number);
  flush(ctx, core, client);
}

/// Ends what the exchange has to do with its server.
void RequestRelay::leaveServer(Context &ctx, BalancerCore &core, Exchange &e, bool answered) {
  ctx.cancelTimer(e.limit);
  core.pool.end(e.server, answered);
  if (e.socket == noSocket) return;
  m_byServer.erase(e.socket);
  ctx.abort(std::exchange(e.socket, noSocket));
}

void RequestRelay::serverFailed(Context &ctx, BalancerCore &core, std::uint64_t number, int status,
                                const std::string &why) {
  Exchange &e = m_exchanges.at(number);
  const SocketId client = e.client;
  const bool repeatable = !e.sent || forwarding::idempotent(e.asked.request().method);
  const bool stale = e.reused; // it closed a kept connection just then (RFC 9112 section 9.3.1)
  leaveServer(ctx, core, e, false);
  if (!stale) e.tried.push_back(e.server);
  const bool again = !e.headSent && repeatable &&
                     (stale || e.tried.size() <= static_cast<std::size_t>(core.retries));
  if (again) {
    ++m_repeated;
    ctx.phase("lb.repeated", why);
    e.sent = e.ended = false;
    assign(ctx, core, number);
    return;
  }
  const bool keepAlive = e.asked.keepAlive;
  if (e.headSent) { // half an answer can only be broken off
    ctx.abort(client);
    forgetClient(ctx, core, client);
    return;
  }
  m_exchanges.erase(number);
  m_clients.at(client).exchange = 0;
  answerItself(ctx, core, client, status, keepAlive);
}

void RequestRelay::onLimit(Context &ctx, BalancerCore &core, std::uint64_t number) {
  const auto at = m_exchanges.find(number);
  if (at == m_exchanges.end()) return;
  Exchange &e = at->second;
  const std::string who = core.pool.servers()[e.server].endpoint.text();
  const Duration limit = e.sent ? core.serverTimeout : core.connectTimeout;
  const std::string why = fmt::format("{} did not {} within {}.", who,
                                      e.sent ? "answer" : "take a connection", toString(limit));
  if (!e.sent) core.connectFailed(ctx, e.server, why);
  e.reused = false;
  serverFailed(ctx, core, number, 504, why);
}

void RequestRelay::onServerOut(Context &ctx, BalancerCore &core, std::size_t server) {
  std::vector<SocketId> idle;
  for (const auto &[socket, at] : m_idle)
    if (at == server) idle.push_back(socket);
  for (const SocketId socket : idle) {
    m_idle.erase(socket);
    ctx.abort(socket);
  }
  std::vector<std::uint64_t> there;
  for (const auto &[number, e] : m_exchanges)
    if (e.server == server) there.push_back(number);
  for (const std::uint64_t number : there)
    if (m_exchanges.contains(number)) serverFailed(ctx, core, number, 502, "It was taken out.");
}

void RequestRelay::onIdleServer(Context &ctx, const SocketEvent &event) {
  switch (event.kind) {
  case SocketEvent::Kind::Data: // nobody asked for it
  case SocketEvent::Kind::PeerClosed: ctx.close(event.socket); break;
  case SocketEvent::Kind::Closed:
  case SocketEvent::Kind::Failed: break;
  default: return;
  }
  m_idle.erase(event.socket);
}

void RequestRelay::answerItself(Context &ctx, BalancerCore &core, SocketId socket, int status,
                                bool keepAlive) {
  Client &c = m_clients.at(socket);
  const Answer answer = Site::error(status, keepAlive);
  ++m_own[status];
  ctx.phase("lb.answered-itself", fmt::format("{} {}", status, answer.head.reason));
  c.outbound.push_back(serialise(answer.head).followedBy(answer.body));
  c.closeWhenSent = c.closeWhenSent || !keepAlive;
  flush(ctx, core, socket);
}

/// The server is not read while its answer waits for room.
void RequestRelay::flush(Context &ctx, BalancerCore &core, SocketId socket) {
  Client &c = m_clients.at(socket);
  const auto at = m_exchanges.find(c.exchange);
  Exchange *e = at == m_exchanges.end() || at->second.socket == noSocket ? nullptr : &at->second;
  while (!c.outbound.empty()) {
    wire::Payload &part = c.outbound.front();
    const std::uint32_t taken = ctx.tcpSend(socket, part);
    if (taken < part.size()) {
      part = part.slice(taken, part.size() - taken);
      if (e != nullptr && !std::exchange(e->paused, true)) ctx.setReading(e->socket, false);
      return;
    }
    c.outbound.pop_front();
  }
  if (e != nullptr && std::exchange(e->paused, false)) ctx.setReading(e->socket, true);
  if (c.exchange != 0 || c.closing) return;
  if (c.closeWhenSent || (c.peerClosed && c.requests.empty())) {
    closeClient(ctx, socket);
  } else if (c.requests.empty() && !c.parser.failed()) {
    ctx.cancelTimer(c.idle);
    c.idle = ctx.setTimer(core.idleTimeout, BalancerCore::tagOf(socket, BalancerCore::Idle));
  } else {
    serveNext(ctx, core, socket);
  }
}

void RequestRelay::onIdle(Context &ctx, std::uint64_t client) {
  const auto at = m_clients.find(static_cast<SocketId>(client));
  if (at == m_clients.end() || at->second.exchange != 0) return;
  closeClient(ctx, at->first);
}

void RequestRelay::closeClient(Context &ctx, SocketId socket) {
  Client &c = m_clients.at(socket);
  if (std::exchange(c.closing, true)) return;
  ctx.cancelTimer(c.idle);
  ctx.close(socket);
}

/// The client is gone: nobody waits for what is under way.
void RequestRelay::forgetClient(Context &ctx, BalancerCore &core, SocketId socket) {
  Client &c = m_clients.at(socket);
  ctx.cancelTimer(c.idle);
  if (const auto at = m_exchanges.find(c.exchange); at != m_exchanges.end()) {
    if (at->second.socket != noSocket) leaveServer(ctx, core, at->second, false);
    m_exchanges.erase(at);
  }
  m_clients.erase(socket);
}

std::vector<Described> RequestRelay::describe(const BalancerCore &core) const {
  Described clients = row("connections", text(m_clients.size()));
  for (const auto &[socket, c] : m_clients) {
    const auto at = m_exchanges.find(c.exchange);
    clients.children.push_back(
        row(c.from.text(),
            at == m_exchanges.end()
                ? std::string("rests")
                : "waits for " + core.pool.servers()[at->second.server].endpoint.text()));
  }
  Described own = row("answers of its own", "", "it had none from a server");
  std::uint64_t total = 0;
  for (const auto &[status, count] : m_own) {
    total += count;
    own.children.push_back(row(fmt::format("{} {}", status, reasonOf(status)), text(count)));
  }
  own.value = text(total);
  return {std::move(clients), row("requests", text(m_requests)),
          row("sent again elsewhere", text(m_repeated)),
          row("connections kept to servers", text(m_idle.size())), std::move(own)};
}

} // namespace packetarium::programs
