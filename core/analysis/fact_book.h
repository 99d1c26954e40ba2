// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/cluster_facts.h"
#include "core/base/ids.h"
#include "core/trace/chunk.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace packetarium::analysis {

/// A Fact record kept for the whole run. Texts are indices for FactBook::text.
struct FactMark {
  trace::Sequence sequence = 0;
  SimTime at;
  std::uint32_t node = NodeIndex::noneValue;
  std::uint32_t socket = 0;
  trace::FactTopic topic = trace::FactTopic::TlsNote;
  std::uint32_t name = 0, value = 0, detail = 0;
};

/// One end's view of one TLS connection: which facts are about it.
struct TlsEnd {
  trace::Sequence sequence = 0; ///< of the fact that it begins
  SimTime at;
  std::uint32_t node = NodeIndex::noneValue;
  std::uint32_t socket = 0;
  bool client = false;
  std::vector<std::uint32_t> facts; ///< indices into FactBook::facts(), in order
  /// The end that received this client's hello, or sent what this server received: index into
  /// FactBook::ends(). Whoever forwards another's hello unchanged is not in between.
  std::optional<std::size_t> peer;
};

/// An AddressHeld record kept for the whole run.
struct AddressMark {
  trace::Sequence sequence = 0;
  trace::Record record;
};

/// A NodeState record: what a crashed node told of itself before is no longer so.
struct HealthMark {
  trace::Sequence sequence = 0;
  SimTime at;
  std::uint32_t node = 0;
  trace::NodeHealth health = trace::NodeHealth::Up;
};

/// A Countdown record: from its instant on the program waits until the deadline, or no more.
struct CountdownMark {
  trace::Sequence sequence = 0;
  SimTime at;
  std::optional<SimTime> deadline;
};

/// A LinkState, LinkChanged or NodeChanged record: what a message may have been lost by.
struct DisturbanceMark {
  trace::Sequence sequence = 0;
  trace::Record record;
};

/// A Log fact, read.
struct LogMark {
  std::uint32_t fact = 0; ///< index into FactBook::facts()
  LogChange change;
};

/// Of which service (index for FactBook::text) which node.
struct ServiceNode {
  std::uint32_t service = 0, node = 0;
  auto operator<=>(const ServiceNode &) const = default;
};

/// What a member told about another one: a leader's Progress, whose service (index for
/// FactBook::text) and node, and the other's name (index for FactBook::text).
struct ServicePeer {
  ServiceNode who;
  std::uint32_t peer = 0;
  auto operator<=>(const ServicePeer &) const = default;
};
/// A key that a node keeps for another one: Hint facts.
struct HintedKey {
  ServiceNode who;
  std::uint32_t target = 0; ///< index for FactBook::text
  std::string key;
  auto operator<=>(const HintedKey &) const = default;
};

/// The facts that a run has told, and to which connection or service each belongs. Grows with the
/// trace, keeps its own copies, and so never needs a dropped chunk again. Of texts that repeat it
/// keeps one.
class FactBook {
public:
  static constexpr std::size_t marksMax = 1'000'000; ///< later ones are not kept

  FactBook() : m_texts(1) {} // index 0: no text
  /// Takes the chunks it has not seen. Call it before slots are dropped from memory.
  void extend(const trace::Trace &trace);
  /// The next chunk in order.
  void add(const trace::Chunk &chunk);
  /// Forgets everything at or after the record (an edit made it stale).
  void truncate(trace::Sequence from);
  void clear() { *this = FactBook(); }

  const std::vector<FactMark> &facts() const { return m_facts; }
  /// In the order in which they began.
  const std::vector<TlsEnd> &ends() const { return m_ends; }
  std::string_view text(std::uint32_t index) const { return m_texts[index]; }
  /// What serviceSentence takes.
  FactTexts textsOf(const FactMark &fact) const {
    return {fact.topic, fact.node, text(fact.name), text(fact.value), text(fact.detail)};
  }

