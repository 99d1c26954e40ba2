// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/fact_book.h"

#include <algorithm>
#include <functional>

namespace packetarium::analysis {
namespace {

constexpr std::string_view clientHelloName = "Client Hello";

/// Values that are another one each time; the others are worth sharing.
bool isUnique(trace::FactTopic topic) {
  using enum trace::FactTopic;
  return topic == TlsSecret || topic == TlsTranscript || topic == TlsKeyLog;
}

} // namespace

std::uint32_t FactBook::keep(std::string_view text) {
  if (text.empty()) return 0;
  m_texts.emplace_back(text);
  return static_cast<std::uint32_t>(m_texts.size() - 1);
}

std::uint32_t FactBook::intern(std::string_view text) {
  if (text.empty()) return 0;
  const std::size_t hash = std::hash<std::string_view>{}(text);
  const auto [from, to] = m_index.equal_range(hash);
  for (auto it = from; it != to; ++it)
    if (m_texts[it->second] == text) return it->second;
  const std::uint32_t index = keep(text);
  m_index.emplace(hash, index);
  return index;
}

void FactBook::extend(const trace::Trace &trace) {
  for (std::size_t i = trace.slotOf(m_next); i < trace.slots().size(); ++i) {
    const auto &slot = trace.slots()[i];
    if (slot.chunk) add(*slot.chunk);
    m_next = slot.summary.end();
  }
}

void FactBook::add(const trace::Chunk &chunk) {
  for (std::size_t i = 0; i < chunk.records.size(); ++i) {
    const trace::Record &r = chunk.records[i];
    const trace::Sequence s = chunk.summary.first + i;
    switch (r.kind) {
    case trace::RecordKind::Fact: takeFact(r, s, chunk); break;
    case trace::RecordKind::AddressHeld:
      if (m_addresses.size() < marksMax) m_addresses.push_back({s, r});
      break;
    case trace::RecordKind::NodeState:
      if (m_healths.size() < marksMax)
        m_healths.push_back({s, r.at, r.node, static_cast<trace::NodeHealth>(r.detail)});
      break;
    case trace::RecordKind::LinkState:
    case trace::RecordKind::LinkChanged:
    case trace::RecordKind::NodeChanged:
      if (m_disturbances.size() < marksMax) m_disturbances.push_back({s, r});
      break;
    case trace::RecordKind::Countdown: takeCountdown(r, s, chunk); break;
    default: break;
    }
  }
  m_next = chunk.summary.end();
}

void FactBook::takeFact(const trace::Record &r, trace::Sequence s, const trace::Chunk &chunk) {
  if (m_facts.size() >= marksMax) return;
  FactMark mark;
  mark.sequence = s;
  mark.at = r.at;
  mark.node = r.node;
  mark.socket = static_cast<std::uint32_t>(r.args[0]);
  mark.topic = static_cast<trace::FactTopic>(r.detail);
  mark.name = intern(chunk.text(r.args[1]));
  const std::string_view value = chunk.text(r.args[2]);
  mark.value = isUnique(mark.topic) ? keep(value) : intern(value);
  mark.detail = intern(chunk.text(r.args[3]));
  m_facts.push_back(mark);
  m_textsAfter.push_back(static_cast<std::uint32_t>(m_texts.size()));
  file(static_cast<std::uint32_t>(m_facts.size() - 1));
}

void FactBook::takeCountdown(const trace::Record &r, trace::Sequence s, const trace::Chunk &chunk) {
  if (m_countdownCount >= marksMax) return;
  CountdownMark mark{s, r.at, {}};
  if (const auto ns = static_cast<std::int64_t>(r.args[0]); ns >= 0)
    mark.deadline = SimTime::fromNs(ns);
  const ServiceNode who{intern(chunk.text(r.args[1])), r.node};
  m_countdowns[{who, static_cast<trace::CountdownKind>(r.detail)}].push_back(mark);
  ++m_countdownCount;
}

/// Beside the lists of whole topics: what is looked up by who told it.
void FactBook::fileByNode(std::uint32_t index) {
  const FactMark &fact = m_facts[index];
  const ServiceNode who{fact.name, fact.node};
  switch (fact.topic) {
  case trace::FactTopic::Term:
  case trace::FactTopic::Vote:
  case trace::FactTopic::Apply:
  case trace::FactTopic::Snapshot:
  case trace::FactTopic::Members:
  case trace::FactTopic::Ring: m_byNode[fact.topic][who].push_back(index); break;
  case trace::FactTopic::Progress: m_progress[{who, fact.detail}].push_back(index); break;
  case trace::FactTopic::Hint:
    m_hints[{who, fact.detail, std::string(keyOf(text(fact.value)))}].push_back(index);
    break;
  default: break;
  }
}

/// False when the fact is about a connection.
bool FactBook::fileOfService(std::uint32_t index) {
  const FactMark &fact = m_facts[index];
  switch (fact.topic) {
  case trace::FactTopic::Role: m_roles[{fact.name, fact.node}].push_back(index); break;
  case trace::FactTopic::Log:
    if (const auto change = logChange(text(fact.value)))
      m_logs[{fact.name, fact.node}].push_back({index, *change});
    return true;
  case trace::FactTopic::Failover:
  case trace::FactTopic::Operation:
  case trace::FactTopic::Try:
  case trace::FactTopic::Conflict:
  case trace::FactTopic::Merged:
  case trace::FactTopic::Term:
  case trace::FactTopic::Vote:
  case trace::FactTopic::Progress:
  case trace::FactTopic::Apply:
  case trace::FactTopic::Snapshot:
  case trace::FactTopic::Members:
  case trace::FactTopic::Ring:
  case trace::FactTopic::Hint:
  case trace::FactTopic::Repair:
  case trace::FactTopic::Evicted:
  case trace::FactTopic::Held: break;
  default: return false;
  }
  m_byTopic[fact.topic].push_back(index);
  fileByNode(index);
  return true;
}

void FactBook::file(std::uint32_t index) {
  if (fileOfService(index)) return;
  const FactMark &fact = m_facts[index];
  const std::pair key{fact.node, fact.socket};
  if (fact.topic == trace::FactTopic::TlsSession) {
    m_open[key] = m_ends.size();
    TlsEnd end;
    end.sequence = fact.sequence;
    end.at = fact.at;
    end.node = fact.node;
    end.socket = fact.socket;
    end.client = text(fact.name) == "client";
    m_ends.push_back(std::move(end));
  }
  const auto open = m_open.find(key);
  if (open == m_open.end()) return;
  m_ends[open->second].facts.push_back(index);
  pair(open->second, fact);
}

void FactBook::pair(std::size_t end, const FactMark &fact) {
  using enum trace::FactTopic;
  if (text(fact.name) != clientHelloName || m_ends[end].peer) return;
  if (fact.topic == TlsSent && m_ends[end].client) m_hellos[std::string(text(fact.value))] = end;
  if (fact.topic != TlsReceived || m_ends[end].client) return;
  const auto hello = m_hellos.find(text(fact.value));
  if (hello == m_hellos.end() || m_ends[hello->second].peer) return;
  m_ends[end].peer = hello->second;
  m_ends[hello->second].peer = end;
}

void FactBook::truncate(trace::Sequence from) {
  if (from >= m_next) return;
  m_facts.resize(countUpTo(from - 1));
  m_textsAfter.resize(m_facts.size());
  std::size_t textsKept = m_facts.empty() ? 1 : m_textsAfter.back();
  m_countdownCount = 0;
  for (auto &[key, marks] : m_countdowns) {
    while (!marks.empty() && marks.back().sequence >= from) marks.pop_back();
    m_countdownCount += marks.size();
    // Its service may have been written down after the last fact that stays.
    if (!marks.empty()) textsKept = std::max<std::size_t>(textsKept, key.first.service + 1);
  }
  std::erase_if(m_countdowns, [](const auto &entry) { return entry.second.empty(); });
  m_texts.resize(textsKept);
  std::erase_if(m_index, [this](const auto &entry) { return entry.second >= m_texts.size(); });
  m_ends.clear();
  m_open.clear();
  m_hellos.clear();
  m_byTopic.clear();
  m_roles.clear();
  m_logs.clear();
  m_byNode.clear();
  m_progress.clear();
  m_hints.clear();
  while (!m_addresses.empty() && m_addresses.back().sequence >= from) m_addresses.pop_back();
  while (!m_disturbances.empty() && m_disturbances.back().sequence >= from)
    m_disturbances.pop_back();
  while (!m_healths.empty() && m_healths.back().sequence >= from) m_healths.pop_back();
  for (std::uint32_t i = 0; i < m_facts.size(); ++i) file(i);
  m_next = from;
}

std::size_t FactBook::countUpTo(trace::Sequence upTo) const {
  const auto after =
      std::upper_bound(m_facts.begin(), m_facts.end(), upTo,
                       [](trace::Sequence s, const FactMark &m) { return s < m.sequence; });
  return static_cast<std::size_t>(after - m_facts.begin());
}

const std::vector<std::uint32_t> &FactBook::of(trace::FactTopic topic) const {
  static const std::vector<std::uint32_t> nothing;
  const auto at = m_byTopic.find(topic);
  return at == m_byTopic.end() ? nothing : at->second;
}

const std::map<ServiceNode, std::vector<std::uint32_t>> &
FactBook::byNode(trace::FactTopic topic) const {
  static const std::map<ServiceNode, std::vector<std::uint32_t>> nothing;
  const auto at = m_byNode.find(topic);
  return at == m_byNode.end() ? nothing : at->second;
}

const std::vector<std::uint32_t> &FactBook::of(trace::FactTopic topic, ServiceNode who) const {
  static const std::vector<std::uint32_t> nothing;
  const auto &nodes = byNode(topic);
  const auto at = nodes.find(who);
  return at == nodes.end() ? nothing : at->second;
}

const CountdownMark *FactBook::countdown(ServiceNode who, trace::CountdownKind kind,
                                         trace::Sequence upTo) const {
  const auto at = m_countdowns.find({who, kind});
  if (at == m_countdowns.end()) return nullptr;
  const auto after =
      std::upper_bound(at->second.begin(), at->second.end(), upTo,
                       [](trace::Sequence s, const CountdownMark &m) { return s < m.sequence; });
  return after == at->second.begin() ? nullptr : &*(after - 1);
}

std::size_t FactBook::countUpTo(const std::vector<std::uint32_t> &indices,
                                trace::Sequence upTo) const {
  const auto after = std::upper_bound(
      indices.begin(), indices.end(), upTo,
      [this](trace::Sequence s, std::uint32_t i) { return s < m_facts[i].sequence; });
  return static_cast<std::size_t>(after - indices.begin());
}

std::size_t FactBook::countUpTo(const std::vector<LogMark> &marks, trace::Sequence upTo) const {
  const auto after = std::upper_bound(
      marks.begin(), marks.end(), upTo,
      [this](trace::Sequence s, const LogMark &m) { return s < m_facts[m.fact].sequence; });
  return static_cast<std::size_t>(after - marks.begin());
}

const FactMark *FactBook::at(trace::Sequence record) const {
  const std::size_t count = countUpTo(record);
  return count > 0 && m_facts[count - 1].sequence == record ? &m_facts[count - 1] : nullptr;
}

std::uint32_t FactBook::partitionSide(std::uint32_t node, trace::Sequence upTo) const {
  auto it =
      std::upper_bound(m_disturbances.begin(), m_disturbances.end(), upTo,
                       [](trace::Sequence s, const DisturbanceMark &m) { return s < m.sequence; });
  while (it != m_disturbances.begin()) {
    const trace::Record &r = (--it)->record;
    if (r.kind == trace::RecordKind::NodeChanged && r.node == node &&
        static_cast<trace::NodeQuantity>(r.detail) == trace::NodeQuantity::Partition)
      return static_cast<std::uint32_t>(trace::doubleOf(r.args[0]));
  }
  return 0;
}

const HealthMark *FactBook::lastCrash(std::uint32_t node, trace::Sequence upTo) const {
  auto it = std::upper_bound(m_healths.begin(), m_healths.end(), upTo,
                             [](trace::Sequence s, const HealthMark &m) { return s < m.sequence; });
  while (it != m_healths.begin())
    if ((--it)->node == node && it->health == trace::NodeHealth::Crashed) return &*it;
  return nullptr;
}

} // namespace packetarium::analysis
