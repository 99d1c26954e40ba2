// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cow.h"
#include "core/base/shared_log.h"
#include "core/base/sim_time.h"
#include "core/trace/record.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Raft's promises, watched while it runs (Ongaro and Ousterhout 2014, figure 3).
namespace packetarium::judge {

enum class RaftInvariant : std::uint8_t {
  ElectionSafety,     ///< at most one leader in a term
  LogMatching,        ///< logs that share an entry (index and term) are the same up to it
  LeaderCompleteness, ///< what was committed is in the log of every later leader
  StateMachineSafety  ///< no two members apply different entries at the same index
};
std::string_view name(RaftInvariant invariant);     ///< "election safety"
std::string_view sentence(RaftInvariant invariant); ///< what it promises

struct Breach {
  RaftInvariant invariant = RaftInvariant::ElectionSafety;
  std::string service;
  SimTime at;
  trace::Sequence record = 0;           ///< at which it broke
  std::vector<trace::Sequence> against; ///< records that it contradicts
  std::vector<std::uint32_t> nodes;     ///< that disagree
  std::string why;                      ///< sentences
};

/// Fed with the facts of a run in order, tells the first breach. A value that is cheap to copy: a
/// checkpoint holds it. A service is watched from the first Term fact on that a node tells of it;
/// what services without terms tell (and facts of other topics) is passed over at once.
///
/// What it takes a member to hold: its log is what it appended and truncated, and outlives a crash;
/// an entry appended where one stands takes the place of it and of all after it; entries before
/// the first one that it told of, or before a snapshot that it installed, are not looked at.
class RaftWatch {
public:
  /// nodeName: of the node, for sentences.
  void take(trace::Sequence sequence, SimTime at, std::uint32_t node, std::string_view nodeName,
            trace::FactTopic topic, std::string_view service, std::string_view value,
            std::string_view detail);
  const std::optional<Breach> &breach() const { return m_state->breach; }

private:
  struct Entry {
    std::uint64_t term = 0;
    std::uint64_t digest = 0; ///< of the log up to it; 0: not known
    trace::Sequence record = 0;
    std::string operation;
  };
  struct Member {
    std::uint32_t node = 0;
    std::string name;
    std::uint64_t term = 0;
    bool leads = false;
    trace::Sequence elected = 0;
    std::uint64_t base = 0, baseTerm = 0, baseDigest = 1; ///< its log begins after it
    SharedLog<Entry> log;
    std::uint64_t last() const { return base + log.size(); }
    const Entry *entry(std::uint64_t index) const {
      return index > base && index <= last() ? &log[index - base - 1] : nullptr;
    }
  };
  struct Elected {
    std::uint32_t node = 0;
    trace::Sequence record = 0;
  };
  /// An entry that was told to be committed, or applied; term 0: not known.
  struct Settled {
    std::uint64_t term = 0, digest = 0;
    std::uint64_t inTerm = 0; ///< of the member that told it first
    std::uint32_t node = 0;
    trace::Sequence record = 0;
    std::string operation;
  };
  struct SnapshotTold {
    std::string digest;
    std::uint32_t node = 0;
    trace::Sequence record = 0;
  };
  struct Service {
    std::string name;
    std::vector<Member> members;                     ///< as they came
    std::map<std::uint64_t, Elected> leaders;        ///< by term
    SharedLog<Settled> committed, applied;           ///< from index 1 on
    std::map<std::uint64_t, SnapshotTold> snapshots; ///< by last index
  };
  struct State {
    std::vector<Service> services; ///< as they came
    std::optional<Breach> breach;
  };
  /// Where and when the fact was told that is being taken.
  struct Told {
    trace::Sequence sequence = 0;
    SimTime at;
    std::uint64_t index = 0, term = 0; ///< that its value names
    std::string_view detail;
  };

  std::optional<std::size_t> serviceOf(std::string_view name) const;
  static Member &memberOf(Service &service, std::uint32_t node, std::string_view nodeName);
  void takeTerm(std::uint32_t node, std::string_view nodeName, std::string_view service,
                std::string_view value);
  void takeLog(Service &service, Member &member, std::string_view change, const Told &told);
  void append(Service &service, Member &member, const Told &told);
  void commit(Service &service, Member &member, const Told &told);
  void apply(Service &service, Member &member, const Told &told);
  void lead(Service &service, Member &member, const Told &told);
  void takeSnapshot(Service &service, Member &member, std::string_view what, const Told &told);
  void install(Service &service, Member &member, const Told &told);
  void matchLogs(const Service &service, const Member &member, const Told &told);
  void checkComplete(const Service &service, const Member &leader, const Told &told);
  void breakIt(RaftInvariant invariant, const Service &service, const Told &told,
               std::vector<trace::Sequence> against, std::vector<std::uint32_t> nodes,
               std::string why);

  Cow<State> m_state;
};

} // namespace packetarium::judge
