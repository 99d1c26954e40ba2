// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/declare.h"
#include "core/programs/interceptor/flight_replay.h"
#include "core/programs/tcp_parameters.h"
#include "core/programs/tls_layer.h"
#include "core/programs/types.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>

namespace packetarium::programs {
namespace {

using transport::SocketEvent;
using transport::SocketId;
using wire::Bytes;
using wire::tls::View;

enum class Attack : std::uint8_t {
  Relay,
  OwnCertificate,
  ChangeBytes,
  Replay,
  ReplayEarlyData,
  Downgrade
};

constexpr std::string_view downgradedMilestone = "interceptor.downgraded";

const std::vector<std::string> &attackNames() {
  static const std::vector<std::string> names = {"relay",  "own-certificate",   "change-bytes",
                                                 "replay", "replay-early-data", "downgrade"};
  return names;
}

Attack attackNamed(const std::string &name) {
  const auto &all = attackNames();
  return static_cast<Attack>(std::find(all.begin(), all.end(), name) - all.begin());
}

/// The values of another program's parameters: those given, those that stand in v, and defaults.
ParameterValues valuesFor(const std::vector<Parameter> &declared, const ParameterValues &v,
                          std::map<std::string, ParameterValue> given = {}) {
  for (const Parameter &p : declared)
    if (const auto at = v.all().find(p.key); at != v.all().end()) given.insert(*at);
  return complete(declared, std::move(given), "").value();
}

/// As a server's parameters name it.
std::string signerIn(const ParameterValues &v) {
  const std::string &authority = v.text("authority");
  return authority.empty() ? "self" : authority;
}

/// Stands between clients that were led to it and the server they meant. Of what it tries, only
/// what TLS lets happen happens.
class Interceptor final : public ProgramOf<Interceptor> {
public:
  explicit Interceptor(const ParameterValues &v)
      : m_attackName(v.text("attack")),
        m_attack(attackNamed(m_attackName)),
        m_server(v.text("server"), static_cast<std::uint16_t>(v.integer("server_port"))),
        m_port(static_cast<std::uint16_t>(v.integer("port"))),
        m_record(static_cast<unsigned>(v.integer("change_record"))),
        m_authority(v.text("authority")),
        m_tcp(tcpOptions(v)),
        m_asClient(valuesFor(clientTlsParameters(), v)),
        m_asServer(valuesFor(serverTlsParameters(), v, {{"authority", signerIn(v)}})),
        m_flights(m_attackName, v.duration("replay_delay_ns"), m_tcp) {}

  void start(Context &ctx) override {
    if (ctx.tcpListen(m_port, m_tcp) == transport::noSocket)
      ctx.note(fmt::format("TCP port {} is taken by another program of this node.", m_port));
    else
      ctx.phase("interceptor.listening", fmt::format("TCP port {}", m_port));
    if (m_authority.empty() || tls::findAuthority(ctx.authorities(), m_authority) != nullptr)
      return;
    ctx.note(fmt::format("There is no authority {}: its certificates are signed by themselves.",
                         m_authority));
  }

  void onSocket(Context &ctx, const SocketEvent &event) override {
    if (event.kind == SocketEvent::Kind::Accepted) {
      accept(ctx, event);
      return;
    }
    if (m_flights.onSocket(ctx, event)) return;
    const auto end = m_ends.find(event.socket);
    if (end == m_ends.end()) return;
    const SocketId id = end->second;
    Attempt &a = m_attempts.at(id);
    const bool client = event.socket == id;
    Outlet &own = client ? a.toClient : a.toServer;
    if (!own.channel().exists()) return;
    for (const ChannelEvent &e : own.onSocket(ctx, event)) onChannel(ctx, a, client, e);
    settle(ctx, id);
  }

  void onResolved(Context &ctx, std::uint64_t tag, const Resolution &answer) override {
    const auto at = m_attempts.find(static_cast<SocketId>(tag));
    if (at == m_attempts.end()) return;
    Attempt &a = at->second;
    if (a.server.take(answer)) {
      connect(ctx, at->first, a);
    } else {
      ctx.note(sentence(answer.status, a.server.name()));
      a.toClient.close(ctx);
    }
    settle(ctx, at->first);
  }

  void onTimer(Context &ctx, std::uint64_t tag) override { m_flights.onTimer(ctx, tag); }

