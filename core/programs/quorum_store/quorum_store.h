// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cluster/merkle.h"
#include "core/cluster/ring.h"
#include "core/programs/client_desk.h"
#include "core/programs/kv_store/settings.h"
#include "core/programs/program.h"
#include "core/programs/quorum_store/datagrams.h"
#include "core/programs/quorum_store/settings.h"

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace packetarium::programs::quorum {

/// A member of a store without a primary (after Dynamo, DeCandia et al. 2007): each key has N
/// replicas, the first nodes on a ring; whoever is asked coordinates, sends the request to all of
/// them and answers when R have given what they hold, or W have the write on their disks. Between
/// members, in UDP:
///
///     put id=7 from=a key=cart why=write [for=c] seen=... version=...     stored id=7 [changed=1]
///     fetch id=8 from=a key=cart                               state id=8 key=cart seen=... ...
///     hashes from=a node=2 hash=51f0...      where trees differ: the hashes beneath, or, of a leaf
///     held from=a leaf=70 key=cart digest=...          what lies there; want from=b key=cart
///     heartbeat from=a
///
/// for: it is a hint, kept for that member; why: write, read (repair), merkle, hint.
class QuorumStore final : public ProgramOf<QuorumStore> {
public:
  explicit QuorumStore(const ParameterValues &values);

  void start(Context &ctx) override;
  void onSocket(Context &ctx, const transport::SocketEvent &event) override;
  void onTimer(Context &ctx, std::uint64_t tag) override;
  void onSynced(Context &ctx, std::uint64_t tag) override;
  std::vector<Described> describe(SimTime now) const override;

private:
  using Message = wire::cluster::Message;
  using MemberIndex = std::size_t;
  enum Kind : std::uint64_t { Serve, Deliver, Heartbeat, AntiEntropy, Retry, Deadline, DiskTime };
  static constexpr std::uint64_t tagOf(Kind kind, std::uint64_t number = 0) {
    return number << 3 | kind;
  }
  struct Peer {
    SimTime heard;
    bool alive = true;
    cluster::MerkleTree tree; ///< of the keys that it and this member both are replicas of
  };
  using Request = ClientDesk::Request;
  /// One replica, or who stands in for it, that a request was sent to.
  struct Target {
    std::optional<MemberIndex> standsFor;
    bool answered = false, changed = false;
    KeyState state; ///< reads: what it gave
  };
  /// A request that this member coordinates, until its last replica has answered or its time is up.
  struct Operation {
    bool isWrite = false;
    transport::SocketId socket = 0;
    std::string clientId, key, after, once;
    KeyState state; ///< writes: what is sent; reads: what came, joined
    cluster::Dot dot;
    std::size_t needed = 1, tries = 0;
    bool replied = false;
    std::map<MemberIndex, Target> targets;
    std::vector<MemberIndex> left; ///< further members, as they may stand in
    TimerId retry, deadline;
  };
  /// A state that was sent to bring a replica up, until it says that it has it.
  struct Repair {
    std::string key, why;
    MemberIndex to = 0;
    std::uint64_t digest = 0;
  };
  /// An acknowledgement that waits for the disk.
  struct Waiting {
    MemberIndex to = 0;
    Message message;
  };
  using HintName = std::pair<std::string, std::string>; ///< whom for, key
  struct Hint {
    std::uint64_t sentAs = 0; ///< the id of the last try
    SimTime sentAt;
    bool sent = false;
  };

  // Clients: serving.cpp.
  void serve(Context &ctx, const Request &request);
  void answer(Context &ctx, transport::SocketId socket, const Message &message);
  void refuse(Context &ctx, transport::SocketId socket, std::string_view id, std::string_view why,
              bool perhaps = false);
  void beginRead(Context &ctx, const Request &request);
  void beginWrite(Context &ctx, const Request &request);
  void makeWrite(Context &ctx, const Message &request, const cluster::VersionVector &context,
                 Operation &op);
  bool takenAlready(const Message &request) const;
  void answerRead(Context &ctx, Operation &op);
  void answerWrite(Context &ctx, Operation &op);

  // What a request goes through: coordinating.cpp.
  void launch(Context &ctx, Operation op);
  void chooseTargets(Operation &op) const;
  std::size_t reachableTargets(const Operation &op) const;
  void send(Context &ctx, std::uint64_t number, MemberIndex to);
  void onAnswer(Context &ctx, std::uint64_t number, MemberIndex from, const Message &message);
  void checkOperation(Context &ctx, std::uint64_t number);
  void onRetry(Context &ctx, std::uint64_t number);
  void addStandIn(Context &ctx, std::uint64_t number);
  void finish(Context &ctx, std::uint64_t number);
  void giveUp(Context &ctx, Operation &op);
  void repairReplicas(Context &ctx, const Operation &op);
  void keepHints(Context &ctx, const Operation &op);

  // What it holds: holding.cpp.
  bool hold(Context &ctx, const std::string &key, KeyState came, bool isFresh);
  void tellMeeting(Context &ctx, const std::string &key, const Meeting &meeting);
  void keep(Context &ctx, const std::string &key);
  void tellHeld(Context &ctx, const std::string &key) const;
  void append(Context &ctx, const Message &line);
  void compact(Context &ctx);
  void beginSync(Context &ctx);
  void acknowledge(Context &ctx, MemberIndex to, Message message);
  void restore(Context &ctx);
  void restoreLine(const Message &line);
  void enterTrees(const std::string &key);
  void forget(Context &ctx, const std::string &key);
  KeyState held(const std::string &key) const;

  // Members: members.cpp.
  void onDatagram(Context &ctx, const transport::SocketEvent &event);
  void onMember(Context &ctx, MemberIndex from, const Message &message);
  void tell(Context &ctx, MemberIndex to, const Message &message);
  void deliver(Context &ctx);
  void onPut(Context &ctx, MemberIndex from, const Message &message);
  void onFetch(Context &ctx, MemberIndex from, const Message &message);
  void onStored(Context &ctx, MemberIndex from, const Message &message);
  void onHeartbeat(Context &ctx);
  void heardFrom(Context &ctx, MemberIndex from);
  void checkPeers(Context &ctx);
  std::vector<MemberIndex> homesOf(std::string_view key) const;
  std::vector<MemberIndex> walkOf(std::string_view key) const;
  bool isHome(std::string_view key) const;
  bool alive(MemberIndex i) const { return i == m_members.self() || m_peers[i].alive; }

  // Bringing replicas up: repairing.cpp.
  /// The number that its answer will name.
  std::uint64_t bringUp(Context &ctx, MemberIndex to, const std::string &key, const KeyState &state,
                        std::string_view why);
  void keepHint(Context &ctx, MemberIndex home, const std::string &key);
  void handHints(Context &ctx);
  void handed(Context &ctx, const HintName &name, std::uint64_t digest);
  void onRepaired(Context &ctx, const Repair &repair, bool changed);
  void onAntiEntropy(Context &ctx);
  void onHashes(Context &ctx, MemberIndex from, const Message &message);
  void onHeld(Context &ctx, MemberIndex from, const Message &message);
  void onWant(Context &ctx, MemberIndex from, const Message &message);
  void tellLeaf(Context &ctx, MemberIndex to, std::uint32_t leaf);

  void sampleAll(Context &ctx);
  Described describedKeys() const;
  Described describedMembers(SimTime now) const;
  std::size_t conflictingKeys() const;

  Settings m_set;
  std::vector<ParameterRow> m_rows;

  std::string m_name; ///< in version vectors: another one after each restart
  kv::Members m_members;
  cluster::Ring m_ring;
  std::vector<Peer> m_peers; ///< by member; the own one is unused
  std::map<std::string, KeyState, std::less<>> m_held;
  /// Of keys that it coordinated a write of: so that all its own writes of a key are known
  /// together.
  std::map<std::string, KeyState> m_written;
  std::map<std::string, std::pair<std::string, cluster::Dot>, std::less<>> m_done; ///< by client
  std::map<HintName, Hint> m_hints;
  std::uint64_t m_writes = 0; ///< own ones, for their dots
  SimTime m_lastStamp;

  transport::SocketId m_listener = transport::noSocket, m_udp = transport::noSocket;
  ClientDesk m_desk;
  std::map<std::uint64_t, Operation> m_operations;
  std::map<std::uint64_t, Repair> m_repairs;
  std::uint64_t m_lastNumber = 0;
  Assembly m_assembly;
  std::deque<Message> m_toMyself;
  MemberIndex m_nextCompared = 0;

  std::uint64_t m_appended = 0, m_synced = 0, m_lines = 0;
  bool m_syncRuns = false;
  std::multimap<std::uint64_t, Waiting> m_waiting; ///< by what must be synced
  std::uint64_t m_repaired = 0, m_conflicts = 0, m_refused = 0;
};

} // namespace packetarium::programs::quorum
