// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/fact_book.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// A TLS connection told from both its ends' facts, as plain values, up to a place in the run.
namespace packetarium::analysis {

/// A record and its time; none while the sequence is 0.
struct TlsInstant {
  trace::Sequence sequence = 0;
  SimTime at;
  bool known() const { return sequence != 0; }
};

/// One line of the handshake's ladder, in the order in which they were sent.
struct TlsLine {
  enum class Kind : std::uint8_t {
    Message, ///< of the handshake
    Data,    ///< the first application data; early data too
    Alert
  };
  Kind kind = Kind::Message;
  bool fromClient = false;
  std::string name;                ///< "Client Hello"
  std::vector<std::uint8_t> bytes; ///< of a message, with its header of 4 bytes
  std::string key;                 ///< it travels under; "no key": in clear
  std::string detail;              ///< an alert's reason
  TlsInstant sent, received;       ///< at either end, as far as the end is known and it has come
  bool inClear() const { return key.empty() || key == "no key"; }
  const TlsInstant &first() const { return sent.known() ? sent : received; }
};

/// A secret, and since when each end has it.
struct TlsSecretRow {
  std::string name, value, detail; ///< value in hex; detail: where from, and the RFC's section
  TlsInstant client, server;
  bool differs = false; ///< the ends have derived different values: something was changed between
  const TlsInstant &first() const;
};

struct TlsOfferRow {
  std::string name; ///< "cipher suites"
  std::vector<std::string> values;
  std::string detail;
};
struct TlsChoiceRow {
  std::string name, value, detail; ///< "cipher suite"
  TlsInstant when;
};
struct TlsTranscriptRow {
  std::string upTo, hash; ///< the last message in it; hex
  bool atClient = false;
  TlsInstant when;
};
struct TlsCertificateRow {
  bool ofServer = true;
  unsigned place = 1, count = 1; ///< 1 of 2: the leaf
  bool stored = false;           ///< a root that was not sent, from the trust store; place is 0
  bool readable = true;
  std::string subject, issuer, commonName, serial, key, signature, fingerprint;
  std::vector<std::string> names;
  std::int64_t notBefore = 0, notAfter = 0; ///< seconds since 1970
  bool authority = false, selfIssued = false;
  TlsInstant when;
};
struct TlsCheckRow {
  enum class Verdict : std::uint8_t { Passed, Failed, NotReached };
  std::string name, detail;
  Verdict verdict = Verdict::NotReached;
  bool byClient = true; ///< who checked
  TlsInstant when;
};
struct TlsPhaseRow {
  std::string milestone, object; ///< "tls.client-hello"
  bool atClient = false;
  TlsInstant when;
};

/// What a man in the middle told of this connection: he is one of its ends.
struct TlsInterceptionRow {
  std::string attack, what, how; ///< attack "read": a line that he could read
  TlsInstant when;
};

/// All of it. What an end has not told (yet) is empty.
struct TlsStory {
  bool hasClient = false, hasServer = false;
  std::uint32_t clientNode = NodeIndex::noneValue, serverNode = NodeIndex::noneValue;
  std::uint32_t clientSocket = 0, serverSocket = 0;
  TlsInstant begun;
  std::string host;    ///< that the client wants
  std::string version; ///< "TLS 1.3"
  std::string suite, group, how;
  TlsInstant clientReady, serverReady; ///< handshake complete
  TlsInstant closed;
  std::string failure;        ///< why it failed; empty: it did not
  unsigned roundTrips = 0;    ///< spent on TLS before application data could flow, as far as known
  bool early = false;         ///< early data was taken: it did not wait for any
  std::vector<TlsLine> lines; ///< messages, first data and alerts
  std::vector<TlsSecretRow> secrets;
  std::vector<TlsOfferRow> offers; ///< of the newest hello
  std::vector<TlsChoiceRow> choices;
  std::vector<TlsTranscriptRow> transcripts;
  std::vector<TlsCertificateRow> certificates;
  std::vector<TlsCheckRow> checks;
  std::vector<TlsPhaseRow> phases;
  std::vector<std::string> notes;
  std::vector<TlsInterceptionRow> interceptions;

  /// Somebody in between has read what was said.
  bool isRead() const;
  bool is12() const { return version == "TLS 1.2"; }
  const TlsSecretRow *secret(std::string_view name) const;    ///< null: not yet
  const TlsChoiceRow *choice(std::string_view name) const;    ///< null: not yet
  const TlsOfferRow *offer(std::string_view name) const;      ///< null: none
  const TlsPhaseRow *phase(std::string_view milestone) const; ///< its first time; null: not yet
};

/// The connections begun at or before the record, oldest first: for each the client's end, or the
/// server's when no client told of it. Indices into FactBook::ends().
std::vector<std::size_t> tlsConnections(const FactBook &book, trace::Sequence upTo);
/// The connection that has this end, as far as it has come at the record.
TlsStory tlsStory(const FactBook &book, std::size_t end, trace::Sequence upTo);

} // namespace packetarium::analysis
