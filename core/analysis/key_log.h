// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/trace/chunk.h"

#include <cstddef>
#include <deque>
#include <ostream>
#include <string>
#include <string_view>
#include <unordered_set>

namespace packetarium::analysis {

/// The secrets that programs told of their TLS connections, as lines of a key log
/// (draft-ietf-tls-keylogfile, which began as NSS's SSLKEYLOGFILE), each once: both ends of a
/// connection tell the same ones.
class KeyLog {
public:
  /// The line that a record brings, without its end; empty when it brings none, or one that is
  /// known. Valid until the next call.
  std::string_view take(const trace::Chunk &chunk, const trace::Record &record);

private:
  /// The two ends tell a secret within a few round trips, so remembering the newest is enough; a
  /// line that stood in a log twice would do no harm.
  static constexpr std::size_t keptMax = 50'000;

  std::unordered_set<std::string> m_known;
  std::deque<const std::string *> m_order; ///< of m_known, oldest first
};

/// Writes a run's key log as a file while it goes, a line for each secret.
class KeyLogWriter {
public:
  /// The stream must outlive the writer.
  explicit KeyLogWriter(std::ostream &out) : m_out(out) {}
  /// The next chunk in order.
  void add(const trace::Chunk &chunk);

private:
  std::ostream &m_out;
  KeyLog m_log;
};

} // namespace packetarium::analysis
