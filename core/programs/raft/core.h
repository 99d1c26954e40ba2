// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/raft/machine.h"
#include "core/programs/raft/rpc.h"
#include "core/trace/record.h"

#include <deque>
#include <set>

namespace packetarium::programs::raft {

enum class Role : std::uint8_t { Follower, PreCandidate, Candidate, Leader };
enum class Reads : std::uint8_t { ReadIndex, Lease, Log, Local };

/// Mistakes that can be built in, one at a time, to see what they lead to.
enum class Flaw : std::uint8_t {
  None,
  CommitOldTerm,      ///< counts copies of entries of older terms (against 5.4.2)
  VoteNotPersisted,   ///< forgets in a crash its term, and whom it voted for
  ReadWithoutQuorum,  ///< a leader answers reads without asking whether it still is one
  SnapshotLosesEntry, ///< a snapshot is without the last entry that it claims to hold
  LeaseSkewed,        ///< believes in its lease for several times its length
  LogNotSynced,       ///< says that it has an entry before its disk has
  DoubleVote,         ///< votes for everybody who asks
  NoLogCheck,         ///< votes for candidates whose log is behind
  TruncateBlindly,    ///< throws away all that follows what a leader sent, old messages included
  NoMatchCheck,       ///< takes entries without having the one before them
  NoSessions,         ///< does a write again when it is asked again
  UnboundedCommit     ///< believes a leader's commit index for entries that leader never sent
};

struct Rules {
  Duration electionMin = Duration::ms(150), electionMax = Duration::ms(300);
  Duration heartbeat = Duration::ms(50), lease = Duration::ms(135);
  bool preVote = false;
  Reads reads = Reads::ReadIndex;
  std::uint64_t snapshotEntries = 0; ///< 0: never
  std::size_t batchMax = 8;
  Flaw flaw = Flaw::None;
};

/// What a member must never forget beside its log.
struct Promise {
  Term term = 0;
  std::string vote;     ///< "": none in this term
  bool emptied = false; ///< its disk was lost: it has no vote until it has caught up
  bool gone = false;    ///< it has left
};
/// What survived a crash, as it was found on the disk.
struct Stored {
  Promise promise;
  SnapshotRef snapshot;
  Log log; ///< begins where the snapshot ends, or before
  /// From here on its entries may be others than it told last: the crash undid what replaced them.
  Index changedFrom = ~Index{0};
};

enum class Alarm : std::uint8_t { Election, Heartbeat, Lease, Joining };
constexpr std::size_t alarmCount = 4;

/// What the algorithm asks of the world; all of it is done before the next input comes.
class Hands {
public:
  virtual ~Hands() = default;
  /// Of this member's own clock, which nobody sets: it may drift, and so do its alarms.
  virtual SimTime now() const = 0;
  /// An election time-out, drawn anew each time.
  virtual Duration drawTimeout() = 0;
  virtual void send(MemberId to, const Rpc &rpc) = 0;
  /// Core::alarm follows after the delay; in place of what was set before. Nothing: no more.
  virtual void wait(Alarm alarm, std::optional<Duration> delay) = 0;

  virtual void savePromise(const Promise &promise) = 0;
  virtual void saveEntry(const Entry &entry) = 0;
  /// Keeps so many of the entries on the disk.
  virtual void dropEntries(std::uint64_t keep) = 0;
  /// In place of the old one (nothing: as before), with the log that goes on from it.
  virtual void saveSnapshot(const SnapshotRef &snapshot, const Log &log) = 0;
  /// Core::synced(ticket) follows when all that was saved before is on the disk for certain.
  virtual void sync(std::uint64_t ticket) = 0;

  virtual void tell(trace::FactTopic topic, std::string_view value, std::string_view detail) = 0;
  virtual void tellFailover(trace::FailoverStage stage, std::string_view sentence) = 0;
  virtual void phase(std::string_view milestone, std::string_view object) = 0;
  virtual void countdown(trace::CountdownKind kind, std::optional<Duration> delay) = 0;

  /// An entry was applied here.
  virtual void applied(Index index, const Entry &entry, const Outcome &outcome) = 0;
  /// The read of that number may be answered from the table now.
  virtual void readable(std::uint64_t read) = 0;
  /// It leads no longer: whoever waits has to ask somebody else.
  virtual void deposed() = 0;
};

/// One member of a Raft cluster, as a value without sockets: messages, alarms and the ends of syncs
/// go in; what shall be done comes out at Hands. Sections without further name are of the paper.
/// Its parts: core.cpp (start, terms, disk), elections.cpp, leading.cpp (the leader's side of
/// replication), following.cpp (the follower's), parts.cpp (of long entries), snapshots.cpp,
/// reads.cpp, membership.cpp.
class Core {
public:
  Core() = default;
  /// self: the name of this node, in the book. first: who has a vote before the log says other.
  Core(Rules rules, Book book, MemberId self, Configuration first);

