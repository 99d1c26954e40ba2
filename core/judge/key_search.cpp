// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/judge/key_search.h"

#include <algorithm>
#include <bit>
#include <iterator>

namespace packetarium::judge {
namespace {

void setBit(std::vector<std::uint64_t> &bits, std::uint32_t i) {
  bits[i / 64] |= std::uint64_t{1} << (i % 64);
}
void clearBit(std::vector<std::uint64_t> &bits, std::uint32_t i) {
  bits[i / 64] &= ~(std::uint64_t{1} << (i % 64));
}
bool bitOf(const std::vector<std::uint64_t> &bits, std::uint32_t i) {
  return (bits[i / 64] >> (i % 64) & 1) != 0;
}

/// The first bit from `from` on that is not set; end when there is none before it.
std::uint32_t firstClear(const std::vector<std::uint64_t> &bits, std::uint32_t from,
                         std::uint32_t end) {
  for (std::uint32_t i = from; i < end; i = (i / 64 + 1) * 64) {
    const std::uint64_t clear = ~bits[i / 64] >> (i % 64);
    if (clear != 0) return std::min(end, i + static_cast<std::uint32_t>(std::countr_zero(clear)));
  }
  return end;
}

constexpr std::size_t visitsPerLook = 256; ///< at the clock
constexpr std::size_t readsLookedAt = 16;

} // namespace

KeySearch::KeySearch(const History &history, std::span<const std::size_t> operations,
                     const CheckOptions &options, std::size_t cut, std::size_t goal) {
  const bool empty = options.model == Model::Kv && !options.initial;
  m_initial = m_values.of(empty ? Value("") : options.initial);
  m_state = m_initial;
  for (const std::size_t index : operations)
    if (auto item = itemOf(history.operations[index], index, options.model, cut, goal))
      m_items.push_back(*item);
  dropUnseen(goal);
  std::stable_sort(m_items.begin(), m_items.end(), [](const Item &a, const Item &b) {
    return std::pair(a.open, a.invoke) < std::pair(b.open, b.invoke);
  });
  for (std::uint32_t i = 0; i < m_items.size(); ++i) {
    m_must += m_items[i].open ? 0 : 1;
    m_texts |= m_items[i].kind == OperationKind::Append;
    if (m_items[i].operation == goal) m_goal = i;
    if (m_items[i].open && m_items[i].kind == OperationKind::Cas) m_openCas.push_back(i);
  }
  m_left = m_must;
  m_done.resize(m_must / 64 + 1);
  m_used.resize((m_items.size() - m_must) / 64 + 1);
  count();
}

std::optional<KeySearch::Item> KeySearch::itemOf(const Operation &o, std::size_t index, Model model,
                                                 std::size_t cut, std::size_t goal) {
  if (o.outcome == Outcome::Fail || o.invokeOrder > cut) return std::nullopt;
  Item item;
  item.operation = index;
  item.kind = o.kind;
  item.open = o.outcome == Outcome::Info || o.returnOrder > cut;
  item.resultKnown = o.resultKnown && !item.open;
  // A read that nobody heard the answer of says nothing.
  if (item.open && !o.changes() && index != goal) return std::nullopt;
  const auto id = [&](const Value &value) {
    return m_values.of(model == Model::Kv && !value ? Value("") : value);
  };
  item.argument = id(o.argument);
  item.expected = id(o.expected);
  item.result = id(o.result);
  item.invoke = o.invokeOrder;
  item.back = item.open ? Operation::never : o.returnOrder;
  return item;
}

/// Whether somebody may see what an open operation does.
bool KeySearch::isSeen(const Item &item) const {
  const Value &brought = m_values[item.argument];
  for (const Item &other : m_items) {
    if (&other == &item) continue;
    if (other.kind == OperationKind::Cas && other.expected == item.argument) return true;
    if (other.kind != OperationKind::Read || !other.resultKnown) continue;
    if (!m_texts && other.result == item.argument) return true;
    const Value &result = m_values[other.result];
    if (m_texts && result && brought && result->find(*brought) != std::string::npos) return true;
  }
  return false;
}

/// What is never seen may as well never take effect.
void KeySearch::dropUnseen(std::size_t goal) {
  const auto is = [&](OperationKind kind) {
    return std::any_of(m_items.begin(), m_items.end(),
                       [&](const Item &item) { return item.kind == kind; });
  };
  m_texts = is(OperationKind::Append);
  if (m_texts && is(OperationKind::Cas)) return; // a cas may expect what appends have made
  std::vector<Item> kept;
  for (const Item &item : m_items)
    if (!item.open || item.operation == goal || isSeen(item)) kept.push_back(item);
  m_items = std::move(kept);
}

void KeySearch::count() {
  m_readers.assign(m_values.size(), 0);
  m_expecters = m_bringers = m_readers;
  for (const Item &item : m_items) need(item, 1);
  m_allBringers = m_bringers;
  m_allExpecters.assign(m_values.size(), 0);
  for (const Item &item : m_items)
    if (item.kind == OperationKind::Cas) ++m_allExpecters[item.expected];
  for (std::uint32_t v = 0; v < m_readers.size(); ++v)
    if (m_readers[v] + m_expecters[v] > 0) m_seenTexts.push_back(v);
  if (m_texts) findStarts();
}

/// What each text that was read may begin with, of what somebody writes.
void KeySearch::findStarts() {
  std::vector<std::uint32_t> written;
  for (std::uint32_t v = 0; v < m_bringers.size(); ++v)
    if (m_bringers[v] > 0) written.push_back(v);
  m_starts.resize(m_readers.size());
  for (std::uint32_t v = 0; v < m_starts.size(); ++v)
    if (m_readers[v] > 0)
      std::copy_if(written.begin(), written.end(), std::back_inserter(m_starts[v]),
                   [&](std::uint32_t start) { return m_values.begins(v, start); });
}

void KeySearch::need(const Item &item, int change) {
  switch (item.kind) {
  case OperationKind::Read:
    if (item.resultKnown) m_readers[item.result] += change;
    break;
  case OperationKind::Cas:
    if (!item.open || m_texts) m_expecters[item.expected] += change;
    [[fallthrough]];
  case OperationKind::Write: m_bringers[item.argument] += change; break;
  case OperationKind::Append: break;
  }
}

/// Somebody saw what nobody brings.
bool KeySearch::thinAir() const {
  if (m_texts || m_goal) return false;
  for (std::size_t v = 0; v < m_readers.size(); ++v)
    if (v != m_initial && m_readers[v] + m_expecters[v] > 0 && m_bringers[v] == 0) return true;
  return false;
}

SearchEnd KeySearch::run(const SearchLimit &limit) {
  if (limit.spent()) return SearchEnd::Spent;
  if (thinAir()) return SearchEnd::None;
  if (m_goal)
    for (std::uint32_t i = 0; i < m_must; ++i)
      m_goalMax += i != *m_goal && m_items[i].invoke < m_items[*m_goal].back ? 1 : 0;
  std::size_t depth = 0;
  m_frames.resize(1);
  if (enter()) return SearchEnd::Found;
  findMoves(m_frames[0]);
  for (;;) {
    Frame &frame = m_frames[depth];
    if (frame.next == frame.moves.size()) {
      if (depth-- == 0) return SearchEnd::None;
      leaveTo(m_frames[depth]);
      continue;
    }
    if (++m_visits % visitsPerLook == 0 && (limit.spent() || m_seen.size() > limit.statesMax))
      return SearchEnd::Spent;
    apply(frame.moves[frame.next++]);
    if (enter()) return SearchEnd::Found;
    if (!m_seen.add(m_done, m_state, m_used)) {
      leaveTo(frame);
      continue;
    }
    if (m_frames.size() == ++depth) m_frames.emplace_back();
    findMoves(m_frames[depth]);
  }
}

/// Places what goes at once; true when the search is over.
bool KeySearch::enter() {
  settle();
  if (!m_goal) return m_left == 0;
  tryGoal();
  return !m_longest.empty() && m_before == m_goalMax;
}

void KeySearch::leaveTo(const Frame &frame) {
  while (m_order.size() > frame.placed) unplace();
  m_state = frame.state;
}

std::vector<std::size_t> KeySearch::order() const {
  std::vector<std::size_t> out;
  for (const std::uint32_t item : m_order) out.push_back(m_items[item].operation);
  return out;
}

bool KeySearch::isDone(std::uint32_t item) const {
  return item < m_must ? bitOf(m_done, item) : bitOf(m_used, item - m_must);
}

void KeySearch::look() {
  m_window.clear();
  m_bound = Operation::never;
  m_firstOpenIn = firstClear(m_done, m_firstOpenIn, m_must);
  for (std::uint32_t i = m_firstOpenIn; i < m_must; i = firstClear(m_done, i + 1, m_must)) {
    if (m_items[i].invoke > m_bound) return;
    m_bound = std::min(m_bound, m_items[i].back);
    m_window.push_back(i);
  }
}

/// Texts that nobody sees any more, nor any that begins with them, are all alike.
std::uint32_t KeySearch::told(std::uint32_t value) const {
  if (!m_texts || m_goal) return value;
  for (const std::uint32_t seen : m_seenTexts)
    if (m_readers[seen] + m_expecters[seen] > 0 && m_values.begins(seen, value)) return value;
  return untold;
}

/// Reads that give the state are placed: they change nothing, and later they might not fit.
void KeySearch::settle() {
  for (bool placed = true; placed;) {
    placed = false;
    look();
    for (const std::uint32_t i : m_window) {
      const Item &item = m_items[i];
      if (item.kind != OperationKind::Read || isGoal(i)) continue;
      if (item.resultKnown && item.result != m_state) continue;
      place(i);
      placed = true;
    }
  }
  if (m_state != untold) m_state = told(m_state);
}

void KeySearch::place(std::uint32_t i) {
  m_order.push_back(i);
  need(m_items[i], -1);
  if (i >= m_must) return setBit(m_used, i - m_must);
  setBit(m_done, i);
  --m_left;
}

void KeySearch::unplace() {
  const std::uint32_t i = m_order.back();
  m_order.pop_back();
  need(m_items[i], 1);
  if (i >= m_must) return clearBit(m_used, i - m_must);
  clearBit(m_done, i);
  ++m_left;
  m_firstOpenIn = std::min(m_firstOpenIn, i);
}

std::optional<std::uint32_t> KeySearch::after(const Item &item) {
  switch (item.kind) {
  case OperationKind::Read: break;
  case OperationKind::Write: return told(item.argument);
  case OperationKind::Append:
    return m_state == untold ? untold : told(m_values.appended(m_state, item.argument));
  case OperationKind::Cas:
    if (m_state == item.expected) return told(item.argument);
    break;
  }
  return std::nullopt;
}

void KeySearch::apply(std::uint32_t i) {
  const std::uint32_t target = *after(m_items[i]);
  if (!m_texts && !m_goal && m_items[i].kind == OperationKind::Write) placeRiders(i);
  place(i);
  m_state = target;
}

/// A write whose value nobody expects and whose readers may all come next, with them: they may as
/// well stand just before a write that follows, whatever the state was.
bool KeySearch::rides(std::uint32_t i) const {
  const Item &item = m_items[i];
  const std::uint32_t value = item.argument;
  if (item.kind != OperationKind::Write || value == m_initial || m_allBringers[value] != 1 ||
      m_allExpecters[value] != 0)
    return false;
  int here = 0;
  for (const std::uint32_t reader : m_window) {
    const Item &r = m_items[reader];
    here += r.kind == OperationKind::Read && r.resultKnown && r.result == value ? 1 : 0;
  }
  return here == m_readers[value];
}

void KeySearch::placeRiders(std::uint32_t write) {
  for (bool placed = true; placed;) {
    placed = false;
    look();
    for (const std::uint32_t i : m_window) {
      if (i == write || !rides(i)) continue;
      place(i);
      const std::uint32_t value = m_items[i].argument;
      for (const std::uint32_t reader : m_window)
        if (m_items[reader].resultKnown && m_items[reader].result == value &&
            m_items[reader].kind == OperationKind::Read)
          place(reader);
      placed = true;
      break;
    }
  }
}

void KeySearch::findMoves(Frame &frame) {
  frame.state = m_state;
  frame.placed = m_order.size();
  frame.moves.clear();
  frame.next = 0;
  for (const std::uint32_t i : m_window)
    if (!isGoal(i)) considerMust(frame, i);
  // What is seen at once goes first, then what returns first.
  const auto key = [&](std::uint32_t i) {
    return std::pair(!isUseful(i, *after(m_items[i])), m_items[i].back);
  };
  std::sort(frame.moves.begin(), frame.moves.end(),
            [&](std::uint32_t a, std::uint32_t b) { return key(a) < key(b); });
  const auto end = static_cast<std::uint32_t>(m_items.size()) - m_must;
  for (std::uint32_t i = firstClear(m_used, 0, end); i < end; i = firstClear(m_used, i + 1, end)) {
    if (m_items[m_must + i].invoke > m_bound) break;
    if (!isGoal(m_must + i)) considerOpen(frame, m_must + i);
  }
}

void KeySearch::considerMust(Frame &frame, std::uint32_t i) {
  const auto target = after(m_items[i]);
  if (!target || isInVain(m_items[i])) return;
  if (!mayLeave(m_items[i], *target) || !fitsReads(m_items[i], *target)) return;
  if (!isBeaten(frame, i)) frame.moves.push_back(i);
}

void KeySearch::considerOpen(Frame &frame, std::uint32_t i) {
  const auto target = after(m_items[i]);
  if (!target || *target == m_state || *target == untold || isInVain(m_items[i])) return;
  if (!mayLeave(m_items[i], *target)) return;
  if (!fitsReads(m_items[i], *target) || !isUseful(i, *target)) return;
  if (!isBeaten(frame, i)) frame.moves.push_back(i);
}

/// Whether another one does the same and returns no later; puts this one in the place of one that
/// returns later.
bool KeySearch::isBeaten(Frame &frame, std::uint32_t i) const {
  const Item &item = m_items[i];
  for (std::uint32_t &other : frame.moves) {
    const Item &o = m_items[other];
    if (o.kind != item.kind || o.argument != item.argument || o.expected != item.expected) continue;
    if (item.back < o.back) other = i;
    return true;
  }
  return false;
}

/// A write just after an open operation: nobody would have seen that one.
bool KeySearch::isInVain(const Item &item) const {
  return item.kind == OperationKind::Write && !m_order.empty() && m_items[m_order.back()].open;
}

bool KeySearch::mayLeave(const Item &item, std::uint32_t target) const {
  if (m_texts || m_goal || target == m_state || m_bringers[m_state] > 0) return true;
  const bool expects = item.kind == OperationKind::Cas && !item.open;
  return m_readers[m_state] == 0 && m_expecters[m_state] == (expects ? 1 : 0);
}

/// Every later read begins with what is there, or with what somebody will still write.
bool KeySearch::fitsReads(const Item &item, std::uint32_t target) const {
  if (!m_texts || m_goal) return true;
  const bool overwrites = item.kind != OperationKind::Append;
  const auto isWritten = [&](std::uint32_t start) {
    return m_bringers[start] > (overwrites && start == item.argument ? 1 : 0);
  };
  std::size_t looked = 0;
  for (std::uint32_t i = m_firstOpenIn; i < m_must && looked < readsLookedAt;
       i = firstClear(m_done, i + 1, m_must)) {
    const Item &read = m_items[i];
    if (read.kind != OperationKind::Read || !read.resultKnown) continue;
    const auto &starts = m_starts[read.result];
    const bool fits = target != untold && m_values.begins(read.result, target);
    if (!fits && std::none_of(starts.begin(), starts.end(), isWritten)) return false;
    ++looked;
  }
  return true;
}

/// Whether somebody who may come next sees the value.
bool KeySearch::isUseful(std::uint32_t item, std::uint32_t target) const {
  if (m_texts) return true;
  for (const std::uint32_t i : m_window) {
    const Item &o = m_items[i];
    if (o.kind == OperationKind::Read && o.resultKnown && o.result == target) return true;
    if (o.kind == OperationKind::Cas && o.expected == target && i != item) return true;
  }
  if (m_goal) {
    const Item &g = m_items[*m_goal];
    if (g.kind == OperationKind::Cas && g.expected == target) return true;
    if (g.kind == OperationKind::Read) return true;
  }
  return std::any_of(m_openCas.begin(), m_openCas.end(), [&](std::uint32_t i) {
    const Item &o = m_items[i];
    return i != item && o.expected == target && o.invoke < m_bound && !isDone(i);
  });
}

/// The goal, were it next.
void KeySearch::tryGoal() {
  const Item &goal = m_items[*m_goal];
  const std::size_t before = m_must - m_left;
  if (goal.invoke > m_bound || (!m_longest.empty() && before <= m_before)) return;
  const bool fits = goal.kind == OperationKind::Read ? !goal.resultKnown || goal.result == m_state
                                                     : after(goal).has_value();
  if (!fits) return;
  m_before = before;
  m_longest = order();
  m_longest.push_back(goal.operation);
}

} // namespace packetarium::judge
