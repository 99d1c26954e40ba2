// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/judge/linearizability.h"

#include <cstdint>
#include <map>
#include <span>
#include <unordered_map>
#include <vector>

/// The search for a legal order of one key's operations.
namespace packetarium::judge {

/// When a search has to end although nothing is decided.
struct SearchLimit {
  std::chrono::steady_clock::time_point until;
  std::size_t statesMax = 0;
  const std::atomic<bool> *cancelled = nullptr;
  bool spent() const {
    return (cancelled != nullptr && cancelled->load(std::memory_order_relaxed)) ||
           std::chrono::steady_clock::now() >= until;
  }
};

/// Values as small numbers, equal ones alike; texts that grow by appending among them.
class ValueBook {
public:
  std::uint32_t of(const Value &value);
  const Value &operator[](std::uint32_t id) const { return *m_values[id]; }
  std::uint32_t appended(std::uint32_t state, std::uint32_t more);
  /// Whether the one begins with the other; one never set counts as empty.
  bool begins(std::uint32_t text, std::uint32_t prefix) const;
  std::size_t size() const { return m_values.size(); }

private:
  std::map<Value, std::uint32_t> m_ids;
  std::vector<const Value *> m_values;
  std::unordered_map<std::uint64_t, std::uint32_t> m_appended;
};

/// Configurations that the search has been at: which operations that must have their place have it,
/// the state, and the open operations used. One that used more of these is no better.
class SeenConfigurations {
public:
  /// False: this one, or one that is at least as good, was there before.
  bool add(std::span<const std::uint64_t> must, std::uint32_t state,
           std::span<const std::uint64_t> open);
  std::size_t size() const { return m_size; }

private:
  bool matches(std::size_t at, std::span<const std::uint64_t> key) const;
  bool covers(std::size_t at, std::span<const std::uint64_t> open) const;
  void grow();

  // An entry: hash, next entry of its bucket, words of key and open, then these words.
  std::vector<std::uint64_t> m_words;
  std::vector<std::uint64_t> m_buckets;
  std::vector<std::uint64_t> m_key; ///< of the one being added
  std::size_t m_size = 0;
};

enum class SearchEnd : std::uint8_t { Found, None, Spent };

/// Depth first over configurations, after Wing and Gong with the memory of Lowe. Made quick by what
/// changes no answer:
/// - a read that fits is placed at once;
/// - of operations that do the same, the one that returns first goes first;
/// - an open operation (which may never take effect) only goes where somebody sees it;
/// - a value is not left while there is somebody to see it and nobody to bring it back;
/// - a write that nobody else has to see goes just before another write;
/// - texts that nobody sees any more are all alike, and what a read gave must stay possible: it
///   begins with what is there, or with what somebody will still write.
class KeySearch {
public:
  /// The operations (of one key, by invocation) as they stand at a place in the order of all
  /// invocations and returns: what has not returned by then is open, what was not invoked is not
  /// there. cut never: as they are. goal: looks for the longest order that ends with it instead.
  KeySearch(const History &history, std::span<const std::size_t> operations,
            const CheckOptions &options, std::size_t cut = Operation::never,
            std::size_t goal = Operation::never);

  SearchEnd run(const SearchLimit &limit);
  /// Found: the legal order, indices into the history.
  std::vector<std::size_t> order() const;
  /// With a goal: the longest legal order found that ends with it; empty when there is none.
  const std::vector<std::size_t> &longest() const { return m_longest; }

private:
  struct Item {
    std::size_t operation = 0; ///< index into the history
    OperationKind kind = OperationKind::Read;
    bool open = false;
    bool resultKnown = false;
    std::uint32_t argument = 0, expected = 0, result = 0;
    std::size_t invoke = 0, back = Operation::never;
  };
  struct Frame {
    std::uint32_t state = 0;
    std::size_t placed = 0;
    std::vector<std::uint32_t> moves;
    std::size_t next = 0;
  };
  using Bits = std::vector<std::uint64_t>;

  std::optional<Item> itemOf(const Operation &operation, std::size_t index, Model model,
                             std::size_t cut, std::size_t goal);
  void dropUnseen(std::size_t goal);
  bool isSeen(const Item &item) const;
  void count();
  void findStarts();
  void need(const Item &item, int change);
  bool thinAir() const;
  bool enter();
  void leaveTo(const Frame &frame);

  bool isDone(std::uint32_t item) const;
  void look();
  void settle();
  void place(std::uint32_t item);
  void unplace();
  void apply(std::uint32_t item);
  void placeRiders(std::uint32_t write);
  bool rides(std::uint32_t item) const;
  std::optional<std::uint32_t> after(const Item &item);
  std::uint32_t told(std::uint32_t value) const;
  void findMoves(Frame &frame);
  void considerMust(Frame &frame, std::uint32_t item);
  void considerOpen(Frame &frame, std::uint32_t item);
  bool isBeaten(Frame &frame, std::uint32_t item) const;
  bool isGoal(std::uint32_t item) const { return m_goal == item; }
  bool isInVain(const Item &item) const;
  bool mayLeave(const Item &item, std::uint32_t target) const;
  bool fitsReads(const Item &item, std::uint32_t target) const;
  bool isUseful(std::uint32_t item, std::uint32_t target) const;
  void tryGoal();

  // Items that must have a place come first, by invocation; then the open ones, by invocation.
  std::vector<Item> m_items;
  std::uint32_t m_must = 0; ///< how many of the first kind
  ValueBook m_values;
  std::uint32_t m_initial = 0, m_state = 0;
  static constexpr std::uint32_t untold = ~std::uint32_t{0};
  bool m_texts = false;                   ///< somebody appends
  std::vector<std::uint32_t> m_seenTexts; ///< what reads gave and compare-and-sets expect
  std::vector<std::uint32_t> m_openCas;
  Bits m_done, m_used; ///< of the first and of the second kind
  std::vector<std::uint32_t> m_order;
  std::size_t m_left = 0;              ///< of the first kind, without a place
  std::uint32_t m_firstOpenIn = 0;     ///< all of the first kind before it have a place
  std::vector<std::uint32_t> m_window; ///< of the first kind, that may be next
  std::size_t m_bound = 0;             ///< the earliest return of those without a place
  // By value: operations without a place that read it, expect it, bring it; and the same in all.
  std::vector<int> m_readers, m_expecters, m_bringers;
  std::vector<int> m_allExpecters, m_allBringers;
  std::vector<std::vector<std::uint32_t>> m_starts; ///< by text read: what it may begin with
  SeenConfigurations m_seen;
  std::vector<Frame> m_frames;
  std::size_t m_visits = 0;
  std::optional<std::uint32_t> m_goal;
  std::size_t m_goalMax = 0; ///< of the first kind, more cannot stand before the goal
  std::size_t m_before = 0;  ///< of the first kind, stand before it in the longest
  std::vector<std::size_t> m_longest;
};

} // namespace packetarium::judge
