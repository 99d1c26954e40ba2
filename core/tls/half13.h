// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tls/endpoint.h"

/// What both halves of a TLS 1.3 handshake share.
namespace packetarium::tls {

/// The secrets as they grow (RFC 8446 section 7.1).
class Secrets13 {
public:
  Secrets13() = default;
  /// psk empty: a full handshake.
  void begin(Endpoint &e, const Suite &suite, View psk);
  /// After ServerHello is in the transcript.
  void agree(Endpoint &e, View shared);
  /// After the server's Finished is in the transcript.
  void master(Endpoint &e);
  /// After the client's Finished is in the transcript.
  void resumption(Endpoint &e);
  /// The next generation of an end's application traffic secret.
  void update(Endpoint &e, Role whose);

  TrafficKeys handshakeKeys(Role whose) const {
    return trafficKeys(*m_suite, m_handshake[index(whose)]);
  }
  TrafficKeys applicationKeys(Role whose) const {
    return trafficKeys(*m_suite, m_application[index(whose)]);
  }
  std::string applicationName(Role whose) const;
  Bytes finished(Role whose, const Transcript &transcript) const {
    return finishedValue(m_suite->hash, m_handshake[index(whose)], transcript.value());
  }
  /// Of one ticket (RFC 8446 section 4.6.1).
  Bytes pskOf(View ticketNonce) const;
  const Suite &suite() const { return *m_suite; }
  const KeySchedule &schedule() const { return m_schedule; }

private:
  static std::size_t index(Role role) { return role == Role::Client ? 0 : 1; }
  const Suite *m_suite = nullptr;
  KeySchedule m_schedule;
  Bytes m_handshake[2], m_application[2], m_resumption;
  unsigned m_generation[2] = {0, 0};
};

std::string handshakeKeysName(Role whose);
/// CertificateVerify and its check. The messages before it are in the transcript.
Outcome signTranscript(Endpoint &e, const CommonConfig &own, const std::vector<std::uint16_t> &peer,
                       Hands &hands);
Outcome verifyTranscript(Endpoint &e, const CommonConfig &own, const Message &m);
void sendCertificate(Endpoint &e, const Identity *identity, View context);
Outcome checkFinished(const Endpoint &e, const Secrets13 &secrets, const Message &m);
/// The answer to a KeyUpdate that came; sets answer when the peer wants ours.
Outcome onKeyUpdate(Endpoint &e, Secrets13 &secrets, const Message &m, bool &answer);
void sendKeyUpdate(Endpoint &e, Secrets13 &secrets, bool askPeer);

} // namespace packetarium::tls
