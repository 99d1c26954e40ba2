// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/client_load/backoff.h"
#include "core/programs/client_load/fetch.h"
#include "core/programs/client_load/parameters.h"
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

namespace packetarium::programs {
namespace {

using namespace wire::http;
using trace::RequestOutcome;
using transport::SocketEvent;
using transport::SocketId;

/// Many web clients at once: open loop (requests come whether or not earlier ones were answered) or
/// closed loop (each client thinks, asks, waits).
class ClientLoad final : public ProgramOf<ClientLoad> {
public:
  explicit ClientLoad(const ParameterValues &v)
      : m_url(Url::parse(v.text("url")).value_or(Url{})),
        m_service(v.text("service").empty() ? m_url.host : v.text("service")),
        m_tcp(tcpOptions(v)),
        m_open(v.text("mode") == "open"),
        m_rateRps(v.real("rate_rps")),
        m_clientCount(static_cast<std::uint64_t>(v.integer("clients"))),
        m_think(v.duration("think_ns")),
        m_exponential(v.text("think") == "exponential"),
        m_timeout(v.duration("timeout_ns")),
        m_inFlightMax(static_cast<std::size_t>(v.integer("in_flight_max"))),
        m_start(v.duration("start_ns")),
        m_length(v.duration("duration_ns")),
        m_retries(static_cast<std::uint64_t>(v.integer("retries"))),
        m_tryTimeout(v.duration("try_timeout_ns")),
        m_backoff(v.duration("backoff_ns"), v.duration("backoff_max_ns"),
                  Backoff::jitter(v.text("jitter"))),
        m_choice(v.text("addresses")),
        m_keepAlive(v.boolean("keep_alive") && !m_open),
        m_sessions(v.boolean("sessions") && !m_open),
        m_login(m_url),
        m_values(v) {
    m_login.path = v.text("login_path");
    for (const ParameterRow &r : v.rows("servers"))
      if (const auto a = wire::Ipv4Address::parse(std::get<std::string>(r.values.at("address"))))
        m_servers.push_back(*a);
  }

  void start(Context &ctx) override { ctx.setTimer(m_start, tagOf(0, Begin)); }

  void onTimer(Context &ctx, std::uint64_t tag) override {
    switch (static_cast<Kind>(tag & 7)) {
    case Begin: begin(ctx); return;
    case Next: next(ctx, tag >> 3); return;
    case Timeout: giveUp(ctx, tag >> 3); return;
    case TryTimeout: giveTryUp(ctx, tag >> 3); return;
    case Retry:
      if (m_fetches.contains(tag >> 3)) beginTry(ctx, tag >> 3);
      return;
    case Sample:
      ctx.sample("client.in_flight", static_cast<double>(m_fetches.size()));
      if (!over(ctx.now()) || !m_fetches.empty()) ctx.setTimer(sampleEvery, tagOf(0, Sample));
      return;
    }
  }

  void onResolved(Context &ctx, std::uint64_t number, const Resolution &answer) override {
    const auto at = m_fetches.find(number);
    if (at == m_fetches.end() || !at->second.resolving) return;
    Fetch &f = at->second;
    f.resolving = false;
    if (f.peer.take(answer)) {
      f.addresses = answer.addresses;
      if (!answer.fromCache) tellTry(ctx, f, "named", m_url.host);
      connect(ctx, number);
    } else {
      failTry(ctx, number, outcomeOf(answer.status), sentence(answer.status, m_url.host));
    }
  }

  void onSocket(Context &ctx, const SocketEvent &event) override {
    const auto at = m_bySocket.find(event.socket);
    if (at == m_bySocket.end()) {
      onFormer(ctx, event);
      return;
    }
    const std::uint64_t number = at->second;
    Fetch &f = m_fetches.at(number);
    if (event.kind == SocketEvent::Kind::Connected) {
      f.own = event.local;
      tellConnected(ctx, f);
    }
    const std::vector<ChannelEvent> events = f.channel.onSocket(ctx, event);
    if (TlsLayer *tls = tlsOf(f.channel)) m_tickets.keep(m_url.host, tls->takeSessions());
    for (const ChannelEvent &e : events) {
      onChannel(ctx, number, e);
      if (!m_bySocket.contains(event.socket)) return; // it ended with that
    }
  }

