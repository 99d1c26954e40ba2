// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/peer.h"
#include "core/wire/cluster_message.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace packetarium::programs {

/// A web server's way to the key-value store where it keeps its sessions, so that other servers
/// know them too: a client of kv_protocol.h on one connection that is opened when needed. A value.
class SessionStore {
public:
  /// What came of one question, for the ticket it was asked with; exactly one for each.
  struct Reply {
    enum class Kind : std::uint8_t { Found, Missing, Stored, Failed };
    std::uint64_t ticket = 0;
    Kind kind = Kind::Failed;
    std::string value; ///< Found: what is stored; Failed: why, as a sentence
  };
  using Replies = std::vector<Reply>;

  /// tagOf: the tag of the program's timer that ends in onTimeout(id).
  SessionStore(std::string peer, std::uint16_t port, Duration timeout,
               std::uint64_t (*tagOf)(std::uint64_t id));

  /// Reads the session of an id.
  void read(Context &ctx, std::uint64_t ticket, const std::string &id);
  void write(Context &ctx, std::uint64_t ticket, const std::string &id, std::string_view value);

  bool owns(transport::SocketId socket) const {
    return socket != transport::noSocket && socket == m_socket;
  }
  Replies onSocket(Context &ctx, const transport::SocketEvent &event);
  Replies onResolved(Context &ctx, const Resolution &answer);
  Replies onTimeout(Context &ctx, std::uint64_t id);
  Described describe() const;

private:
  struct Question {
    std::uint64_t ticket = 0;
    wire::cluster::Message message;
    TimerId timer;
    int sent = 0; ///< times; a connection may be found dead only when it is used
  };
  void ask(Context &ctx, std::uint64_t ticket, wire::cluster::Message message);
  void connect(Context &ctx);
  void connectTo(Context &ctx, transport::Endpoint to);
  void send(Context &ctx, Question &question);
  void flush(Context &ctx);
  void onData(Context &ctx, const wire::Payload &data, Replies &replies);
  void onAnswer(Context &ctx, const wire::cluster::Message &answer, Replies &replies);
  /// The connection is gone; what was sent twice by then has failed.
  void lost(Context &ctx, const std::string &why, Replies &replies);
  void answer(Context &ctx, std::uint64_t id, Reply::Kind kind, std::string value,
              Replies &replies);

  Peer m_peer;
  Duration m_timeout;
  std::uint64_t (*m_tagOf)(std::uint64_t id) = nullptr;
  transport::SocketId m_socket = transport::noSocket;
  bool m_resolving = false, m_open = false;
  transport::Endpoint m_asked;
  wire::cluster::Reader m_reader;
  std::vector<wire::Payload> m_outbound; ///< what the socket had no room for
  std::map<std::uint64_t, Question> m_questions;
  std::uint64_t m_last = 0, m_answered = 0, m_failed = 0;
};

} // namespace packetarium::programs
