// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/shared_log.h"
#include "core/wire/cluster_message.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What Raft's members agree on: entries, and the log that holds them. Values, without sockets.
namespace packetarium::programs::raft {

using Index = std::uint64_t; ///< of an entry, from 1; 0: before the first
using Term = std::uint64_t;  ///< 0: before the first election

/// What one entry does to the table.
struct Command {
  /// write, add, remove, cas, append, read (of reads that go through the log), no-op (a leader's
  /// first entry), members (a configuration, which is the value)
  std::string verb;
  std::string key, value;
  std::optional<std::string> from; ///< cas: what must be there; nothing: never set
  std::string once;                ///< "client-1 17": who asks, and their number
  bool operator==(const Command &) const = default;
  /// As facts tell it: "write cart 17", "cas seat free ann".
  std::string text() const;
};

struct Entry {
  Term term = 0;
  Command command;
  std::size_t bytes = 0; ///< that it takes on the wire
  bool operator==(const Entry &) const = default;
};
/// Entries are shared between log, messages and copies of the world.
using EntryRef = std::shared_ptr<const Entry>;
EntryRef makeEntry(Term term, Command command);

/// Bytes of a letter in a message, at most: what is no printable ASCII takes three.
constexpr std::size_t encodedBytes(char c) { return c > ' ' && c < '\x7f' && c != '%' ? 1 : 3; }
/// Bytes of " key=value" at most.
std::size_t fieldBytes(std::string_view key, std::string_view value);

/// Fields of an entry in a message; each entry begins with the field "of".
constexpr std::size_t entryFieldsMax = 6;
void addEntry(wire::cluster::Message &message, const Entry &entry);
/// All entries of a message, in order.
std::vector<EntryRef> entriesOf(const wire::cluster::Message &message);
/// One line for the disk.
std::string encodeEntry(const Entry &entry);
EntryRef decodeEntry(std::string_view line);

/// Entries numbered from 1, of which the first ones may be gone into a snapshot. Two logs that hold
/// an entry of the same term at the same index are the same up to there (Ongaro, Ousterhout: In
/// Search of an Understandable Consensus Algorithm, section 5.3).
class Log {
public:
  /// The last entry that is no longer there; 0 when all are.
  Index base() const { return m_base; }
  Term baseTerm() const { return m_baseTerm; }
  Index last() const { return m_base + m_entries.size(); }
  Term lastTerm() const { return termAt(last()); }
  bool holds(Index index) const { return index > m_base && index <= last(); }
  /// Known for base() to last(); 0 elsewhere.
  Term termAt(Index index) const;
  /// index: one that it holds.
  const EntryRef &at(Index index) const { return m_entries[index - m_base - 1]; }
  /// It holds an entry of that term at the index, or ends there.
  bool matches(Index index, Term term) const {
    return index >= m_base && index <= last() && termAt(index) == term;
  }
  /// A log that ends so is at least as up to date as this one (5.4.1).
  bool reachedBy(Index index, Term term) const {
    return term > lastTerm() || (term == lastTerm() && index >= last());
  }
  /// The first index of the term that lies at the index, as far as it is there.
  Index firstOfTerm(Index index) const;
  /// The last index whose term is at most the given one; base() when there is none.
  Index lastUpTo(Term term) const;

  void append(EntryRef entry) { m_entries.push(std::move(entry)); }
  /// Keeps those up to the index, which is base() or more.
  void truncate(Index last) { m_entries.truncate(last - m_base); }
  /// Forgets those up to the index, which it holds.
  void compact(Index upTo);
  /// Empty, after an index of a term.
  void reset(Index base, Term term);

private:
  Index m_base = 0;
  Term m_baseTerm = 0;
  SharedLog<EntryRef> m_entries;
};

} // namespace packetarium::programs::raft
