// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/raft/entry.h"

#include <map>

namespace packetarium::programs::raft {

/// What a command came to.
struct Outcome {
  enum class Kind : std::uint8_t {
    Done,
    Failed,  ///< cas: another value was there
    Refused, ///< cannot be done; the value says why
    Old      ///< the client has asked for something newer since
  };
  Kind kind = Kind::Done;
  std::optional<std::string> value; ///< of a read; of a failed cas: what was there
  bool operator==(const Outcome &) const = default;
};

/// The table that the log makes, with a session for each client (dissertation, 6.3): a command that
/// comes twice is done once, and answered twice.
class Machine {
public:
  /// once: without it sessions are ignored.
  Outcome apply(Index index, const Command &command, bool once = true);
  std::optional<std::string> get(std::string_view key) const;
  std::size_t size() const { return m_values.size(); }
  std::size_t sessions() const { return m_sessions.size(); }

  /// All of it as text in plain letters, and back; false when it cannot be read.
  std::string save() const;
  bool load(std::string_view text);

private:
  struct Session {
    std::uint64_t number = 0;
    Outcome outcome;
    Index used = 0; ///< when last
  };
  /// So many are remembered; then the one that was silent longest is forgotten, by all members at
  /// the same entry.
  static constexpr std::size_t sessionsMax = 4096;

  Outcome change(const Command &command);
  void remember(std::string_view who, Session session);

  std::map<std::string, std::string, std::less<>> m_values;
  std::map<std::string, Session, std::less<>> m_sessions;
  std::map<Index, std::string> m_byUse;
};

/// A short name of a state, the same on every machine (FNV-1a, 64 bit, hex).
std::string digestOf(std::string_view text);

} // namespace packetarium::programs::raft
