// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/simulated_handshake.h"

#include "core/analysis/tls_story.h"

#include <QCoreApplication>
#include <QDateTime>

#include <algorithm>
#include <iterator>

namespace packetarium::ui {
namespace {

using analysis::TlsStory;

QString words(const char *text) {
  return QCoreApplication::translate("packetarium::ui::SimulatedHandshake", text);
}

QString text(const std::string &value) { return QString::fromStdString(value); }

QString chosen(const TlsStory &story, std::string_view name) {
  const analysis::TlsChoiceRow *row = story.choice(name);
  return row != nullptr ? text(row->value) : QString();
}

// As the other side writes them.
QString groupWord(const QString &name) {
  if (name == u"x25519") return QStringLiteral("X25519");
  if (name == u"secp256r1") return QStringLiteral("P-256");
  if (name == u"secp384r1") return QStringLiteral("P-384");
  return name;
}

QString signatureWord(const QString &name, bool is12) {
  const QString end = is12 ? QString() : QStringLiteral(" and SHA-");
  if (name == u"ed25519") return QStringLiteral("Ed25519");
  if (name.startsWith(u"rsa_pss")) return QStringLiteral("RSA-PSS");
  if (name.startsWith(u"rsa_pkcs1")) return QStringLiteral("RSA");
  if (name == u"ecdsa_secp256r1_sha256")
    return words("ECDSA with P-256") + (is12 ? end : end + QStringLiteral("256"));
  if (name == u"ecdsa_secp384r1_sha384")
    return words("ECDSA with P-384") + (is12 ? end : end + QStringLiteral("384"));
  return name;
}

QString inPairs(const std::string &hex) {
  return QString::fromLatin1(QByteArray::fromHex(QByteArray::fromStdString(hex)).toHex(':'));
}

QString instant(std::int64_t seconds) {
  return QDateTime::fromSecsSinceEpoch(seconds, Qt::UTC)
      .toString(QStringLiteral("yyyy-MM-dd HH:mm:ss 'UTC'"));
}

CertificateFacts certificateOf(const analysis::TlsCertificateRow &row) {
  CertificateFacts facts;
  facts.subject = text(row.commonName);
  const QString issuer = text(row.issuer);
  facts.issuer = issuer.startsWith(u"CN=") ? issuer.mid(3).section(u',', 0, 0) : issuer;
  for (const std::string &name : row.names) facts.names << text(name);
  facts.serial = inPairs(row.serial);
  facts.validFrom = instant(row.notBefore);
  facts.validTo = instant(row.notAfter);
  facts.key = text(row.key);
  facts.signature = text(row.signature);
  facts.fingerprint = inPairs(row.fingerprint);
  return facts;
}

// When the client's program last said so before the connection shook hands.
std::optional<SimTime> lastBefore(const ViewState &state, const TlsStory &story,
                                  std::string_view milestone) {
  const auto &marks = state.chronicle().phases();
  for (auto mark = marks.rbegin(); mark != marks.rend(); ++mark)
    if (mark->sequence <= story.begun.sequence && mark->node == story.clientNode &&
        state.chronicle().text(mark->milestone) == milestone)
      return mark->at;
  return std::nullopt;
}

void addPhases(const ViewState &state, const TlsStory &story, HandshakeFacts &facts) {
  const auto connecting = lastBefore(state, story, "browser.connecting");
  if (!connecting) return;
  const auto resolving = lastBefore(state, story, "browser.resolving");
  const SimTime start = resolving && *resolving <= *connecting ? *resolving : *connecting;
  const auto add = [&](HandshakePhase phase, SimTime from, SimTime to) {
    facts.phases.push_back({phase, (from - start).ns(), (to - from).ns()});
  };
  if (start < *connecting) add(HandshakePhase::Name, start, *connecting);
  add(HandshakePhase::Tcp, *connecting, story.begun.at);
  add(HandshakePhase::Tls, story.begun.at, story.clientReady.at);
}

HandshakeFacts factsOf(const ViewState &state, const TlsStory &story) {
  HandshakeFacts facts;
  const QString server = story.hasServer ? state.nodeName(story.serverNode) : text(story.host);
  facts.title = words("%1 to %2").arg(state.nodeName(story.clientNode), server);
  facts.version.value = text(story.version);
  facts.suite.value = text(story.suite);
  facts.group.value = story.group.empty() ? words("none: RSA") : groupWord(text(story.group));
  facts.signature.value = signatureWord(chosen(story, "server's signature"), story.is12());
  const QString alpn = chosen(story, "application protocol");
  facts.alpn.value = alpn.isEmpty() ? words("none") : alpn;
  facts.serverName.value = text(story.host);
  const QString how = text(story.how);
  facts.session.value = how.section(u',', 0, 0);
  facts.session.remark = how.section(u',', 1).trimmed();
  facts.roundTrips.value =
      words("%1: TCP 1, TLS %2").arg(story.roundTrips + 1).arg(story.roundTrips);
  bool failed = false, checked = false;
  for (const analysis::TlsCheckRow &check : story.checks) {
    if (!check.byClient) continue;
    checked = true;
    if (check.verdict != analysis::TlsCheckRow::Verdict::Failed) continue;
    failed = true;
    facts.chainFaults << text(check.detail);
  }
  facts.verdict = failed    ? ChainVerdict::NotTrusted
                  : checked ? ChainVerdict::Trusted
                            : ChainVerdict::Unknown;
  for (const analysis::TlsCertificateRow &row : story.certificates)
    if (row.ofServer && row.readable && !row.stored) facts.chain.push_back(certificateOf(row));
  addPhases(state, story, facts);
  return facts;
}

} // namespace

std::optional<HandshakeFacts> simulatedHandshake(const ViewState &state) {
  const trace::Sequence upTo = state.cursor().upTo;
  const std::vector<std::size_t> all = analysis::tlsConnections(state.facts(), upTo);
  // A full handshake tells more than a resumed one after it.
  std::optional<HandshakeFacts> resumed;
  for (auto end = all.rbegin(); end != all.rend(); ++end) {
    const TlsStory story = analysis::tlsStory(state.facts(), *end, upTo);
    if (!story.hasClient || !story.clientReady.known()) continue;
    if (!story.certificates.empty()) return factsOf(state, story);
    if (!resumed) resumed = factsOf(state, story);
  }
  return resumed;
}

} // namespace packetarium::ui
