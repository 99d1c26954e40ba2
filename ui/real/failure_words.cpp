// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/real/failure_words.h"

#include "ui/widgets/format.h"

#include <QCoreApplication>

#include <array>
#include <utility>

namespace packetarium::ui {
namespace {

QString words(const char *text) {
  return QCoreApplication::translate("packetarium::ui::RealConnection", text);
}

QString offered(TlsVersions versions) {
  switch (versions) {
  case TlsVersions::Either: return words("TLS 1.2 and 1.3");
  case TlsVersions::Only12: return words("TLS 1.2 alone");
  case TlsVersions::Only13: return words("TLS 1.3 alone");
  }
  return {};
}

// "example.org (192.0.2.1)", or the address alone where that is the host.
QString whom(const RealHandshake &seen, const QString &peer) {
  if (peer.isEmpty() || peer == seen.target.host) return seen.target.host;
  return QStringLiteral("%1 (%2)").arg(seen.target.host, peer);
}

// OpenSSL's reasons, by the words they are known by; the first that fits is taken.
struct Reason {
  const char *sign;
  const char *sentence;
};
constexpr std::array<Reason, 13> reasons{{
    {"wrong version number", "Port %2 of %1 answers, but not in TLS."},
    {"packet length too long", "Port %2 of %1 answers, but not in TLS."},
    {"unsupported protocol", "%1 answers in a version of TLS that was not offered; offered: %3."},
    {"protocol version", "%1 speaks no version of TLS that was offered (%3)."},
    {"no application protocol",
     "%1 wants another application protocol than those offered in ALPN."},
    {"unrecognized name", "%1 knows no site of that name."},
    {"certificate required", "%1 asks for a certificate of the client, and there is none to show."},
    {"bad certificate", "%1 asks for a certificate of the client, and there is none to show."},
    {"handshake failure", "%1 found nothing to agree on in what was offered (%3) and broke off."},
    {"insufficient security", "%1 wants a stronger cipher than was offered, and broke off."},
    {"dh key too small", "%1 sent a Diffie-Hellman key that is too small to be safe."},
    {"internal error", "%1 broke off with an error of its own."},
    {"unexpected eof", "%1 closed the connection in the middle of the handshake."},
}};

QString tlsFailure(const RealHandshake &seen, const QString &peer, const QString &detail) {
  for (const Reason &reason : reasons) {
    if (!detail.contains(QLatin1String(reason.sign), Qt::CaseInsensitive)) continue;
    QString sentence = words(reason.sentence);
    // Not by arg() in a row: a host's name could hold a "%2".
    sentence.replace(QStringLiteral("%2"), QString::number(seen.target.port));
    sentence.replace(QStringLiteral("%3"), offered(seen.options.versions));
    return sentence.replace(QStringLiteral("%1"), whom(seen, peer));
  }
  return words("The TLS handshake with %1 failed: %2").arg(whom(seen, peer), detail);
}

QString closedEarly(const RealHandshake &seen, HandshakePhase phase, const QString &peer) {
  return phase == HandshakePhase::Tls
             ? words("%1 closed the connection in the middle of the handshake.")
                   .arg(whom(seen, peer))
             : words("%1 closed the connection without an answer.").arg(whom(seen, peer));
}

} // namespace

QString lookupFailure(const Target &target, const QHostInfo &info) {
  if (info.error() == QHostInfo::HostNotFound || info.addresses().isEmpty())
    return words("No address was found for “%1”: the name is misspelt, or this machine has no way "
                 "to a name server.")
        .arg(target.host);
  return words("The name “%1” could not be looked up: %2").arg(target.host, info.errorString());
}

QString timeoutWords(const RealHandshake &seen, HandshakePhase phase, const QString &peer) {
  const QString waited = formatDuration(qint64{seen.options.timeoutMs} * 1'000'000);
  switch (phase) {
  case HandshakePhase::Name:
    return words("The look-up of “%1” took longer than %2.").arg(seen.target.host, waited);
  case HandshakePhase::Tcp:
    return words("%1 did not answer on port %2 within %3.")
        .arg(whom(seen, peer))
        .arg(seen.target.port)
        .arg(waited);
  case HandshakePhase::Tls:
    return words("%1 took the connection, but the TLS handshake was not done within %2.")
        .arg(whom(seen, peer), waited);
  case HandshakePhase::FirstByte:
  case HandshakePhase::Close: break;
  }
  return words("%1 did not answer the request within %2.").arg(whom(seen, peer), waited);
}

QString failureWords(const RealHandshake &seen, HandshakePhase phase, const QString &peer,
                     QAbstractSocket::SocketError error, const QString &detail) {
  switch (error) {
  case QAbstractSocket::ConnectionRefusedError:
    return words("%1 refuses connections to port %2: nothing listens there, or a firewall says so.")
        .arg(whom(seen, peer))
        .arg(seen.target.port);
  case QAbstractSocket::NetworkError:
    if (phase == HandshakePhase::Tcp)
      return words("There is no way from this machine to %1.").arg(whom(seen, peer));
    break;
  case QAbstractSocket::SocketTimeoutError: return timeoutWords(seen, phase, peer);
  case QAbstractSocket::RemoteHostClosedError: return closedEarly(seen, phase, peer);
  default: break;
  }
  if (phase == HandshakePhase::Tcp)
    return words("No connection to %1: %2").arg(whom(seen, peer), detail);
  return tlsFailure(seen, peer, detail);
}

QString chainFaultWords(const QSslError &fault, const QString &host) {
  const QSslCertificate certificate = fault.certificate();
  const QString subject = certificate.isNull() ? QString() : certificate.subjectDisplayName();
  switch (fault.error()) {
  case QSslError::SelfSignedCertificate:
    return words("The certificate of “%1” is self-signed: nobody else vouches for it.")
        .arg(subject);
  case QSslError::SelfSignedCertificateInChain:
    return words("The chain ends in a root that this machine does not trust.");
  case QSslError::UnableToGetLocalIssuerCertificate:
  case QSslError::UnableToGetIssuerCertificate:
    return words("The chain leads to no root that this machine trusts.");
  case QSslError::UnableToVerifyFirstCertificate:
    return words("No certificate was sent that ties the server's own to a root.");
  case QSslError::HostNameMismatch:
    return words("The certificate of “%1” does not speak for “%2”.").arg(subject, host);
  case QSslError::CertificateExpired:
    return words("The certificate of “%1” has expired.").arg(subject);
  case QSslError::CertificateNotYetValid:
    return words("The certificate of “%1” is not valid yet.").arg(subject);
  case QSslError::CertificateRevoked:
    return words("The certificate of “%1” has been revoked.").arg(subject);
  default: break;
  }
  const QString text = fault.errorString();
  return text.endsWith(u'.') ? text : text + u'.';
}

} // namespace packetarium::ui
