// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/channel.h"
#include "core/programs/http_server/connection.h"
#include "core/programs/http_server/parameters.h"
#include "core/programs/http_server/service_role.h"
#include "core/programs/http_server/session_store.h"
#include "core/programs/http_server/site.h"
#include "core/programs/peer.h"
#include "core/programs/tcp_parameters.h"
#include "core/programs/tls_layer.h"
#include "core/programs/types.h"
#include "core/wire/http_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>

namespace packetarium::programs {
namespace {

using namespace wire::http;
using transport::SocketEvent;
using transport::SocketId;

/// Web server for HTTP/1.1 (RFC 9110, 9112).
class HttpServer final : public ProgramOf<HttpServer> {
public:
  explicit HttpServer(const ParameterValues &v)
      : m_site(std::make_shared<const Site>(v)),
        m_tcp(tcpOptions(v)),
        m_port(static_cast<std::uint16_t>(v.integer("port"))),
        m_service(v.duration("service_ns")),
        m_exponential(v.text("service") == "exponential"),
        m_workers(static_cast<std::size_t>(v.integer("workers"))),
        m_queueLimit(static_cast<std::size_t>(v.integer("queue_limit"))),
        m_keepAlive(v.boolean("keep_alive")),
        m_idleTimeout(v.duration("idle_timeout_ns")),
        m_role(v),
        m_values(v) {
    if (!v.text("session_store").empty())
      m_store.emplace(
          v.text("session_store"), static_cast<std::uint16_t>(v.integer("session_store_port")),
          v.duration("session_store_timeout_ns"), [](std::uint64_t id) { return id << 2 | Store; });
    if (v.boolean("replay_protection")) m_seen.emplace();
    if (v.boolean("https")) m_securePort = static_cast<std::uint16_t>(v.integer("https_port"));
  }

  void start(Context &ctx) override { act(ctx, m_role.start(ctx)); }

  void onNews(Context &ctx, std::string_view topic, std::string_view value) override {
    act(ctx, m_role.onNews(ctx, topic, value));
  }

  void onResolved(Context &ctx, std::uint64_t, const Resolution &answer) override {
    if (m_store) onStore(ctx, m_store->onResolved(ctx, answer));
  }

  void onSocket(Context &ctx, const SocketEvent &event) override {
    if (m_store && m_store->owns(event.socket)) {
      onStore(ctx, m_store->onSocket(ctx, event));
      return;
    }
    switch (event.kind) {
    case SocketEvent::Kind::SynSeen: ctx.phase("http.syn-seen", event.remote.text()); return;
    case SocketEvent::Kind::Accepted: accept(ctx, event); return;
    default: break;
    }
    const auto at = m_connections.find(event.socket);
    if (at == m_connections.end()) return;
    if (TlsLayer *tls = tlsOf(at->second.channel); tls != nullptr && m_seen) tls->lend(&*m_seen);
    for (const ChannelEvent &e : at->second.channel.onSocket(ctx, event)) {
      onChannel(ctx, event.socket, e);
      if (!m_connections.contains(event.socket)) return;
    }
  }

  void onTimer(Context &ctx, std::uint64_t tag) override {
    const auto socket = static_cast<SocketId>(tag >> 2);
    switch (static_cast<TimerKind>(tag & 3)) {
    case Service: serviceDone(ctx, socket); return;
    case Idle: {
      const auto at = m_connections.find(socket);
      if (at != m_connections.end() && at->second.requests.empty()) closeOwn(ctx, socket);
      return;
    }
    case Store:
      if (m_store) onStore(ctx, m_store->onTimeout(ctx, tag >> 2));
      return;
    case StartUp:
      if (m_startUps == tag >> 2) act(ctx, m_role.startedUp(ctx));
      return;
    }
  }

