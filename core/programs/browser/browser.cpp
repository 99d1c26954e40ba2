// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/browser/cookie_jar.h"
#include "core/programs/browser/hsts_store.h"
#include "core/programs/channel.h"
#include "core/programs/declare.h"
#include "core/programs/peer.h"
#include "core/programs/tcp_parameters.h"
#include "core/programs/tls_layer.h"
#include "core/programs/types.h"
#include "core/programs/url.h"
#include "core/wire/http.h"
#include "core/wire/http_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace packetarium::programs {
namespace {

using namespace wire::http;
using trace::RequestOutcome;
using transport::SocketEvent;
using transport::SocketId;

/// Redirects that are followed for one page; what browsers allow is of that order (RFC 9110 section
/// 15.4 names no number).
constexpr std::size_t redirectsMost = 10;

/// Fetches a page again and again, or several in turn, step by step as a browser does: resolve the
/// name, connect, ask, read, close.
class Browser final : public ProgramOf<Browser> {
public:
  explicit Browser(const ParameterValues &v)
      : m_visits({Url::parse(v.text("url")).value_or(Url{})}),
        m_peer(m_visits[0].host, m_visits[0].port),
        m_tcp(tcpOptions(v)),
        m_start(v.duration("start_ns")),
        m_interval(v.duration("interval_ns")),
        m_timeout(v.duration("timeout_ns")),
        m_count(static_cast<std::uint64_t>(v.integer("count"))),
        m_keepAlive(v.boolean("keep_alive")),
        m_keepsCookies(v.boolean("cookies")),
        m_resumes(v.boolean("resume_sessions")),
        m_values(v),
        m_target(m_visits[0]) {
    for (const ParameterRow &row : v.rows("visits"))
      if (const auto url = Url::parse(std::get<std::string>(row.values.at("url"))))
        m_visits.push_back(*url);
    for (const ParameterRow &row : v.rows("objects"))
      m_objects.push_back(std::get<std::string>(row.values.at("path")));
  }

  void start(Context &ctx) override { ctx.setTimer(m_start, Fetch); }

  void onTimer(Context &ctx, std::uint64_t tag) override {
    if (tag == Fetch) {
      fetch(ctx);
    } else {
      const std::string waiting = m_stage == Stage::Resolving    ? "the name"
                                  : m_stage == Stage::Connecting ? "the connection"
                                                                 : "the response";
      fail(ctx, RequestOutcome::Timeout,
           fmt::format("Gave up after {}: still waiting for {}.", toString(m_timeout), waiting));
    }
  }

  void onResolved(Context &ctx, std::uint64_t tag, const Resolution &answer) override {
    if (m_stage != Stage::Resolving || tag != m_fetches) return;
    if (!m_peer.take(answer)) {
      fail(ctx, outcomeOf(answer.status), sentence(answer.status, m_peer.name()));
      return;
    }
    connect(ctx);
  }

  void onSocket(Context &ctx, const SocketEvent &event) override {
    if (event.socket == transport::noSocket) return;
    if (event.socket != m_socket) {
      onFormer(ctx, event);
      return;
    }
    if (event.kind == SocketEvent::Kind::Connected)
      ctx.phase("browser.connected", event.remote.text());
    const std::vector<ChannelEvent> events = m_channel.onSocket(ctx, event);
    noteCertificate();
    if (TlsLayer *tls = tlsOf(m_channel); tls != nullptr && m_resumes)
      m_tickets.keep(m_connectedTo.host, tls->takeSessions());
    for (const ChannelEvent &e : events) {
      if (event.socket != m_socket) return; // given up over the one before
      onChannel(ctx, event, e);
    }
  }

