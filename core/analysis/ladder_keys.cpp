// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/ladder_keys.h"

#include "core/transport/socket.h"

#include <algorithm>

namespace packetarium::analysis {
namespace {

/// This end sends nothing more, or there is no connection any more.
bool isOver(std::uint16_t state) {
  using transport::TcpState;
  switch (static_cast<TcpState>(state)) {
  case TcpState::Closed:
  case TcpState::FinWait1:
  case TcpState::LastAck:
  case TcpState::Closing:
  case TcpState::TimeWait: return true;
  default: return false;
  }
}

} // namespace

void KeyBands::close(const Slot &slot, SimTime at) {
  const auto open = m_open.find(slot);
  if (open == m_open.end()) return;
  m_bands[open->second].to = at;
  m_bands[open->second].open = false;
  m_open.erase(open);
}

void KeyBands::take(const trace::Chunk &chunk, const trace::Record &r, trace::Sequence sequence) {
  const auto socket = static_cast<std::uint32_t>(r.args[0]);
  if (r.kind == trace::RecordKind::TcpState) {
    if (m_open.empty() || !isOver(r.detail)) return;
    close({r.node, socket, false}, r.at);
    close({r.node, socket, true}, r.at);
    return;
  }
  if (r.kind != trace::RecordKind::Fact ||
      static_cast<trace::FactTopic>(r.detail) != trace::FactTopic::TlsKeys)
    return;
  LadderKeys keys;
  keys.node = r.node;
  keys.socket = socket;
  keys.writes = chunk.text(r.args[3]) == "write";
  keys.name = chunk.text(r.args[1]);
  keys.cipher = chunk.text(r.args[2]);
  keys.since = sequence;
  keys.from = r.at;
  keys.open = true;
  const Slot slot{r.node, socket, keys.writes};
  close(slot, r.at);
  m_open[slot] = m_bands.size();
  m_bands.push_back(std::move(keys));
}

std::vector<LadderKeys> KeyBands::finish(SimTime from, SimTime to) {
  for (LadderKeys &keys : m_bands)
    if (keys.open) keys.to = to;
  // Keys that were replaced at the same instant have protected nothing.
  std::erase_if(m_bands,
                [&](const LadderKeys &k) { return k.to < from || (!k.open && k.from == k.to); });
  std::stable_sort(m_bands.begin(), m_bands.end(), [](const LadderKeys &a, const LadderKeys &b) {
    return a.node != b.node ? a.node < b.node : a.since < b.since;
  });
  return std::move(m_bands);
}

} // namespace packetarium::analysis
