// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/shared_log.h"
#include "core/base/sim_time.h"
#include "core/wire/cluster_message.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The log that primary and replicas share, and what it makes of a table: values, without sockets.
namespace packetarium::programs::kv {

/// What one entry does.
struct Change {
  /// write, add, remove, cas, append; begin: a primary takes up its epoch, nothing changes
  std::string verb;
  std::string key, value; ///< cas: the new value
  std::string once; ///< "client-1 17": who wants it and their number; the same one is done once
  std::optional<std::string> from = {}; ///< cas: the old value; nothing: it was never set
  bool operator==(const Change &) const = default;
  /// As facts tell it: "write cart 17", "cas seat free ann".
  std::string text() const;
};
/// Who wants it and their number, of a "once".
std::pair<std::string_view, std::string_view> whoAndNumber(std::string_view once);
/// What a client's request (kv_protocol.h) wants changed; nothing when it changes nothing.
std::optional<Change> changeOf(const wire::cluster::Message &request);

struct Entry {
  std::uint64_t epoch = 0;
  SimTime stamp; ///< the primary's clock when it took the entry
  Change change;
  bool operator==(const Entry &) const = default;
};

/// The entry's fields, added to a message or read from one.
void addEntry(wire::cluster::Message &message, const Entry &entry);
std::optional<Entry> entryOf(const wire::cluster::Message &message);
/// One line for the disk.
std::string encodeEntry(const Entry &entry);
std::optional<Entry> decodeEntry(std::string_view line);

/// Entries numbered from 1. Two logs that hold an entry of the same epoch at the same index are the
/// same up to there (Ongaro, Ousterhout: In Search of an Understandable Consensus Algorithm, 5.3).
class ReplicatedLog {
public:
  std::uint64_t last() const { return m_entries.size(); }
  /// 0 for index 0 and for what is not there.
  std::uint64_t epochAt(std::uint64_t index) const;
  std::uint64_t lastEpoch() const { return epochAt(last()); }
  /// index: 1 to last().
  const Entry &at(std::uint64_t index) const { return m_entries[index - 1]; }
  /// It holds an entry of that epoch at the index (or the index is 0).
  bool matches(std::uint64_t index, std::uint64_t epoch) const {
    return index <= last() && epochAt(index) == epoch;
  }
  /// A log that ends so is at least as far as this one.
  bool reachedBy(std::uint64_t index, std::uint64_t epoch) const {
    return epoch > lastEpoch() || (epoch == lastEpoch() && index >= last());
  }
  /// Where to look next for a common entry, once the one at index did not match.
  std::uint64_t before(std::uint64_t index) const;

  void append(Entry entry);
  /// Keeps the first so many.
  void truncate(std::uint64_t count);
  /// Where the same change lies already; 0: nowhere.
  std::uint64_t placeOf(const Change &change) const;

private:
  void remember(const Change &change, std::uint64_t index);
  SharedLog<Entry> m_entries;
  /// By who wants it: their newest number and where it lies.
  std::map<std::string, std::pair<std::string, std::uint64_t>, std::less<>> m_done;
};

/// What became of a change.
struct Applied {
  bool done = true;                      ///< false: a cas that found another value
  std::optional<std::string> found = {}; ///< that value; nothing: it was never set
  bool operator==(const Applied &) const = default;
};

/// What a change makes of a key's value (nothing: not set): add of a number counts up, of another
/// text puts an element into a set ("a,b"); remove with a value takes an element out, without one
/// the key; append puts the text behind the value.
struct Made {
  Applied applied;
  std::optional<std::string> value;
};
Made made(const Change &change, const std::optional<std::string> &old);
/// Why the change cannot be made; empty when it can: a number is added to a number alone, values do
/// not grow for ever.
std::string refusalOf(const Change &change, const std::optional<std::string> &old);

/// The table of keys that a log's first entries give, and whom it did a change for last: the same
/// change, when it comes once more, is not done again.
class Table {
public:
  /// Nothing when the key was never set, or was removed.
  std::optional<std::string> get(std::string_view key) const;
  Applied apply(const Change &change);
  /// What became of the newest change of that client, when it is this one.
  std::optional<Applied> outcomeOf(const Change &change) const;
  std::size_t size() const { return m_values.size(); }
  std::string refusal(const Change &change) const { return refusalOf(change, get(change.key)); }
  /// Lines that decode() makes an equal table of, in the order of keys and clients.
  std::vector<std::string> encode() const;
  static std::optional<Table> decode(const std::vector<std::string> &lines);
  bool operator==(const Table &) const = default;

private:
  /// The newest change of one client.
  struct Done {
    std::string number;
    Applied applied;
    bool operator==(const Done &) const = default;
  };
  Applied make(const Change &change);

  std::map<std::string, std::string, std::less<>> m_values;
  std::map<std::string, Done, std::less<>> m_done; ///< by client
};

} // namespace packetarium::programs::kv