  std::vector<Described> describe(SimTime) const override {
    Described attempts = row("connections", text(m_count));
    for (const Described &past : m_past) attempts.children.push_back(past);
    for (const auto &[socket, a] : m_attempts) attempts.children.push_back(a.describe());
    std::vector<Described> rows = {
        row("tries", m_attackName),
        row("true server", m_server.text()),
        row("listens on", fmt::format("TCP port {}", m_port)),
        row("its certificates are signed by", m_authority.empty() ? "themselves" : m_authority),
        row("requests read", text(m_requestsRead)),
        std::move(attempts)};
    for (Described &replay : m_flights.describe()) rows.push_back(std::move(replay));
    return rows;
  }

private:
  static constexpr std::size_t pastKept = 12, linesKept = 40;

  bool terminates() const { return m_attack == Attack::OwnCertificate; }

  void accept(Context &ctx, const SocketEvent &event) {
    const SocketId id = event.socket;
    Attempt &a = m_attempts.emplace(id, Attempt(id, m_server)).first->second;
    ++m_count;
    a.remote = event.remote;
    a.toClient = Outlet(Channel(id));
    m_ends[id] = id;
    ctx.phase("interceptor.accepted", event.remote.text());
    a.toClient.onSocket(ctx, event);
    if (!terminates() && a.server.lookUp(ctx, id)) connect(ctx, id, a);
    settle(ctx, id);
  }

  void connect(Context &ctx, SocketId id, Attempt &a) {
    const SocketId socket = ctx.tcpConnect(a.server.endpoint(), m_tcp);
    if (socket == transport::noSocket) {
      a.toClient.close(ctx);
      return;
    }
    m_ends[socket] = id;
    if (!terminates()) {
      a.toServer.replace(Channel(socket));
      return;
    }
    const tls::ClientConfig config = clientTls(m_asClient, ctx, nameFor(a));
    a.toServer.replace(Channel(
        socket,
        std::make_unique<TlsLayer>(socket, std::make_shared<const tls::ClientConfig>(config))));
  }

  const std::string &nameFor(const Attempt &a) const {
    return a.seen.serverName().empty() ? m_server.name() : a.seen.serverName();
  }

  void onChannel(Context &ctx, Attempt &a, bool client, const ChannelEvent &e) {
    Outlet &own = client ? a.toClient : a.toServer, &other = client ? a.toServer : a.toClient;
    switch (e.kind) {
    case ChannelEvent::Kind::Ready:
      if (client && terminates()) onAccepted(ctx, a);
      if (!client && !a.planned.empty()) act(ctx, a, downgradedMilestone, a.planned);
      own.flush(ctx);
      return;
    case ChannelEvent::Kind::Writable: own.flush(ctx); return;
    case ChannelEvent::Kind::Data: onData(ctx, a, client, e.data); return;
    case ChannelEvent::Kind::PeerClosed:
      (other.channel().exists() ? other : own).close(ctx);
      return;
    case ChannelEvent::Kind::Closed: other.close(ctx); return;
    case ChannelEvent::Kind::Failed: onFailed(ctx, a, client, e); return;
    }
  }

  void onFailed(Context &ctx, Attempt &a, bool client, const ChannelEvent &e) {
    const std::string why = sentence(e, client ? a.remote.text() : a.server.text());
    if (!e.why.empty())
      end(ctx, a, true, fmt::format("the {} refused: {}", client ? "client" : "server", why));
    else
      end(ctx, a, false, why);
    Outlet &other = client ? a.toServer : a.toClient;
    if (e.error == transport::SocketError::Reset)
      other.channel().abort(ctx);
    else
      other.close(ctx);
  }

  void onData(Context &ctx, Attempt &a, bool client, const wire::Payload &data) {
    if (terminates()) {
      if (client && !a.toClient.channel().secure())
        forge(ctx, a, data);
      else
        readAlong(ctx, a, client, data);
      return;
    }
    for (Bytes &record : (client ? a.fromClient : a.fromServer).feed(data)) {
      if (client)
        fromClient(ctx, a, std::move(record));
      else
        fromServer(ctx, a, std::move(record));
    }
    hold(ctx, a);
  }

  /// What comes faster than it can be passed on has to wait where it comes from.
  static void hold(Context &ctx, Attempt &a) {
    const auto turn = [&ctx](const Channel &source, const Outlet &sink, bool &held) {
      if (!source.exists() || held == sink.full()) return;
      held = sink.full();
      ctx.setReading(source.socket(), !held);
    };
    turn(a.toClient.channel(), a.toServer, a.heldClient);
    turn(a.toServer.channel(), a.toClient, a.heldServer);
  }