  std::vector<Described> describe(SimTime) const override {
    Described outcomes = row("ended", text(m_ended));
    for (const auto &[outcome, count] : m_outcomes)
      outcomes.children.push_back(row(std::string(trace::name(outcome)), text(count)));
    const auto answered = m_outcomes.find(RequestOutcome::Ok);
    std::vector<Described> rows = {
        row("URL", m_url.text()),
        row("load", m_open ? fmt::format("open loop, {:g} requests/s", m_rateRps)
                           : fmt::format("closed loop, {} clients", m_clientCount)),
        row("begun", text(m_begun)), row("in flight", text(m_fetches.size())), outcomes};
    if (answered != m_outcomes.end())
      rows.push_back(row("mean latency",
                         inMs(m_latencySum / static_cast<std::int64_t>(answered->second)),
                         "of the requests that were answered"));
    describeClients(rows);
    return rows;
  }

private:
  enum Kind : std::uint64_t { Begin, Next, Timeout, Sample, TryTimeout, Retry };
  static constexpr std::uint64_t tagOf(std::uint64_t number, Kind kind) {
    return number << 3 | kind;
  }
  static constexpr Duration sampleEvery = Duration::seconds(1);
  /// A client whose request failed at once waits a little, so that time goes on.
  static constexpr Duration pauseAfterFailure = Duration::ms(100);
  /// Servers that forget at once what they were told would be asked for ever.
  static constexpr int loginsMost = 3;

  void describeClients(std::vector<Described> &rows) const {
    if (m_retries > 0) rows.push_back(row("tries beyond the first", text(m_retried)));
    if (m_sessions) rows.push_back(row("logged in again", text(m_loggedInAgain)));
    if (m_keepAlive) rows.push_back(row("connections kept", text(m_idle.size())));
    if (m_servers.empty()) return;
    Described servers = row("servers it knows", text(m_servers.size()));
    for (const auto a : m_servers) servers.children.push_back(row("server", a.text()));
    rows.push_back(std::move(servers));
  }

  void onChannel(Context &ctx, std::uint64_t number, const ChannelEvent &e) {
    Fetch &f = m_fetches.at(number);
    switch (e.kind) {
    case ChannelEvent::Kind::Ready: ask(ctx, f); return;
    case ChannelEvent::Kind::Data:
      f.reused = false;
      if (f.parser.feed(e.data).ok())
        take(ctx, number);
      else
        failTry(ctx, number, RequestOutcome::ServerError, "not an HTTP response");
      return;
    case ChannelEvent::Kind::PeerClosed:
      if (!f.parser.end().ok() || !f.parser.hasMessage())
        failTry(ctx, number, RequestOutcome::Reset, "closed before the response was complete");
      else
        take(ctx, number);
      return;
    case ChannelEvent::Kind::Failed:
      failTry(ctx, number, outcomeOf(e), sentence(e, f.peer.text()));
      return;
    case ChannelEvent::Kind::Writable:
    case ChannelEvent::Kind::Closed: return;
    }
  }

  /// A connection that no request uses: kept for the next one, or on its way out.
  void onFormer(Context &ctx, const SocketEvent &event) {
    if (const auto idle = m_idle.find(event.socket); idle != m_idle.end()) {
      LoadClient &client = m_clients.at(idle->second);
      client.kept.onSocket(ctx, event);
      const bool ended = event.kind == SocketEvent::Kind::PeerClosed || !client.kept.exists();
      if (!ended) return;
      m_idle.erase(idle);
      leave(ctx, event.socket, std::move(client.kept));
      client.kept = Channel();
      return;
    }
    const auto at = m_leaving.find(event.socket);
    if (at == m_leaving.end()) return;
    at->second.onSocket(ctx, event);
    if (!at->second.lingers()) m_leaving.erase(at);
  }

  /// Closes in order; what still waits for room is kept until it has left.
  void leave(Context &ctx, SocketId socket, Channel channel) {
    channel.close(ctx);
    if (channel.lingers()) m_leaving[socket] = std::move(channel);
  }

  bool over(SimTime now) const { return m_length > Duration{} && now - m_began >= m_length; }

  void begin(Context &ctx) {
    m_began = ctx.now();
    ctx.setTimer(sampleEvery, tagOf(0, Sample));
    if (m_open) {
      ctx.setTimer(arrivalGap(ctx), tagOf(0, Next));
      return;
    }
    // Clients that began together would stay together: each begins somewhere in a think time.
    for (std::uint64_t i = 0; i < m_clientCount; ++i)
      ctx.setTimer(ctx.random("start").uniform(Duration{}, m_think), tagOf(i, Next));
  }