  std::vector<Described> describe(SimTime now) const override {
    Described open = row("connections", text(m_connections.size()));
    for (const auto &[socket, c] : m_connections) {
      Described one = row(c.remote.text(), doing(c));
      if (const TlsLayer *tls = tlsOf(c.channel)) one.children = describeTls(tls->connection());
      open.children.push_back(std::move(one));
    }
    Described pages = row("pages", text(m_site->pages().size()));
    for (const Page &p : m_site->pages())
      pages.children.push_back(
          row(p.host + p.path, fmt::format("{}, {}, {} B", p.status, p.contentType,
                                           p.body.empty() ? p.bytes : p.body.size())));
    std::vector<Described> rows = {
        row("port", text(m_port)),
        row("requests", text(m_requests)),
        row("responses", text(m_responses)),
        row("being served",
            m_workers == 0 ? text(m_busy) : fmt::format("{} of {} workers", m_busy, m_workers)),
        row("waiting for a worker", text(m_waiting.size())),
        row("turned away", text(m_turnedAway), "503: too many were waiting"),
        m_role.describe(),
        row("broken connections", text(m_broken)),
        std::move(open),
        std::move(pages)};
    if (m_site->hasSessions()) rows.push_back(m_sessions.describe(now));
    if (m_store) rows.push_back(m_store->describe());
    if (m_secure) rows.push_back(describeCertificate());
    return rows;
  }

private:
  enum TimerKind : std::uint64_t { Service, Idle, Store, StartUp };
  static std::uint64_t tagOf(SocketId socket, TimerKind kind) {
    return std::uint64_t{socket} << 2 | kind;
  }

  void act(Context &ctx, ServiceRole::Duty duty) {
    switch (duty) {
    case ServiceRole::Duty::Nothing: return;
    case ServiceRole::Duty::Open: open(ctx); return;
    case ServiceRole::Duty::Close: stop(ctx); return;
    case ServiceRole::Duty::StartUp:
      ctx.setTimer(ctx.work(m_role.startUp()), ++m_startUps << 2 | StartUp);
      return;
    }
  }

  void open(Context &ctx) {
    listen(ctx, m_port, m_tcp);
    if (m_securePort == 0) return;
    if (!m_secure)
      m_secure =
          std::make_shared<const tls::ServerConfig>(serverTls(m_values, ctx, m_site->hosts()));
    listen(ctx, m_securePort, sendingAtOnce(m_tcp));
  }

  void listen(Context &ctx, std::uint16_t port, const transport::TcpOptions &tcp) {
    const SocketId listener = ctx.tcpListen(port, tcp);
    if (listener == transport::noSocket) {
      ctx.note(fmt::format("TCP port {} is taken by another program of this node.", port));
      return;
    }
    m_listeners.push_back(listener);
    ctx.phase("http.listening", fmt::format("TCP port {}", port));
  }

  /// Another node serves from now on. Workers that are busy end what they do, for nobody.
  void stop(Context &ctx) {
    for (const SocketId listener : m_listeners) ctx.close(listener);
    m_listeners.clear();
    for (auto &[socket, c] : m_connections) {
      ctx.cancelTimer(c.idle);
      c.channel.abort(ctx);
    }
    m_connections.clear();
    m_waiting.clear();
    ctx.phase("http.stopped");
    tell(ctx);
  }

  Described describeCertificate() const {
    const crypto::Certificate &leaf = m_secure->identity->chain.front();
    Described certificate = row("certificate", leaf.subject(), "Shown to everybody who connects");
    std::string names;
    for (const std::string &name : leaf.dnsNames()) names += (names.empty() ? "" : ", ") + name;
    certificate.children = {row("port", text(m_securePort)),
                            row("names", names),
                            row("issued by", leaf.issuer()),
                            row("valid from", calendarText(leaf.notBefore())),
                            row("valid to", calendarText(leaf.notAfter())),
                            row("key", std::string(crypto::name(leaf.publicKey().kind())))};
    return certificate;
  }