  std::vector<Described> describe(SimTime now) const override {
    Described last = row("last result", m_lastResult.empty() ? "none yet" : m_lastResult);
    std::vector<Described> rows = {row("URL", current().text()), row("doing", doing(now)),
                                   std::move(last), row("pages shown", text(m_shown)),
                                   row("failed", text(m_failed))};
    if (m_peer.known()) {
      rows.push_back(row("address", m_peer.endpoint().text(),
                         std::string(wire::specialPurpose(m_peer.endpoint().address))));
    }
    rows.push_back(m_keepsCookies ? m_jar.describe(now) : row("cookies", "not kept"));
    rows.push_back(m_hsts.describe(now));
    if (const TlsLayer *tls = tlsOf(m_channel))
      for (Described &fact : describeTls(tls->connection())) rows.push_back(std::move(fact));
    if (!m_believed.empty()) rows.push_back(row("last certificate accepted", m_believed));
    if (m_tickets.size() != 0) rows.push_back(row("session tickets", text(m_tickets.size())));
    return rows;
  }

private:
  enum Tag : std::uint64_t { Fetch, Timeout };
  enum class Stage : std::uint8_t { Idle, Resolving, Connecting, Waiting };
  /// A connection that was closed, with bytes that wait for room or may still come.
  struct Leaving {
    Channel channel;
    std::string host;
  };

  bool fetching() const { return m_stage == Stage::Connecting || m_stage == Stage::Waiting; }
  /// The page of this fetch as it was entered.
  const Url &current() const {
    return m_visits[m_fetches == 0 ? 0 : (m_fetches - 1) % m_visits.size()];
  }

  std::string doing(SimTime now) const {
    const std::string since = fmt::format(" ({})", inMs(now - m_began));
    switch (m_stage) {
    case Stage::Idle: return m_fetches == 0 ? "has not begun" : "rests until the next fetch";
    case Stage::Resolving: return "resolves " + m_target.host + since;
    case Stage::Connecting: return "connects to " + m_peer.endpoint().text() + since;
    case Stage::Waiting: return "waits for " + m_target.path + since;
    }
    return {};
  }

  void fetch(Context &ctx) {
    ++m_fetches;
    m_began = ctx.now();
    m_object = 0;
    m_bytes = 0;
    ctx.phase("browser.url-entered", current().text());
    m_request = ctx.requestStarted(current().text(), current().host);
    m_timer = ctx.setTimer(m_timeout, Timeout);
    m_reused = m_channel.exists();
    m_parser = Parser(Parser::Role::Responses);
    begin(ctx, current());
  }

  /// Asks for the page or for one of its objects, before any redirect.
  void begin(Context &ctx, const Url &url) {
    m_asked.clear();
    go(ctx, url);
  }

  /// Asks for a URL, over the connection there is if it leads there.
  void go(Context &ctx, const Url &url) {
    m_target = m_hsts.upgraded(url, ctx.now());
    if (m_target.secure && !url.secure) ctx.phase("browser.hsts-upgraded", m_target.text());
    if (!m_asked.insert(m_target.text() + '\n' + cookies(ctx)).second) {
      fail(ctx, RequestOutcome::ServerError,
           fmt::format("The redirects go round in a circle: they lead to {} again.",
                       m_target.text()));
      return;
    }
    if (m_channel.exists() && !m_connectedTo.sameOrigin(m_target)) closeOwn(ctx);
    if (m_channel.exists())
      sendRequest(ctx);
    else
      resolve(ctx);
  }

  /// Who proved to be whom it asked for, and by whose word.
  void noteCertificate() {
    const TlsLayer *tls = tlsOf(m_channel);
    if (tls == nullptr || !tls->connection().established()) return;
    const auto &chain = tls->connection().facts().peerChain;
    if (chain.empty()) return; // resumed
    m_believed = fmt::format("{}, signed by {}", chain.front().subject(), chain.front().issuer());
  }

  void resolve(Context &ctx) {
    m_reused = false;
    m_stage = Stage::Resolving;
    m_peer = Peer(m_target.host, m_target.port);
    ctx.phase("browser.resolving", m_target.host);
    if (m_peer.lookUp(ctx, m_fetches)) connect(ctx);
  }

