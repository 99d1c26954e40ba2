// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/channel.h"
#include "core/programs/declare.h"
#include "core/programs/peer.h"
#include "core/programs/tcp_parameters.h"
#include "core/programs/tls_layer.h"
#include "core/programs/types.h"
#include "core/programs/url.h"
#include "core/wire/http.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace packetarium::programs {
namespace {

using namespace wire::http;
using trace::RequestOutcome;
using transport::SocketEvent;
using transport::SocketId;

/// One request of one client, on a connection of its own.
struct Fetch {
  Peer peer;
  SimTime began;
  std::uint64_t request = 0;
  SocketId socket = transport::noSocket;
  Channel channel;
  TimerId timer;
  Parser parser{Parser::Role::Responses};
};

/// Many web clients at once: open loop (requests come whether or not earlier ones were answered) or
/// closed loop (each client thinks, asks, waits).
class ClientLoad final : public ProgramOf<ClientLoad> {
public:
  explicit ClientLoad(const ParameterValues &v)
      : m_url(Url::parse(v.text("url")).value_or(Url{})),
        m_tcp(tcpOptions(v)),
        m_open(v.text("mode") == "open"),
        m_rateRps(v.real("rate_rps")),
        m_clients(static_cast<std::uint64_t>(v.integer("clients"))),
        m_think(v.duration("think_ns")),
        m_exponential(v.text("think") == "exponential"),
        m_timeout(v.duration("timeout_ns")),
        m_inFlightMax(static_cast<std::size_t>(v.integer("in_flight_max"))),
        m_start(v.duration("start_ns")),
        m_length(v.duration("duration_ns")),
        m_values(v) {}

  void start(Context &ctx) override { ctx.setTimer(m_start, tagOf(0, Begin)); }

  void onTimer(Context &ctx, std::uint64_t tag) override {
    switch (static_cast<Kind>(tag & 3)) {
    case Begin: begin(ctx); return;
    case Next: next(ctx); return;
    case Timeout: giveUp(ctx, tag >> 2); return;
    case Sample:
      ctx.sample("client.in_flight", static_cast<double>(m_fetches.size()));
      if (!over(ctx.now()) || !m_fetches.empty()) ctx.setTimer(sampleEvery, tagOf(0, Sample));
      return;
    }
  }

  void onResolved(Context &ctx, std::uint64_t number, const Resolution &answer) override {
    const auto at = m_fetches.find(number);
    if (at == m_fetches.end()) return;
    if (at->second.peer.take(answer))
      connect(ctx, number);
    else
      end(ctx, number, outcomeOf(answer.status), 0, sentence(answer.status, m_url.host));
  }

  void onSocket(Context &ctx, const SocketEvent &event) override {
    const auto at = m_bySocket.find(event.socket);
    if (at == m_bySocket.end()) {
      onFormer(ctx, event);
      return;
    }
    const std::uint64_t number = at->second;
    Channel &channel = m_fetches.at(number).channel;
    const std::vector<ChannelEvent> events = channel.onSocket(ctx, event);
    if (TlsLayer *tls = tlsOf(channel)) m_tickets.keep(m_url.host, tls->takeSessions());
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
                           : fmt::format("closed loop, {} clients", m_clients)),
        row("begun", text(m_begun)), row("in flight", text(m_fetches.size())), outcomes};
    if (answered != m_outcomes.end())
      rows.push_back(row("mean latency",
                         inMs(m_latencySum / static_cast<std::int64_t>(answered->second)),
                         "of the requests that were answered"));
    return rows;
  }

