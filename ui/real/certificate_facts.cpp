// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/real/certificate_facts.h"

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QDateTime>
#include <QRegularExpression>
#include <QSslKey>

namespace packetarium::ui {
namespace {

QString words(const char *text) {
  return QCoreApplication::translate("packetarium::ui::CertificateFacts", text);
}

// Qt tells neither how a certificate is signed nor which curve its key is on; its printed form
// does.
QString printed(const QString &text, const char *pattern) {
  const QRegularExpressionMatch match = QRegularExpression(QLatin1String(pattern)).match(text);
  return match.hasMatch() ? match.captured(1).trimmed() : QString();
}

QString keyAlgorithm(const QString &text) {
  return printed(text, R"(Public Key Algorithm: (\S+))");
}

// "P-256"; curves that NIST has no name for by OpenSSL's.
QString curveOf(const QString &text) {
  const QString nist = printed(text, R"(NIST CURVE: (\S+))");
  return nist.isEmpty() ? printed(text, R"(ASN1 OID: (\S+))") : nist;
}

QString keyText(const QSslCertificate &certificate, const QString &text) {
  const int bits = certificate.publicKey().length();
  const QString algorithm = keyAlgorithm(text);
  if (algorithm == u"rsaEncryption") return words("RSA, %1 bits").arg(bits);
  if (algorithm == u"id-ecPublicKey") return words("EC %1, %2 bits").arg(curveOf(text)).arg(bits);
  if (bits > 0) return words("%1, %2 bits").arg(algorithm).arg(bits);
  return algorithm == u"ED25519" ? QStringLiteral("Ed25519") : algorithm;
}

QString nameOf(const QStringList &common, const QStringList &organisation) {
  if (!common.isEmpty()) return common.join(QStringLiteral(", "));
  return organisation.isEmpty() ? words("(no name)") : organisation.join(QStringLiteral(", "));
}

QString instant(const QDateTime &time) {
  return time.toUTC().toString(QStringLiteral("yyyy-MM-dd hh:mm:ss")) + QStringLiteral(" UTC");
}

QString inPairs(const QByteArray &bytes) { return QString::fromLatin1(bytes.toHex(':')); }

} // namespace

CertificateFacts certificateFacts(const QSslCertificate &certificate) {
  const QString text = certificate.toText();
  CertificateFacts facts;
  facts.subject = nameOf(certificate.subjectInfo(QSslCertificate::CommonName),
                         certificate.subjectInfo(QSslCertificate::Organization));
  facts.issuer = nameOf(certificate.issuerInfo(QSslCertificate::CommonName),
                        certificate.issuerInfo(QSslCertificate::Organization));
  const auto names = certificate.subjectAlternativeNames();
  for (const QString &name : names) facts.names << name;
  facts.names.sort();
  facts.serial = QString::fromLatin1(certificate.serialNumber()).toLower();
  facts.validFrom = instant(certificate.effectiveDate());
  facts.validTo = instant(certificate.expiryDate());
  facts.key = keyText(certificate, text);
  facts.signature = printed(text, R"(Signature Algorithm: (\S+))");
  facts.fingerprint = inPairs(certificate.digest(QCryptographicHash::Sha256));
  return facts;
}

QString handshakeSignature(const QSslCertificate &leaf, bool is13) {
  const QString text = leaf.toText();
  const QString algorithm = keyAlgorithm(text);
  if (algorithm == u"rsaEncryption") return is13 ? QStringLiteral("RSA-PSS") : words("RSA");
  if (algorithm == u"rsassaPss") return QStringLiteral("RSA-PSS");
  if (algorithm == u"ED25519") return QStringLiteral("Ed25519");
  if (algorithm == u"ED448") return QStringLiteral("Ed448");
  if (algorithm != u"id-ecPublicKey") return algorithm;
  const QString curve = curveOf(text);
  if (!is13) return words("ECDSA with %1").arg(curve);
  const QString hash = curve == u"P-256"   ? QStringLiteral("SHA-256")
                       : curve == u"P-384" ? QStringLiteral("SHA-384")
                                           : QStringLiteral("SHA-512");
  return words("ECDSA with %1 and %2").arg(curve, hash);
}

} // namespace packetarium::ui