  Duration arrivalGap(Context &ctx) const {
    const auto mean = Duration::ns(static_cast<std::int64_t>(1e9 / m_rateRps));
    return ctx.random("arrivals").exponential(mean);
  }

  /// Never nothing: time must go on even between two programs of one host.
  Duration thinkTime(Context &ctx) const {
    const Duration t = m_exponential ? ctx.random("think").exponential(m_think) : m_think;
    return std::max(t, Duration::us(1));
  }

  void next(Context &ctx, std::uint64_t client) {
    if (over(ctx.now())) return;
    if (m_open) ctx.setTimer(arrivalGap(ctx), tagOf(0, Next));
    ++m_begun;
    if (m_open && m_fetches.size() >= m_inFlightMax) {
      const std::uint64_t request = ctx.requestStarted(m_url.text(), m_service);
      ctx.requestEnded(request, RequestOutcome::Cancelled, Duration{}, 0, "too many in flight");
      count(RequestOutcome::Cancelled);
      return;
    }
    const std::uint64_t number = ++m_number;
    Fetch fetch(client, Peer(m_url.host, m_url.port), ctx.now(),
                ctx.requestStarted(m_url.text(), m_service));
    fetch.timer = ctx.setTimer(m_timeout, tagOf(number, Timeout));
    m_fetches.emplace(number, std::move(fetch));
    beginTry(ctx, number);
  }

  void beginTry(Context &ctx, std::uint64_t number) {
    Fetch &f = m_fetches.at(number);
    f.waiting = false;
    f.loggingIn = m_sessions && !m_clients[f.client].loggedIn;
    if (++f.tries > 1) ++m_retried;
    if (m_tryTimeout > Duration{})
      f.tryTimer = ctx.setTimer(m_tryTimeout, tagOf(number, TryTimeout));
    if (m_keepAlive && m_clients[f.client].kept.established())
      reuse(ctx, number);
    else
      lookUp(ctx, number);
  }

  void reuse(Context &ctx, std::uint64_t number) {
    Fetch &f = m_fetches.at(number);
    LoadClient &client = m_clients.at(f.client);
    f.socket = client.kept.socket();
    f.channel = std::move(client.kept);
    client.kept = Channel();
    f.asked = client.keptTo;
    f.reused = true;
    m_idle.erase(f.socket);
    m_bySocket[f.socket] = number;
    f.own = client.keptFrom;
    tellTry(ctx, f, "sent", f.asked.text());
    tellConnected(ctx, f);
    ask(ctx, f);
  }

  void lookUp(Context &ctx, std::uint64_t number) {
    Fetch &f = m_fetches.at(number);
    f.reused = false;
    f.addresses = m_servers;
    if (m_servers.empty() && !f.peer.lookUp(ctx, number)) {
      f.resolving = true;
      return;
    }
    if (m_servers.empty()) f.addresses = {f.peer.endpoint().address};
    connect(ctx, number);
  }

  void connect(Context &ctx, std::uint64_t number) {
    Fetch &f = m_fetches.at(number);
    wire::Ipv4Address &favourite = m_clients[f.client].favourite;
    f.asked = {m_choice.choose(f.addresses, f.failed, favourite), m_url.port};
    openTo(ctx, number);
  }

  void openTo(Context &ctx, std::uint64_t number) {
    Fetch &f = m_fetches.at(number);
    tellTry(ctx, f, "sent", f.asked.text());
    f.socket = ctx.tcpConnect(f.asked, m_url.secure ? sendingAtOnce(m_tcp) : m_tcp);
    if (f.socket == transport::noSocket) {
      end(ctx, number, RequestOutcome::Cancelled, 0, "no own port is left", false);
      return;
    }
    m_bySocket[f.socket] = number;
    f.parser = Parser(Parser::Role::Responses);
    f.channel = m_url.secure ? secureChannel(ctx, f.socket) : Channel(f.socket);
  }

  static void tellTry(Context &ctx, const Fetch &f, std::string_view what, std::string_view where) {
    ctx.fact(transport::noSocket, trace::FactTopic::Try, what, text(f.request), where);
  }
  static void tellConnected(Context &ctx, const Fetch &f) {
    tellTry(ctx, f, "connected", fmt::format("{} from {}", f.asked.text(), f.own.text()));
  }