  void onChannel(Context &ctx, SocketId socket, const ChannelEvent &e) {
    switch (e.kind) {
    case ChannelEvent::Kind::Ready: return; // the client speaks first
    case ChannelEvent::Kind::Data: onData(ctx, socket, e.data); return;
    case ChannelEvent::Kind::Writable: flush(ctx, socket); return;
    case ChannelEvent::Kind::PeerClosed: onPeerClosed(ctx, socket); return;
    case ChannelEvent::Kind::Closed: forget(ctx, socket); return;
    case ChannelEvent::Kind::Failed:
      ++m_broken;
      forget(ctx, socket);
      return;
    }
  }

  void accept(Context &ctx, const SocketEvent &event) {
    HttpConnection &c = m_connections[event.socket];
    c.remote = event.remote;
    const bool secure = m_securePort != 0 && event.local.port == m_securePort;
    c.channel = secure ? secureChannel(event.socket) : Channel(event.socket);
    c.idle = ctx.setTimer(m_idleTimeout, tagOf(event.socket, Idle));
    ctx.phase("http.connection-accepted", event.remote.text());
    for (const ChannelEvent &e : c.channel.onSocket(ctx, event)) onChannel(ctx, event.socket, e);
  }

  /// The handshakes of a crowd are no story: after some, only their keys are told.
  Channel secureChannel(SocketId socket) {
    constexpr std::uint64_t told = 200;
    if (++m_handshakes == told + 1) {
      tls::ServerConfig quiet = *m_secure;
      quiet.observed = false;
      m_secure = std::make_shared<const tls::ServerConfig>(std::move(quiet));
    }
    return Channel(socket, std::make_unique<TlsLayer>(socket, m_secure));
  }

  void onData(Context &ctx, SocketId socket, const wire::Payload &data) {
    HttpConnection &c = m_connections.at(socket);
    if (c.closing || c.closeWhenSent || c.parser.failed()) return;
    const bool sound = c.parser.feed(data).ok();
    while (auto message = c.parser.take()) {
      ++m_requests;
      ctx.phase("http.request-received",
                fmt::format("{} {}", message->request().method, message->request().target));
      c.requests.push_back({message->request(), message->keepAlive && m_keepAlive});
    }
    if (!sound) {
      ++m_requests;
      ctx.phase("http.request-received", "malformed");
      c.requests.push_back({std::nullopt, false});
    }
    ctx.cancelTimer(c.idle);
    serveNext(ctx, socket);
    tell(ctx);
  }

  /// Begins with the oldest request of a connection, or queues it for a worker.
  void serveNext(Context &ctx, SocketId socket) {
    HttpConnection &c = m_connections.at(socket);
    if (c.inService || c.waiting || c.closing || c.closeWhenSent) return;
    if (c.requests.empty() || !c.outbound.empty()) return;
    if (m_workers != 0 && m_busy >= m_workers) {
      if (m_queueLimit != 0 && m_waiting.size() >= m_queueLimit) {
        ++m_turnedAway;
        answerWith(ctx, socket, c, Site::error(503, c.requests.front().keepAlive));
        return;
      }
      c.waiting = true;
      m_waiting.push_back(socket);
      return;
    }
    beginService(ctx, socket, c);
  }

  void beginService(Context &ctx, SocketId socket, HttpConnection &c) {
    ++m_busy;
    c.inService = true;
    const Duration time = m_exponential ? ctx.random("service").exponential(m_service) : m_service;
    ctx.setTimer(ctx.work(time), tagOf(socket, Service));
  }

  void startWaiting(Context &ctx) {
    while (!m_waiting.empty() && m_busy < m_workers) {
      const SocketId socket = m_waiting.front();
      m_waiting.pop_front();
      HttpConnection &c = m_connections.at(socket);
      c.waiting = false;
      beginService(ctx, socket, c);
    }
  }

