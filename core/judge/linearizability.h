// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/judge/history.h"

#include <atomic>
#include <chrono>

/// Linearizability (Herlihy and Wing 1990), decided by the search of Wing and Gong with the memory
/// of Lowe ("Testing for linearizability", 2017), each key apart from the others (locality).
namespace packetarium::judge {

enum class Verdict : std::uint8_t { True, False, Unknown };
std::string_view name(Verdict verdict); ///< "true"

/// What the operations do. register: read and write; cas-register: cas as well; kv: read, write and
/// append of texts, initially empty (a read's "never set" is the empty text).
enum class Model : std::uint8_t { Register, CasRegister, Kv };
std::optional<Model> modelOf(std::string_view name); ///< "cas-register"
std::string_view name(Model model);
/// Whether the model has such operations.
bool has(Model model, OperationKind kind);
/// The model whose operations these are; for cas and append side by side cas-register, where what
/// is appended to a register never set is all that it holds then.
Model modelFor(const History &history);

struct CheckOptions {
  Model model = Model::CasRegister;
  Value initial;                                              ///< of each key; kv: ""
  std::chrono::nanoseconds budget = std::chrono::seconds(10); ///< of the whole check
  std::size_t statesMax = 5'000'000;            ///< configurations remembered for one key, at most
  unsigned threads = 0;                         ///< 0: as the machine has
  const std::atomic<bool> *cancelled = nullptr; ///< ends it with Unknown
};

/// One key's verdict.
struct KeyVerdict {
  std::string key;
  Verdict verdict = Verdict::Unknown;
  std::size_t operations = 0;
  std::string why; ///< Unknown or False: a sentence
  /// True: indices into the history in an order that is legal. False: the longest legal prefix that
  /// was found.
  std::vector<std::size_t> order;
  /// False: the earliest operation (by its return) up to whose return no legal order exists: what
  /// returned before it is linearizable, with it it is not.
  std::optional<std::size_t> offending;
};
struct LinearizabilityVerdict {
  Verdict verdict = Verdict::Unknown;   ///< False if any key is, else Unknown if any is
  std::vector<KeyVerdict> keys;         ///< by key
  std::optional<std::size_t> offending; ///< the earliest of all keys
};
LinearizabilityVerdict checkLinearizability(const History &history, const CheckOptions &options);

/// The longest legal order of one key that contains the operation and ends with it (indices into
/// the history); empty when there is none. When the budget ends first: the longest found. For
/// showing how far it goes.
std::vector<std::size_t> longestPrefixWith(const History &history, std::size_t operation,
                                           const CheckOptions &options);

} // namespace packetarium::judge
