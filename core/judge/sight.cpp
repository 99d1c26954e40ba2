// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/judge/sight.h"

#include <algorithm>

namespace packetarium::judge {

Sight::Sight(const History &history, const CheckOptions &options)
    : m_history(history),
      m_initial(options.initial),
      m_emptyIsNothing(options.model == Model::Kv),
      m_seen(history.operations.size()),
      m_session(history.operations.size()),
      m_place(history.operations.size()) {
  if (m_emptyIsNothing && !m_initial) m_initial = "";
  findSources();
  findSessions();
  findPasts();
}

void Sight::findSources() {
  const auto &all = m_history.operations;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!all[i].changes() || all[i].outcome == Outcome::Fail) continue;
    m_writers[{all[i].key, all[i].argument}].push_back(i);
    if (all[i].kind == OperationKind::Append) m_growers[all[i].key];
  }
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].changes() && all[i].outcome != Outcome::Fail)
      if (const auto grows = m_growers.find(all[i].key); grows != m_growers.end())
        grows->second.push_back(i);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Operation &o = all[i];
    if (o.outcome != Outcome::Ok) continue;
    const bool grows = m_growers.contains(o.key);
    if (o.kind == OperationKind::Read && o.resultKnown)
      m_seen[i] = sourceOf(o.key, o.result, grows);
    else if (o.kind == OperationKind::Cas)
      m_seen[i] = sourceOf(o.key, o.expected, grows);
    m_ambiguous |= m_seen[i].source == Source::Ambiguous;
  }
}

Seen Sight::sourceOf(const std::string &key, const Value &value, bool grows) const {
  const Value read = m_emptyIsNothing && !value ? Value("") : value;
  std::vector<std::size_t> from;
  if (grows) {
    // Of a text that grows the last part tells who wrote last.
    for (const std::size_t i : m_growers.at(key)) {
      const Value &part = m_history.operations[i].argument;
      if (read && part && !part->empty() && read->ends_with(*part)) from.push_back(i);
    }
  } else if (const auto at = m_writers.find({key, read}); at != m_writers.end()) {
    from = at->second;
  }
  if (from.size() > 1 || (!from.empty() && read == m_initial)) return {Source::Ambiguous, 0};
  if (from.size() == 1) return {Source::Write, from.front()};
  return {read == m_initial ? Source::Initial : Source::ThinAir, 0};
}

void Sight::findSessions() {
  std::map<std::string, std::size_t> byProcess;
  for (std::size_t i = 0; i < m_history.operations.size(); ++i) {
    const Operation &o = m_history.operations[i];
    const auto [at, isNew] = byProcess.try_emplace(o.process, m_sessions.size());
    if (isNew) m_sessions.emplace_back();
    auto &session = m_sessions[at->second];
    m_session[i] = at->second;
    m_place[i] = session.size();
    if (o.outcome == Outcome::Ok) session.push_back(i);
  }
}

/// What an operation comes right after: in its process, and what it saw. One of unknown outcome may
/// take effect late, so nothing comes after it but those that saw it.
std::vector<std::size_t> Sight::causesOf(std::size_t i) const {
  std::vector<std::size_t> out;
  if (m_history.operations[i].outcome == Outcome::Fail) return out;
  if (m_place[i] > 0) out.push_back(m_sessions[m_session[i]][m_place[i] - 1]);
  if (m_seen[i].source == Source::Write) out.push_back(m_seen[i].writer);
  return out;
}

void Sight::addPast(std::size_t operation, std::size_t before) {
  std::uint64_t *const to = &m_past[operation * m_words];
  const std::uint64_t *const from = &m_past[before * m_words];
  for (std::size_t w = 0; w < m_words; ++w) to[w] |= from[w];
  to[before / 64] |= std::uint64_t{1} << (before % 64);
}

/// Causes before effects, as far as nothing depends on itself.
void Sight::findPasts() {
  const std::size_t count = m_history.operations.size();
  m_words = (count + 63) / 64;
  m_past.assign(count * m_words, 0);
  std::vector<std::vector<std::size_t>> effects(count);
  std::vector<std::size_t> waitsFor(count, 0), ready;
  for (std::size_t i = 0; i < count; ++i) {
    for (const std::size_t cause : causesOf(i)) {
      effects[cause].push_back(i);
      ++waitsFor[i];
    }
    if (waitsFor[i] == 0) ready.push_back(i);
  }
  std::size_t done = 0;
  while (!ready.empty()) {
    const std::size_t i = ready.back();
    ready.pop_back();
    ++done;
    for (const std::size_t cause : causesOf(i)) addPast(i, cause);
    for (const std::size_t effect : effects[i])
      if (--waitsFor[effect] == 0) ready.push_back(effect);
  }
  if (done == count) return;
  // What still waits is on a cycle or after one: going back along what it waits for ends on one.
  std::size_t at = 0;
  while (waitsFor[at] == 0) ++at;
  for (std::size_t steps = 0; steps < count; ++steps)
    for (const std::size_t cause : causesOf(at))
      if (waitsFor[cause] > 0) {
        at = cause;
        break;
      }
  m_onCycle = at;
}

bool Sight::isOlder(const Seen &seen, std::size_t write) const {
  if (seen.source == Source::Initial) return true;
  if (seen.source != Source::Write || seen.writer == write) return false;
  return m_history.operations[seen.writer].precedes(m_history.operations[write]) ||
         causes(seen.writer, write);
}

} // namespace packetarium::judge
