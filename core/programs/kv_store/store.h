// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/client_desk.h"
#include "core/programs/kv_position.h"
#include "core/programs/kv_store/replicated_log.h"
#include "core/programs/kv_store/settings.h"
#include "core/programs/message_stream.h"

#include <map>
#include <set>

namespace packetarium::programs::kv {

/// A key-value store of one primary and its replicas. Heartbeats and votes are datagrams, the log
/// travels over TCP from the primary to each replica. Its parts: store.cpp (start, disk, timers),
/// election.cpp (who leads), shipping.cpp (the primary's side of replication), following.cpp (the
/// replica's side), serving.cpp (clients).
class Store final : public ProgramOf<Store> {
public:
  explicit Store(const ParameterValues &values)
      : m_set(values), m_rows(values.rows("members")), m_desk(m_set.serviceTime, Serve) {}

  void start(Context &ctx) override;
  void onSocket(Context &ctx, const transport::SocketEvent &event) override;
  void onTimer(Context &ctx, std::uint64_t tag) override;
  void onSynced(Context &ctx, std::uint64_t tag) override;
  void onPromote(Context &ctx) override;
  std::vector<Described> describe(SimTime now) const override;

private:
  using Message = wire::cluster::Message;
  using SocketId = transport::SocketId;
  enum class Role : std::uint8_t { Replica, Candidate, Primary };
  enum class Reason : std::uint8_t { Configured, Silence, ByHand, Resume };
  enum Timer : std::uint64_t {
    Beat,
    Watch,
    Round,
    Serve,
    DiskTime,
    SampleTime,
    Fallback,
    Ship,
    CatchUp
  };
  enum class SyncFor : std::uint8_t { Log, Vote, Promotion };

  /// A candidacy under way.
  struct Campaign {
    std::uint64_t epoch = 0; ///< 0: none
    Reason reason = Reason::Silence;
    std::set<std::size_t> granted, refused;
  };
  /// A sync of the disk under way: how much of the log it makes durable, and what waits for it.
  struct Syncing {
    std::uint64_t length = 0;
    SyncFor purpose = SyncFor::Log;
    std::uint64_t epoch = 0;
    std::size_t voteTo = 0;
  };
  /// A replica as the primary sees it.
  struct Follower {
    SocketId socket = transport::noSocket;
    bool connected = false, streaming = false, refusing = false;
    SimTime since, answered; ///< connection begun; last sign of life
    std::uint64_t next = 1, match = 0;
    MessageStream stream;
  };
  /// A request that waits for its turn, or for an entry to be committed.
  using Request = ClientDesk::Request;

  // store.cpp
  void loadDisk(Context &ctx);
  void writeMeta(Context &ctx, bool primary);
  void beginSync(Context &ctx, Syncing syncing);
  void syncLog(Context &ctx);
  std::uint64_t ackable() const;
  void append(Context &ctx, Entry entry);
  void throwAway(Context &ctx, std::uint64_t keep);
  void commitTo(Context &ctx, std::uint64_t index);
  void tellLog(Context &ctx, std::string_view what, std::uint64_t index) const;
  void tellRole(Context &ctx, std::string_view role, std::string_view why) const;
  void tellFailover(Context &ctx, trace::FailoverStage stage, std::string_view sentence) const;
  Message hail(std::string_view verb) const;
  void tell(Context &ctx, std::size_t member, const Message &message) const;
  void onDatagram(Context &ctx, const Message &message);
  void sampleLag(Context &ctx);
  std::string_view roleName() const;

  // election.cpp
  void watchFor(Context &ctx, Duration silence);
  void onWatch(Context &ctx);
  void stand(Context &ctx, Reason reason, std::string_view why);
  void onVote(Context &ctx, std::size_t from, const Message &message);
  std::string refusalOf(std::size_t from, const Message &message, SimTime now) const;
  void onVoteAnswer(Context &ctx, std::size_t from, const Message &message);
  void countVotes(Context &ctx, bool roundOver);
  void tryAgain(Context &ctx);
  void win(Context &ctx);
  void activate(Context &ctx);
  void stepDown(Context &ctx, std::uint64_t epoch, std::string_view why);
  bool hearsPrimary(SimTime now) const;

