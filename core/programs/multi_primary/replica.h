// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/shared_log.h"
#include "core/cluster/crdt.h"
#include "core/cluster/merge.h"
#include "core/wire/cluster_message.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

/// What one member of a multi-primary store holds, as a value without sockets.
namespace packetarium::programs::multi {

/// One write of the store, as members tell it to each other and keep it on disk.
struct Write {
  cluster::Dot dot;
  SimTime stamp;               ///< by the clock of the member that took it
  cluster::VersionVector seen; ///< what its writer knew
  std::string verb;            ///< write, add, remove
  std::string key;
  std::optional<std::string> argument;       ///< the value, what is added, the element
  std::optional<std::string> before, result; ///< the member's value around it; none: no value
  /// Last write wins: the write that stood where this one was taken, and that it replaced on
  /// purpose.
  std::optional<cluster::Dot> over;
  std::string once; ///< "client-1 17": who wants it and their number; empty: nobody said
  bool operator==(const Write &) const = default;
  std::string operation() const; ///< as in trace::FactTopic::Operation: "write cart 17"
};
wire::cluster::Message messageOf(const Write &write);
/// Nothing when a field is missing or says what cannot be.
std::optional<Write> writeOf(const wire::cluster::Message &message);

/// What a client wants changed.
struct Wanted {
  std::string verb, key; ///< write, add, remove
  std::optional<std::string> argument;
  std::optional<cluster::VersionVector> context; ///< what it had read before
  std::string once;                              ///< as in Write
};

/// Versions of a key that met, and what became of them.
struct Meeting {
  std::string key;
  std::vector<cluster::Version> versions;  ///< none: a write ended an older conflict
  std::optional<cluster::Outcome> outcome; ///< none: handed to the application
};

/// All writes heard of, each member's in its order, and what they make of the keys. Two replicas
/// that have heard of the same writes hold the same.
///
/// A client that does not hear an answer tries again, perhaps at a member that has not heard of the
/// first attempt; then its request stands in two logs. Both carry the same name (Write::once), and
/// a merged counter counts one of them, the lesser dot, wherever they meet: a sum does not depend
/// on which. Everywhere else such a retry is a second write (at least once). What others wrote
/// between the attempts was decided with only one of them in sight, a version vector cannot say "I
/// have seen the other one" without all that came before it in that member's log, and a value that
/// was read, changed and written back has the attempt in it for good: to drop one of them
/// afterwards would take back what other clients were told. The price is that a repeated write may
/// win over one that came between, and that a removed element may come back.
class Replica {
public:
  Replica(cluster::DataType type, cluster::ConflictPolicy policy)
      : m_type(type), m_policy(policy) {}

  /// Takes a client's write as the member's next one; faults when it makes no sense for the type.
  Result<Write> accept(std::string_view member, const Wanted &wanted, SimTime stamp);
  /// Takes a write that was made elsewhere (or is read from disk). False when it is known already,
  /// or an earlier one of its member is missing: then nothing changes.
  bool apply(const Write &write);
  /// Which write a client's request became already, when it is tried again.
  std::optional<cluster::Dot> doneAs(std::string_view once) const;
  /// Where versions met since it was last asked, one entry a key.
  std::vector<Meeting> settle();

  /// One value, several side by side, or none.
  std::vector<std::optional<std::string>> read(std::string_view key) const;
  const cluster::VersionVector &heard() const { return m_heard; }
  /// count: 1 to heard().at(member).
  const Write &write(std::string_view member, std::uint64_t count) const;

  /// Last write wins: writes that are not held, and that nobody replaced who read them.
  std::vector<cluster::LostWrite> lost() const;
  std::uint64_t lostCount() const;
  /// Keys with a write beyond what the vector covers.
  std::set<std::string> keysBeyond(const cluster::VersionVector &known) const;
  std::vector<std::string> keys() const;
  /// The writes that the key's value comes from.
  std::vector<cluster::Dot> versionsOf(std::string_view key) const;

private:
  struct Key {
    cluster::LastWriteRegister last;
    cluster::MultiValueRegister several;
    cluster::Counter counter;
    cluster::ObservedRemoveSet set;
    SharedLog<cluster::Dot> writes;                       ///< as they were heard
    std::map<std::string, cluster::Dot> attempts;         ///< by Write::once the one that counts
    std::set<cluster::Dot> repeats;                       ///< writes that do not count
    std::multimap<cluster::Dot, cluster::Dot> successors; ///< by what they were taken over
    std::map<cluster::Dot, cluster::LostWrite> lost;
  };
  /// A key as it was when the first of the writes not yet settled came.
  struct Touched {
    std::vector<cluster::Dot> fresh, held; ///< held: versions that stood before
    cluster::VersionVector heardBefore;
  };

  bool keepsSeveral() const;
  bool countsOnce() const;
  void remember(const Write &write);
  bool repeats(Key &key, const Write &write) const;
  Status check(const Wanted &wanted) const;
  Status checkMerged(const Wanted &wanted) const;
  std::optional<std::string> changed(const Wanted &wanted,
                                     const std::optional<std::string> &before) const;
  std::optional<std::string> valueOf(const Key *key) const;
  const Key *find(std::string_view key) const;
  void fold(Key &key, const Write &write) const;
  const Write &at(const cluster::Dot &dot) const { return write(dot.member, dot.count); }
  cluster::Version versionOf(const Write &write) const;
  /// The write with what came before it on its side and the winner had not seen.
  cluster::Version sideOf(const Key &key, const Write &last, const Write &winner) const;
  bool later(const Write &a, const Write &b) const;
  bool replaced(const Key &key, const Write &write) const;
  std::optional<Meeting> settleLast(const std::string &name, const Key &key,
                                    const Touched &touched) const;
  void tally(Key &key, const Touched &touched, const std::optional<Meeting> &meeting);
  std::optional<Meeting> settleSeveral(const std::string &name, const Key &key,
                                       const Touched &touched) const;
  std::optional<Meeting> settleJoined(const std::string &name, const Key &key,
                                      const Touched &touched) const;
  cluster::Version joinedSide(const Key &key, const std::vector<cluster::Dot> &side,
                              const std::set<cluster::Dot> &without,
                              const std::optional<std::string> &before) const;
  std::optional<std::string> valueWithout(const Key &key, const std::set<cluster::Dot> &left) const;

  cluster::DataType m_type;
  cluster::ConflictPolicy m_policy;
  std::map<std::string, SharedLog<Write>, std::less<>> m_logs; ///< by member
  cluster::VersionVector m_heard;
  std::map<std::string, Key, std::less<>> m_keys;
  std::map<std::string, Touched> m_touched;
  /// Of each client, its newest number and what that became.
  std::map<std::string, std::pair<std::string, cluster::Dot>, std::less<>> m_done;
};

} // namespace packetarium::programs::multi
