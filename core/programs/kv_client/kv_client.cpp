// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/declare.h"
#include "core/programs/kv_client/key_choice.h"
#include "core/programs/kv_client/operation.h"
#include "core/programs/kv_protocol.h"
#include "core/programs/message_stream.h"
#include "core/programs/peer.h"
#include "core/programs/tcp_parameters.h"
#include "core/programs/types.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

namespace packetarium::programs {
namespace {

using trace::FactTopic;
using trace::RequestOutcome;
using transport::Endpoint;
using transport::SocketEvent;
using transport::SocketId;
using wire::cluster::Message;

std::optional<Endpoint> endpointOf(std::string_view text) {
  const std::size_t colon = text.find(':');
  const auto address = wire::Ipv4Address::parse(text.substr(0, colon));
  if (!address || colon == std::string_view::npos) return {};
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (read.ec != std::errc{} || port == 0) return {};
  return Endpoint{*address, port};
}

/// Clients of a key-value store, each doing one thing after another: a fixed number that think, ask
/// and wait (closed), or as many as there are operations at once (open). All of them share what
/// they know about who the primary is, as the threads of one program do.
class KvClient final : public ProgramOf<KvClient> {
public:
  explicit KvClient(const ParameterValues &v)
      : m_service(v.text("service").empty() ? "store" : v.text("service")),
        m_open(v.text("mode") == "open"),
        m_rateRps(v.real("rate_rps")),
        m_clients(static_cast<std::uint64_t>(v.integer("clients"))),
        m_think(v.duration("think_ns")),
        m_mix{v.text("operations"), v.real("read_share")},
        m_keys(v.text("key_name"), static_cast<std::uint64_t>(v.integer("keys")), v.real("skew")),
        m_readFrom(v.text("read_from")),
        m_timeout(v.duration("timeout_ns")),
        m_retries(static_cast<int>(v.integer("retries"))),
        m_backoff(v.duration("backoff_ns")),
        m_backoffMax(v.duration("backoff_max_ns")),
        m_start(v.duration("start_ns")),
        m_length(v.duration("duration_ns")) {
    const auto port = static_cast<std::uint16_t>(v.integer("port"));
    for (const ParameterRow &row : v.rows("servers")) {
      const auto *address = std::get_if<std::string>(&row.values.at("address"));
      if (const auto parsed = wire::Ipv4Address::parse(*address))
        m_servers.push_back({*parsed, port});
    }
    if (!m_servers.empty()) m_leader = m_servers.front();
  }

  void start(Context &ctx) override {
    if (!m_servers.empty()) ctx.setTimer(m_start, tagOf(0, Begin));
  }

  void onTimer(Context &ctx, std::uint64_t tag) override {
    const std::uint64_t number = tag >> 2;
    switch (static_cast<Kind>(tag & 3)) {
    case Begin: begin(ctx); return;
    case Next: next(ctx, number); return;
    case Timeout: onTimeout(ctx, number); return;
    case Again: attempt(ctx, number); return;
    }
  }

  void onSocket(Context &ctx, const SocketEvent &event) override {
    const auto at = m_bySocket.find(event.socket);
    if (at == m_bySocket.end()) return;
    const std::uint64_t number = at->second;
    switch (event.kind) {
    case SocketEvent::Kind::Connected: onConnected(ctx, number, event.socket); return;
    case SocketEvent::Kind::Data: onData(ctx, number, event); return;
    case SocketEvent::Kind::Writable: connectionOf(number, event.socket)->stream.flush(ctx); return;
    case SocketEvent::Kind::PeerClosed:
      ctx.close(event.socket);
      onLost(ctx, number, event.socket, RequestOutcome::Reset, "the server closed the connection");
      return;
    case SocketEvent::Kind::Closed:
      onLost(ctx, number, event.socket, RequestOutcome::Reset, "the connection was closed");
      return;
    case SocketEvent::Kind::Failed:
      onLost(ctx, number, event.socket, outcomeOf(event.error),
             sentence(event.error, event.remote.text()));
      return;
    default: return;
    }
  }

  std::vector<Described> describe(SimTime) const override {
    const auto busy = std::count_if(m_processes.begin(), m_processes.end(),
                                    [](const auto &p) { return p.second.busy; });
    Described outcomes = row("ended", text(m_ended));
    for (const auto &[outcome, count] : m_outcomes)
      outcomes.children.push_back(row(std::string(trace::name(outcome)), text(count)));
    return {row("service", m_service),
            row("load", m_open ? fmt::format("open loop, {:g} operations/s", m_rateRps)
                               : fmt::format("closed loop, {} clients", m_clients)),
            row("primary", m_servers.empty() ? "none" : m_leader.text(), "as far as it knows"),
            row("in flight", text(static_cast<std::uint64_t>(busy))), std::move(outcomes)};
  }

private:
  enum Kind : std::uint64_t { Begin, Next, Timeout, Again };
  static constexpr std::uint64_t tagOf(std::uint64_t number, Kind kind) {
    return number << 2 | kind;
  }
  static constexpr int redirectsMax = 4;
  static constexpr std::size_t processesMax = 1000;

