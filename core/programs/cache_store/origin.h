// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/message_stream.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace packetarium::programs::cache {

/// The store behind a cache: a client of kv_protocol.h on one connection that is opened when
/// needed. A value.
class Origin {
public:
  /// What came of one question; exactly one for each.
  struct Reply {
    std::uint64_t id = 0;
    bool answered = false;            ///< false: refused, too late, or cut off
    std::optional<std::string> value; ///< of a read
  };
  using Replies = std::vector<Reply>;

  Origin(transport::Endpoint to, Duration timeout, std::uint64_t timerTag)
      : m_to(to), m_timeout(timeout), m_timerTag(timerTag) {}

  bool exists() const { return !m_to.address.isAny(); }
  /// Gives the number that the reply repeats. A timer with the tag plus that number ends it.
  std::uint64_t ask(Context &ctx, wire::cluster::Message message);
  bool owns(transport::SocketId socket) const {
    return socket != transport::noSocket && socket == m_stream.socket();
  }
  Replies onSocket(Context &ctx, const transport::SocketEvent &event);
  Replies onTimeout(Context &ctx, std::uint64_t id);

private:
  struct Question {
    wire::cluster::Message message;
    TimerId timer;
  };
  void takeAnswers(Context &ctx, Replies &replies);
  void lose(Context &ctx, Replies &replies);

  transport::Endpoint m_to;
  Duration m_timeout;
  std::uint64_t m_timerTag;
  MessageStream m_stream;
  bool m_open = false;
  std::uint64_t m_last = 0;
  std::map<std::uint64_t, Question> m_questions;
};

} // namespace packetarium::programs::cache