  void fromClient(Context &ctx, Attempt &a, Bytes record) {
    const Outsider::Seen seen = a.seen.onClient(record);
    if (seen.clientHello) {
      ctx.phase("interceptor.name-seen", a.seen.serverName());
      if (m_attack == Attack::Relay) act(ctx, a, {}, "passed everything on and listened");
      if (m_attack == Attack::Downgrade) downgrade(ctx, a, record);
    }
    if (!seen.alert.empty()) end(ctx, a, caught(), "the client sent " + seen.alert);
    if (m_attack == Attack::ReplayEarlyData && a.listening)
      a.firstFlight.insert(a.firstFlight.end(), record.begin(), record.end());
    const bool chosen = seen.application == m_record;
    if (m_attack == Attack::ChangeBytes && chosen) {
      const std::string what = flipBit(record);
      act(ctx, a, "interceptor.changed",
          fmt::format("changed one bit of application record {}: {}", m_record, what));
    }
    if (m_attack == Attack::Replay && chosen) {
      act(ctx, a, "interceptor.replayed",
          fmt::format("sent application record {} of {} bytes a second time", m_record,
                      record.size()));
      const Bytes again = record;
      record.insert(record.end(), again.begin(), again.end());
    }
    a.toServer.send(ctx, wire::Payload::of(std::move(record)));
  }

  void fromServer(Context &ctx, Attempt &a, Bytes record) {
    const Outsider::Seen seen = a.seen.onServer(record);
    if (!seen.alert.empty()) end(ctx, a, caught(), "the server sent " + seen.alert);
    if (a.listening) keepFlight(ctx, a);
    a.toClient.send(ctx, wire::Payload::of(std::move(record)));
  }

  void downgrade(Context &ctx, Attempt &a, Bytes &record) {
    auto less = downgraded(record);
    if (!less) {
      ctx.note("The ClientHello cannot be downgraded: it speaks one version alone.");
      return;
    }
    record = std::move(less->record);
    if (a.toServer.channel().established())
      act(ctx, a, downgradedMilestone, less->what);
    else
      a.planned = std::move(less->what); // told when it leaves
  }

  /// The client's first flight ended, as the server answers.
  void keepFlight(Context &ctx, Attempt &a) {
    a.listening = false;
    if (m_attack != Attack::ReplayEarlyData || !a.seen.offersEarlyData()) return;
    m_flights.keep(ctx, a.id, a.server.endpoint(), std::move(a.firstFlight));
  }

  /// Shows the client a certificate for whom it asked for, once it has said so.
  void forge(Context &ctx, Attempt &a, const wire::Payload &data) {
    data.appendTo(a.opening);
    const auto records = a.fromClient.feed(data);
    if (records.empty()) return;
    if (!a.seen.onClient(records.front()).clientHello) {
      ctx.note("What came is no TLS.");
      a.toClient.close(ctx);
      return;
    }
    const SocketId id = a.id;
    ctx.phase("interceptor.name-seen", a.seen.serverName());
    auto &config = m_forged[nameFor(a)];
    if (!config)
      config = std::make_shared<const tls::ServerConfig>(serverTls(m_asServer, ctx, {nameFor(a)}));
    const crypto::Certificate &leaf = config->identity->chain.front();
    act(ctx, a, "interceptor.certificate-forged",
        fmt::format("showed its own certificate for {}, signed by {}", nameFor(a),
                    m_authority.empty() ? "itself" : leaf.issuer()));
    a.toClient.replace(Channel(id, std::make_unique<TlsLayer>(id, config)));
    SocketEvent event;
    event.socket = id;
    event.remote = a.remote;
    event.kind = SocketEvent::Kind::Accepted;
    a.toClient.onSocket(ctx, event);
    event.kind = SocketEvent::Kind::Data;
    event.data = wire::Payload::of(std::exchange(a.opening, {}));
    for (const ChannelEvent &e : a.toClient.onSocket(ctx, event)) onChannel(ctx, a, true, e);
  }

  void onAccepted(Context &ctx, Attempt &a) {
    const std::string what = "its certificate for " + nameFor(a);
    ctx.phase("interceptor.certificate-accepted", what);
    ctx.note(fmt::format("The client took {}: everything it says can be read and changed.", what));
    if (a.server.lookUp(ctx, a.id)) connect(ctx, a.id, a);
  }

  void readAlong(Context &ctx, Attempt &a, bool client, const wire::Payload &data) {
    for (std::string &line : client ? a.reader.fromClient(data) : a.reader.fromServer(data)) {
      ctx.phase("interceptor.read", line);
      ctx.fact(a.id, trace::FactTopic::Intercepted, "read", line,
               client ? "from the client" : "from the server");
      if (client) ++m_requestsRead;
      if (a.read.size() < linesKept) a.read.push_back(std::move(line));
    }
    (client ? a.toServer : a.toClient).send(ctx, data);
    hold(ctx, a);
  }

  bool caught() const { return m_attack != Attack::Relay; }