private:
  enum Kind : std::uint64_t { Begin, Next, Timeout, Sample };
  static constexpr std::uint64_t tagOf(std::uint64_t number, Kind kind) {
    return number << 2 | kind;
  }
  static constexpr Duration sampleEvery = Duration::seconds(1);
  /// A client whose request failed at once waits a little, so that time goes on.
  static constexpr Duration pauseAfterFailure = Duration::ms(100);

  void onChannel(Context &ctx, std::uint64_t number, const ChannelEvent &e) {
    Fetch &f = m_fetches.at(number);
    switch (e.kind) {
    case ChannelEvent::Kind::Ready:
      f.parser.expectAnswerTo("GET");
      f.channel.send(ctx, serialise(get(m_url.authority(), m_url.path, false)));
      return;
    case ChannelEvent::Kind::Data:
      if (f.parser.feed(e.data).ok())
        take(ctx, number);
      else
        end(ctx, number, RequestOutcome::ServerError, 0, "not an HTTP response");
      return;
    case ChannelEvent::Kind::PeerClosed:
      if (!f.parser.end().ok() || !f.parser.hasMessage())
        end(ctx, number, RequestOutcome::Reset, 0, "closed before the response was complete");
      else
        take(ctx, number);
      return;
    case ChannelEvent::Kind::Failed:
      end(ctx, number, outcomeOf(e), 0, sentence(e, f.peer.text()));
      return;
    case ChannelEvent::Kind::Writable:
    case ChannelEvent::Kind::Closed: return;
    }
  }

  void onFormer(Context &ctx, const SocketEvent &event) {
    const auto at = m_leaving.find(event.socket);
    if (at == m_leaving.end()) return;
    at->second.onSocket(ctx, event);
    if (!at->second.lingers()) m_leaving.erase(at);
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
    for (std::uint64_t i = 0; i < m_clients; ++i)
      ctx.setTimer(ctx.random("start").uniform(Duration{}, m_think), tagOf(0, Next));
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

  void next(Context &ctx) {
    if (over(ctx.now())) return;
    if (m_open) ctx.setTimer(arrivalGap(ctx), tagOf(0, Next));
    ++m_begun;
    if (m_open && m_fetches.size() >= m_inFlightMax) {
      const std::uint64_t request = ctx.requestStarted(m_url.text());
      ctx.requestEnded(request, RequestOutcome::Cancelled, Duration{}, 0, "too many in flight");
      count(RequestOutcome::Cancelled);
      return;
    }
    const std::uint64_t number = ++m_number;
    Fetch fetch{Peer(m_url.host, m_url.port),
                ctx.now(),
                ctx.requestStarted(m_url.text()),
                transport::noSocket,
                {},
                {},
                Parser{Parser::Role::Responses}};
    fetch.timer = ctx.setTimer(m_timeout, tagOf(number, Timeout));
    Fetch &kept = m_fetches.emplace(number, std::move(fetch)).first->second;
    if (kept.peer.lookUp(ctx, number)) connect(ctx, number);
  }

  void connect(Context &ctx, std::uint64_t number) {
    Fetch &f = m_fetches.at(number);
    f.socket = ctx.tcpConnect(f.peer.endpoint(), m_url.secure ? sendingAtOnce(m_tcp) : m_tcp);
    if (f.socket == transport::noSocket) {
      end(ctx, number, RequestOutcome::Cancelled, 0, "no own port is left");
      return;
    }
    m_bySocket[f.socket] = number;
    f.channel = m_url.secure ? secureChannel(ctx, f.socket) : Channel(f.socket);
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

  void take(Context &ctx, std::uint64_t number) {
    const auto message = m_fetches.at(number).parser.take();
    if (!message || message->response().status < 200) return;
    const int status = message->response().status;
    end(ctx, number, status >= 500 ? RequestOutcome::ServerError : RequestOutcome::Ok,
        message->bodyBytes, fmt::format("{} {}", status, message->response().reason));
  }

  void giveUp(Context &ctx, std::uint64_t number) {
    if (m_fetches.find(number) != m_fetches.end())
      end(ctx, number, RequestOutcome::Timeout, 0,
          fmt::format("no response within {}", toString(m_timeout)));
  }

  void count(RequestOutcome outcome) {
    ++m_ended;
    ++m_outcomes[outcome];
  }

  void end(Context &ctx, std::uint64_t number, RequestOutcome outcome, std::uint64_t bytes,
           const std::string &detail) {
    auto node = m_fetches.extract(number);
    Fetch &f = node.mapped();
    const Duration latency = ctx.now() - f.began;
    ctx.cancelTimer(f.timer);
    ctx.requestEnded(f.request, outcome, latency, bytes, detail);
    count(outcome);
    const bool ok = outcome == RequestOutcome::Ok;
    if (ok) m_latencySum = m_latencySum + latency;
    if (f.socket != transport::noSocket) {
      m_bySocket.erase(f.socket);
      if (ok || outcome == RequestOutcome::ServerError)
        f.channel.close(ctx);
      else
        f.channel.abort(ctx);
      if (f.channel.lingers()) m_leaving[f.socket] = std::move(f.channel);
    }
    if (m_open) return;
    ctx.setTimer(ok ? thinkTime(ctx) : std::max(thinkTime(ctx), pauseAfterFailure), tagOf(0, Next));
  }

  Url m_url;
  transport::TcpOptions m_tcp;
  bool m_open = true;
  double m_rateRps = 0;
  std::uint64_t m_clients = 0;
  Duration m_think;
  bool m_exponential = true;
  Duration m_timeout;
  std::size_t m_inFlightMax = 0;
  Duration m_start, m_length;
  ParameterValues m_values;                          ///< for TLS
  std::shared_ptr<const tls::ClientConfig> m_secure; ///< without a session

  SessionCache m_tickets;
  SimTime m_began;
  std::uint64_t m_number = 0, m_begun = 0, m_ended = 0;
  std::map<std::uint64_t, Fetch> m_fetches;
  std::map<SocketId, std::uint64_t> m_bySocket;
  std::map<SocketId, Channel> m_leaving; ///< closed, with bytes that still wait for room
  std::map<RequestOutcome, std::uint64_t> m_outcomes;
  Duration m_latencySum;
};

} // namespace

ProgramType clientLoadType() {
  using namespace declare;
  Parameter url = required(text("url", "", "What every client fetches: http://host[:port]/path"));
  url.checkText = checkUrl;
  return {"client-load",
          "Web clients",
          "Many web clients: requests at a given rate, or clients that think, ask and wait",
          "load",
          joined({std::move(url),
                  choice("mode", {"open", "closed"},
                         "Requests at a rate (Poisson), or a fixed number of clients"),
                  real("rate_rps", "requests/s", 10, 0.001, 1e6, "Open: mean requests a second"),
                  integer("clients", "", 10, 1, 100000, "Closed: how many clients"),
                  duration("think_ns", Duration::seconds(1), 0, hour,
                           "Closed: pause between an answer and the next request"),
                  choice("think", {"exponential", "constant"}, "Closed: how the pause is spread"),
                  duration("timeout_ns", Duration::seconds(10), millisecond, hour,
                           "Gives a request up after this"),
                  integer("in_flight_max", "", 1000, 1, 100000,
                          "Open: requests above this are cancelled at once"),
                  startAt(),
                  duration("duration_ns", Duration{}, 0, 1000 * hour,
                           "Begins no request after so long; 0: no end")},
                 joined(clientTlsParameters(), shortTcpParameters())),
          [](const ParameterValues &v) -> std::unique_ptr<Program> {
            return std::make_unique<ClientLoad>(v);
          }};
}

} // namespace packetarium::programs
