// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/net/blueprint.h"
#include "core/trace/chunk.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <ostream>
#include <string>

namespace packetarium::analysis {

/// Writes a run as pcapng while it goes: one interface per link end, named "node:interface"; each
/// frame at its sending end when its first bit leaves, and at the far end when it has come out.
/// The secrets of TLS connections stand in the file too, before the packets that they open.
class CaptureWriter {
public:
  /// The stream must outlive the writer; headers are written at once.
  CaptureWriter(std::ostream &out, std::shared_ptr<const net::Blueprint> network);
  ~CaptureWriter();
  CaptureWriter(const CaptureWriter &) = delete;
  CaptureWriter &operator=(const CaptureWriter &) = delete;

  /// The next chunk in order.
  void add(const trace::Chunk &chunk);
  /// Number of packets written so far.
  std::uint64_t packetCount() const;
  /// False once the stream failed.
  bool good() const;

private:
  struct State;
  std::unique_ptr<State> m_state;
};

} // namespace packetarium::analysis
