// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/judge/consistency.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

/// Who saw what: which write each read saw, and what each operation may depend on.
namespace packetarium::judge {

enum class Source : std::uint8_t {
  None,      ///< it read nothing, or nobody heard what
  Initial,   ///< what was there before all writes
  Write,     ///< one write, known
  Ambiguous, ///< several wrote this value
  ThinAir    ///< nobody wrote it
};
struct Seen {
  Source source = Source::None;
  std::size_t writer = 0; ///< index into the history; of Write
};

class Sight {
public:
  /// Longer histories are not looked at: what depends on what takes the square of it.
  static constexpr std::size_t operationsMax = 20'000;

  Sight(const History &history, const CheckOptions &options);

  /// What a read, or a compare-and-set that went well, saw.
  const Seen &seen(std::size_t operation) const { return m_seen[operation]; }
  bool hasAmbiguous() const { return m_ambiguous; }
  /// A process's operations that went well, in order.
  const std::vector<std::vector<std::size_t>> &sessions() const { return m_sessions; }
  std::size_t sessionOf(std::size_t operation) const { return m_session[operation]; }
  /// How many operations of its process that went well stand before it.
  std::size_t placeOf(std::size_t operation) const { return m_place[operation]; }
  /// a is in the causal past of b: by the order of a process and by what was read from whom.
  bool causes(std::size_t a, std::size_t b) const {
    return (m_past[b * m_words + a / 64] >> (a % 64) & 1) != 0;
  }
  /// What was seen is older than the write: it was there before all, or returned before the write
  /// began, or is in its causal past.
  bool isOlder(const Seen &seen, std::size_t write) const;
  /// An operation that depends on itself.
  std::optional<std::size_t> onCycle() const { return m_onCycle; }

private:
  void findSources();
  Seen sourceOf(const std::string &key, const Value &value, bool grows) const;
  void findSessions();
  void findPasts();
  void addPast(std::size_t operation, std::size_t before);
  std::vector<std::size_t> causesOf(std::size_t operation) const;

  const History &m_history;
  Value m_initial;
  bool m_emptyIsNothing = false;
  std::map<std::pair<std::string, Value>, std::vector<std::size_t>> m_writers;
  std::map<std::string, std::vector<std::size_t>> m_growers; ///< of keys that somebody appends to
  std::vector<Seen> m_seen;
  bool m_ambiguous = false;
  std::vector<std::vector<std::size_t>> m_sessions;
  std::vector<std::size_t> m_session, m_place;
  std::size_t m_words = 0;
  std::vector<std::uint64_t> m_past; ///< a row of bits for each operation
  std::optional<std::size_t> m_onCycle;
};

} // namespace packetarium::judge
