// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tls/endpoint.h"

/// What both halves of a TLS 1.2 handshake share.
namespace packetarium::tls {

/// The secrets of a connection (RFC 5246 sections 6.3 and 8.1).
class Secrets12 {
public:
  /// From the premaster secret. The messages up to ClientKeyExchange are in the transcript, whose
  /// hash goes into the master secret when it is an extended one (RFC 7627 section 4).
  void agree(Endpoint &e, const Suite &suite, View premaster, bool extended);
  /// Of a session that is taken up again; both randoms are new, and with them the keys.
  void resume(Endpoint &e, const Suite &suite, View master);

  const Bytes &master() const { return m_master; }
  const TrafficKeys &keys(Role whose) const {
    return whose == Role::Client ? m_keys.client : m_keys.server;
  }
  /// verify_data of an end's Finished, section 7.4.9: 12 bytes.
  Bytes finished(Role whose, const Transcript &transcript) const;

private:
  void expand(Endpoint &e, const Suite &suite);
  Bytes m_master;
  KeyBlock m_keys;
  crypto::Hash m_hash = crypto::Hash::Sha256;
};

constexpr std::size_t masterSecretSize = 48;
constexpr std::uint16_t ffdhe2048Group = 0x0100;

/// Named curves, which are all that ECDHE uses here (RFC 8422 section 5.1.1).
bool isCurve12(std::uint16_t group);
/// Whether a suite's key exchange is signed by the server: all but that by RSA encryption.
inline bool isSigned(const Suite &suite) { return suite.exchange != KeyExchange::Rsa; }
/// Diffie-Hellman secrets lose their leading zeros (RFC 5246 section 8.1.2), those of curves do not
/// (RFC 8422 section 5.10).
Bytes premasterOf(KeyExchange exchange, View shared);

/// ClientKeyExchange (RFC 5246 section 7.4.7, RFC 8422 section 5.7): a public value or, with RSA,
/// the encrypted premaster secret.
Bytes writeClientKeyExchange(KeyExchange exchange, View value);
std::optional<Bytes> readClientKeyExchange(KeyExchange exchange, View body);
/// What a ServerKeyExchange's signature covers: both randoms and the parameters.
Bytes signedExchange(const Endpoint &e, const ServerKeyExchange &exchange);
/// Checks a signature of the peer's certificate key, by a scheme that we offered; tells the check.
Outcome checkSignature12(Endpoint &e, const CommonConfig &own, const Signature &signature,
                         View content, std::string_view source);
/// Whether a list of point formats has the uncompressed one (RFC 8422 section 5.1.2). Nothing: it
/// cannot be read.
std::optional<bool> hasUncompressed(View pointFormats);

void sendCertificate12(Endpoint &e, const Identity *identity);
/// ChangeCipherSpec and what follows from it for either direction.
void changeWriteKeys(Endpoint &e, const Secrets12 &secrets);
void changeReadKeys(Endpoint &e, const Secrets12 &secrets);
/// Ours, with its phase; the peer's, which then is in the transcript.
void sendFinished12(Endpoint &e, const Secrets12 &secrets);
Outcome takeFinished12(Endpoint &e, const Secrets12 &secrets, const Message &m);
/// The session as it is now, without its ticket.
Session sessionOf(const Endpoint &e, const Secrets12 &secrets, bool extended, std::int64_t nowMs);
/// Says that there will be no second handshake (RFC 5246 section 7.2.2). That makes no connection
/// end, but who asks without end is refused: asked counts.
Outcome refuseRenegotiation(Endpoint &e, unsigned &asked);

} // namespace packetarium::tls
