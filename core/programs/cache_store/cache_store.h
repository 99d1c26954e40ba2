// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/cache_store/memory.h"
#include "core/programs/cache_store/origin.h"
#include "core/programs/client_desk.h"
#include "core/programs/kv_store/replicated_log.h"

#include <map>

namespace packetarium::programs::cache {

/// A store that promises little: one node's memory, which lets keys go when it is full or their
/// time has ended, and forgets all in a crash. With a store behind it (the origin) it reads what
/// it lacks from there, and hands on what was written some time later.
class CacheStore final : public ProgramOf<CacheStore> {
public:
  explicit CacheStore(const ParameterValues &v);

  void start(Context &ctx) override;
  void onSocket(Context &ctx, const transport::SocketEvent &event) override;
  void onTimer(Context &ctx, std::uint64_t tag) override;
  std::vector<Described> describe(SimTime now) const override;

private:
  using Message = wire::cluster::Message;
  using SocketId = transport::SocketId;
  enum Timer : std::uint64_t { Serve, Expire, HandOn, SampleTime, OriginTimeout = 16 };

  using Held = std::optional<std::string>; ///< nothing: the key is not set

  using Request = ClientDesk::Request;

  void execute(Context &ctx, const Request &request);
  /// held: what the key holds, for certain.
  void finish(Context &ctx, const Request &request, const Held &held);
  void change(Context &ctx, const Request &request, const kv::Change &change, const Held &held);
  std::optional<Held> knownOf(const std::string &key);
  void answer(Context &ctx, const Request &request, const Message &message);

  void keep(Context &ctx, const std::string &key, const std::string &value);
  void tellEvicted(Context &ctx, const std::string &key, std::string_view why);
  void expire(Context &ctx);
  void watchExpiry(Context &ctx);

  void fetch(Context &ctx, const Request &request);
  void handOn(Context &ctx);
  void onReplies(Context &ctx, const Origin::Replies &replies);
  void onHandedOn(Context &ctx, const std::string &key, bool done);

  std::string m_service;
  std::uint16_t m_port = 0;
  Duration m_handOnEvery;
  Memory m_memory;
  Origin m_origin;

  SocketId m_listener = transport::noSocket;
  ClientDesk m_desk;
  TimerId m_expiry;

  std::map<std::string, std::vector<Request>> m_fetching; ///< by key
  std::map<std::uint64_t, std::string> m_asked;           ///< reads of the origin
  std::map<std::string, Held> m_unsaved;                  ///< what the origin lacks
  std::map<std::uint64_t, std::string> m_saving;          ///< by number of the question
  std::map<std::string, Held> m_savingWhat;               ///< on its way there
  std::uint64_t m_hits = 0, m_misses = 0, m_evicted = 0;
};

} // namespace packetarium::programs::cache