  void connect(Context &ctx) {
    m_stage = Stage::Connecting;
    m_parser = Parser(Parser::Role::Responses);
    ctx.phase("browser.address-known",
              fmt::format("{} is {}", m_target.host, m_peer.endpoint().address.text()));
    ctx.phase("browser.connecting", m_peer.endpoint().text());
    m_socket = ctx.tcpConnect(m_peer.endpoint(), m_target.secure ? sendingAtOnce(m_tcp) : m_tcp);
    m_channel = m_target.secure ? secureChannel(ctx) : Channel(m_socket);
    m_connectedTo = m_target;
    if (m_socket == transport::noSocket)
      fail(ctx, RequestOutcome::Refused, "No connection could be opened.");
  }

  Channel secureChannel(Context &ctx) {
    tls::ClientConfig config = clientTls(m_values, ctx, m_target.host);
    if (m_resumes) config.session = m_tickets.take(m_target.host, calendarMs(ctx.now()));
    return Channel(m_socket, std::make_unique<TlsLayer>(
                                 m_socket, std::make_shared<const tls::ClientConfig>(config)));
  }

  std::string cookies(Context &ctx) const {
    return m_keepsCookies ? m_jar.headerFor(m_target, ctx.now()) : std::string();
  }

  void sendRequest(Context &ctx) {
    m_stage = Stage::Waiting;
    m_parser.expectAnswerTo("GET");
    ctx.phase("browser.request-sent", fmt::format("GET {}", m_target.path));
    // It closes the connection itself when it has what it wants, so it asks to keep it open.
    Request request = get(m_target.authority(), m_target.path, true);
    if (std::string kept = cookies(ctx); !kept.empty())
      request.headers.push_back({"Cookie", std::move(kept)});
    m_channel.send(ctx, serialise(request));
  }

  void onChannel(Context &ctx, const SocketEvent &event, const ChannelEvent &e) {
    switch (e.kind) {
    case ChannelEvent::Kind::Ready: sendRequest(ctx); return;
    case ChannelEvent::Kind::Data:
      if (fetching()) onData(ctx, e.data);
      return;
    case ChannelEvent::Kind::PeerClosed:
      ctx.phase("browser.peer-closed", m_peer.endpoint().text());
      onPeerClosed(ctx);
      return;
    case ChannelEvent::Kind::Closed:
      ctx.phase("browser.closed", event.remote.text());
      m_socket = transport::noSocket;
      return;
    case ChannelEvent::Kind::Failed:
      m_socket = transport::noSocket;
      if (fetching()) retryOrFail(ctx, outcomeOf(e), sentence(e, m_peer.text()));
      return;
    case ChannelEvent::Kind::Writable: return;
    }
  }

  /// The last events of a connection that was closed are told, but belong to no fetch.
  void onFormer(Context &ctx, const SocketEvent &event) {
    if (const auto at = m_leaving.find(event.socket); at != m_leaving.end()) {
      Leaving &leaving = at->second;
      leaving.channel.onSocket(ctx, event);
      // A server that answered early data gives its ticket when the handshake is complete.
      if (TlsLayer *tls = tlsOf(leaving.channel); tls != nullptr && m_resumes)
        m_tickets.keep(leaving.host, tls->takeSessions());
      if (!leaving.channel.exists() || (!leaving.channel.secure() && !leaving.channel.lingers()))
        m_leaving.erase(at);
    }
    if (event.kind == SocketEvent::Kind::PeerClosed)
      ctx.phase("browser.peer-closed", event.remote.text());
    else if (event.kind == SocketEvent::Kind::Closed)
      ctx.phase("browser.closed", event.remote.text());
  }

  void onData(Context &ctx, const wire::Payload &data) {
    m_reused = false;
    if (!m_parser.feed(data).ok()) {
      fail(ctx, RequestOutcome::ServerError,
           "The server answered with something that is not HTTP.");
      return;
    }
    takeMessage(ctx);
  }

