// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/key_log.h"

namespace packetarium::analysis {

std::string_view KeyLog::take(const trace::Chunk &chunk, const trace::Record &record) {
  if (record.kind != trace::RecordKind::Fact) return {};
  if (static_cast<trace::FactTopic>(record.detail) != trace::FactTopic::TlsKeyLog) return {};
  const auto [at, isNew] = m_known.emplace(chunk.text(record.args[2]));
  if (!isNew) return {};
  m_order.push_back(&*at);
  if (m_order.size() > keptMax) {
    m_known.erase(*m_order.front());
    m_order.pop_front();
  }
  return *at;
}

void KeyLogWriter::add(const trace::Chunk &chunk) {
  for (const trace::Record &r : chunk.records)
    if (const std::string_view line = m_log.take(chunk, r); !line.empty()) m_out << line << '\n';
}

} // namespace packetarium::analysis
