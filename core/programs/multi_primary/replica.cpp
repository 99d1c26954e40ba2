// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/multi_primary/replica.h"

#include "core/cluster/text.h"

#include <algorithm>

namespace packetarium::programs::multi {

using cluster::ConflictPolicy;
using cluster::DataType;
using cluster::Dot;
using cluster::VersionVector;

namespace {

constexpr std::size_t keyBytesMax = 256, valueBytesMax = 8000, heldBytesMax = 16000;

std::int64_t countOf(const std::optional<std::string> &value) {
  return cluster::signedOf(value.value_or("0")).value_or(0);
}

std::vector<std::string> elementsOf(const std::optional<std::string> &value) {
  std::vector<std::string> all;
  if (!value) return all;
  for (const std::string_view e : cluster::parts(*value, ',')) all.emplace_back(e);
  return all;
}

Fault refusal(std::string why) { return Fault{"", std::move(why)}; }

} // namespace

/// Versions stand side by side: a register that merges, and anything the application decides on.
bool Replica::keepsSeveral() const {
  return m_policy == ConflictPolicy::Application ||
         (m_policy == ConflictPolicy::Merge && m_type == DataType::Register);
}

/// Attempts of one request that were taken by several members count as one write.
bool Replica::countsOnce() const {
  return m_policy == ConflictPolicy::Merge && m_type == DataType::Counter;
}

Status Replica::checkMerged(const Wanted &w) const {
  if (m_type == DataType::Register || w.verb != "write") return Done{};
  return m_type == DataType::Counter ? refusal("this key counts: add to it")
                                     : refusal("this key is a set: add elements or remove them");
}

Status Replica::check(const Wanted &w) const {
  if (w.key.empty() || w.key.size() > keyBytesMax || w.key.find(' ') != std::string::npos)
    return refusal("a key has 1 to 256 bytes without spaces");
  if (w.argument && w.argument->size() > valueBytesMax) return refusal("the value is too long");
  if (w.verb == "write" && !w.argument) return refusal("a value is missing");
  if (w.verb == "add" && m_type == DataType::Register)
    return refusal("this store keeps registers: write a value");
  if (w.verb == "remove" && w.argument && m_type != DataType::Set)
    return refusal("only sets have elements to remove");
  if (m_type == DataType::Counter && w.verb != "remove" &&
      !cluster::signedOf(w.argument.value_or("")))
    return refusal("a counter takes whole numbers");
  if (m_type == DataType::Set && w.verb != "write" && (w.verb == "add" || w.argument) &&
      !cluster::isElement(w.argument.value_or("")))
    return refusal("an element has 1 to 256 bytes without commas and semicolons");
  if (const Key *key = find(w.key);
      key && keepsSeveral() && w.verb == "add" && key->several.versions().size() > 1)
    return refusal("its versions are in conflict: read them and write one");
  const auto held = valueOf(find(w.key));
  if (w.verb == "add" && held && held->size() + w.argument->size() > heldBytesMax)
    return refusal("the set is full");
  return m_policy == ConflictPolicy::Merge ? checkMerged(w) : Status(Done{});
}

/// What the value becomes where it is read, changed and written back.
std::optional<std::string> Replica::changed(const Wanted &w,
                                            const std::optional<std::string> &before) const {
  if (w.verb == "write") return w.argument;
  if (m_type == DataType::Counter) {
    if (w.verb == "remove")
      return m_policy == ConflictPolicy::Merge ? "0" : std::optional<std::string>();
    return std::to_string(saturatingAdd(countOf(before), countOf(w.argument)));
  }
  if (w.verb == "remove" && !w.argument) return std::nullopt;
  auto elements = elementsOf(before);
  if (w.verb == "remove")
    std::erase(elements, *w.argument);
  else
    elements.push_back(*w.argument);
  return cluster::valueOfSet(elements);
}

Result<Write> Replica::accept(std::string_view member, const Wanted &wanted, SimTime stamp) {
  if (const Status fine = check(wanted); !fine) return fine.faults();
  Write w;
  w.dot = m_heard.next(member);
  w.stamp = stamp;
  w.verb = wanted.verb;
  w.key = wanted.key;
  w.argument = wanted.argument;
  w.once = wanted.once;
  // What the member knows, a write that it takes knows too; only where the application decides is a
  // write taken for as blind as its writer was.
  const bool changes = w.verb == "add" || (w.verb == "remove" && w.argument);
  if (changes || m_policy != ConflictPolicy::Application) w.seen = m_heard;
  if (wanted.context)
    for (const auto &[name, count] : wanted.context->counts())
      w.seen.add({name, name == member ? std::min(count, m_heard.at(member)) : count});
  if (const Key *key = find(w.key); key && key->last.written()) w.over = key->last.dot();
  w.before = valueOf(find(w.key));
  w.result = changed(wanted, w.before);
  if (m_policy == ConflictPolicy::Merge && m_type == DataType::Counter && w.verb == "remove")
    w.argument = std::to_string(saturatingSub(0, countOf(w.before)));
  apply(w);
  return w;
}

bool Replica::apply(const Write &w) {
  if (w.dot != m_heard.next(w.dot.member)) return false;
  Key &key = m_keys[w.key];
  const auto [touched, first] = m_touched.try_emplace(w.key);
  if (first) {
    touched->second.held = versionsOf(w.key);
    touched->second.heardBefore = m_heard;
  }
  touched->second.fresh.push_back(w.dot);
  m_logs[w.dot.member].push(w);
  m_heard.add(w.dot);
  remember(w);
  key.writes.push(w.dot);
  if (w.over) key.successors.emplace(*w.over, w.dot);
  if (!repeats(key, w)) fold(key, w);
  return true;
}

/// A client numbers its requests in order, and others' logs may tell an older one later.
void Replica::remember(const Write &w) {
  const auto [client, number] = cluster::cutAt(w.once, ' ');
  if (!number) return;
  const auto [known, first] = m_done.try_emplace(std::string(client), *number, w.dot);
  auto &[newest, dot] = known->second;
  if (first ||
      std::pair(number->size(), *number) <= std::pair(newest.size(), std::string_view(newest)))
    return;
  newest = *number;
  dot = w.dot;
}

/// Whether the write does not count, because another attempt of the same request does. When it
/// takes the place of that one, the count is made anew without it.
bool Replica::repeats(Key &key, const Write &w) const {
  if (!countsOnce() || w.once.empty()) return false;
  const auto [attempt, first] = key.attempts.try_emplace(w.once, w.dot);
  if (first) return false;
  key.repeats.insert(std::max(attempt->second, w.dot));
  if (attempt->second < w.dot) return true;
  attempt->second = w.dot;
  key.counter = {};
  for (std::size_t i = 0; i < key.writes.size(); ++i)
    if (key.writes[i] != w.dot && !key.repeats.contains(key.writes[i]))
      fold(key, at(key.writes[i]));
  return false;
}

std::optional<Dot> Replica::doneAs(std::string_view once) const {
  const auto [client, number] = cluster::cutAt(once, ' ');
  const auto found = m_done.find(client);
  if (!number || found == m_done.end() || found->second.first != *number) return std::nullopt;
  return found->second.second;
}

void Replica::fold(Key &key, const Write &w) const {
  if (m_policy == ConflictPolicy::LastWriteWins) {
    key.last.write(w.stamp, w.dot, w.result);
  } else if (keepsSeveral()) {
    key.several.write(w.dot, w.result, w.seen);
  } else if (m_type == DataType::Counter) {
    key.counter.add(w.dot.member, countOf(w.argument));
  } else if (w.verb == "add") {
    key.set.add(w.dot, w.argument.value_or(""), w.seen);
  } else if (w.argument) {
    key.set.remove(*w.argument, w.seen);
  } else {
    for (const std::string &e : elementsOf(w.before)) key.set.remove(e, w.seen);
  }
}

const Replica::Key *Replica::find(std::string_view key) const {
  const auto found = m_keys.find(key);
  return found == m_keys.end() ? nullptr : &found->second;
}

std::optional<std::string> Replica::valueOf(const Key *key) const {
  if (!key || key->writes.empty()) return std::nullopt;
  if (m_policy == ConflictPolicy::LastWriteWins) return key->last.value();
  if (keepsSeveral())
    return key->several.versions().empty() ? std::nullopt
                                           : key->several.versions().rbegin()->second;
  if (m_type == DataType::Counter) return std::to_string(key->counter.value());
  return cluster::valueOfSet(key->set.elements());
}

std::vector<std::optional<std::string>> Replica::read(std::string_view name) const {
  const Key *key = find(name);
  if (!key || !keepsSeveral()) return {valueOf(key)};
  std::vector<std::optional<std::string>> values;
  for (const auto &[dot, value] : key->several.versions()) values.push_back(value);
  return values;
}

const Write &Replica::write(std::string_view member, std::uint64_t count) const {
  return m_logs.find(member)->second[count - 1];
}

std::vector<Dot> Replica::versionsOf(std::string_view name) const {
  const Key *key = find(name);
  std::vector<Dot> dots;
  if (!key) return dots;
  if (key->last.written()) dots.push_back(key->last.dot());
  for (const auto &[dot, value] : key->several.versions()) dots.push_back(dot);
  return dots;
}

std::vector<cluster::LostWrite> Replica::lost() const {
  std::vector<cluster::LostWrite> all;
  for (const auto &[name, key] : m_keys)
    for (const auto &[dot, write] : key.lost) all.push_back(write);
  return all;
}

std::uint64_t Replica::lostCount() const {
  std::uint64_t sum = 0;
  for (const auto &[name, key] : m_keys)
    for (const auto &[dot, write] : key.lost) sum += write.writes;
  return sum;
}

std::set<std::string> Replica::keysBeyond(const VersionVector &known) const {
  std::set<std::string> keys;
  for (const auto &[member, log] : m_logs)
    for (std::uint64_t i = known.at(member); i < log.size(); ++i) keys.insert(log[i].key);
  return keys;
}

std::vector<std::string> Replica::keys() const {
  std::vector<std::string> all;
  for (const auto &[name, key] : m_keys) all.push_back(name);
  return all;
}

} // namespace packetarium::programs::multi
