// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cow.h"
#include "core/judge/raft_invariants.h"
#include "core/net/network.h"
#include "core/transport/stack.h"
#include "core/world/disk.h"
#include "core/world/plan.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace packetarium::world {

/// A node's state as a value, for inspectors: ready-made tables, no handle into the world.
struct NodeDescription {
  NodeIndex node;
  SimTime at;
  trace::NodeHealth health = trace::NodeHealth::Up;
  std::vector<programs::Described> tables; ///< ARP, routes, MAC table, NAT, sockets, programs
};

/// Clock, queue, nodes, links, sockets, programs and random streams of one run, as a value:
/// copying it gives a second world that goes on exactly as this one would.
class World {
public:
  /// Builds it and starts every program. The sink, when there is one, gets the first records.
  explicit World(std::shared_ptr<const Plan> plan, trace::ChunkWriter *sink = nullptr);

  const Plan &plan() const { return *m_plan; }
  SimTime now() const { return m_network.kernel().now; }
  /// Instant of the next event; SimTime::max() when nothing will ever happen again.
  SimTime nextAt() { return m_network.kernel().queue.nextAt(); }
  /// Sequence number which the next record will have.
  trace::Sequence nextSequence() const { return m_network.kernel().nextSequence; }
  PacketId nextPacket() const { return m_network.kernel().nextPacket; }
  std::uint64_t fingerprint() const { return m_network.kernel().fingerprint; }
  std::uint64_t eventCount() const { return m_events; }
  std::uint64_t packetHops() const { return m_network.kernel().packetHops; }

  /// Lends the writer that records go to, or none. The writer must outlive its use.
  void setSink(trace::ChunkWriter *sink) { m_network.kernel().sink = sink; }
  /// Runs the earliest event. There must be one.
  void step();
  /// Runs events at or before the instant, at most maxEvents, and stops early when the open chunk
  /// is full or a promise was broken; gives the number run. The clock moves on to the instant when
  /// all were run.
  std::uint64_t runUntil(SimTime until, std::uint64_t maxEvents);
  /// Moves the clock to the instant and does the action. No event may lie before it.
  void apply(SimTime at, const Action &action);

  /// The first promise of Raft that was broken; step() would go on all the same.
  const std::optional<judge::Breach> &breach() const { return m_watch.breach(); }

  trace::Keyframe keyframe() const;
  /// What a copy of this World will cost at most once the two have gone apart, in bytes.
  std::size_t copyBytes() const;
  NodeDescription describe(NodeIndex node) const;
  const net::Network &network() const { return m_network; }
  std::vector<transport::SocketInfo> sockets(NodeIndex node) const;

  /// Fills the queue with events that reschedule themselves (see the hold benchmark).
  void addPulses(std::uint32_t count, Duration delayMax);

private:
  friend class ProgramContext;
  struct ProgramTimer {
    std::uint32_t generation = 0;
    std::uint32_t program = 0;
    std::uint64_t tag = 0;
    trace::Sequence cause = 0;
  };
  /// What is on the way from one program to another of its node, or to a power switch's outlet.
  /// There are none between steps.
  struct Deferred {
    enum class Kind : std::uint8_t { Answer, Question, News, Power };
    Kind kind = Kind::Answer;
    NodeIndex node;            ///< where both programs are
    std::uint32_t program = 0; ///< who asked
    std::uint64_t tag = 0;
    std::string name;
    std::string value; ///< of news
    programs::Resolution answer;
  };
  /// What a node holds above layer 3. Copied on the first write after a World was copied.
  struct Host {
    Host() = default;
    Host(const Host &other);
    Host(Host &&) noexcept = default;
    Host &operator=(Host &&) noexcept = default;

    transport::Stack stack;
    std::vector<std::unique_ptr<programs::Program>> programs;
    std::vector<ProgramTimer> timers;
    std::vector<std::uint32_t> freeTimers;
    std::map<std::string, RandomStream, std::less<>> streams;
    std::uint64_t nextRequest = 1;
    Disk disk;
  };

  void startPrograms(NodeIndex node);
  void wipe(NodeIndex node);
  void pump(NodeIndex node);
  void onProgramTimer(const Event &event);
  void onPulse(const Event &event);
  bool deliverDeferred();
  void deliver(NodeIndex node, const Deferred &deferred);
  void answerQuestion(NodeIndex node, const Deferred &question);
  void spreadNews(NodeIndex node, const Deferred &news);
  void switchPower(const Deferred &order);
  void onSynced(const Event &event);
  void order(NodeIndex node, void (programs::Program::*what)(programs::Context &));
  void applyToLink(const Action &action);
  void applyToNode(const Action &action);

  std::shared_ptr<const Plan> m_plan;
  net::Network m_network;
  std::vector<Cow<Host>> m_hosts;
  std::vector<Deferred> m_deferred;
  std::vector<transport::SocketEvent> m_spareEvents; ///< empty; keeps its storage between steps
  judge::RaftWatch m_watch; ///< hears every fact
  bool m_broken = false;    ///< it has a breach
  std::uint64_t m_events = 0;
  RandomStream m_pulseStream;
  Duration m_pulseMax;
};

} // namespace packetarium::world
