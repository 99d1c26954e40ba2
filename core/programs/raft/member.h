// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/client_desk.h"
#include "core/programs/raft/settings.h"

#include <array>
#include <map>

namespace packetarium::programs::raft {

/// A key-value store that Raft keeps the same at all members: the shell around Core with sockets,
/// disk and clients. Its parts: member.cpp (start, datagrams, timers), disk.cpp (what Core asks of
/// the world), serving.cpp (clients).
class Member final : public ProgramOf<Member> {
public:
  explicit Member(const ParameterValues &values)
      : m_set(values), m_rows(values.rows("members")), m_desk(m_set.serviceTime, Serve) {}

  void start(Context &ctx) override;
  void onSocket(Context &ctx, const transport::SocketEvent &event) override;
  void onTimer(Context &ctx, std::uint64_t tag) override;
  void onSynced(Context &ctx, std::uint64_t tag) override;
  void onPromote(Context &ctx) override;
  void onTimeOut(Context &ctx) override;
  std::vector<Described> describe(SimTime now) const override;

private:
  class World; ///< the Hands that a Context makes
  using Message = wire::cluster::Message;
  using SocketId = transport::SocketId;
  enum Timer : std::uint64_t { Serve = alarmCount, JoinTime, LeaveTime };
  using Request = ClientDesk::Request;

  Stored load(Context &ctx, bool again) const;
  void onDatagram(Context &ctx, const Message &message);
  SimTime steadyNow(Context &ctx);
  bool running() const { return m_datagrams != transport::noSocket; }

  // serving.cpp
  void execute(Context &ctx, const Request &request);
  void executeRead(Context &ctx, const Request &request);
  void executeWrite(Context &ctx, const Request &request);
  void propose(Context &ctx, const Request &request, Command command);
  void readHere(Context &ctx, const Request &request);
  void onApplied(Context &ctx, Index index, const Entry &entry, const Outcome &outcome);
  void onReadable(Context &ctx, std::uint64_t read);
  void letGo(Context &ctx);
  void answerOutcome(Context &ctx, const Request &request, Index index, const Entry &entry,
                     const Outcome &outcome);
  void redirect(Context &ctx, const Request &request, bool perhapsDone);
  void refuse(Context &ctx, const Request &request, std::string_view why);
  void answer(Context &ctx, const Request &request, const Message &message);

  Settings m_set;
  std::vector<ParameterRow> m_rows;
  Core m_core;
  std::string m_name, m_logFile, m_promiseFile, m_snapshotFile;
  SocketId m_listener = transport::noSocket, m_datagrams = transport::noSocket;
  std::array<TimerId, alarmCount> m_alarms;

  ClientDesk m_desk;
  std::map<Index, Request> m_waiting;         ///< by the entry they wait for
  std::map<std::uint64_t, Request> m_reads;   ///< that wait to be readable
  std::multimap<Index, Request> m_localReads; ///< that wait until so much is applied
  std::uint64_t m_lastRead = 0, m_readCount = 0, m_writeCount = 0;
  bool m_reachableTold = true;
  Duration m_clockAhead; ///< of the true time, when its own clock was last read
};

/// Hands that work on a Context, for one call.
class Member::World final : public Hands {
public:
  World(Member &member, Context &ctx) : m_member(member), m_ctx(ctx) {}

  SimTime now() const override { return m_member.steadyNow(m_ctx); }
  Duration drawTimeout() override;
  void send(MemberId to, const Rpc &rpc) override;
  void wait(Alarm alarm, std::optional<Duration> delay) override;
  void savePromise(const Promise &promise) override;
  void saveEntry(const Entry &entry) override;
  void dropEntries(std::uint64_t keep) override;
  void saveSnapshot(const SnapshotRef &snapshot, const Log &log) override;
  void sync(std::uint64_t ticket) override { m_ctx.diskSync(ticket); }
  void tell(trace::FactTopic topic, std::string_view value, std::string_view detail) override;
  void tellFailover(trace::FailoverStage stage, std::string_view sentence) override;
  void phase(std::string_view milestone, std::string_view object) override {
    m_ctx.phase(milestone, object);
  }
  void countdown(trace::CountdownKind kind, std::optional<Duration> delay) override {
    m_ctx.countdown(kind, delay, m_member.m_set.service);
  }
  void applied(Index index, const Entry &entry, const Outcome &outcome) override {
    m_member.onApplied(m_ctx, index, entry, outcome);
  }
  void readable(std::uint64_t read) override { m_member.onReadable(m_ctx, read); }
  void deposed() override { m_member.letGo(m_ctx); }

private:
  Member &m_member;
  Context &m_ctx;
};

} // namespace packetarium::programs::raft