  // shipping.cpp
  void beat(Context &ctx);
  void checkFollowers(Context &ctx);
  void connectTo(Context &ctx, std::size_t member);
  void dropFollower(Context &ctx, std::size_t member, bool abort);
  void onHeartbeatAnswer(Context &ctx, std::size_t from, const Message &message);
  bool onFollowerSocket(Context &ctx, const transport::SocketEvent &event);
  void onFollowerMessage(Context &ctx, std::size_t member, const Message &message);
  void ship(Context &ctx, std::size_t member);
  void shipAll(Context &ctx);
  void advance(Context &ctx);
  std::size_t acksNeeded() const;
  std::size_t reachable(SimTime now) const;
  void onFallback(Context &ctx);

  // following.cpp
  bool follow(Context &ctx, std::uint64_t epoch);
  void onHeartbeat(Context &ctx, std::size_t from, const Message &message);
  bool onPrimarySocket(Context &ctx, const transport::SocketEvent &event);
  void onPrimaryMessage(Context &ctx, MessageStream &stream, const Message &message);
  void onAppend(Context &ctx, MessageStream &stream, const Message &message);
  bool makeRoom(Context &ctx, MessageStream &stream, std::uint64_t index, std::uint64_t epoch);
  void learn(Context &ctx, const Message &message);
  void acknowledge(Context &ctx, bool always);

  // serving.cpp
  void execute(Context &ctx, const Request &request);
  void executeRead(Context &ctx, const Request &request);
  void executeWrite(Context &ctx, const Request &request, Change change);
  void waitFor(Context &ctx, std::uint64_t index, const Request &request);
  void answerWaiting(Context &ctx);
  void answerChange(Context &ctx, std::uint64_t index, const Request &request);
  void readNow(Context &ctx, const Request &request);
  void answerRead(Context &ctx, const Request &request);
  Position position() const { return {m_log.epochAt(m_commit), m_commit}; }
  static Position wantedBy(const Request &request);
  void addPosition(const Request &request, Message &message) const;
  void waitToCatchUp(Context &ctx, const Request &request);
  void answerCaughtUp(Context &ctx);
  void sendOnTheImpatient(Context &ctx);
  void redirect(Context &ctx, const Request &request, bool perhapsDone);
  void answer(Context &ctx, const Request &request, Message message);
  void letGo(Context &ctx);

  Settings m_set;
  std::vector<ParameterRow> m_rows;
  Members m_members;
  std::string m_logFile, m_metaFile;
  SocketId m_clientListener = 0, m_memberListener = 0, m_datagrams = 0;

  Role m_role = Role::Replica;
  std::uint64_t m_epoch = 0;     ///< newest one promised or followed; on the disk before it counts
  std::uint64_t m_seenEpoch = 0; ///< newest one heard of at all
  std::size_t m_primary = Members::none; ///< as far as known
  SimTime m_heard;                       ///< from the primary
  bool m_suspected = false, m_goneTold = false;
  bool m_resumes = false; ///< it was primary before it restarted, and takes up again by itself
  bool m_emptied = false; ///< its disk was lost: it has no vote until it has caught up
  bool m_activating = false, m_reachableTold = true, m_refusingRejoin = false;
  Campaign m_campaign;
  std::string m_why; ///< it leads
  TimerId m_watch, m_round;

  ReplicatedLog m_log;
  Table m_table; ///< of the committed entries
  std::uint64_t m_commit = 0, m_durable = 0, m_epochStart = 0;
  std::uint64_t m_shipUntil = 0; ///< last entry that is due, when they are handed on by and by
  std::map<std::uint64_t, Syncing> m_syncs;
  std::uint64_t m_lastSync = 0;
  bool m_logSyncing = false;

  std::map<std::size_t, Follower> m_followers;
  bool m_fellBack = false, m_fallbackTimer = false;

  std::map<SocketId, MessageStream> m_inbound; ///< from members that are or were primary
  SocketId m_upstream = transport::noSocket;
  std::uint64_t m_matched = 0, m_acknowledged = 0, m_primaryLast = 0;
  bool m_commitKnown = false;
  SimTime m_behindSince;

  ClientDesk m_desk;
  std::multimap<std::uint64_t, Request> m_waiting; ///< by the entry they wait for
  std::map<std::uint64_t, Applied> m_failed;       ///< what some of them will be told
  std::vector<Request> m_behind; ///< reads of sessions that have seen more than this member
  std::uint64_t m_reads = 0, m_writes = 0;
};

} // namespace packetarium::programs::kv