  void start(Hands &hands, Stored stored, bool again);
  void receive(Hands &hands, MemberId from, const Rpc &rpc);
  void alarm(Hands &hands, Alarm which);
  void synced(Hands &hands, std::uint64_t ticket);

  /// Its election time-out ends now.
  void timeOut(Hands &hands);
  /// Takes over: the leader hands over to it, or without one it stands for election.
  void takeOver(Hands &hands);
  /// Becomes a member, or is one no longer: asks the leader until it is so.
  void join(Hands &hands);
  void leave(Hands &hands);

  /// The entry's index; nothing when it does not lead or is handing over. applied() follows, or
  /// deposed().
  std::optional<Index> propose(Hands &hands, Command command);
  /// At a leader only: readable(read) follows, or deposed().
  void read(Hands &hands, std::uint64_t read);
  /// Entries that wait for a majority; who proposes more should be refused at some point.
  std::uint64_t waiting() const { return m_log.last() - m_commit; }

  Role role() const { return m_role; }
  std::string_view roleName() const;
  Term term() const { return m_term; }
  MemberId self() const { return m_self; }
  MemberId leader() const { return m_leader; }
  bool handingOver() const { return m_heir != nobody; }
  Index commit() const { return m_commit; }
  Index applied() const { return m_applied; }
  const Log &log() const { return m_log; }
  Index durable() const { return m_durable; }
  const Machine &machine() const { return m_machine; }
  const Book &book() const { return m_book; }
  /// A name that it may not know yet.
  MemberId meet(std::string_view name, wire::Ipv4Address address);
  const Configuration &configuration() const { return m_configurations.newest(); }
  MemberId votedFor() const { return m_vote; }
  const SnapshotRef &snapshot() const { return m_snapshot; }
  /// Nobody else can have been elected by then, as far as clocks keep to Rules::lease.
  bool leaseHeld(SimTime now) const { return m_leaseHeld && now < m_leaseUntil; }

  /// A follower as the leader sees it.
  struct Follower {
    Index next = 1, match = 0;
    bool probing = true;  ///< one message at a time until it is known where the logs are the same
    bool waiting = false; ///< probing: the answer has not come
    SimTime heard, sent;  ///< its last answer; the last message with entries
    SimTime acknowledged; ///< when it last said what it has
    std::uint64_t round = 0; ///< newest round of heartbeats that it answered
    Duration roundTrip;
    SnapshotRef snapshot; ///< on its way
    Index part = 0;       ///< the long entry that is on its way in parts; 0: none yet
    /// Of the snapshot or the parts: sent, there for certain, there as the newest answer says.
    std::uint64_t chunkSent = 0, chunkDone = 0, chunkSaid = 0;
  };
  const std::map<MemberId, Follower> &followers() const { return m_followers; }

private:
  struct Pending {
    std::uint64_t ticket = 0; ///< of the sync that it waits for
    MemberId to = nobody;
    Rpc rpc;
  };
  struct PendingRead {
    std::uint64_t read = 0;
    Index index = 0;         ///< that must be applied
    std::uint64_t round = 0; ///< that most must have answered
  };
  struct Joining {
    MemberId who = nobody;
    Index target = 0;
    SimTime since;
    int rounds = 0;
  };

  // core.cpp
  void restore(Hands &hands, Stored stored);
  void tellTerm(Hands &hands) const;
  void tellRole(Hands &hands, std::string_view why) const;
  void tellLog(Hands &hands, std::string_view what, Index index) const;
  void tellMembers(Hands &hands) const;
  std::string memberName(MemberId id) const;
  void adopt(Hands &hands, Term term, std::string_view why);
  void follow(Hands &hands, MemberId leader);
  void becomeFollower(Hands &hands, std::string_view why);
  void restartElectionTimer(Hands &hands);
  void savePromise(Hands &hands);
  void wrote(Hands &hands);
  void sendDurably(Hands &hands, MemberId to, Rpc rpc);
  void syncIfNeeded(Hands &hands);
  bool hearsLeader(SimTime now) const;
  bool mayStand() const;
  bool has(Flaw flaw) const { return m_rules.flaw == flaw; }
  Rpc rpcOf(RpcKind kind) const;

  // elections.cpp
  void onElectionTimeout(Hands &hands, std::string_view why);
  void askFirst(Hands &hands, std::string_view why);
  void campaign(Hands &hands, std::string_view why, bool byHand);
  void onVote(Hands &hands, MemberId from, const Rpc &rpc);
  void onVoteAnswer(Hands &hands, MemberId from, const Rpc &rpc);
  void onPreVote(Hands &hands, MemberId from, const Rpc &rpc);
  void onPreVoteAnswer(Hands &hands, MemberId from, const Rpc &rpc);
  void askVoters(Hands &hands);
  void onVoteAlarm(Hands &hands);
  bool elected() const;
  void lead(Hands &hands);

