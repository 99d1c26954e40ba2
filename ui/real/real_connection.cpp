// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/real/real_connection.h"

#include "ui/real/certificate_facts.h"
#include "ui/real/failure_words.h"

#include <QNetworkProxy>
#include <QSslCipher>
#include <QSslConfiguration>
#include <QSslEllipticCurve>
#include <QSslKey>
#include <QSslSocket>

#include <algorithm>

namespace packetarium::ui {
namespace {

// An address that says nothing must not use up the time of those behind it.
constexpr int attemptMsMax = 3'000;
constexpr int ticketWaitMsMin = 250, ticketWaitMsMax = 500;
constexpr qsizetype answerBytesMax = 16'384, answerLineMax = 200;

QSsl::SslProtocol protocolOf(TlsVersions versions) {
  switch (versions) {
  case TlsVersions::Only12: return QSsl::TlsV1_2;
  case TlsVersions::Only13: return QSsl::TlsV1_3;
  case TlsVersions::Either: break;
  }
  return QSsl::TlsV1_2OrLater;
}

// The groups that are offered. Qt knows the key on either NIST curve by its length and says nothing
// of one on X25519: with exactly these three, that silence tells which it was.
QList<QSslEllipticCurve> offeredGroups() {
  return {QSslEllipticCurve::fromShortName(QStringLiteral("X25519")),
          QSslEllipticCurve::fromShortName(QStringLiteral("prime256v1")),
          QSslEllipticCurve::fromShortName(QStringLiteral("secp384r1"))};
}

QSslConfiguration configurationFor(const ConnectOptions &options) {
  QSslConfiguration made = QSslConfiguration::defaultConfiguration();
  made.setProtocol(protocolOf(options.versions));
  made.setEllipticCurves(offeredGroups());
  made.setAllowedNextProtocols(options.offeredAlpn());
  // Faults are collected and judged by us: the chain is to be seen even where it is not trusted.
  made.setPeerVerifyMode(QSslSocket::VerifyPeer);
  made.setSslOption(QSsl::SslOptionDisableSessionTickets, false);
  made.setSslOption(QSsl::SslOptionDisableSessionPersistence, false);
  if (!options.roots.isEmpty()) made.setCaCertificates(options.roots);
  return made;
}

QString firstLine(const QByteArray &answer) {
  QString line = QString::fromLatin1(answer.left(answer.indexOf('\n')).trimmed());
  for (QChar &c : line)
    if (!c.isPrint()) c = QChar(u'·');
  return line.left(answerLineMax);
}

} // namespace

RealConnection::RealConnection(QObject *parent) : QObject(parent), m_limit(this) {
  m_limit.setSingleShot(true);
  m_limit.setTimerType(Qt::PreciseTimer); // a coarse one may come early
  connect(&m_limit, &QTimer::timeout, this, &RealConnection::onLimit);
  qRegisterMetaType<HandshakePhase>();
  qRegisterMetaType<PhaseTime>();
}

RealConnection::~RealConnection() {
  if (m_lookup >= 0) QHostInfo::abortHostLookup(m_lookup);
  if (m_socket != nullptr) m_socket->disconnect(this);
}

void RealConnection::start(const Target &target, const ConnectOptions &options) {
  if (isRunning()) return;
  m_seen = {};
  m_seen.target = target;
  m_seen.options = options;
  m_faults.clear();
  m_chain.clear();
  m_answer.clear();
  m_ticketSeen = false;
  m_step = Step::LookingUp;
  m_phase = HandshakePhase::Name;
  // Loads Qt's TLS plugin; like the making of the socket, this shall fall into no phase.
  if (!QSslSocket::supportsSsl())
    return end(Outcome::Failed, tr("Qt finds no OpenSSL on this machine, so it cannot speak TLS."));
  m_clock.invalidate();
  makeSocket();
  m_addresses = options.addresses;
  if (const QHostAddress address(target.host); !address.isNull())
    m_addresses = {address};
  else
    m_seen.sni = target.host;
  if (!m_addresses.isEmpty()) return connectToNext();
  enter(Step::LookingUp, HandshakePhase::Name);
  m_lookup = QHostInfo::lookupHost(target.host, this, &RealConnection::onLookedUp);
}

void RealConnection::cancel() {
  if (isRunning()) end(Outcome::Cancelled, tr("Cancelled."));
}

void RealConnection::enter(Step step, HandshakePhase phase) {
  m_step = step;
  m_phase = phase;
  m_limit.start(m_seen.options.timeoutMs);
  Q_EMIT phaseStarted(phase);
  if (!m_clock.isValid()) m_clock.start();
  m_phaseStartNs = m_clock.nsecsElapsed();
}

void RealConnection::endPhase() {
  // At least 1 ns: a clock may be too coarse for what is answered from memory.
  const qint64 took = std::max<qint64>(1, m_clock.nsecsElapsed() - m_phaseStartNs);
  m_seen.phases.push_back({m_phase, m_phaseStartNs, took});
  Q_EMIT phaseEnded(m_seen.phases.back());
}

void RealConnection::onLookedUp(const QHostInfo &info) {
  m_lookup = -1;
  if (m_step != Step::LookingUp) return;
  if (info.error() != QHostInfo::NoError || info.addresses().isEmpty())
    return end(Outcome::Failed, lookupFailure(m_seen.target, info));
  endPhase();
  m_addresses = info.addresses();
  connectToNext();
}

void RealConnection::makeSocket() {
  if (m_socket != nullptr) {
    m_socket->disconnect(this);
    m_socket->deleteLater();
  }
  m_socket = new QSslSocket(this);
  m_socket->setProxy(QNetworkProxy::NoProxy);
  m_socket->setSslConfiguration(configurationFor(m_seen.options));
  m_socket->setPeerVerifyName(m_seen.target.host);
  connect(m_socket, &QSslSocket::connected, this, &RealConnection::onConnected);
  connect(m_socket, &QSslSocket::encrypted, this, &RealConnection::onEncrypted);
  connect(m_socket, &QSslSocket::readyRead, this, &RealConnection::onReadable);
  connect(m_socket, &QSslSocket::disconnected, this, &RealConnection::onDisconnected);
  connect(m_socket, &QSslSocket::errorOccurred, this, &RealConnection::onError);
  connect(m_socket, &QSslSocket::sslErrors, this, [this](const QList<QSslError> &faults) {
    m_faults = faults;
    m_socket->ignoreSslErrors();
  });
  connect(m_socket, &QSslSocket::newSessionTicketReceived, this, [this] {
    m_ticketSeen = true;
    // OpenSSL is still reading here: close once it is done.
    if (m_step == Step::Lingering) m_limit.start(0);
  });
}

void RealConnection::connectToNext() {
  enter(Step::Connecting, HandshakePhase::Tcp);
  if (m_addresses.size() > 1)
    m_limit.start(std::min(attemptMsMax, std::max(1, m_seen.options.timeoutMs / 2)));
  m_socket->connectToHost(m_addresses.front().toString(), m_seen.target.port);
}

QString RealConnection::peer() const {
  if (!m_seen.peer.isEmpty()) return m_seen.peer;
  return m_addresses.isEmpty() ? QString() : m_addresses.front().toString();
}

void RealConnection::onConnected() {
  if (m_step != Step::Connecting) return;
  endPhase();
  m_seen.peer = m_addresses.front().toString();
  enter(Step::Securing, HandshakePhase::Tls);
  m_socket->startClientEncryption();
}

void RealConnection::onEncrypted() {
  if (m_step != Step::Securing) return;
  endPhase();
  m_seen.secured = true;
  read();
  const bool trusted = m_seen.chainFaults.isEmpty();
  if (!trusted && m_seen.options.onUntrusted == OnUntrusted::BreakOff) return close();
  if (m_seen.options.askForPage) return ask();
  lingerForTicket();
}

void RealConnection::read() {
  const QSslCipher cipher = m_socket->sessionCipher();
  m_seen.is13 = m_socket->sessionProtocol() == QSsl::TlsV1_3;
  m_seen.version = m_seen.is13 ? QStringLiteral("TLS 1.3") : QStringLiteral("TLS 1.2");
  m_seen.suiteInOpenssl = cipher.name();
  m_seen.suite = ianaSuiteName(cipher.name());
  m_seen.alpn = QString::fromLatin1(m_socket->sslConfiguration().nextNegotiatedProtocol());
  m_chain = m_socket->peerCertificateChain();
  for (const QSslError &fault : std::as_const(m_faults)) {
    const QString text = chainFaultWords(fault, m_seen.target.host);
    if (!m_seen.chainFaults.contains(text)) m_seen.chainFaults << text;
  }
  readKeys();
}

// Takes milliseconds, so it is left until nothing is timed any more.
void RealConnection::describeChain() {
  for (const QSslCertificate &certificate : std::as_const(m_chain))
    m_seen.chain.push_back(certificateFacts(certificate));
  if (m_chain.isEmpty()) return;
  m_seen.signature = m_seen.exchange == QStringLiteral("RSA")
                         ? tr("none: only who has the key can read the secret")
                         : handshakeSignature(m_chain.front(), m_seen.is13);
}

void RealConnection::readKeys() {
  const QSslKey key = m_socket->sslConfiguration().ephemeralServerKey();
  if (key.isNull()) {
    m_seen.exchange = m_socket->sessionCipher().keyExchangeMethod();
    return;
  }
  m_seen.exchange = key.algorithm() == QSsl::Dh ? QStringLiteral("DHE") : QStringLiteral("ECDHE");
  m_seen.groupBits = std::max(0, key.length());
  if (key.algorithm() == QSsl::Dh)
    m_seen.group = QStringLiteral("DH");
  else if (key.algorithm() == QSsl::Ec)
    m_seen.group = QStringLiteral("P-%1").arg(key.length());
  else
    m_seen.group = QStringLiteral("X25519");
}

void RealConnection::readTicket() {
  // In TLS 1.3 it comes after the handshake; what Qt holds before that resumes nothing.
  const int lifetimeS = m_socket->sslConfiguration().sessionTicketLifeTimeHint();
  m_seen.ticket = lifetimeS > 0 && (m_ticketSeen || !m_seen.is13);
  m_seen.ticketLifetimeS = m_seen.ticket ? lifetimeS : 0;
}

void RealConnection::ask() {
  enter(Step::Asking, HandshakePhase::FirstByte);
  m_socket->write("GET / HTTP/1.1\r\nHost: " + textOf(m_seen.target).toLatin1() +
                  "\r\nUser-Agent: Packetarium\r\nAccept: */*\r\nConnection: close\r\n\r\n");
}

void RealConnection::lingerForTicket() {
  if (!m_seen.is13 || m_ticketSeen) return close();
  m_step = Step::Lingering;
  const PhaseTime *tcp = m_seen.phase(HandshakePhase::Tcp);
  const qint64 twoTripsMs = tcp == nullptr ? 0 : 2 * tcp->durationNs / 1'000'000;
  m_limit.start(static_cast<int>(std::clamp<qint64>(twoTripsMs, ticketWaitMsMin, ticketWaitMsMax)));
}

void RealConnection::onReadable() {
  const QByteArray bytes = m_socket->readAll();
  if (m_step != Step::Asking || bytes.isEmpty()) return;
  if (m_answer.isEmpty()) endPhase();
  m_answer += bytes.left(answerBytesMax - m_answer.size());
  if (!m_answer.contains('\n') && m_answer.size() < answerBytesMax) return;
  close();
}

void RealConnection::close() {
  readTicket();
  m_seen.answer = firstLine(m_answer);
  enter(Step::Closing, HandshakePhase::Close);
  if (m_socket->state() == QAbstractSocket::UnconnectedState) return onDisconnected();
  m_socket->disconnectFromHost();
}

void RealConnection::onDisconnected() {
  switch (m_step) {
  case Step::Closing: {
    endPhase();
    const bool broken =
        !m_seen.chainFaults.isEmpty() && m_seen.options.onUntrusted == OnUntrusted::BreakOff;
    end(broken ? Outcome::BrokenOff : Outcome::Done,
        broken ? tr("The chain is not trusted, so the connection was closed before anything was "
                    "asked.")
               : QString());
    break;
  }
  case Step::Lingering: close(); break;
  case Step::Asking:
    // A server may close right behind a short answer.
    if (!m_answer.isEmpty()) return close();
    [[fallthrough]];
  case Step::Securing: onError(QAbstractSocket::RemoteHostClosedError); break;
  default: break;
  }
}

void RealConnection::onError(QAbstractSocket::SocketError error) {
  if (m_step == Step::Idle || m_step == Step::Closing) return;
  const bool byePeer = error == QAbstractSocket::RemoteHostClosedError;
  // Said by onDisconnected, which follows, once what has come is read.
  if (byePeer && (m_step == Step::Lingering || !m_answer.isEmpty())) return;
  const QString words = failureWords(m_seen, m_phase, peer(), error, m_socket->errorString());
  if (m_step == Step::Connecting && m_addresses.size() > 1) {
    m_seen.passedOver << words;
    m_addresses.removeFirst();
    makeSocket();
    return connectToNext();
  }
  end(Outcome::Failed, words);
}

void RealConnection::onLimit() {
  if (m_step == Step::Lingering || (m_step == Step::Asking && !m_answer.isEmpty())) return close();
  if (m_step == Step::Closing) {
    m_socket->abort();
    return;
  }
  if (m_step == Step::Connecting && m_addresses.size() > 1)
    return onError(QAbstractSocket::SocketTimeoutError);
  end(Outcome::Failed, timeoutWords(m_seen, m_phase, peer()));
}

void RealConnection::end(Outcome outcome, const QString &message) {
  m_limit.stop();
  m_step = Step::Idle;
  if (m_lookup >= 0) QHostInfo::abortHostLookup(m_lookup);
  m_lookup = -1;
  m_addresses.clear();
  if (m_socket != nullptr) {
    m_socket->disconnect(this);
    m_socket->abort();
    m_socket->deleteLater();
    m_socket = nullptr;
  }
  describeChain();
  m_seen.outcome = outcome;
  m_seen.message = message;
  if (outcome == Outcome::Failed || outcome == Outcome::Cancelled) m_seen.stoppedIn = m_phase;
  Q_EMIT finished(m_seen);
}

} // namespace packetarium::ui
