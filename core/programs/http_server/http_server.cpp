// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/channel.h"
#include "core/programs/declare.h"
#include "core/programs/http_server/site.h"
#include "core/programs/peer.h"
#include "core/programs/tcp_parameters.h"
#include "core/programs/tls_layer.h"
#include "core/programs/types.h"
#include "core/programs/url.h"
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

/// A request that waits for its answer; without a request: it could not be read (400).
struct Exchange {
  std::optional<Request> request;
  bool keepAlive = false;
};

/// One client's connection. Its requests are answered one after the other, so that answers keep
/// the order of pipelined requests (RFC 9112 section 9.3.2).
struct Connection {
  transport::Endpoint remote;
  Channel channel;
  Parser parser{Parser::Role::Requests};
  std::deque<Exchange> requests;
  std::deque<wire::Payload> outbound; ///< what the channel had no room for
  bool inService = false, waiting = false;
  bool closeWhenSent = false, peerClosed = false, closing = false;
  TimerId idle;
  std::uint64_t served = 0;
};

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
        m_keepAlive(v.boolean("keep_alive")),
        m_idleTimeout(v.duration("idle_timeout_ns")),
        m_values(v) {
    if (v.boolean("replay_protection")) m_seen.emplace();
    if (v.boolean("https")) m_securePort = static_cast<std::uint16_t>(v.integer("https_port"));
  }

  void start(Context &ctx) override {
    listen(ctx, m_port, m_tcp);
    if (m_securePort == 0) return;
    m_secure = std::make_shared<const tls::ServerConfig>(serverTls(m_values, ctx, m_site->hosts()));
    listen(ctx, m_securePort, sendingAtOnce(m_tcp));
  }

  void onSocket(Context &ctx, const SocketEvent &event) override {
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
    const auto socket = static_cast<SocketId>(tag >> 1);
    if ((tag & 1) == Idle) {
      const auto at = m_connections.find(socket);
      if (at != m_connections.end() && at->second.requests.empty()) closeOwn(ctx, socket);
      return;
    }
    --m_busy;
    respond(ctx, socket);
    startWaiting(ctx);
    tell(ctx);
  }

  std::vector<Described> describe(SimTime now) const override {
    Described open = row("connections", text(m_connections.size()));
    for (const auto &[socket, c] : m_connections) {
      Described one = row(c.remote.text(), state(c));
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
        row("broken connections", text(m_broken)),
        std::move(open),
        std::move(pages)};
    if (m_site->hasSessions()) rows.push_back(m_sessions.describe(now));
    if (m_secure) rows.push_back(describeCertificate());
    return rows;
  }