  // What is about services, in order.
  const std::vector<AddressMark> &addresses() const { return m_addresses; }
  const std::vector<HealthMark> &healths() const { return m_healths; }
  const std::vector<DisturbanceMark> &disturbances() const { return m_disturbances; }
  /// On which side of a partition the node is at the record; 0: on none.
  std::uint32_t partitionSide(std::uint32_t node, trace::Sequence upTo) const;
  /// The fact that is this record; null: it is none.
  const FactMark *at(trace::Sequence record) const;
  /// Indices into facts() of Role, of Failover, of Operation, of Try, of Conflict, of Merged,
  /// of Held.
  const std::vector<std::uint32_t> &of(trace::FactTopic topic) const;
  const std::map<ServiceNode, std::vector<std::uint32_t>> &roles() const { return m_roles; }
  const std::map<ServiceNode, std::vector<LogMark>> &logs() const { return m_logs; }
  /// Indices into facts() of one topic, by who told them: Term, Vote, Apply, Snapshot, Members and
  /// Ring.
  const std::map<ServiceNode, std::vector<std::uint32_t>> &byNode(trace::FactTopic topic) const;
  const std::vector<std::uint32_t> &of(trace::FactTopic topic, ServiceNode who) const;
  const std::map<ServicePeer, std::vector<std::uint32_t>> &progress() const { return m_progress; }
  const std::map<HintedKey, std::vector<std::uint32_t>> &hints() const { return m_hints; }
  /// The last countdown of the kind at or before the record; null: there was none.
  const CountdownMark *countdown(ServiceNode who, trace::CountdownKind kind,
                                 trace::Sequence upTo) const;
  /// How many of them (of any list above that holds indices) are at or before the record.
  std::size_t countUpTo(const std::vector<std::uint32_t> &indices, trace::Sequence upTo) const;
  std::size_t countUpTo(const std::vector<LogMark> &marks, trace::Sequence upTo) const;
  /// The node's last crash at or before the record; null: there was none.
  const HealthMark *lastCrash(std::uint32_t node, trace::Sequence upTo) const;
  trace::Sequence seenUpTo() const { return m_next - 1; }
  /// How many facts are at or before the record: what a view at that cursor depends on.
  std::size_t countUpTo(trace::Sequence upTo) const;

private:
  std::uint32_t keep(std::string_view text);
  std::uint32_t intern(std::string_view text);
  void takeFact(const trace::Record &r, trace::Sequence s, const trace::Chunk &chunk);
  void file(std::uint32_t index);
  void takeCountdown(const trace::Record &r, trace::Sequence s, const trace::Chunk &chunk);
  bool fileOfService(std::uint32_t index);
  void fileByNode(std::uint32_t index);
  void pair(std::size_t end, const FactMark &fact);

  trace::Sequence m_next = 1;
  std::vector<FactMark> m_facts;
  std::vector<TlsEnd> m_ends;
  std::vector<std::string> m_texts;
  std::vector<std::uint32_t> m_textsAfter; ///< by fact: how many texts there were once it was in
  std::unordered_multimap<std::size_t, std::uint32_t> m_index; ///< what repeats, by its hash
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::size_t> m_open; ///< by node and socket
  std::map<std::string, std::size_t, std::less<>> m_hellos; ///< hello in hex: the client's end
  std::vector<AddressMark> m_addresses;
  std::vector<HealthMark> m_healths;
  std::vector<DisturbanceMark> m_disturbances;
  std::map<trace::FactTopic, std::vector<std::uint32_t>> m_byTopic;
  std::map<ServiceNode, std::vector<std::uint32_t>> m_roles;
  std::map<ServiceNode, std::vector<LogMark>> m_logs;
  std::map<trace::FactTopic, std::map<ServiceNode, std::vector<std::uint32_t>>> m_byNode;
  std::map<ServicePeer, std::vector<std::uint32_t>> m_progress;
  std::map<HintedKey, std::vector<std::uint32_t>> m_hints;
  std::map<std::pair<ServiceNode, trace::CountdownKind>, std::vector<CountdownMark>> m_countdowns;
  std::size_t m_countdownCount = 0;
};

} // namespace packetarium::analysis
