// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QStringList>

#include <vector>

namespace packetarium::ui {

// What is known of one handshake, as words and durations: the form in which a simulated one and a
// real one stand side by side. Whoever has a handshake fills it; nothing in here points anywhere.

enum class HandshakePhase { Name, Tcp, Tls, FirstByte, Close };

// "Name lookup", "TCP", "TLS", "First byte", "Close".
[[nodiscard]] QString phaseName(HandshakePhase phase);

struct PhaseTime {
  HandshakePhase phase = HandshakePhase::Name;
  qint64 startNs = 0; // since the attempt began
  qint64 durationNs = 0;
};

// A value, and behind it a quiet remark: how it was found out, or another name for it.
struct Fact {
  QString value;
  QString remark;
};

// A certificate of the chain. All as text, since neither side computes with it any more.
struct CertificateFacts {
  QString subject;     // the common name, or what stands for it
  QString issuer;      // the same of the issuer
  QStringList names;   // whom it speaks for: DNS names and addresses
  QString serial;      // hexadecimal, in pairs
  QString validFrom;   // "2026-01-31 12:00:00 UTC"
  QString validTo;     // the same
  QString key;         // "EC P-256, 256 bits"
  QString signature;   // how the issuer signed it: "ecdsa-with-SHA256"
  QString fingerprint; // SHA-256 of the whole certificate, hexadecimal, in pairs
};

enum class ChainVerdict { Unknown, Trusted, NotTrusted };

struct HandshakeFacts {
  QString title; // who spoke to whom: "browser to web server", "example.org:443"
  Fact version;  // "TLS 1.3"
  Fact suite;    // by its IANA name: "TLS_AES_128_GCM_SHA256"
  Fact group;    // of the key exchange: "X25519", "P-256", "none"
  Fact signature;
  Fact alpn; // what was agreed on, "none" when nothing was
  Fact serverName;
  Fact session;
  Fact roundTrips; // before the first byte of the request: "2: TCP 1, TLS 1"
  ChainVerdict verdict = ChainVerdict::Unknown;
  QStringList chainFaults; // why the chain is not trusted, one sentence each
  std::vector<PhaseTime> phases;
  std::vector<CertificateFacts> chain; // as sent: the server's own certificate first
};

struct FactRow {
  QString key;
  Fact fact;
};
// The facts that are compared, always the same keys in the same order. Empty values read "–".
[[nodiscard]] std::vector<FactRow> rowsOf(const HandshakeFacts &facts);
// Whether two facts say different things; a remark does not count, nor do capitals.
[[nodiscard]] bool differ(const Fact &a, const Fact &b);

} // namespace packetarium::ui