  void takeMessage(Context &ctx) {
    auto message = m_parser.take();
    while (message && message->response().status < 200) // interim (RFC 9110 section 15.2)
      message = m_parser.take();
    if (!message) return;
    m_bytes += message->bodyBytes;
    remember(ctx, *message);
    if (redirected(ctx, *message)) return;
    if (m_object == 0) {
      m_status = message->response();
      m_page = m_target;
    }
    if (m_object == m_objects.size()) {
      finish(ctx, message->keepAlive);
      return;
    }
    if (!message->keepAlive) closeOwn(ctx);
    Url object = m_page;
    object.path = m_objects[m_object++];
    begin(ctx, object);
  }

  /// What the browser is to remember for later requests.
  void remember(Context &ctx, const Message &message) {
    bool policySeen = false;
    for (const Header &h : message.headers()) {
      if (m_keepsCookies && wire::http::sameText(h.name, "Set-Cookie")) {
        const std::string refused = m_jar.store(h.value, m_target, ctx.now());
        if (refused.empty())
          ctx.phase("browser.cookie-stored", h.value);
        else
          ctx.note(refused);
      }
      // Only the first one counts (RFC 6797 section 8.1), and only over a secure connection.
      if (policySeen || !wire::http::sameText(h.name, "Strict-Transport-Security")) continue;
      policySeen = true;
      if (m_channel.secure()) m_hsts.take(h.value, m_target, ctx.now());
    }
  }

  /// Whether the answer sends the browser elsewhere (RFC 9110 section 15.4); it then goes there.
  bool redirected(Context &ctx, const Message &message) {
    const int status = message.response().status;
    const auto location = find(message.headers(), "Location");
    const bool leads =
        status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    if (!leads || !location) return false;
    const auto url = m_target.resolve(*location);
    if (!url) {
      fail(ctx, RequestOutcome::ServerError,
           fmt::format("The server redirects to what is no web address: \"{}\".", *location));
    } else if (m_asked.size() > redirectsMost) {
      fail(ctx, RequestOutcome::ServerError,
           fmt::format("Gave up after {} redirects; the next one led to {}.", redirectsMost,
                       url->text()));
    } else {
      ctx.phase("browser.redirected", url->text());
      if (!message.keepAlive) closeOwn(ctx);
      go(ctx, *url);
    }
    return true;
  }

  void finish(Context &ctx, bool serverKeepsOpen) {
    const std::string result =
        fmt::format("{} {}, {} bytes", m_status.status, m_status.reason, m_bytes);
    ctx.phase("browser.response-received", result);
    const Duration took = ctx.now() - m_began;
    const auto outcome = m_status.status >= 500 ? RequestOutcome::ServerError : RequestOutcome::Ok;
    ctx.requestEnded(m_request, outcome, took, m_bytes, result);
    ctx.sample("browser.load_ms", took.toMs());
    m_lastResult = fmt::format("{} after {}", result, inMs(took));
    ++m_shown;
    if (!m_keepAlive || !serverKeepsOpen) closeOwn(ctx);
    rest(ctx);
  }

  void closeOwn(Context &ctx) {
    if (!m_channel.exists()) return;
    ctx.phase("browser.closing", m_peer.endpoint().text());
    m_channel.close(ctx);
    if (m_channel.lingers() || (m_channel.exists() && m_channel.secure()))
      m_leaving[m_socket] = {std::move(m_channel), m_connectedTo.host};
    letGo();
  }

  void letGo() {
    m_channel = Channel();
    m_socket = transport::noSocket;
  }

  void onPeerClosed(Context &ctx) {
    if (!fetching()) {
      closeOwn(ctx);
      return;
    }
    const bool whole = m_parser.end().ok() && m_parser.hasMessage();
    if (whole)
      takeMessage(ctx);
    else
      retryOrFail(ctx, RequestOutcome::Reset,
                  "The server closed the connection before the response was complete.");
  }

