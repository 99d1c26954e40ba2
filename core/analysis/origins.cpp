// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/origins.h"

#include "core/analysis/delivery.h"

#include <algorithm>

namespace packetarium::analysis {

void FormTable::learn(const trace::Chunk &chunk) {
  // What an edit of the run made stale comes again under the same numbers.
  while (!m_rewritten.empty() && m_rewritten.back().first >= chunk.summary.firstPacket)
    m_rewritten.pop_back();
  for (const wire::Packet &p : chunk.packets)
    if (p.origin != p.id) m_rewritten.emplace_back(p.id, p.origin);
}

PacketId FormTable::originOf(PacketId form) const {
  const auto it =
      std::lower_bound(m_rewritten.begin(), m_rewritten.end(), std::pair{form, PacketId{0}});
  return it != m_rewritten.end() && it->first == form ? it->second : form;
}

bool FormTable::firstSending(PacketId origin) {
  if (origin >= m_sent.size()) m_sent.resize(std::max<std::size_t>(origin + 1, 2 * m_sent.size()));
  const bool first = !m_sent[origin];
  m_sent[origin] = true;
  return first;
}

void OriginTracker::openChunk(const trace::Chunk &chunk) {
  m_forms.learn(chunk);
  for (const wire::Packet &p : chunk.packets) {
    wire::Packet headers = p; // the bytes are not needed here
    headers.payload = {};
    m_kept.emplace(p.id, std::move(headers));
  }
  forgetOld();
}

void OriginTracker::forgetOld() {
  constexpr std::size_t keptMax = 100'000;
  if (m_kept.size() <= 2 * keptMax) return;
  std::vector<PacketId> ids;
  ids.reserve(m_kept.size());
  for (const auto &[id, form] : m_kept) ids.push_back(id);
  const auto cut = ids.end() - static_cast<std::ptrdiff_t>(keptMax);
  std::nth_element(ids.begin(), cut, ids.end());
  for (auto it = ids.begin(); it != cut; ++it) {
    m_kept.erase(*it);
    m_since.erase(*it);
  }
}

bool OriginTracker::sent(const trace::Record &sent) {
  const PacketId origin = m_forms.originOf(sent.packet);
  if (!m_forms.firstSending(origin)) return false;
  m_since.emplace(origin, sent.at);
  return true;
}

std::optional<Duration> OriginTracker::received(const trace::Chunk &chunk, std::uint32_t index,
                                                const trace::Record *sentRecord,
                                                const net::Blueprint &network) {
  const trace::Record &r = chunk.records[index];
  if (r.node >= network.nodes.size()) return std::nullopt;
  if (network.nodes[r.node].kind == net::NodeKind::Switch) return std::nullopt;
  const auto form = m_kept.find(r.packet);
  if (form == m_kept.end()) return std::nullopt;
  std::optional<wire::MacAddress> to;
  if (sentRecord != nullptr)
    to = wire::MacAddress::fromBits(trace::sentArgs(*sentRecord).destinationMac);
  const Aftermath after =
      aftermathOf(r, chunk.summary.first + index, chunk.records.subspan(index + 1));
  if (!endsAt(network, r, form->second, to, after)) return std::nullopt;
  const PacketId origin = form->second.origin;
  const auto since = m_since.find(origin);
  if (since == m_since.end()) return std::nullopt;
  const Duration took = r.at - since->second;
  m_since.erase(since);
  return took;
}

void OriginTracker::dropped(const trace::Record &r) {
  if (!isHarmless(static_cast<trace::DropReason>(r.detail)))
    m_since.erase(m_forms.originOf(r.packet));
}

} // namespace packetarium::analysis
