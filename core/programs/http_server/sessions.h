// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/random.h"
#include "core/programs/program.h"

#include <map>
#include <optional>
#include <string>

namespace packetarium::programs {

/// Whom a web server would know again: one entry for each session cookie it gave out. A value, in
/// memory only.
class Sessions {
public:
  struct Started {
    std::string id; ///< what the cookie says: 128 random bits in hexadecimal
    std::uint64_t visitor = 0;
  };
  /// Begins a session; life: how long it is remembered, or as long as the server runs.
  Started start(RandomStream &random, SimTime now, std::optional<Duration> life);
  /// The visitor's number, from 1; nothing when the id is unknown or its time is up.
  std::optional<std::uint64_t> visitor(const std::string &id, SimTime now);
  /// For people.
  Described describe(SimTime now) const;

private:
  struct Session {
    std::string id;
    SimTime began, ends;
    std::uint64_t visits = 1;
  };
  void forget(std::uint64_t visitor);
  std::map<std::uint64_t, Session> m_byVisitor;
  std::map<std::string, std::uint64_t> m_byId;
  std::uint64_t m_last = 0;
};

} // namespace packetarium::programs
