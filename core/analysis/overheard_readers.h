// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/overheard.h"
#include "core/wire/http.h"
#include "core/wire/packet.h"
#include "core/wire/tls_messages.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace packetarium::analysis {

/// Which frame brought the bytes that are being read.
struct Passing {
  SimTime at;
  trace::Sequence sent = 0;
  bool back = false;
};

/// Reads both directions of an HTTP connection as they pass.
class HttpEar {
public:
  void feed(Conversation &told, const Passing &passing, const wire::Payload &data);
  /// Bytes are missing in a direction: whatever follows cannot be framed.
  void lose(bool back) { m_ways[back ? 1 : 0].lost = true; }

private:
  struct Way {
    wire::http::Parser parser;
    bool headTold = false;
    bool lost = false;
    std::size_t bodyItem = Conversation::itemsMax;
  };
  void tellHead(Conversation &told, const Passing &passing, const wire::http::Message &message);
  void tellBody(Conversation &told, const Passing &passing, const wire::http::Message &message);

  std::array<Way, 2> m_ways{
      Way{wire::http::Parser(wire::http::Parser::Role::Requests), false, false},
      Way{wire::http::Parser(wire::http::Parser::Role::Responses), false, false}};
};

/// Reads of a TLS connection what somebody without its keys can: handshake messages in clear, and
/// of the rest the sizes of records.
class TlsEar {
public:
  void feed(Conversation &told, const Passing &passing, wire::tls::View data);
  /// Bytes are missing in a direction: goes on at the next segment that begins with a record.
  void lose(bool back);

private:
  struct Way {
    wire::Bytes header;      ///< of the record under way
    std::size_t missing = 0; ///< of its body
    wire::Bytes body;        ///< as far as it is worth keeping
    wire::Bytes messages;    ///< a handshake message that goes on in another record
    bool encrypted = false;  ///< 1.2: Change Cipher Spec was sent
    bool lost = false;
  };
  void onRecord(Conversation &told, const Passing &passing, Way &way);
  void onHandshake(Conversation &told, const Passing &passing, Way &way);
  void onMessage(Conversation &told, const Passing &passing, std::uint8_t type,
                 wire::tls::View body);
  void onClientHello(Conversation &told, const Passing &passing, wire::tls::View body);
  void onServerHello(Conversation &told, const Passing &passing, wire::tls::View body);
  void onCertificate(Conversation &told, const Passing &passing, wire::tls::View body);
  void onHidden(Conversation &told, const Passing &passing, const Way &way, const char *what);
  bool isTls13() const { return m_version == 0x0304; }

  std::array<Way, 2> m_ways;
  std::uint16_t m_version = 0; ///< as the server chose; 0: not yet
  bool m_resumed = false;
  bool m_certificateTold = false;
};

/// A datagram of DNS or of something else.
void hearDatagram(Conversation &told, const Passing &passing, const wire::Packet &packet);
/// The first bytes of a stream that is neither HTTP nor TLS.
void hearPlain(Conversation &told, const Passing &passing, const wire::Payload &data);

/// The start of a text as one line: at most `most` characters, what cannot be printed as a dot.
std::string printable(const wire::Payload &data, std::size_t most);

} // namespace packetarium::analysis