  /// So many handshakes are no story: only their keys are told.
  Channel secureChannel(Context &ctx, SocketId socket) {
    if (!m_secure) m_secure = std::make_shared<const tls::ClientConfig>(unobserved(ctx));
    tls::ClientConfig config = *m_secure;
    if (m_values.boolean("resume_sessions"))
      config.session = m_tickets.take(m_url.host, calendarMs(ctx.now()));
    return Channel(socket, std::make_unique<TlsLayer>(
                               socket, std::make_shared<const tls::ClientConfig>(config)));
  }

  tls::ClientConfig unobserved(const Context &ctx) const {
    tls::ClientConfig config = clientTls(m_values, ctx, m_url.host);
    config.observed = false;
    return config;
  }

  /// Asks for the page, or first for the one that begins a session.
  void ask(Context &ctx, Fetch &f) {
    const Url &url = f.loggingIn ? m_login : m_url;
    f.parser = Parser(Parser::Role::Responses);
    f.parser.expectAnswerTo("GET");
    Request request = get(url.authority(), url.path, m_keepAlive || m_sessions);
    std::string cookies;
    if (m_sessions) cookies = m_clients[f.client].jar.headerFor(url, ctx.now());
    if (!cookies.empty()) request.headers.push_back({"Cookie", std::move(cookies)});
    f.channel.send(ctx, serialise(request));
  }

  void take(Context &ctx, std::uint64_t number) {
    const auto message = m_fetches.at(number).parser.take();
    if (!message || message->response().status < 200) return;
    const int status = message->response().status;
    if (m_sessions && sessionGoesOn(ctx, number, *message)) return;
    const std::string said = fmt::format("{} {}", status, message->response().reason);
    if (status >= 500)
      failTry(ctx, number, RequestOutcome::ServerError, said, message->bodyBytes);
    else
      end(ctx, number, RequestOutcome::Ok, message->bodyBytes, said, message->keepAlive);
  }

  /// A client whom the server does not know logs in and asks once more; true while it does.
  bool sessionGoesOn(Context &ctx, std::uint64_t number, const Message &message) {
    Fetch &f = m_fetches.at(number);
    LoadClient &client = m_clients[f.client];
    const int status = message.response().status;
    for (const Header &h : message.headers())
      if (sameText(h.name, "Set-Cookie"))
        client.jar.store(h.value, f.loggingIn ? m_login : m_url, ctx.now());
    if (f.loggingIn) {
      if (status >= 300) return refusedLogin(ctx, number, status);
      if (client.loggedIn) countLogin(ctx, f);
      client.loggedIn = true;
      f.loggingIn = false;
    } else {
      if (status != 403 && status != 302) return false;
      if (++f.logins > loginsMost) return refusedLogin(ctx, number, status);
      f.loggingIn = true;
    }
    askOn(ctx, number, message.keepAlive);
    return true;
  }

  bool refusedLogin(Context &ctx, std::uint64_t number, int status) {
    failTry(ctx, number, RequestOutcome::ServerError,
            fmt::format("{} {}: it cannot log in", status, reasonOf(status)));
    return true;
  }

  void countLogin(Context &ctx, const Fetch &f) {
    ctx.phase("client.logged-in-again", fmt::format("client {}", f.client + 1));
    ctx.sample("client.logged_in_again", static_cast<double>(++m_loggedInAgain));
  }

  /// The next request of the same try.
  void askOn(Context &ctx, std::uint64_t number, bool serverKeepsOpen) {
    Fetch &f = m_fetches.at(number);
    if (serverKeepsOpen) {
      ask(ctx, f);
      return;
    }
    letGo(ctx, f, true);
    openTo(ctx, number);
  }

  void giveUp(Context &ctx, std::uint64_t number) {
    const auto at = m_fetches.find(number);
    if (at == m_fetches.end()) return;
    if (!at->second.waiting) blame(at->second);
    end(ctx, number, RequestOutcome::Timeout, 0,
        fmt::format("no response within {}", toString(m_timeout)), false);
  }

  void giveTryUp(Context &ctx, std::uint64_t number) {
    const auto at = m_fetches.find(number);
    if (at == m_fetches.end()) return;
    at->second.reused = false;
    failTry(ctx, number, RequestOutcome::Timeout,
            fmt::format("no response within {}", toString(m_tryTimeout)));
  }

  void blame(Fetch &f) {
    if (f.asked.address.isAny()) return;
    m_choice.blame(f.addresses, f.asked.address, m_clients[f.client].favourite);
    f.failed = f.asked.address;
  }

