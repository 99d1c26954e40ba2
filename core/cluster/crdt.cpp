// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cluster/crdt.h"

#include "core/cluster/text.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

namespace packetarium::cluster {
namespace {

constexpr auto countMax = std::numeric_limits<std::uint64_t>::max();

std::uint64_t saturatingSum(std::uint64_t a, std::uint64_t b) {
  return b > countMax - a ? countMax : a + b;
}

Fault unreadable(std::string_view what, std::string_view text) {
  return Fault{"", "\"" + std::string(text.substr(0, 80)) + "\" is no state of a " +
                       std::string(what) + "."};
}

bool tooLong(std::string_view text) { return text.size() > textBytesMax; }

} // namespace

void GrowCounter::add(std::string_view member, std::uint64_t by) {
  m_counts.add({std::string(member), saturatingSum(m_counts.at(member), by)});
}

std::uint64_t GrowCounter::value() const {
  std::uint64_t sum = 0;
  for (const auto &[member, count] : m_counts.counts()) sum = saturatingSum(sum, count);
  return sum;
}

void GrowCounter::join(const GrowCounter &other) { m_counts.merge(other.m_counts); }

Result<GrowCounter> GrowCounter::parse(std::string_view text) {
  auto counts = VersionVector::parse(text);
  if (!counts) return unreadable("counter", text);
  GrowCounter counter;
  counter.m_counts = std::move(counts).value();
  return counter;
}

void Counter::add(std::string_view member, std::int64_t by) {
  if (by >= 0) return m_up.add(member, static_cast<std::uint64_t>(by));
  m_down.add(member, ~static_cast<std::uint64_t>(by) + 1);
}

std::int64_t Counter::value() const {
  const auto half = [](const GrowCounter &counter) {
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(std::min(counter.value(), static_cast<std::uint64_t>(most)));
  };
  return half(m_up) - half(m_down);
}

void Counter::join(const Counter &other) {
  m_up.join(other.m_up);
  m_down.join(other.m_down);
}

std::string Counter::text() const { return m_up.text() + "/" + m_down.text(); }

Result<Counter> Counter::parse(std::string_view text) {
  const auto [up, down] = cutAt(text, '/');
  const auto counted = GrowCounter::parse(up), countedDown = GrowCounter::parse(down.value_or(""));
  if (!down || !counted || !countedDown) return unreadable("counter", text);
  Counter counter;
  counter.m_up = *counted;
  counter.m_down = *countedDown;
  return counter;
}

bool LastWriteRegister::write(SimTime stamp, const Dot &dot, std::optional<std::string> value) {
  if (written() && std::tie(m_stamp, m_dot) >= std::tie(stamp, dot)) return false;
  m_stamp = stamp;
  m_dot = dot;
  m_value = std::move(value);
  return true;
}

void LastWriteRegister::join(const LastWriteRegister &other) {
  if (other.written()) write(other.m_stamp, other.m_dot, other.m_value);
}

std::string LastWriteRegister::text() const {
  if (!written()) return "";
  return std::to_string(m_stamp.ns()) + " " + m_dot.text() +
         (m_value ? " " + escaped(*m_value) : "");
}

Result<LastWriteRegister> LastWriteRegister::parse(std::string_view text) {
  LastWriteRegister result;
  if (text.empty()) return result;
  const auto fields = parts(text, ' ');
  if (tooLong(text) || fields.size() < 2 || fields.size() > 3) return unreadable("register", text);
  const auto stamp = signedOf(fields[0]);
  const auto dot = Dot::parse(fields[1]);
  const auto value = fields.size() == 3 ? unescaped(fields[2]) : std::nullopt;
  if (!stamp || !dot || (fields.size() == 3 && !value)) return unreadable("register", text);
  result.write(SimTime::fromNs(*stamp), *dot, value);
  return result;
}

void MultiValueRegister::write(const Dot &dot, std::optional<std::string> value,
                               const VersionVector &seen) {
  m_seen.merge(seen);
  m_versions.insert_or_assign(dot, std::move(value));
  dropSeen();
}

void MultiValueRegister::join(const MultiValueRegister &other) {
  m_versions.insert(other.m_versions.begin(), other.m_versions.end());
  m_seen.merge(other.m_seen);
  dropSeen();
}

void MultiValueRegister::dropSeen() {
  std::erase_if(m_versions, [this](const auto &entry) { return m_seen.covers(entry.first); });
}

std::string MultiValueRegister::text() const {
  std::string out = m_seen.text();
  for (const auto &[dot, value] : m_versions)
    out += "|" + dot.text() + (value ? "=" + escaped(*value) : "");
  return out;
}

Result<MultiValueRegister> MultiValueRegister::parse(std::string_view text) {
  MultiValueRegister result;
  const auto fault = [text] { return unreadable("register of several values", text); };
  if (tooLong(text)) return fault();
  bool first = true;
  for (const std::string_view part : parts(text, '|')) {
    if (std::exchange(first, false)) {
      const auto seen = VersionVector::parse(part);
      if (!seen) return fault();
      result.m_seen = *seen;
      continue;
    }
    const auto [name, written] = cutAt(part, '=');
    const auto dot = Dot::parse(name);
    const auto value = written ? unescaped(*written) : std::nullopt;
    if (!dot || (written && !value) || result.m_seen.covers(*dot)) return fault();
    if (!result.m_versions.emplace(*dot, value).second) return fault();
  }
  return result;
}

void ObservedRemoveSet::add(const Dot &dot, std::string_view element, const VersionVector &seen) {
  Element &entry = m_elements[std::string(element)];
  entry.tags.insert(dot);
  entry.seen.merge(seen);
  entry.dropSeen();
}

void ObservedRemoveSet::remove(std::string_view element, const VersionVector &seen) {
  Element &entry = m_elements[std::string(element)];
  entry.seen.merge(seen);
  entry.dropSeen();
}

bool ObservedRemoveSet::contains(std::string_view element) const {
  const auto found = m_elements.find(element);
  return found != m_elements.end() && !found->second.tags.empty();
}

std::vector<std::string> ObservedRemoveSet::elements() const {
  std::vector<std::string> all;
  for (const auto &[element, entry] : m_elements)
    if (!entry.tags.empty()) all.push_back(element);
  return all;
}

void ObservedRemoveSet::join(const ObservedRemoveSet &other) {
  for (const auto &[element, theirs] : other.m_elements) {
    Element &entry = m_elements[element];
    entry.tags.insert(theirs.tags.begin(), theirs.tags.end());
    entry.seen.merge(theirs.seen);
    entry.dropSeen();
  }
}

void ObservedRemoveSet::Element::dropSeen() {
  std::erase_if(tags, [this](const Dot &tag) { return seen.covers(tag); });
}

std::string ObservedRemoveSet::text() const {
  std::string out;
  for (const auto &[element, entry] : m_elements) {
    out += (out.empty() ? "" : ";") + escaped(element) + "|" + entry.seen.text();
    for (const Dot &tag : entry.tags) out += "|" + tag.text();
  }
  return out;
}

Result<ObservedRemoveSet> ObservedRemoveSet::parse(std::string_view text) {
  ObservedRemoveSet result;
  const auto fault = [text] { return unreadable("set", text); };
  if (tooLong(text)) return fault();
  for (const std::string_view line : parts(text, ';')) {
    const auto fields = parts(line, '|');
    if (fields.size() < 2) return fault();
    const auto element = unescaped(fields[0]);
    const auto seen = VersionVector::parse(fields[1]);
    if (!element || !seen || result.m_elements.contains(*element)) return fault();
    Element &entry = result.m_elements[*element];
    entry.seen = *seen;
    for (std::size_t i = 2; i < fields.size(); ++i) {
      const auto tag = Dot::parse(fields[i]);
      if (!tag || seen->covers(*tag) || !entry.tags.insert(*tag).second) return fault();
    }
  }
  return result;
}

} // namespace packetarium::cluster
