// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/random.h"
#include "core/programs/raft/core.h"

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace packetarium::programs::raft::testing {

/// How bad things are.
struct Weather {
  double loss = 0, duplicate = 0;
  Duration delayMin = Duration::ms(1), delayMax = Duration::ms(5); ///< apart: messages overtake
  Duration disk = Duration::ms(2);
};

/// Cores on a network of the test's own, without sockets: messages are lost, doubled and overtake
/// each other, members crash and forget what was not synced. It watches Raft's promises (figure 3
/// of the paper) and those to clients, and says what was broken.
class Cluster {
public:
  Cluster(std::size_t members, Rules rules, std::uint64_t seed, std::size_t outsiders = 0);
  Cluster(const Cluster &) = delete;
  Cluster &operator=(const Cluster &) = delete;

  Weather weather;
  SimTime now() const { return m_now; }
  std::size_t size() const { return m_nodes.size(); }
  /// What a member's disk holds at the very start. Before start().
  void prepare(std::size_t node, Promise promise, Log log);
  void start();
  void runFor(Duration d);
  /// Runs until it is so, or so long; whether it is.
  bool runUntil(const std::function<bool()> &so, Duration atMost);

  bool up(std::size_t node) const { return m_nodes[node].core != nullptr; }
  Core &core(std::size_t node) { return *m_nodes[node].core; }
  const Core &core(std::size_t node) const { return *m_nodes[node].core; }
  void crash(std::size_t node);
  void restart(std::size_t node);
  /// Its disk is empty from now on; only while it is down.
  void wipe(std::size_t node);
  /// Its clock runs so much faster than the true time (less than 0: slower). Before start().
  void setDrift(std::size_t node, double share) { m_nodes[node].drift = share; }
  /// Members hear only those of the same side.
  void setSide(std::size_t node, int side) { m_nodes[node].side = side; }
  void heal();
  /// Messages on the way are gone.
  void dropMessages();
  void timeOut(std::size_t node);
  void takeOver(std::size_t node);
  void join(std::size_t node);
  void leave(std::size_t node);

  /// The leader of the newest term that is up.
  std::optional<std::size_t> leader() const;
  std::vector<std::size_t> leaders() const;
  bool hasLeader() const { return leader().has_value(); }
  /// Terms of a member's log, from its base on: "1 1 2".
  std::string terms(std::size_t node) const;
  /// All members that are up have applied the same, and there is a leader.
  bool settled() const;

  // Clients. Each op is asked again at another member until it is answered.
  std::optional<Index> propose(std::size_t node, Command command);
  /// Adds one to the client's own counter; only one at a time for each client. at: the member that
  /// is asked first; else any that believes to lead.
  void beginAdd(std::size_t client, std::optional<std::size_t> at = {});
  void beginRead(std::size_t client, std::optional<std::size_t> at = {});
  bool idle(std::size_t client) const { return m_clients.at(client).kind == Op::None; }
  /// So many adds were answered.
  std::uint64_t added(std::size_t client) const { return m_clients.at(client).done; }
  std::size_t readsAnswered() const { return m_readsAnswered; }

  /// What was promised and not kept; empty when all is well.
  const std::vector<std::string> &broken() const { return m_broken; }
  std::size_t elections() const { return m_leaderOf.size(); }
  std::size_t sent(RpcKind kind) const;
  std::size_t snapshotsInstalled() const { return m_installed; }
  Term highestTerm() const;

private:
  class NodeHands;
  enum class Op : std::uint8_t { None, Add, Read };
  struct Disk {
    Stored seen, durable;
  };
  struct Node {
    std::unique_ptr<Core> core;
    Disk disk;
    int side = 0;
    double drift = 0;
    std::uint64_t life = 0; ///< grows with each crash
    std::array<std::uint64_t, alarmCount> alarms{};
    RandomStream random;
    std::map<std::uint64_t, std::size_t> reads;                    ///< client by number
    std::map<Index, std::pair<std::size_t, std::uint64_t>> writes; ///< client and attempt
    Index applied = 0;
    bool everUp = false;
  };
  struct Client {
    Op kind = Op::None;
    std::uint64_t number = 0, attempt = 0, done = 0;
    Index floor = 0; ///< what was known to somebody when its operation began
  };

  void at(SimTime when, std::function<void()> what);
  bool step(SimTime until);
  void deliver(std::size_t from, std::size_t to, std::uint64_t life, const Rpc &rpc);
  void ask(std::size_t client, std::optional<std::size_t> at = {});
  void answered(std::size_t client, std::uint64_t attempt, Index index);
  void breaks(std::string what);
  void checkLeader(std::size_t node);
  void onApplied(std::size_t node, Index index, const Entry &entry);

  Rules m_rules;
  Book m_book;
  Configuration m_first;
  std::vector<Node> m_nodes;
  std::vector<Client> m_clients;
  RandomStream m_random;
  SimTime m_now;
  std::map<std::pair<SimTime, std::uint64_t>, std::function<void()>> m_events;
  std::uint64_t m_order = 0, m_lastRead = 0;
  std::uint64_t m_messageLife = 0;
  std::size_t m_readsAnswered = 0, m_installed = 0;
  Index m_floor = 0;                     ///< newest index that some client was told of
  std::map<Index, std::string> m_chosen; ///< what was applied first
  std::map<Term, std::size_t> m_leaderOf;
  std::map<RpcKind, std::size_t> m_sent;
  std::vector<std::string> m_broken;
};

} // namespace packetarium::programs::raft::testing