  struct Connection {
    Endpoint to;
    bool connected = false;
    MessageStream stream;
  };
  /// One client: at most one operation under way, and the connections that it keeps open.
  struct Process {
    std::string name; ///< anew after an operation whose end it never learned
    bool busy = false;
    kv::Operation operation;
    std::uint64_t request = 0;
    SimTime began;
    int attempts = 0, redirects = 0;
    bool sent = false;    ///< this attempt
    bool perhaps = false; ///< some attempt may have been done
    Endpoint to;
    TimerId timer;
    std::map<Endpoint, Connection> connections;
    std::map<std::string, std::string> contexts; ///< by key, of what it read last
  };

  bool over(SimTime now) const { return m_length > Duration{} && now - m_began >= m_length; }

  void begin(Context &ctx) {
    m_began = ctx.now();
    if (m_open) {
      ctx.setTimer(arrivalGap(ctx), tagOf(0, Next));
      return;
    }
    // Clients that began together would stay together: each begins somewhere in a think time.
    for (std::uint64_t i = 0; i < m_clients; ++i) {
      m_processes[++m_lastProcess] = {};
      ctx.setTimer(ctx.random("start").uniform(Duration{}, m_think), tagOf(m_lastProcess, Next));
    }
  }

  Duration arrivalGap(Context &ctx) const {
    return ctx.random("arrivals")
        .exponential(Duration::ns(static_cast<std::int64_t>(1e9 / m_rateRps)));
  }

  void next(Context &ctx, std::uint64_t number) {
    if (over(ctx.now())) return;
    if (m_open) {
      ctx.setTimer(arrivalGap(ctx), tagOf(0, Next));
      number = idleProcess();
    }
    invoke(ctx, number);
  }

  /// Open loop: the first that has nothing to do, or another one; 0 when there are too many.
  std::uint64_t idleProcess() {
    for (const auto &[number, p] : m_processes)
      if (!p.busy) return number;
    if (m_processes.size() >= processesMax) return 0;
    m_processes[++m_lastProcess] = {};
    return m_lastProcess;
  }

  void invoke(Context &ctx, std::uint64_t number) {
    kv::Operation operation = m_mix.draw(ctx, m_keys);
    const std::uint64_t request = ctx.requestStarted(operation.title(), m_service);
    if (number == 0) {
      ctx.requestEnded(request, RequestOutcome::Cancelled, Duration{}, 0, "too many in flight");
      count(RequestOutcome::Cancelled);
      return;
    }
    Process &p = m_processes[number];
    if (p.name.empty()) p.name = fmt::format("{}-{}", ctx.node().id, request);
    operation.makeUnique(p.name, request);
    p.operation = std::move(operation);
    p.request = request;
    p.began = ctx.now();
    p.busy = true;
    p.attempts = 0;
    p.perhaps = false;
    tell(ctx, p, "invoke", p.operation.value);
    p.to = firstServer(ctx, p);
    attempt(ctx, number);
  }

  void tell(Context &ctx, const Process &p, std::string_view how, std::string_view value) const {
    ctx.fact(transport::noSocket, FactTopic::Operation, how, p.operation.text(value),
             fmt::format("{} {} {}", p.name, p.request, m_service));
  }

  Endpoint firstServer(Context &ctx, const Process &p) {
    if (!p.operation.isRead() || m_readFrom == "primary") return m_leader;
    if (m_readFrom == "nearest") return m_servers.front();
    return m_servers[ctx.random("server").below(m_servers.size())];
  }

  Endpoint serverAfter(const Endpoint &server) const {
    const auto at = std::find(m_servers.begin(), m_servers.end(), server);
    if (at == m_servers.end() || at + 1 == m_servers.end()) return m_servers.front();
    return *(at + 1);
  }

  void attempt(Context &ctx, std::uint64_t number) {
    Process &p = m_processes.at(number);
    ++p.attempts;
    p.redirects = 0;
    ctx.cancelTimer(p.timer);
    p.timer = ctx.setTimer(m_timeout, tagOf(number, Timeout));
    ask(ctx, number);
  }

  void ask(Context &ctx, std::uint64_t number) {
    Process &p = m_processes.at(number);
    p.sent = false;
    const auto at = p.connections.find(p.to);
    if (at != p.connections.end()) {
      if (at->second.connected) sendRequest(ctx, p, at->second);
      return;
    }
    const SocketId socket = ctx.tcpConnect(p.to, messageTcp());
    if (socket == transport::noSocket) {
      failAttempt(ctx, number, RequestOutcome::Cancelled, "no own port is left");
      return;
    }
    p.connections[p.to] = {p.to, false, MessageStream(socket, p.to)};
    m_bySocket[socket] = number;
  }

