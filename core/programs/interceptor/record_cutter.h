// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/wire/tls_scan.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What somebody on the path can do to a TLS connection without any of its keys.
namespace packetarium::programs {

/// Cuts one direction of a connection into whole records, as they come. A value.
class RecordCutter {
public:
  /// The records that the next bytes complete, each with its header. What is no TLS comes through
  /// as it is.
  std::vector<wire::Bytes> feed(const wire::Payload &bytes);

private:
  wire::Bytes m_partial;
};

/// What can be told of a TLS connection from outside.
class Outsider {
public:
  struct Seen {
    bool clientHello = false; ///< the record begins with one
    bool serverHello = false;
    unsigned application = 0; ///< which of its side's records with application data; 0: none
    std::string alert;        ///< "the alert bad_record_mac", or that its size looks like one
  };
  Seen onClient(wire::tls::View record);
  Seen onServer(wire::tls::View record);

  const std::string &serverName() const { return m_serverName; }
  bool offersEarlyData() const { return m_early; }
  bool answered() const { return m_version != 0; }
  std::uint64_t clientBytes() const { return m_clientBytes; }
  std::uint64_t serverBytes() const { return m_serverBytes; }
  /// Of the server's records those that carry more than its part of the handshake.
  unsigned serverAnswers() const { return m_serverData; }

private:
  std::string alertIn(wire::tls::View record) const;
  void readClientHello(wire::tls::View record);
  void readServerHello(wire::tls::View record);

  std::string m_serverName;
  std::uint16_t m_version = 0; ///< once the server has chosen
  bool m_early = false;
  bool m_clientFinished = false, m_serverFinished = false;
  unsigned m_clientData = 0, m_serverData = 0;
  std::uint64_t m_clientBytes = 0, m_serverBytes = 0;
};

/// The ClientHello that a record begins with; nothing when it holds none, or not a whole one.
std::optional<wire::tls::ClientHello> clientHelloIn(wire::tls::View record);

/// The record of a ClientHello rewritten so that its sender seems to know nothing newer than TLS
/// 1.2, and what was taken out in words. Nothing when there is no 1.3 to take out, or when nothing
/// would be left.
struct Downgraded {
  wire::Bytes record;
  std::string what;
};
std::optional<Downgraded> downgraded(wire::tls::View record);

/// Changes one bit in the middle of a record's body; tells which.
std::string flipBit(wire::Bytes &record);

} // namespace packetarium::programs
