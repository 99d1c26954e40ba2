// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/real/handshake_facts.h"

#include <QByteArray>
#include <QHostAddress>
#include <QMetaType>
#include <QSslCertificate>

#include <optional>

namespace packetarium::ui {

// Whom to contact, how, and what was seen: plain values that pass between threads.

struct Target {
  QString host; // a name in ASCII (IDNA), or an address without brackets
  quint16 port = 443;
};
// Reads what a person writes or pastes: "example.org", "example.org:8443", "https://example.org/x",
// "[2001:db8::1]:443". A port in the text comes before the one given. Nothing when it is no host.
[[nodiscard]] std::optional<Target> targetOf(const QString &text, quint16 port);
// "example.org:443", "[2001:db8::1]:443".
[[nodiscard]] QString textOf(const Target &target);

enum class TlsVersions { Either, Only12, Only13 };
enum class OnUntrusted { BreakOff, CarryOn };

struct ConnectOptions {
  TlsVersions versions = TlsVersions::Either;
  QList<QByteArray> alpn{"h2", "http/1.1"};
  OnUntrusted onUntrusted = OnUntrusted::BreakOff;
  bool askForPage = false;       // GET / once the handshake is done; in HTTP/1.1, so h2 is left out
  int timeoutMs = 10'000;        // for each phase
  QList<QSslCertificate> roots;  // trusted instead of this machine's own; empty: those
  QList<QHostAddress> addresses; // tried in turn, with no look-up of the name; empty: looked up
  [[nodiscard]] QList<QByteArray> offeredAlpn() const;
};

enum class Outcome {
  Done,
  BrokenOff, // by us: the chain is not trusted
  Failed,
  Cancelled
};

struct RealHandshake {
  Target target;
  ConnectOptions options;
  Outcome outcome = Outcome::Done;
  QString message; // a sentence when the outcome is not Done
  std::optional<HandshakePhase> stoppedIn;

  QString peer;           // the address that took the connection
  QStringList passedOver; // addresses tried before it, and what became of them
  std::vector<PhaseTime> phases;

  // From here on only once the TLS handshake is done.
  bool secured = false;
  bool is13 = false;
  QString version;        // "TLS 1.3"
  QString suite;          // by its IANA name
  QString suiteInOpenssl; // as OpenSSL calls it; for TLS 1.3 the same
  QString exchange;       // "ECDHE", "DHE", "RSA": who makes the secret
  QString group;          // "X25519", "P-256", "P-384", "DH"; empty without an ephemeral key
  int groupBits = 0;      // of the ephemeral key, 0 where none is told
  QString signature;      // of the handshake
  QString alpn;           // empty when none was agreed on
  QString sni;            // empty where the host is an address: then none is sent
  bool ticket = false;    // the server gave a ticket to resume this session with
  int ticketLifetimeS = 0;
  std::vector<CertificateFacts> chain;
  QStringList chainFaults; // empty: verified, down to a trusted root and the name
  QString answer;          // the first line of the page's answer

  [[nodiscard]] const PhaseTime *phase(HandshakePhase which) const;
};

// The words that stand beside the simulation's.
[[nodiscard]] HandshakeFacts factsOf(const RealHandshake &handshake);

// "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256" of OpenSSL's "ECDHE-RSA-AES128-GCM-SHA256" (names of the
// IANA registry). Suites that no certificate stands behind (PSK, SRP) come back as they are.
[[nodiscard]] QString ianaSuiteName(const QString &openssl);

} // namespace packetarium::ui

Q_DECLARE_METATYPE(packetarium::ui::HandshakePhase)
Q_DECLARE_METATYPE(packetarium::ui::PhaseTime)
Q_DECLARE_METATYPE(packetarium::ui::Target)
Q_DECLARE_METATYPE(packetarium::ui::ConnectOptions)
Q_DECLARE_METATYPE(packetarium::ui::RealHandshake)