  void sendRequest(Context &ctx, Process &p, Connection &c) {
    ctx.fact(c.stream.socket(), FactTopic::Try, "sent", text(p.request), c.to.text());
    Message message = p.operation.message(p.request);
    if (!p.operation.isRead()) {
      message.add("once", fmt::format("{} {}", p.name, p.request));
      const auto context = p.contexts.find(p.operation.key);
      if (context != p.contexts.end()) message.add("context", context->second);
    }
    p.sent = true;
    c.stream.send(ctx, message);
  }

  Connection *connectionOf(std::uint64_t number, SocketId socket) {
    for (auto &[to, c] : m_processes.at(number).connections)
      if (c.stream.socket() == socket) return &c;
    return nullptr;
  }

  void onConnected(Context &ctx, std::uint64_t number, SocketId socket) {
    Connection &c = *connectionOf(number, socket);
    Process &p = m_processes.at(number);
    c.connected = true;
    if (!p.busy || p.to != c.to || p.sent || !waits(p)) return;
    ctx.fact(socket, FactTopic::Try, "connected", text(p.request), c.to.text());
    sendRequest(ctx, p, c);
  }

  void onData(Context &ctx, std::uint64_t number, const SocketEvent &event) {
    if (!connectionOf(number, event.socket)->stream.feed(event.data)) {
      ctx.abort(event.socket);
      onLost(ctx, number, event.socket, RequestOutcome::ServerError, "not a store's answer");
      return;
    }
    while (Connection *c = connectionOf(number, event.socket)) {
      const auto message = c->stream.take();
      if (!message) return;
      onAnswer(ctx, number, *c, *message);
    }
  }

  void onAnswer(Context &ctx, std::uint64_t number, const Connection &c, const Message &message) {
    Process &p = m_processes.at(number);
    const bool mine =
        p.busy && p.sent && message.number("id", -1) == static_cast<std::int64_t>(p.request);
    if (!mine || p.to != c.to) return;
    if (message.is(kv::ok) || message.is(kv::value)) {
      if (!p.operation.isRead()) m_leader = c.to;
      if (message.has("context"))
        p.contexts[p.operation.key] = std::string(message.text("context"));
      const std::string told(p.operation.isRead() ? message.text("value")
                                                  : std::string_view(p.operation.value));
      end(ctx, number, RequestOutcome::Ok, told, {});
    } else if (message.is(kv::redirect)) {
      if (message.number("perhaps", 0) == 1) p.perhaps = true;
      follow(ctx, number, endpointOf(message.text("to")));
    } else {
      // A refusal is a promise that nothing was done.
      p.sent = false;
      failAttempt(ctx, number, RequestOutcome::ServerError, std::string(message.text("why")));
    }
  }

  void follow(Context &ctx, std::uint64_t number, std::optional<Endpoint> to) {
    Process &p = m_processes.at(number);
    p.sent = false;
    if (!to || *to == p.to || ++p.redirects > redirectsMax) {
      failAttempt(ctx, number, RequestOutcome::ServerError, "it knows of no primary");
      return;
    }
    if (m_leader == p.to || !p.operation.isRead()) m_leader = *to;
    p.to = *to;
    ask(ctx, number);
  }

  /// The connection is gone. An operation on it has failed, for this time.
  void onLost(Context &ctx, std::uint64_t number, SocketId socket, RequestOutcome outcome,
              const std::string &why) {
    Process &p = m_processes.at(number);
    const Connection *c = connectionOf(number, socket);
    m_bySocket.erase(socket);
    if (c == nullptr) return;
    const Endpoint to = c->to;
    p.connections.erase(to);
    if (p.busy && p.to == to && waits(p)) failAttempt(ctx, number, outcome, why);
  }

  /// An attempt is under way, not the pause before the next one.
  static bool waits(const Process &p) { return p.redirects >= 0; }

  void onTimeout(Context &ctx, std::uint64_t number) {
    Process &p = m_processes.at(number);
    if (!p.busy) return;
    const auto at = p.connections.find(p.to);
    if (at != p.connections.end()) {
      ctx.abort(at->second.stream.socket());
      m_bySocket.erase(at->second.stream.socket());
      p.connections.erase(at);
    }
    failAttempt(ctx, number, RequestOutcome::Timeout,
                fmt::format("no answer within {}", toString(m_timeout)));
  }