private:
  enum TimerKind : std::uint64_t { Service, Idle };
  static std::uint64_t tagOf(SocketId socket, TimerKind kind) {
    return std::uint64_t{socket} << 1 | kind;
  }

  static void listen(Context &ctx, std::uint16_t port, const transport::TcpOptions &tcp) {
    if (ctx.tcpListen(port, tcp) == transport::noSocket)
      ctx.note(fmt::format("TCP port {} is taken by another program of this node.", port));
    else
      ctx.phase("http.listening", fmt::format("TCP port {}", port));
  }

  static std::string state(const Connection &c) {
    if (c.closing) return "closing";
    if (c.inService) return "serving a request";
    if (c.waiting) return "waits for a worker";
    if (!c.outbound.empty()) return "sending a response";
    return fmt::format("idle after {} responses", c.served);
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
    Connection &c = m_connections[event.socket];
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
    Connection &c = m_connections.at(socket);
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
    Connection &c = m_connections.at(socket);
    if (c.inService || c.waiting || c.closing || c.closeWhenSent) return;
    if (c.requests.empty() || !c.outbound.empty()) return;
    if (m_workers != 0 && m_busy >= m_workers) {
      c.waiting = true;
      m_waiting.push_back(socket);
      return;
    }
    beginService(ctx, socket, c);
  }

  void beginService(Context &ctx, SocketId socket, Connection &c) {
    ++m_busy;
    c.inService = true;
    const Duration time = m_exponential ? ctx.random("service").exponential(m_service) : m_service;
    ctx.setTimer(time, tagOf(socket, Service));
  }

  void startWaiting(Context &ctx) {
    while (!m_waiting.empty() && m_busy < m_workers) {
      const SocketId socket = m_waiting.front();
      m_waiting.pop_front();
      Connection &c = m_connections.at(socket);
      c.waiting = false;
      beginService(ctx, socket, c);
    }
  }

  void respond(Context &ctx, SocketId socket) {
    const auto at = m_connections.find(socket);
    if (at == m_connections.end()) return; // the client left while it was served
    Connection &c = at->second;
    const Exchange exchange = std::move(c.requests.front());
    c.requests.pop_front();
    c.inService = false;
    const Visit visit{ctx, m_sessions, c.channel.secure(), exchange.keepAlive};
    const Answer answer =
        exchange.request ? m_site->answer(visit, *exchange.request) : Site::error(400, false);
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
  void queue(Connection &c, const Answer &answer) const {
    const wire::Payload head = serialise(answer.head);
    const std::uint32_t room = m_tcp.mss - head.size() % m_tcp.mss;
    const std::uint32_t first = std::min(room, answer.body.size());
    c.outbound.push_back(head.followedBy(answer.body.slice(0, first)));
    if (first < answer.body.size())
      c.outbound.push_back(answer.body.slice(first, answer.body.size() - first));
  }

  void flush(Context &ctx, SocketId socket) {
    Connection &c = m_connections.at(socket);
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

  void rest(Context &ctx, SocketId socket, Connection &c) {
    ctx.cancelTimer(c.idle);
    c.idle = ctx.setTimer(m_idleTimeout, tagOf(socket, Idle));
  }

  void onPeerClosed(Context &ctx, SocketId socket) {
    Connection &c = m_connections.at(socket);
    c.peerClosed = true;
    ctx.phase("http.peer-closed", c.remote.text());
    if (c.requests.empty() && c.outbound.empty()) closeOwn(ctx, socket);
  }

  void closeOwn(Context &ctx, SocketId socket) {
    Connection &c = m_connections.at(socket);
    if (c.closing) return;
    c.closing = true;
    ctx.cancelTimer(c.idle);
    ctx.phase("http.server-closed", c.remote.text());
    c.channel.close(ctx);
  }

  void forget(Context &ctx, SocketId socket) {
    Connection &c = m_connections.at(socket);
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
  bool m_keepAlive = true;
  Duration m_idleTimeout;

  ParameterValues m_values;       ///< for TLS
  std::uint16_t m_securePort = 0; ///< 0: no https
  std::shared_ptr<const tls::ServerConfig> m_secure;

  Sessions m_sessions;
  std::optional<SeenBinders> m_seen; ///< nothing: early data may be replayed
  std::map<SocketId, Connection> m_connections;
  std::deque<SocketId> m_waiting; ///< connections whose oldest request waits for a worker
  std::size_t m_busy = 0, m_toldBusy = 0, m_toldWaiting = 0;
  std::uint64_t m_requests = 0, m_responses = 0, m_broken = 0, m_handshakes = 0;
};

ParameterRow pageRow(std::string path) {
  return {{{"host", std::string()},
           {"path", std::move(path)},
           {"status", std::int64_t{200}},
           {"content_type", std::string("text/html")},
           {"bytes", std::int64_t{1256}},
           {"body", std::string()},
           {"session", std::string("none")}}};
}

Parameter pagesParameter() {
  using namespace declare;
  Parameter path = text("path", "/", "Path of the page");
  path.checkText = checkPath;
  Parameter type = text("content_type", "text/html", "What the Content-Type header says");
  type.checkText = [](std::string_view t) -> std::string {
    const bool fits =
        !t.empty() && std::all_of(t.begin(), t.end(), [](char c) { return c >= ' ' && c < 0x7f; });
    return fits ? "" : "must be a media type such as text/html";
  };
  Parameter pages =
      records("pages",
              {text("host", "", "Only for this host; empty: for any"), std::move(path),
               integer("status", "", 200, 200, 599, "Status code it answers with"), std::move(type),
               integer("bytes", "bytes", 0, 0, 1e9, "Length of a made-up body, when body is empty"),
               text("body", "", "The page itself"),
               choice("session", {"none", "start", "require"},
                      "Starts a session with a cookie, or is only for those who bring one")},
              "What can be fetched; anything else is 404 Not Found");
  pages.byDefault = std::vector<ParameterRow>{pageRow("/"), pageRow("/index.html")};
  return pages;
}

std::vector<Parameter> sessionParameters() {
  using namespace declare;
  Parameter name =
      text("cookie_name", "session", "Name of the cookie that pages with a session use");
  name.checkText = [](std::string_view t) -> std::string {
    return isToken(t) ? "" : "must be letters, digits and marks such as - and _ (RFC 6265, 4.1.1)";
  };
  return {std::move(name),
          integer("cookie_max_age_s", "s", 0, 0, 1e9,
                  "How long cookie and session last; 0: until browser or server ends"),
          boolean("cookie_secure", false, "The cookie only travels over https"),
          boolean("cookie_http_only", true, "Scripts in a page must not see the cookie"),
          choice("cookie_same_site", {"lax", "strict", "none"},
                 "Whether the cookie goes along when another site leads here"),
          choice("unknown_session", {"refuse", "login"},
                 "Page that requires a session: 403, or 302 to the page that starts one")};
}

std::vector<Parameter> httpsParameters() {
  using namespace declare;
  return joined(
      {boolean("https", false, "Serves https, too, with a certificate of its own"),
       integer("https_port", "", 443, 1, 65535, "TCP port for https"),
       boolean("redirect_to_https", false,
               "Answers http with 301 to https, as most sites do: browsers may remember a 301"),
       integer("hsts_max_age_s", "s", 0, 0, 1e9,
               "Tells browsers over https to use nothing else so long; 0: does not")},
      serverTlsParameters());
}

} // namespace

ProgramType httpServerType() {
  using namespace declare;
  return {"http-server",
          "Web server",
          "Serves pages over HTTP/1.1, with a time for each request and a limit of workers",
          "web-server",
          joined(joined({port(80, "TCP port it listens on"), pagesParameter(),
                         duration("service_ns", Duration::ms(2), 0, hour,
                                  "Time to process a request (the mean, when exponential)"),
                         choice("service", {"constant", "exponential"}, "How that time is spread"),
                         integer("workers", "", 0, 0, 100000,
                                 "Requests processed at the same time; 0: no limit"),
                         boolean("keep_alive", true, "Leaves the connection open after a response"),
                         duration("idle_timeout_ns", Duration::seconds(60), millisecond, hour,
                                  "Closes a connection on which nothing happens")},
                        joined(sessionParameters(), httpsParameters())),
                 shortTcpParameters()),
          [](const ParameterValues &v) -> std::unique_ptr<Program> {
            return std::make_unique<HttpServer>(v);
          }};
}

} // namespace packetarium::programs