  /// One try has come to nothing: there may be another one.
  void failTry(Context &ctx, std::uint64_t number, RequestOutcome outcome, const std::string &why,
               std::uint64_t bytes = 0) {
    Fetch &f = m_fetches.at(number);
    if (f.reused) { // the server closed it just then (RFC 9112 section 9.3.1)
      letGo(ctx, f, false);
      lookUp(ctx, number);
      return;
    }
    blame(f);
    const bool hopeless =
        outcome == RequestOutcome::Untrusted || outcome == RequestOutcome::Cancelled;
    if (f.tries > m_retries || hopeless) {
      end(ctx, number, outcome, bytes, why, false);
      return;
    }
    ctx.cancelTimer(f.tryTimer);
    letGo(ctx, f, outcome == RequestOutcome::ServerError);
    f.resolving = false;
    f.waiting = true;
    ctx.setTimer(m_backoff.wait(ctx.random("backoff"), f.tries), tagOf(number, Retry));
  }

  void letGo(Context &ctx, Fetch &f, bool inOrder) {
    if (f.socket == transport::noSocket) return;
    m_bySocket.erase(f.socket);
    if (inOrder)
      leave(ctx, f.socket, std::move(f.channel));
    else
      f.channel.abort(ctx);
    f.channel = Channel();
    f.socket = transport::noSocket;
  }

  void count(RequestOutcome outcome) {
    ++m_ended;
    ++m_outcomes[outcome];
  }

  void end(Context &ctx, std::uint64_t number, RequestOutcome outcome, std::uint64_t bytes,
           const std::string &detail, bool serverKeepsOpen) {
    auto node = m_fetches.extract(number);
    Fetch &f = node.mapped();
    const Duration latency = ctx.now() - f.began;
    ctx.cancelTimer(f.timer);
    ctx.cancelTimer(f.tryTimer);
    ctx.requestEnded(f.request, outcome, latency, bytes, detail);
    count(outcome);
    const bool ok = outcome == RequestOutcome::Ok;
    if (ok) m_latencySum = m_latencySum + latency;
    if (ok && m_keepAlive && serverKeepsOpen)
      keep(f);
    else
      letGo(ctx, f, ok || outcome == RequestOutcome::ServerError);
    if (m_open) return;
    ctx.setTimer(ok ? thinkTime(ctx) : std::max(thinkTime(ctx), pauseAfterFailure),
                 tagOf(f.client, Next));
  }

  void keep(Fetch &f) {
    LoadClient &client = m_clients[f.client];
    m_bySocket.erase(f.socket);
    m_idle[f.socket] = f.client;
    client.kept = std::move(f.channel);
    client.keptTo = f.asked;
    client.keptFrom = f.own;
  }

  Url m_url;
  std::string m_service;
  transport::TcpOptions m_tcp;
  bool m_open = true;
  double m_rateRps = 0;
  std::uint64_t m_clientCount = 0;
  Duration m_think;
  bool m_exponential = true;
  Duration m_timeout;
  std::size_t m_inFlightMax = 0;
  Duration m_start, m_length;
  std::uint64_t m_retries = 0;
  Duration m_tryTimeout;
  Backoff m_backoff;
  AddressChoice m_choice;
  AddressChoice::Addresses m_servers; ///< known without asking
  bool m_keepAlive = false, m_sessions = false;
  Url m_login;
  ParameterValues m_values;                          ///< for TLS
  std::shared_ptr<const tls::ClientConfig> m_secure; ///< without a session

  SessionCache m_tickets;
  SimTime m_began;
  std::uint64_t m_number = 0, m_begun = 0, m_ended = 0, m_retried = 0, m_loggedInAgain = 0;
  std::map<std::uint64_t, Fetch> m_fetches;
  std::map<std::uint64_t, LoadClient> m_clients; ///< as far as they keep something
  std::map<SocketId, std::uint64_t> m_bySocket;
  std::map<SocketId, std::uint64_t> m_idle; ///< kept, and by which client
  std::map<SocketId, Channel> m_leaving;    ///< closed, with bytes that still wait for room
  std::map<RequestOutcome, std::uint64_t> m_outcomes;
  Duration m_latencySum;
};

} // namespace

ProgramType clientLoadType() {
  return {"client-load",
          "Web clients",
          "Many web clients: requests at a given rate, or clients that think, ask and wait",
          "load",
          joined(clientLoadParameters(), joined(clientTlsParameters(), shortTcpParameters())),
          [](const ParameterValues &v) -> std::unique_ptr<Program> {
            return std::make_unique<ClientLoad>(v);
          }};
}

} // namespace packetarium::programs