  void failAttempt(Context &ctx, std::uint64_t number, RequestOutcome outcome,
                   const std::string &why) {
    Process &p = m_processes.at(number);
    ctx.cancelTimer(p.timer);
    if (p.sent) p.perhaps = true;
    p.sent = false;
    if (m_leader == p.to) m_leader = serverAfter(p.to);
    if (p.attempts > m_retries) {
      end(ctx, number, outcome, p.operation.value, why);
      return;
    }
    p.to = p.operation.isRead() && m_readFrom != "primary" ? serverAfter(p.to) : m_leader;
    p.redirects = -1;
    ctx.setTimer(pauseBefore(ctx, p.attempts), tagOf(number, Again));
  }

  /// Doubles with each attempt; full jitter, so that clients that failed together come back apart.
  Duration pauseBefore(Context &ctx, int attempts) const {
    Duration most = m_backoff;
    for (int i = 1; i < attempts && most < m_backoffMax; ++i) most = most * 2;
    return ctx.random("backoff").uniform(Duration::us(1),
                                         std::max(std::min(most, m_backoffMax), Duration::us(1)));
  }

  void count(RequestOutcome outcome) {
    ++m_ended;
    ++m_outcomes[outcome];
  }

  void end(Context &ctx, std::uint64_t number, RequestOutcome outcome, const std::string &told,
           const std::string &why) {
    Process &p = m_processes.at(number);
    ctx.cancelTimer(p.timer);
    const bool isOk = outcome == RequestOutcome::Ok;
    const bool unknown = !isOk && p.perhaps && !p.operation.isRead();
    p.busy = p.sent = false;
    ctx.requestEnded(p.request, outcome, ctx.now() - p.began, told.size(), why);
    tell(ctx, p, isOk ? "ok" : unknown ? "info" : "fail", told);
    count(outcome);
    // Its operation may still take effect: whoever goes on is somebody else.
    if (unknown) p.name.clear();
    if (!m_open) ctx.setTimer(thinkTime(ctx), tagOf(number, Next));
  }

  Duration thinkTime(Context &ctx) const {
    return std::max(ctx.random("think").exponential(m_think), Duration::us(1));
  }

  std::string m_service;
  bool m_open = false;
  double m_rateRps = 0;
  std::uint64_t m_clients = 0;
  Duration m_think;
  kv::Mix m_mix;
  kv::KeyChoice m_keys;
  std::string m_readFrom;
  Duration m_timeout;
  int m_retries = 0;
  Duration m_backoff, m_backoffMax, m_start, m_length;
  std::vector<Endpoint> m_servers;

  SimTime m_began;
  Endpoint m_leader; ///< who is thought to be primary
  std::uint64_t m_lastProcess = 0, m_ended = 0;
  std::map<std::uint64_t, Process> m_processes;
  std::map<SocketId, std::uint64_t> m_bySocket;
  std::map<RequestOutcome, std::uint64_t> m_outcomes;
};

} // namespace

ProgramType kvClientType() {
  using namespace declare;
  return {
      "kv-client",
      "Clients of a store",
      "Clients of a key-value store: they read and write, find the primary, try again",
      "load",
      {required(records("servers", {required(address("address", "Of a member of the store"))},
                        "Members it may ask, first choice first")),
       port(kv::port, "TCP port of the store"),
       text("service", "", "What the store is called in views of services; empty: store"),
       choice("mode", {"closed", "open"},
              "A fixed number of clients, or operations at a rate (Poisson)"),
       real("rate_rps", "operations/s", 10, 0.001, 1e6, "Open: mean operations a second"),
       integer("clients", "", 1, 1, 10000, "Closed: how many clients"),
       duration("think_ns", Duration::ms(100), 0, hour,
                "Closed: mean pause between an answer and the next operation (exponential)"),
       text("key_name", "key", "What keys are called: \"key\", or \"key-3\" when there are more"),
       integer("keys", "", 10, 1, 10000, "How many keys there are"),
       real("skew", "", 0, 0, 10,
            "Zipf's exponent: some keys are asked for more often; 0: all alike"),
       real("read_share", "", 0.5, 0, 1, "How many of the operations are reads"),
       choice("operations", {"set", "add", "cart"},
              "What writes do: set a new value, count up, put things into a cart and take them "
              "out"),
       choice("read_from", {"primary", "any", "nearest"},
              "Who is asked for reads; nearest: the first of the servers"),
       duration("timeout_ns", Duration::seconds(1), millisecond, hour,
                "Gives one attempt up after this"),
       integer("retries", "", 3, 0, 1000, "Further attempts of one operation"),
       duration("backoff_ns", Duration::ms(50), 0, hour,
                "Longest pause before the second attempt; doubles each time (full jitter)"),
       duration("backoff_max_ns", Duration::seconds(2), 0, hour, "Longest pause of all"), startAt(),
       duration("duration_ns", Duration{}, 0, 1000 * hour,
                "Begins no operation after so long; 0: no end")},
      [](const ParameterValues &v) -> std::unique_ptr<Program> {
        return std::make_unique<KvClient>(v);
      }};
}

} // namespace packetarium::programs
