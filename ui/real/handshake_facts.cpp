// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/real/handshake_facts.h"

#include <QCoreApplication>

namespace packetarium::ui {
namespace {

QString words(const char *text) {
  return QCoreApplication::translate("packetarium::ui::HandshakeFacts", text);
}

Fact orDash(Fact fact) {
  if (fact.value.isEmpty()) fact.value = QStringLiteral("–");
  return fact;
}

Fact verdictFact(const HandshakeFacts &facts) {
  const auto count = facts.chain.size();
  switch (facts.verdict) {
  case ChainVerdict::Unknown: return {};
  case ChainVerdict::Trusted:
    return {words("trusted"), count == 1 ? words("1 certificate was sent")
                                         : words("%1 certificates were sent").arg(count)};
  case ChainVerdict::NotTrusted: return {words("not trusted"), facts.chainFaults.join(u'\n')};
  }
  return {};
}

} // namespace

QString phaseName(HandshakePhase phase) {
  switch (phase) {
  case HandshakePhase::Name: return words("Name lookup");
  case HandshakePhase::Tcp: return words("TCP");
  case HandshakePhase::Tls: return words("TLS");
  case HandshakePhase::FirstByte: return words("First byte");
  case HandshakePhase::Close: return words("Close");
  }
  return {};
}

std::vector<FactRow> rowsOf(const HandshakeFacts &facts) {
  return {{words("Version"), orDash(facts.version)},
          {words("Cipher suite"), orDash(facts.suite)},
          {words("Key exchange"), orDash(facts.group)},
          {words("Signature"), orDash(facts.signature)},
          {words("ALPN"), orDash(facts.alpn)},
          {words("Server name"), orDash(facts.serverName)},
          {words("Session"), orDash(facts.session)},
          {words("Round trips"), orDash(facts.roundTrips)},
          {words("Chain"), orDash(verdictFact(facts))}};
}

bool differ(const Fact &a, const Fact &b) {
  return a.value.compare(b.value, Qt::CaseInsensitive) != 0;
}

} // namespace packetarium::ui