  /// A worker has done its work; with a session store, it then asks for the visitor's session.
  void serviceDone(Context &ctx, SocketId socket) {
    const auto at = m_connections.find(socket);
    if (at == m_connections.end()) { // the client left while it was served
      release(ctx);
      return;
    }
    HttpConnection &c = at->second;
    const auto &request = c.requests.front().request;
    if (m_role.broken()) {
      finish(ctx, socket, Site::error(500, c.requests.front().keepAlive));
      return;
    }
    const auto session = m_store && request ? m_site->sessionAsked(*request) : std::nullopt;
    if (!session) {
      respond(ctx, socket);
      return;
    }
    c.session = *session;
    m_store->read(ctx, socket, *session);
  }

  /// The worker waits on until a session that begins with this answer is stored.
  void respond(Context &ctx, SocketId socket) {
    HttpConnection &c = m_connections.at(socket);
    const HttpExchange &exchange = c.requests.front();
    const Visit visit{ctx, m_sessions, c.channel.secure(), exchange.keepAlive, m_store.has_value()};
    Answer answer =
        exchange.request ? m_site->answer(visit, *exchange.request) : Site::error(400, false);
    if (!m_store || answer.started.empty()) {
      finish(ctx, socket, answer);
      return;
    }
    const std::string id = answer.started;
    c.held = std::move(answer);
    m_store->write(ctx, socket, id, m_sessions.stored(id));
  }

  void onStore(Context &ctx, const SessionStore::Replies &replies) {
    for (const SessionStore::Reply &r : replies) {
      const auto socket = static_cast<SocketId>(r.ticket);
      const auto at = m_connections.find(socket);
      if (at == m_connections.end())
        release(ctx);
      else
        onStored(ctx, socket, at->second, r);
    }
  }

  void onStored(Context &ctx, SocketId socket, HttpConnection &c, const SessionStore::Reply &r) {
    switch (r.kind) {
    case SessionStore::Reply::Kind::Found:
      m_sessions.learn(c.session, r.value, ctx.now());
      respond(ctx, socket);
      return;
    case SessionStore::Reply::Kind::Missing:
      m_sessions.drop(c.session);
      respond(ctx, socket);
      return;
    case SessionStore::Reply::Kind::Stored: finish(ctx, socket, Answer(c.held)); return;
    case SessionStore::Reply::Kind::Failed:
      ctx.phase("http.store-failed", r.value);
      finish(ctx, socket, Site::error(503, c.requests.front().keepAlive));
      return;
    }
  }

  /// The worker is free again.
  void release(Context &ctx) {
    --m_busy;
    startWaiting(ctx);
    tell(ctx);
  }

  void finish(Context &ctx, SocketId socket, const Answer &answer) {
    --m_busy;
    answerWith(ctx, socket, m_connections.at(socket), answer);
    startWaiting(ctx);
    tell(ctx);
  }

  /// Answers the oldest request of a connection.
  void answerWith(Context &ctx, SocketId socket, HttpConnection &c, const Answer &answer) {
    const HttpExchange exchange = std::move(c.requests.front());
    c.requests.pop_front();
    c.inService = false;
    ++m_responses;
    ++c.served;
    c.closeWhenSent = !exchange.keepAlive;
    queue(c, answer);
    ctx.phase("http.response-sent",
              fmt::format("{} {}", answer.head.status,
                          exchange.request ? exchange.request->target : std::string("malformed")));
    flush(ctx, socket);
  }

  /// The head travels together with the first part of the body; the rest stays virtual.
  void queue(HttpConnection &c, const Answer &answer) const {
    const wire::Payload head = serialise(answer.head);
    const std::uint32_t room = m_tcp.mss - head.size() % m_tcp.mss;
    const std::uint32_t first = std::min(room, answer.body.size());
    c.outbound.push_back(head.followedBy(answer.body.slice(0, first)));
    if (first < answer.body.size())
      c.outbound.push_back(answer.body.slice(first, answer.body.size() - first));
  }

