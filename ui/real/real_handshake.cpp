// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/real/real_handshake.h"

#include "ui/widgets/format.h"

#include <QCoreApplication>
#include <QHostAddress>
#include <QUrl>

#include <algorithm>
#include <array>
#include <utility>

namespace packetarium::ui {
namespace {

QString words(const char *text) {
  return QCoreApplication::translate("packetarium::ui::RealHandshake", text);
}

// OpenSSL leaves the mode out where it is CBC, and the hash where ChaCha20 allows only one.
QString ianaCipher(QString cipher) {
  static const std::array<const char *, 3> families{"AES", "ARIA", "CAMELLIA"};
  for (const char *family : families) {
    const QString name = QString::fromLatin1(family);
    for (const char *bits : {"128", "256"})
      cipher.replace(name + QLatin1String(bits), name + u'_' + QLatin1String(bits));
  }
  cipher.replace(u'-', u'_');
  if (cipher == QStringLiteral("CHACHA20_POLY1305")) return cipher + QStringLiteral("_SHA256");
  const bool hasMode = cipher.contains(QStringLiteral("_GCM")) ||
                       cipher.contains(QStringLiteral("_CCM")) ||
                       cipher.contains(QStringLiteral("_CBC")) || cipher.startsWith(u"NULL");
  if (!hasMode) cipher.insert(cipher.lastIndexOf(u'_'), QStringLiteral("_CBC"));
  cipher.replace(QStringLiteral("CCM8"), QStringLiteral("CCM_8"));
  return cipher;
}

Fact groupFact(const RealHandshake &seen) {
  if (seen.group.isEmpty())
    return {words("none: %1").arg(seen.exchange), words("No ephemeral key: no forward secrecy.")};
  if (seen.groupBits == 0) return {seen.group, seen.exchange};
  return {seen.group, words("%1, %2 bits").arg(seen.exchange).arg(seen.groupBits)};
}

Fact sessionFact(const RealHandshake &seen) {
  const QString full = words("full handshake");
  if (!seen.ticket) return {full, words("no ticket to resume it was seen")};
  return {full, words("ticket to resume it within %1")
                    .arg(formatDuration(qint64{seen.ticketLifetimeS} * 1'000'000'000))};
}

// The count is the protocol's; the remark says what was measured, which shows whether it is so.
Fact roundTripFact(const RealHandshake &seen) {
  const int tls = seen.is13 ? 1 : 2;
  Fact fact{words("%1: TCP 1, TLS %2").arg(1 + tls).arg(tls), {}};
  const PhaseTime *tcp = seen.phase(HandshakePhase::Tcp);
  const PhaseTime *handshake = seen.phase(HandshakePhase::Tls);
  if (tcp != nullptr && handshake != nullptr && tcp->durationNs > 0)
    fact.remark = words("measured: TLS took %1 times as long as TCP")
                      .arg(formatNumber(double(handshake->durationNs) / double(tcp->durationNs)));
  return fact;
}

Fact alpnFact(const RealHandshake &seen) {
  QStringList offered;
  for (const QByteArray &name : seen.options.offeredAlpn()) offered << QString::fromLatin1(name);
  return {seen.alpn.isEmpty() ? words("none") : seen.alpn,
          offered.isEmpty() ? words("none offered")
                            : words("offered: %1").arg(offered.join(QStringLiteral(", ")))};
}

} // namespace

std::optional<Target> targetOf(const QString &text, quint16 port) {
  QString plain = text.trimmed();
  if (plain.isEmpty() || port == 0) return std::nullopt;
  QString bare = plain;
  if (bare.startsWith(u'[') && bare.endsWith(u']')) bare = bare.mid(1, bare.size() - 2);
  if (const QHostAddress address(bare); !address.isNull()) return Target{address.toString(), port};
  if (!plain.contains(QStringLiteral("://"))) plain.prepend(QStringLiteral("https://"));
  const QUrl url(plain, QUrl::StrictMode);
  const QString host = url.host(QUrl::FullyEncoded);
  if (!url.isValid() || host.isEmpty() || url.port() == 0) return std::nullopt;
  return Target{host, static_cast<quint16>(url.port(port))};
}

QString textOf(const Target &target) {
  const bool six = target.host.contains(u':');
  return (six ? QStringLiteral("[%1]:%2") : QStringLiteral("%1:%2"))
      .arg(target.host)
      .arg(target.port);
}

QList<QByteArray> ConnectOptions::offeredAlpn() const {
  QList<QByteArray> offered = alpn;
  if (askForPage) offered.removeAll("h2");
  return offered;
}

const PhaseTime *RealHandshake::phase(HandshakePhase which) const {
  const auto found = std::find_if(phases.begin(), phases.end(),
                                  [which](const PhaseTime &p) { return p.phase == which; });
  return found == phases.end() ? nullptr : &*found;
}

HandshakeFacts factsOf(const RealHandshake &seen) {
  HandshakeFacts facts;
  facts.title = textOf(seen.target);
  facts.phases = seen.phases;
  facts.chain = seen.chain;
  facts.chainFaults = seen.chainFaults;
  if (!seen.secured) return facts;
  facts.version = {seen.version, {}};
  facts.suite = {seen.suite, seen.suiteInOpenssl == seen.suite
                                 ? QString()
                                 : words("OpenSSL: %1").arg(seen.suiteInOpenssl)};
  facts.group = groupFact(seen);
  facts.signature = {seen.signature, {}};
  facts.alpn = alpnFact(seen);
  facts.serverName = {seen.sni.isEmpty() ? words("none") : seen.sni,
                      seen.sni.isEmpty() ? words("an address is never sent as a name")
                                         : words("sent in clear in the client hello")};
  facts.session = sessionFact(seen);
  facts.roundTrips = roundTripFact(seen);
  facts.verdict = seen.chainFaults.isEmpty() ? ChainVerdict::Trusted : ChainVerdict::NotTrusted;
  return facts;
}

QString ianaSuiteName(const QString &openssl) {
  if (openssl.startsWith(QStringLiteral("TLS_")) || openssl.isEmpty()) return openssl;
  static const std::array<std::pair<const char *, const char *>, 5> exchanges{{
      {"ECDHE-ECDSA-", "ECDHE_ECDSA"},
      {"ECDHE-RSA-", "ECDHE_RSA"},
      {"ECDHE-", "ECDHE_RSA"}, // so in the names with ARIA
      {"DHE-RSA-", "DHE_RSA"},
      {"DHE-DSS-", "DHE_DSS"},
  }};
  for (const char *strange : {"PSK", "SRP", "ADH", "AECDH", "DES"})
    if (openssl.contains(QLatin1String(strange))) return openssl;
  for (const auto &[theirs, iana] : exchanges) {
    const QLatin1String prefix(theirs);
    if (openssl.startsWith(prefix))
      return QStringLiteral("TLS_%1_WITH_%2")
          .arg(QLatin1String(iana), ianaCipher(openssl.mid(prefix.size())));
  }
  return QStringLiteral("TLS_RSA_WITH_") + ianaCipher(openssl);
}

} // namespace packetarium::ui