  // leading.cpp
  Index append(Hands &hands, Command command);
  void replicate(Hands &hands, MemberId to);
  void replicateAll(Hands &hands);
  bool sendEntries(Hands &hands, MemberId to, Follower &f);
  void onAppendAnswer(Hands &hands, MemberId from, const Rpc &rpc);
  void tellProgress(Hands &hands, MemberId follower) const;
  void advanceCommit(Hands &hands);
  void onHeartbeatAlarm(Hands &hands);
  void beat(Hands &hands, bool asked);
  void onHeartbeatAnswer(Hands &hands, MemberId from, const Rpc &rpc);
  bool hearsMajority(SimTime now) const;
  void trackFollowers(Hands &hands);
  void handOver(Hands &hands, MemberId heir);
  void handOverIfReady(Hands &hands);

  // following.cpp
  void onAppend(Hands &hands, MemberId from, const Rpc &rpc);
  void refuseAppend(Hands &hands, MemberId from, Index before);
  Index store(Hands &hands, const Rpc &rpc);
  void cutLog(Hands &hands, Index last);
  void put(Hands &hands, EntryRef entry);
  void onHeartbeat(Hands &hands, MemberId from, const Rpc &rpc);
  void commitTo(Hands &hands, Index index);
  void applyCommitted(Hands &hands);

  // parts.cpp
  bool isLong(Index index) const;
  void sendParts(Hands &hands, MemberId to, Follower &f);
  void sendPartsAgain(Hands &hands, MemberId to, Follower &f);
  void onPart(Hands &hands, MemberId from, const Rpc &rpc);
  void onPartAnswer(Hands &hands, MemberId from, const Rpc &rpc);

  // snapshots.cpp
  void takeSnapshot(Hands &hands, Index index, const Machine &machine);
  void sendChunks(Hands &hands, MemberId to, Follower &f);
  void onChunk(Hands &hands, MemberId from, const Rpc &rpc);
  void install(Hands &hands, const Rpc &rpc);
  void onChunkAnswer(Hands &hands, MemberId from, const Rpc &rpc);

  // reads.cpp
  void confirmRounds(Hands &hands);
  void renewLease(Hands &hands, SimTime roundSent);
  void answerReads(Hands &hands);

  // membership.cpp
  void onJoin(Hands &hands, MemberId from);
  void onLeave(Hands &hands, MemberId from);
  bool mayChangeMembers() const;
  void checkJoining(Hands &hands);
  void changeMembers(Hands &hands, const Configuration &to);
  void onMembersCommitted(Hands &hands, Index index);
  void askMembership(Hands &hands);
  void goAway(Hands &hands);

  Rules m_rules;
  Book m_book;
  MemberId m_self = nobody;
  Configuration m_first; ///< before the log says other

  Role m_role = Role::Follower;
  Term m_term = 0;
  MemberId m_vote = nobody, m_leader = nobody;
  SimTime m_heard; ///< from the leader
  bool m_knewLeader = false;
  Log m_log;
  Configurations m_configurations;
  Index m_commit = 0, m_applied = 0, m_durable = 0;
  Machine m_machine;
  SnapshotRef m_snapshot;

  // Disk: tickets of syncs, the length of the log when each began, and what waits for them.
  bool m_dirty = false, m_syncing = false;
  std::uint64_t m_ticket = 0; ///< of the sync under way, or of the last one
  Index m_syncedLength = 0;   ///< of the log, when it began; less when it was cut since
  std::deque<Pending> m_pending;

  // A candidate.
  std::set<MemberId> m_votes, m_refused;
  bool m_byHand = false;

  // A leader.
  std::map<MemberId, Follower> m_followers;
  Index m_termStart = 0; ///< its first entry
  std::uint64_t m_round = 0, m_confirmed = 0;
  std::deque<SimTime> m_roundSent; ///< of the rounds after m_confirmed
  bool m_leaseHeld = false;
  SimTime m_leaseUntil;
  std::deque<PendingRead> m_reads;
  MemberId m_heir = nobody;
  SimTime m_heirUntil;
  bool m_leaseOver = false; ///< an heir was told to stand: voters may forget the lease
  Joining m_joining;

  // A follower that gets a snapshot, or a long entry.
  Rpc m_incoming, m_incomingPart;

  enum class Wish : std::uint8_t { None, Join, Leave } m_wish = Wish::None;
  MemberId m_leaving = nobody;            ///< at a leader: who goes with the newest configuration
  bool m_emptied = false, m_gone = false; ///< see Promise
};

std::string_view name(Role role);

} // namespace packetarium::programs::raft
