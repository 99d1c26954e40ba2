// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/world/world.h"

namespace packetarium::world {

/// The hands that a program of one node gets for the time of one call.
class ProgramContext final : public programs::Context {
public:
  ProgramContext(World &world, NodeIndex node, std::uint32_t program)
      : m_world(world), m_node(node), m_program(program) {}

  SimTime now() const override { return m_world.now(); }
  SimTime clock() const override { return m_world.m_network.clock(m_node); }
  SimTime steadyClock() const override { return m_world.m_network.steadyClock(m_node); }
  Duration work(Duration cpu) const override;
  const net::NodeSpec &node() const override { return m_world.m_network.spec(m_node); }
  RandomStream &random(std::string_view purpose) override;

  transport::SocketId udpOpen(std::uint16_t port) override;
  bool udpSend(transport::SocketId socket, transport::Endpoint to, wire::Payload data,
               std::optional<std::uint32_t> interface) override;
  void joinGroup(transport::SocketId socket, std::uint32_t interface,
                 wire::Ipv4Address group) override;
  transport::SocketId tcpListen(std::uint16_t port, const transport::TcpOptions &o) override;
  transport::SocketId tcpConnect(transport::Endpoint to, const transport::TcpOptions &o,
                                 std::uint16_t localPort) override;
  std::uint32_t tcpSend(transport::SocketId socket, const wire::Payload &data) override;
  void close(transport::SocketId socket) override;
  void abort(transport::SocketId socket) override;
  void setReading(transport::SocketId socket, bool on) override;
  transport::SocketId rawOpen(std::uint8_t ipProtocol) override;
  void rawSend(transport::SocketId socket, wire::Packet packet,
               std::optional<std::uint32_t> interface) override;
  transport::SocketId linkOpen(std::uint16_t etherType) override;
  void linkSend(transport::SocketId socket, std::uint32_t interface, wire::Packet frame) override;

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

  programs::TimerId setTimer(Duration delay, std::uint64_t tag) override;
  void cancelTimer(programs::TimerId timer) override;
  void resolve(std::string_view name, std::uint64_t tag) override;
  void completeResolve(std::uint32_t askingProgram, std::uint64_t tag,
                       programs::Resolution answer) override;

  void note(std::string_view text) override;
  void phase(std::string_view milestone, std::string_view object) override;
  std::uint64_t requestStarted(std::string_view what, std::string_view service) override;
  void requestEnded(std::uint64_t number, trace::RequestOutcome outcome, Duration latency,
                    std::uint64_t bytes, std::string_view detail) override;
  void fact(transport::SocketId socket, trace::FactTopic topic, std::string_view name,
            std::string_view value, std::string_view detail) override;
  void countdown(trace::CountdownKind kind, std::optional<Duration> delay,
                 std::string_view service) override;
  const tls::Authorities &authorities() const override;
  std::uint64_t seed() const override { return m_world.m_plan->network.seed; }
  void sample(std::string_view metric, double value) override;

private:
  net::Kernel &kernel() { return m_world.m_network.kernel(); }
  World::Host &host() { return m_world.m_hosts[m_node.value].write(); }
  transport::StackContext stack() { return {m_world.m_network, m_node}; }
  trace::Record record(trace::RecordKind kind) const;

  World &m_world;
  NodeIndex m_node;
  std::uint32_t m_program;
};

} // namespace packetarium::world