  /// An idle connection may be closed just as it is used again: then the request goes out once more
  /// on a new one (RFC 9112 section 9.3.1).
  void retryOrFail(Context &ctx, RequestOutcome outcome, const std::string &why) {
    if (!m_reused) {
      fail(ctx, outcome, why);
      return;
    }
    closeOwn(ctx);
    resolve(ctx);
  }

  void fail(Context &ctx, RequestOutcome outcome, const std::string &why) {
    ctx.phase("browser.failed", why);
    ctx.note(why);
    ctx.requestEnded(m_request, outcome, ctx.now() - m_began, m_bytes, why);
    m_lastResult = why;
    ++m_failed;
    m_channel.abort(ctx);
    letGo();
    rest(ctx);
  }

  /// The next fetch begins an interval after this one began, or at once if that has passed.
  void rest(Context &ctx) {
    m_stage = Stage::Idle;
    ctx.cancelTimer(m_timer);
    if (m_count != 0 && m_fetches >= m_count) return;
    const SimTime next = std::max(m_began + m_interval, ctx.now());
    ctx.setTimer(next - ctx.now(), Fetch);
  }

  std::vector<Url> m_visits; ///< one fetch each, in turn
  Peer m_peer;
  transport::TcpOptions m_tcp;
  Duration m_start, m_interval, m_timeout;
  std::uint64_t m_count = 0;
  bool m_keepAlive = false, m_keepsCookies = true, m_resumes = true;
  ParameterValues m_values;           ///< for TLS
  std::vector<std::string> m_objects; ///< paths of what each page needs besides
  CookieJar m_jar;
  HstsStore m_hsts;
  SessionCache m_tickets;

  Stage m_stage = Stage::Idle;
  Channel m_channel;
  SocketId m_socket = transport::noSocket; ///< whose events belong to a fetch
  std::map<SocketId, Leaving> m_leaving;   ///< closed, not yet gone
  Url m_connectedTo;
  TimerId m_timer;
  bool m_reused = false; ///< the connection carried an earlier fetch, and has not answered this one
  SimTime m_began;
  Url m_target, m_page;          ///< what is asked for, and the page once it is here
  std::set<std::string> m_asked; ///< with which cookies, since the last begin
  std::size_t m_object = 0;      ///< 0: the page is being fetched, n: its n-th object
  std::uint64_t m_request = 0, m_bytes = 0, m_fetches = 0, m_shown = 0, m_failed = 0;
  Parser m_parser{Parser::Role::Responses};
  Response m_status;
  std::string m_lastResult, m_believed;
};

} // namespace

ProgramType browserType() {
  using namespace declare;
  Parameter url = required(text("url", "", "The page: http://host[:port]/path, or https://"));
  url.checkText = checkUrl;
  Parameter visit = url;
  visit.help = "Page, written as in url";
  Parameter path = required(text("path", "", "Path on the same server"));
  path.checkText = checkPath;
  return {"browser",
          "Browser",
          "Fetches a page: resolves the name, connects, asks, reads, closes; again and again",
          "browser",
          joined({std::move(url),
                  records("visits", {std::move(visit)},
                          "Pages visited after url, one fetch each; then url comes again"),
                  records("objects", {std::move(path)},
                          "What the page needs besides, fetched over the same connection"),
                  startAt(),
                  duration("interval_ns", Duration::seconds(2), millisecond, 1000 * hour,
                           "From the beginning of one fetch to the next"),
                  integer("count", "", 0, 0, 1e9, "Fetches; 0: no end"),
                  duration("timeout_ns", Duration::seconds(30), millisecond, hour,
                           "Gives a fetch up after this"),
                  boolean("keep_alive", false, "Keeps the connection for the next fetch"),
                  boolean("cookies", true,
                          "Keeps cookies and sends them back, until the node restarts; off: none")},
                 joined(clientTlsParameters(), shortTcpParameters())),
          [](const ParameterValues &v) -> std::unique_ptr<Program> {
            return std::make_unique<Browser>(v);
          }};
}

} // namespace packetarium::programs