  /// It has done what it is here for.
  void act(Context &ctx, Attempt &a, std::string_view milestone, const std::string &what) {
    a.done = what;
    if (!milestone.empty()) ctx.phase(milestone, what);
    ctx.fact(a.id, trace::FactTopic::Intercepted, m_attackName, what);
  }

  void end(Context &ctx, Attempt &a, bool wasCaught, const std::string &how) {
    if (a.done.empty() || !a.ended.empty()) return;
    if (m_attack == Attack::Relay || a.reader.requests() > 0) return; // told when all is over
    conclude(ctx, a, wasCaught, how);
  }

  void conclude(Context &ctx, Attempt &a, bool wasCaught, const std::string &how) {
    a.ended = how;
    ctx.phase(wasCaught ? "interceptor.caught" : "interceptor.ended", how);
    ctx.fact(a.id, trace::FactTopic::Intercepted, m_attackName, a.done, how);
    ctx.note(fmt::format("It {}; {}{}", a.done, how, how.ends_with('.') ? "" : "."));
  }

  std::string outcome(const Attempt &a) const {
    if (m_attack == Attack::Relay)
      return fmt::format("it saw the name {}, {} bytes one way and {} the other, and read nothing",
                         a.seen.serverName(), a.seen.clientBytes(), a.seen.serverBytes());
    if (terminates() && a.reader.requests() > 0)
      return fmt::format("the client believed it; requests read: {}, answers read: {}",
                         a.reader.requests(), a.reader.answers());
    return "the connection ended without an alert";
  }

  /// Both ends are gone.
  void settle(Context &ctx, SocketId id) {
    const auto at = m_attempts.find(id);
    if (at == m_attempts.end()) return;
    hold(ctx, at->second);
    if (!at->second.over()) return;
    if (!at->second.done.empty() && at->second.ended.empty())
      conclude(ctx, at->second, false, outcome(at->second));
    remember(at->second.describe());
    m_attempts.erase(at);
    std::erase_if(m_ends, [id](const auto &end) { return end.second == id; });
  }

  void remember(Described past) {
    m_past.push_back(std::move(past));
    if (m_past.size() > pastKept) m_past.pop_front();
  }

  std::string m_attackName;
  Attack m_attack;
  Peer m_server;
  std::uint16_t m_port;
  unsigned m_record;
  std::string m_authority;
  transport::TcpOptions m_tcp;
  ParameterValues m_asClient, m_asServer;
  FlightReplay m_flights;

  std::map<SocketId, Attempt> m_attempts; ///< by the client's socket
  std::map<SocketId, SocketId> m_ends;    ///< either end's socket, to the client's
  std::map<std::string, std::shared_ptr<const tls::ServerConfig>> m_forged; ///< by server name
  std::deque<Described> m_past;
  std::uint64_t m_count = 0, m_requestsRead = 0;
};

/// Of another program's parameters, those that mean something here.
std::vector<Parameter> tlsParametersHere() {
  const std::vector<std::string> wanted = {
      "tls_versions",        "tls_suites",         "tls_groups",
      "certificate_key",     "certificate_age_ns", "certificate_life_ns",
      "verify_certificates", "trust_public",       "trusted"};
  std::vector<Parameter> out;
  for (std::vector<Parameter> all : {serverTlsParameters(), clientTlsParameters()})
    for (Parameter &p : all) {
      const auto same = [&p](const Parameter &other) { return other.key == p.key; };
      if (std::find(wanted.begin(), wanted.end(), p.key) == wanted.end()) continue;
      if (std::none_of(out.begin(), out.end(), same)) out.push_back(std::move(p));
    }
  return out;
}

} // namespace

ProgramType interceptorType() {
  using namespace declare;
  return {"interceptor",
          "Man in the middle",
          "Stands between clients led to it and their true server, and tries to read or change",
          "interceptor",
          joined(joined({required(text("server", "", "Name or address of the true server")),
                         port(443, "TCP port it listens on, as if it were the server"),
                         integer("server_port", "", 443, 1, 65535, "Port of the true server"),
                         choice("attack", attackNames(),
                                "What it tries; relay: passes everything on and only listens"),
                         text("authority", "",
                              "Authority that signs its own certificates; empty: none, they sign "
                              "themselves"),
                         integer("change_record", "", 1, 1, 1e9,
                                 "Which of the client's application records it changes or repeats"),
                         duration("replay_delay_ns", Duration::seconds(1), 0, 1000 * hour,
                                  "For replay-early-data: sends the recorded flight after this")},
                        tlsParametersHere()),
                 shortTcpParameters()),
          [](const ParameterValues &v) -> std::unique_ptr<Program> {
            return std::make_unique<Interceptor>(v);
          }};
}

} // namespace packetarium::programs
