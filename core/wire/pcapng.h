// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/base/sim_time.h"
#include "core/wire/payload.h"

#include <cstdint>
#include <ostream>
#include <span>
#include <string>
#include <string_view>

namespace packetarium::wire {

/// Writes a capture file in the pcapng format (draft-ietf-opsawg-pcapng), little endian, with
/// timestamps in nanoseconds since the start of the run. It streams: nothing is kept but a count.
class PcapngWriter {
public:
  /// The stream must be binary and outlive the writer.
  explicit PcapngWriter(std::ostream &out) : m_out(out) {}

  struct Section {
    std::string application; ///< who wrote it, e.g. "Packetarium 0.1.0"; empty: left out
    std::string comment;     ///< for people; empty: left out
  };
  /// First of all calls.
  Status begin(const Section &section);

  struct Interface {
    std::string name;           ///< "client.eth0"
    std::string description;    ///< empty: left out
    std::uint16_t linkType = 1; ///< LINKTYPE_ETHERNET
    std::uint32_t snapBytes = 262144;
    std::uint64_t speedBps = 0; ///< 0: left out
  };
  /// Gives the number to name the interface by, counted from 0.
  Result<std::uint32_t> addInterface(const Interface &interface);

  enum class Direction : std::uint8_t { Unknown = 0, Inbound = 1, Outbound = 2 };
  /// One captured frame (without FCS). The interface must have been added; the frame must not be
  /// longer than its snap length was declared; `at` must not be negative.
  Status packet(std::uint32_t interface, SimTime at, std::span<const std::uint8_t> frame,
                Direction direction = Direction::Unknown, std::string_view comment = {});

  static constexpr std::uint32_t tlsKeyLog = 0x544c534b;
  /// A decryption secrets block: must come before the packets it opens.
  Status decryptionSecrets(std::span<const std::uint8_t> secrets, std::uint32_t type = tlsKeyLog);

  std::uint64_t packetCount() const { return m_packets; }

private:
  Status block(std::uint32_t type, std::span<const std::uint8_t> body);

  std::ostream &m_out;
  bool m_begun = false;
  std::uint32_t m_interfaces = 0;
  std::uint64_t m_packets = 0;
};

} // namespace packetarium::wire
