// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/client_desk.h"
#include "core/programs/message_stream.h"
#include "core/programs/multi_primary/replica.h"
#include "core/programs/program.h"

#include <map>
#include <string>
#include <vector>

namespace packetarium::programs::multi {

/// A member of a key-value store whose members all take writes. Each member numbers its own writes,
/// keeps those of all, and hands them on: its own at once, those of others when a peer's vector
/// says that it lacks them (anti-entropy, after Demers et al. 1987 and Bayou 1997). Between
/// members:
///
///     sync member=a vector=a:7,b:4       what I have heard; what have you?
///     have vector=a:5,b:4                the answer, and after each batch of writes
///     write key=... dot=a:6 ... more=1   more: others of the same batch follow
class MultiPrimary final : public ProgramOf<MultiPrimary> {
public:
  explicit MultiPrimary(const ParameterValues &values);

  void start(Context &ctx) override;
  void onSocket(Context &ctx, const transport::SocketEvent &event) override;
  void onTimer(Context &ctx, std::uint64_t tag) override;
  void onSynced(Context &ctx, std::uint64_t tag) override;
  std::vector<Described> describe(SimTime now) const override;

private:
  enum Tag : std::uint64_t { Serve, AntiEntropy };
  /// A connection that this member opens to another one and sends its writes on.
  struct Peer {
    transport::Endpoint endpoint;
    std::optional<MessageStream> stream;
    bool connected = false, reachable = false;
    SimTime waitsSince; ///< for an answer, or to be connected
    bool waits = false;
    cluster::VersionVector sent;  ///< on this connection
    cluster::VersionVector known; ///< what it said it has heard
    bool told = false;            ///< it has said so on this connection
  };
  struct Incoming {
    MessageStream stream;
    std::string member;
    bool batchOpen = false;
  };
  using Request = ClientDesk::Request;
  struct Waiting {
    transport::SocketId socket = 0;
    std::string id, key;
    bool session = false; ///< wants to know how far the store is
  };

  // Clients: serving.cpp.
  void serve(Context &ctx, const Request &request);
  void answerRead(Context &ctx, const Request &request);
  void takeWrite(Context &ctx, const Request &request);
  void takenAlready(Context &ctx, const Request &request, const cluster::Dot &done);
  void refuse(Context &ctx, const Request &request, std::string_view why);
  void keep(Context &ctx, const Write &write);
  void beginSync(Context &ctx);
  void release(Context &ctx, std::uint64_t count);

  // Members: peers.cpp.
  void connect(Context &ctx, Peer &peer);
  void drop(Context &ctx, Peer &peer, std::string_view why);
  void onPeer(Context &ctx, Peer &peer, const transport::SocketEvent &event);
  void onHave(Context &ctx, Peer &peer, const wire::cluster::Message &message);
  void askPeer(Context &ctx, Peer &peer);
  void push(Context &ctx, Peer &peer, bool onlyOwn);
  std::vector<cluster::Dot> missingAt(const Peer &peer, bool onlyOwn) const;
  void onIncoming(Context &ctx, const transport::SocketEvent &event);
  void onMember(Context &ctx, transport::SocketId socket, const wire::cluster::Message &message);
  void introduce(Context &ctx, transport::SocketId socket, std::string_view member);
  void onAntiEntropy(Context &ctx);

  void restore(Context &ctx);
  void tellMeetings(Context &ctx);
  void tellMeeting(Context &ctx, const Meeting &meeting);
  void sampleAll(Context &ctx);
  Described describedKeys() const;
  Described describedPeers() const;

  std::string m_service;
  std::uint16_t m_port = 0, m_memberPort = 0;
  cluster::DataType m_type;
  cluster::ConflictPolicy m_policy;
  Duration m_interval, m_timeout;
  bool m_syncs = true;

  std::string m_member; ///< its name in vectors: another one after each restart
  Replica m_replica;
  std::vector<Peer> m_peers;
  transport::SocketId m_clientListener = transport::noSocket;
  transport::SocketId m_memberListener = transport::noSocket;
  ClientDesk m_desk;
  std::map<transport::SocketId, Incoming> m_incoming;

  std::map<std::uint64_t, Waiting> m_waiting; ///< for the disk, by the write's own number
  std::uint64_t m_released = 0;               ///< own writes that others may hear of
  bool m_syncRuns = false, m_syncWanted = false;
  std::uint64_t m_conflicts = 0;
};

} // namespace packetarium::programs::multi