  void flush(Context &ctx, SocketId socket) {
    HttpConnection &c = m_connections.at(socket);
    while (!c.outbound.empty()) {
      wire::Payload &part = c.outbound.front();
      const std::uint32_t taken = c.channel.send(ctx, part);
      if (taken < part.size()) {
        part = part.slice(taken, part.size() - taken);
        return;
      }
      c.outbound.pop_front();
    }
    if (c.inService || c.waiting) return;
    const bool nothingLeft = c.requests.empty();
    if (c.closeWhenSent || (c.peerClosed && nothingLeft))
      closeOwn(ctx, socket);
    else if (!nothingLeft)
      serveNext(ctx, socket);
    else if (!c.closing)
      rest(ctx, socket, c);
  }

  void rest(Context &ctx, SocketId socket, HttpConnection &c) {
    ctx.cancelTimer(c.idle);
    c.idle = ctx.setTimer(m_idleTimeout, tagOf(socket, Idle));
  }

  void onPeerClosed(Context &ctx, SocketId socket) {
    HttpConnection &c = m_connections.at(socket);
    c.peerClosed = true;
    ctx.phase("http.peer-closed", c.remote.text());
    if (c.requests.empty() && c.outbound.empty()) closeOwn(ctx, socket);
  }

  void closeOwn(Context &ctx, SocketId socket) {
    HttpConnection &c = m_connections.at(socket);
    if (c.closing) return;
    c.closing = true;
    ctx.cancelTimer(c.idle);
    ctx.phase("http.server-closed", c.remote.text());
    c.channel.close(ctx);
  }

  void forget(Context &ctx, SocketId socket) {
    HttpConnection &c = m_connections.at(socket);
    ctx.cancelTimer(c.idle);
    if (c.waiting) m_waiting.erase(std::find(m_waiting.begin(), m_waiting.end(), socket));
    m_connections.erase(socket);
    tell(ctx);
  }

  /// How busy the workers are, when there is a limit to see.
  void tell(Context &ctx) {
    if (m_workers == 0 || (m_busy == m_toldBusy && m_waiting.size() == m_toldWaiting)) return;
    m_toldBusy = m_busy;
    m_toldWaiting = m_waiting.size();
    ctx.sample("http.in_service", static_cast<double>(m_busy));
    ctx.sample("http.waiting", static_cast<double>(m_waiting.size()));
  }

  std::shared_ptr<const Site> m_site;
  transport::TcpOptions m_tcp;
  std::uint16_t m_port = 80;
  Duration m_service;
  bool m_exponential = false;
  std::size_t m_workers = 0;
  std::size_t m_queueLimit = 0;
  bool m_keepAlive = true;
  Duration m_idleTimeout;
  ServiceRole m_role;
  std::optional<SessionStore> m_store; ///< nothing: sessions are in its own memory
  std::vector<SocketId> m_listeners;
  std::uint64_t m_startUps = 0;

  ParameterValues m_values;       ///< for TLS
  std::uint16_t m_securePort = 0; ///< 0: no https
  std::shared_ptr<const tls::ServerConfig> m_secure;

  Sessions m_sessions;
  std::optional<SeenBinders> m_seen; ///< nothing: early data may be replayed
  std::map<SocketId, HttpConnection> m_connections;
  std::deque<SocketId> m_waiting; ///< connections whose oldest request waits for a worker
  std::size_t m_busy = 0, m_toldBusy = 0, m_toldWaiting = 0;
  std::uint64_t m_requests = 0, m_responses = 0, m_broken = 0, m_handshakes = 0;
  std::uint64_t m_turnedAway = 0;
};

} // namespace

ProgramType httpServerType() {
  return {"http-server",
          "Web server",
          "Serves pages over HTTP/1.1, with a time for each request and a limit of workers",
          "web-server",
          httpServerParameters(),
          [](const ParameterValues &v) -> std::unique_ptr<Program> {
            return std::make_unique<HttpServer>(v);
          }};
}

} // namespace packetarium::programs
