// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/random.h"
#include "core/programs/program.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace packetarium::programs {

/// Whom a web server would know again: one entry for each session cookie it gave out. A value, in
/// memory only; with a session store it holds what was last read there.
class Sessions {
public:
  struct Started {
    std::string id; ///< what the cookie says: 128 random bits in hexadecimal
    std::uint64_t visitor = 0;
  };
  /// Begins a session; life: how long it is remembered, or as long as the server runs.
  /// shared: visitors are counted by several servers, so their numbers are drawn, with five digits.
  Started start(RandomStream &random, SimTime now, std::optional<Duration> life,
                bool shared = false);
  /// The visitor's number, from 1; nothing when the id is unknown or its time is up.
  std::optional<std::uint64_t> visitor(const std::string &id, SimTime now);
  /// What a session store keeps of a session; empty when it is unknown.
  std::string stored(const std::string &id) const;
  /// The session as a store keeps it, begun by any server.
  void learn(const std::string &id, std::string_view stored, SimTime now);
  void drop(const std::string &id);
  /// For people.
  Described describe(SimTime now) const;

private:
  struct Session {
    std::string id;
    SimTime began, ends;
    std::uint64_t visits = 1;
  };
  void forget(std::uint64_t visitor);
  void put(std::uint64_t visitor, const std::string &id, SimTime now, SimTime ends);
  std::map<std::uint64_t, Session> m_byVisitor;
  std::map<std::string, std::uint64_t> m_byId;
  std::uint64_t m_last = 0;
};

} // namespace packetarium::programs
