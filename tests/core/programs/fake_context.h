// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/program.h"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace packetarium::programs::testing {

using transport::Endpoint;
using transport::SocketEvent;
using transport::SocketId;

/// A datagram or a piece of stream that a program sent.
struct Sent {
  SimTime at;
  SocketId socket = transport::noSocket;
  Endpoint to;
  wire::Payload data;
};
struct Ended {
  SimTime at;
  std::uint64_t number = 0;
  trace::RequestOutcome outcome = trace::RequestOutcome::Ok;
  Duration latency;
  std::uint64_t bytes = 0;
  std::string detail;
};
struct Completed {
  SimTime at;
  std::uint32_t program = 0;
  std::uint64_t tag = 0;
  Resolution answer;
};
struct Told {
  SimTime at;
  std::string what, object;
};

struct Fact {
  SocketId socket = 0;
  trace::FactTopic topic{};
  std::string name, value, detail;
};

/// Hands for one program in a test: scripted sockets, a clock that the test moves, and a list of
/// all that the program did. A value, so that a run can be forked together with its program.
class FakeContext final : public Context {
public:
  // What happened, oldest first.
  std::vector<Sent> datagrams, stream;
  std::vector<std::pair<SocketId, Endpoint>> connects;
  std::vector<SocketId> closed, aborted;
  std::vector<std::pair<std::string, std::uint64_t>> asked; ///< names to resolve
  std::vector<Completed> completed;
  std::vector<Told> phases, notes, requests;
  std::vector<Ended> ended;
  std::vector<std::pair<std::string, double>> samples;
  std::map<trace::CountdownKind, std::optional<SimTime>> countdowns; ///< the newest of each kind
  std::vector<wire::Packet> raw;
  std::vector<Fact> facts;
  std::vector<std::pair<std::string, std::string>> news;                  ///< told to the node
  std::vector<std::pair<std::string, bool>> power;                        ///< switched
  std::map<wire::Ipv4Address, std::optional<wire::MacAddress>> addresses; ///< held
  std::vector<wire::Ipv4Address> announced;
  std::map<std::string, std::vector<std::string>, std::less<>> disk;
  std::vector<std::uint64_t> syncs; ///< under way; they end when the clock moves
  std::set<SocketId> notReading;
  std::vector<std::string> log; ///< every call as text, to compare two runs

  // How the world behaves.
  std::set<std::uint16_t> takenPorts;
  bool routeExists = true;
  Duration clockAhead; ///< of the node's clock
  void setNode(net::NodeSpec spec) {
    m_node = std::make_shared<const net::NodeSpec>(std::move(spec));
  }
  void setAuthorities(tls::Authorities authorities) { m_authorities = std::move(authorities); }
  std::uint32_t streamRoom = 1U << 30; ///< bytes the send buffers still take

  SimTime now() const override { return m_now; }
  SimTime clock() const override { return m_now + clockAhead; }
  SimTime steadyClock() const override { return m_now; }
  Duration work(Duration cpu) const override { return cpu; }
  const net::NodeSpec &node() const override { return *m_node; }
  RandomStream &random(std::string_view purpose) override;

