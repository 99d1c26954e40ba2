// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/net/blueprint.h"
#include "core/trace/chunk.h"

#include <deque>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace packetarium::cli {

/// A kind of record as it stands in the trace file: its name, what it tells, and its own keys
/// beside t_ns, seq, cause, node, link, packet and kind.
struct TraceKind {
  trace::RecordKind kind;
  std::string_view help;
  std::string_view keys;
};
/// All kinds there are, in order of their numbers.
const std::vector<TraceKind> &traceKinds();

/// Writes a run as JSON lines while it goes: one record a line, nodes and links by their ids.
class TraceFile {
public:
  /// The stream must outlive the writer.
  TraceFile(std::ostream &out, std::shared_ptr<const net::Blueprint> network);
  /// The next chunk in order.
  void add(const trace::Chunk &chunk);

private:
  static constexpr std::size_t formsMax = 50'000; ///< of earlier chunks, for their addresses

  void write(const trace::Chunk &chunk, const trace::Record &r, trace::Sequence sequence);
  void details(const trace::Chunk &chunk, const trace::Record &r);
  void sent(const trace::Record &r);
  void packetText(const trace::Record &r);
  void text(std::string_view key, std::string_view value);
  void number(std::string_view key, std::uint64_t value);
  void real(std::string_view key, double value);
  void optionalText(std::string_view key, const trace::Chunk &chunk, std::uint64_t index);
  const wire::Packet *form(PacketId id) const;

  std::ostream &m_out;
  std::shared_ptr<const net::Blueprint> m_network;
  std::string m_line;
  std::deque<wire::Packet> m_forms;
  PacketId m_firstForm = 1;
};

} // namespace packetarium::cli
