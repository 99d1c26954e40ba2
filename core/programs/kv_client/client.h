// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/kv_client/behaviour.h"
#include "core/programs/kv_client/session.h"
#include "core/programs/message_stream.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace packetarium::programs::kv {

/// What a document asks of the clients.
struct ClientSettings {
  explicit ClientSettings(const ParameterValues &v);

  std::string service;
  bool open = false;
  double rateRps = 0;
  std::uint64_t clients = 0;
  Duration think, decide;
  Plan plan;
  std::string readFrom;
  bool stale = false;   ///< takes whatever the asked member has
  bool session = false; ///< asks for its session's guarantees
  Duration audit;       ///< 0: never
  Duration timeout;
  int retries = 0;
  Duration backoff, backoffMax, start, length;
  std::vector<transport::Endpoint> servers;
};

/// Clients of a key-value store, each doing one thing after another: a fixed number that think, ask
/// and wait (closed), or as many as there are operations at once (open). All of them share what
/// they know about who the primary is, as the threads of one program do. Its parts: client.cpp
/// (what they do and when), asking.cpp (how one operation comes to its end).
class Client final : public ProgramOf<Client> {
public:
  explicit Client(const ParameterValues &v);

  void start(Context &ctx) override;
  void onTimer(Context &ctx, std::uint64_t tag) override;
  void onSocket(Context &ctx, const transport::SocketEvent &event) override;
  std::vector<Described> describe(SimTime now) const override;

private:
  using Message = wire::cluster::Message;
  using Endpoint = transport::Endpoint;
  using SocketId = transport::SocketId;
  using Outcome = trace::RequestOutcome;

  enum Kind : std::uint64_t { Begin, Next, Timeout, Again, Audit };
  static constexpr std::uint64_t tagOf(std::uint64_t number, Kind kind) {
    return number << 3 | kind;
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
    Behaviour behaviour;
    std::optional<Operation> upcoming; ///< goes on with this after a pause
    bool acts = false;                 ///< from the first of several operations to the last
    std::string name;                  ///< anew after an operation whose end it never learned
    bool busy = false;
    Operation operation;
    std::uint64_t request = 0;
    SimTime began;
    int attempts = 0, redirects = 0;
    bool sent = false;    ///< this attempt
    bool perhaps = false; ///< some attempt may have been done
    Endpoint to;
    TimerId timer;
    std::map<Endpoint, Connection> connections;
    std::map<std::string, std::string> contexts; ///< by key, of what it read last
    Session session;
  };

  // client.cpp
  bool over(SimTime now) const;
  void begin(Context &ctx);
  Behaviour behaviourOf(Context &ctx, std::uint64_t number) const;
  Duration arrivalGap(Context &ctx) const;
  Duration thinkTime(Context &ctx) const;
  void next(Context &ctx, std::uint64_t number);
  std::uint64_t idleProcess(Context &ctx);
  void act(Context &ctx, std::uint64_t number);
  void turnAway(Context &ctx);
  void audit(Context &ctx);
  bool transferring() const;
  void invoke(Context &ctx, std::uint64_t number, Operation operation);
  void goOn(Context &ctx, std::uint64_t number, const Answer &answer);
  void tellTales(Context &ctx, const Tales &tales);
  void tell(Context &ctx, const Process &p, std::string_view how, std::string_view value) const;
  void count(Outcome outcome);

  // asking.cpp
  Endpoint firstServer(Context &ctx, const Process &p);
  Endpoint serverAfter(const Endpoint &server) const;
  void attempt(Context &ctx, std::uint64_t number);
  void ask(Context &ctx, std::uint64_t number);
  void sendRequest(Context &ctx, Process &p, Connection &c);
  Connection *connectionOf(std::uint64_t number, SocketId socket);
  void onConnected(Context &ctx, std::uint64_t number, SocketId socket);
  void onData(Context &ctx, std::uint64_t number, const transport::SocketEvent &event);
  void onAnswer(Context &ctx, std::uint64_t number, const Connection &c, const Message &message);
  void onDone(Context &ctx, std::uint64_t number, const Connection &c, const Message &message);
  void follow(Context &ctx, std::uint64_t number, std::optional<Endpoint> to);
  void onLost(Context &ctx, std::uint64_t number, SocketId socket, Outcome outcome,
              const std::string &why);
  void onTimeout(Context &ctx, std::uint64_t number);
  void failAttempt(Context &ctx, std::uint64_t number, Outcome outcome, const std::string &why);
  Duration pauseBefore(Context &ctx, int attempts) const;
  void end(Context &ctx, std::uint64_t number, Outcome outcome, const Answer &answer,
           const std::string &why);

  ClientSettings m_set;
  SimTime m_began;
  Endpoint m_leader; ///< who is thought to be primary
  std::uint64_t m_lastProcess = 0, m_ended = 0;
  std::uint64_t m_auditor = 0; ///< number of the process that adds up; 0: none
  bool m_auditing = false;     ///< no transfer begins
  std::optional<double> m_sum; ///< of the last audit
  std::map<std::uint64_t, Process> m_processes;
  std::map<SocketId, std::uint64_t> m_bySocket;
  std::map<Outcome, std::uint64_t> m_outcomes;
};

std::vector<Parameter> clientParameters();

} // namespace packetarium::programs::kv