  SocketId udpOpen(std::uint16_t port) override;
  bool udpSend(SocketId socket, Endpoint to, wire::Payload data,
               std::optional<std::uint32_t>) override;
  void joinGroup(SocketId, std::uint32_t, wire::Ipv4Address) override {}
  SocketId tcpListen(std::uint16_t port, const transport::TcpOptions &) override;
  SocketId tcpConnect(Endpoint to, const transport::TcpOptions &, std::uint16_t localPort) override;
  std::uint32_t tcpSend(SocketId socket, const wire::Payload &data) override;
  void close(SocketId socket) override;
  void abort(SocketId socket) override;
  void setReading(SocketId socket, bool on) override;
  SocketId rawOpen(std::uint8_t) override { return ++m_lastSocket; }
  void rawSend(SocketId socket, wire::Packet packet, std::optional<std::uint32_t>) override;
  SocketId linkOpen(std::uint16_t) override { return ++m_lastSocket; }
  void linkSend(SocketId, std::uint32_t, wire::Packet) override {}
  void takeAddress(std::uint32_t interface, wire::Ipv4Address address,
                   std::optional<wire::MacAddress> mac) override;
  void releaseAddress(wire::Ipv4Address address) override;
  void announceAddress(wire::Ipv4Address address) override;
  void diskAppend(std::string_view file, std::string entry) override;
  void diskTruncate(std::string_view file, std::size_t entries) override;
  void diskSync(std::uint64_t tag) override;
  std::vector<std::string> diskRead(std::string_view file) const override;
  void tellNode(std::string_view topic, std::string_view value) override;
  void setPower(std::string_view node, bool on) override;
  TimerId setTimer(Duration delay, std::uint64_t tag) override;
  void cancelTimer(TimerId timer) override;
  void resolve(std::string_view name, std::uint64_t tag) override;
  void completeResolve(std::uint32_t program, std::uint64_t tag, Resolution answer) override;
  void note(std::string_view text) override;
  void phase(std::string_view milestone, std::string_view object) override;
  std::uint64_t requestStarted(std::string_view what, std::string_view service) override;
  void requestEnded(std::uint64_t number, trace::RequestOutcome outcome, Duration latency,
                    std::uint64_t bytes, std::string_view detail) override;
  void fact(SocketId socket, trace::FactTopic topic, std::string_view name, std::string_view value,
            std::string_view detail) override;
  const tls::Authorities &authorities() const override { return m_authorities; }
  std::uint64_t seed() const override { return 1; }
  void sample(std::string_view metric, double value) override;
  void countdown(trace::CountdownKind kind, std::optional<Duration> delay,
                 std::string_view service) override;

  /// Moves the clock on, firing the program's timers on the way, each at its instant.
  void runUntil(Program &program, SimTime until);
  void runFor(Program &program, Duration d) { runUntil(program, m_now + d); }
  SocketId lastSocket() const { return m_lastSocket; }
  /// A socket number for a connection that a listener accepts.
  SocketId freshSocket() { return ++m_lastSocket; }
  /// Names of the phases so far, in order.
  std::vector<std::string> phaseNames() const;
  /// All text sent on a socket's stream.
  std::string streamText(SocketId socket) const;
  std::size_t timersPending() const { return m_timers.size(); }

private:
  void record(std::string what);
  /// Instant, order of setting, and the id whose generation tells whether it was cancelled.
  std::map<std::pair<SimTime, std::uint32_t>, std::uint64_t> m_timers;
  std::map<std::uint32_t, SimTime> m_timerAt;
  std::map<std::string, RandomStream, std::less<>> m_streams;
  tls::Authorities m_authorities;
  std::shared_ptr<const net::NodeSpec> m_node = std::make_shared<net::NodeSpec>();
  SimTime m_now;
  SocketId m_lastSocket = 0;
  std::uint32_t m_lastTimer = 0;
  std::uint64_t m_lastRequest = 0;
};

/// A program of a kind with some of its parameters given; the rest are defaults.
std::unique_ptr<Program> make(std::string_view kind, std::map<std::string, ParameterValue> given);
/// Rows of one-column Records.
std::vector<ParameterRow> rowsOf(const std::string &key, const std::vector<std::string> &values);

SocketEvent datagram(SocketId socket, Endpoint from, wire::Payload data);
SocketEvent tcpEvent(SocketEvent::Kind kind, SocketId socket, Endpoint remote = {});
SocketEvent tcpData(SocketId socket, std::string_view text);
SocketEvent accepted(SocketId listener, SocketId socket, Endpoint remote);
SocketEvent failed(SocketId socket, transport::SocketError error);

constexpr SimTime at(Duration d) { return SimTime::zero() + d; }

} // namespace packetarium::programs::testing
