// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/fact_book.h"

#include <algorithm>

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
  const auto known = m_index.find(text);
  if (known != m_index.end()) return known->second;
  const std::uint32_t index = keep(text);
  m_index.emplace(std::string(text), index);
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
    if (r.kind != trace::RecordKind::Fact || m_facts.size() >= marksMax) continue;
    FactMark mark;
    mark.sequence = chunk.summary.first + i;
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
  m_next = chunk.summary.end();
}

void FactBook::file(std::uint32_t index) {
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
  m_texts.resize(m_facts.empty() ? 1 : m_textsAfter.back());
  std::erase_if(m_index, [this](const auto &entry) { return entry.second >= m_texts.size(); });
  m_ends.clear();
  m_open.clear();
  m_hellos.clear();
  for (std::uint32_t i = 0; i < m_facts.size(); ++i) file(i);
  m_next = from;
}

std::size_t FactBook::countUpTo(trace::Sequence upTo) const {
  const auto after =
      std::upper_bound(m_facts.begin(), m_facts.end(), upTo,
                       [](trace::Sequence s, const FactMark &m) { return s < m.sequence; });
  return static_cast<std::size_t>(after - m_facts.begin());
}

} // namespace packetarium::analysis
