// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/judge/linearizability.h"

#include <span>

/// The weaker promises, judged. Most need to know which write a read saw: they hold for histories
/// in which each value of a key is written once (each says Unknown otherwise).
namespace packetarium::judge {

enum class Property : std::uint8_t {
  Linearizable,
  Sequential,     ///< Lamport 1979: one order of all, each process's own kept
  Causal,         ///< causal consistency (Bouajjani, Enea, Guerraoui, Hamza 2017: CC)
  ReadYourWrites, ///< session guarantees: Terry et al. 1994
  MonotonicReads,
  MonotonicWrites,
  WritesFollowReads,
  Convergence, ///< after the last write all reads (or replicas) agree in the end
  NoLostWrites ///< no acknowledged write is gone
};
std::string_view name(Property property);     ///< "read-your-writes"
std::string_view sentence(Property property); ///< what it promises, for people

struct PropertyVerdict {
  Property property = Property::Linearizable;
  Verdict verdict = Verdict::Unknown;
  /// False: the earliest operation that breaks it, and those it stands against (the write it should
  /// have seen, the read that saw more).
  std::optional<std::size_t> offending;
  std::vector<std::size_t> against;
  std::string why; ///< sentences
};

struct Budget {
  std::chrono::nanoseconds time = std::chrono::seconds(2);
  const std::atomic<bool> *cancelled = nullptr;
};
/// By search over all orders; for small histories (about 40 operations), Unknown beyond its budget.
PropertyVerdict checkSequential(const History &history, const CheckOptions &options);
/// By the bad patterns of the paper (cyclic causal order, write-co-init read, thin-air read,
/// write-co-read).
PropertyVerdict checkCausal(const History &history, const CheckOptions &options);
/// A session is a process. One of the four session guarantees.
PropertyVerdict checkSession(const History &history, Property guarantee,
                             const CheckOptions &options);
/// Reads that began at least `settle` after the last change of their key returned: all of one key
/// give the same (or, with final texts of replicas, these agree).
PropertyVerdict checkConvergence(const History &history, Duration settle);

} // namespace packetarium::judge
