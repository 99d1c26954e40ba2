// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/catch.h"
#include "tests/ui/real/loopback.h"
#include "ui/real/real_connection.h"

#include <QElapsedTimer>
#include <QSignalSpy>
#include <QSslEllipticCurve>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

using namespace packetarium::ui;

namespace {

ConnectOptions trusting(TlsVersions versions = TlsVersions::Either) {
  ConnectOptions options;
  options.versions = versions;
  options.roots = {testChains().root()};
  return options;
}

std::vector<HandshakePhase> phasesOf(const RealHandshake &seen) {
  std::vector<HandshakePhase> phases;
  for (const PhaseTime &time : seen.phases) phases.push_back(time.phase);
  return phases;
}

void checkTimes(const RealHandshake &seen) {
  qint64 end = 0;
  for (const PhaseTime &time : seen.phases) {
    CHECK(time.durationNs > 0);
    CHECK(time.startNs >= end);
    end = time.startNs + time.durationNs;
  }
}

// Takes connections and says this to each, in no TLS.
struct PlainServer {
  explicit PlainServer(const QByteArray &says) {
    REQUIRE(server.listen(QHostAddress::LocalHost));
    QObject::connect(&server, &QTcpServer::newConnection, &server, [this, says] {
      ++contacts;
      QTcpSocket *socket = server.nextPendingConnection();
      if (!says.isEmpty()) socket->write(says);
    });
  }
  Target target() const { return {QStringLiteral("127.0.0.1"), server.serverPort()}; }

  QTcpServer server;
  int contacts = 0;
};

} // namespace

TEST_CASE("a trusted server: each phase in its order, and what the server itself agreed on") {
  for (const TlsVersions versions : {TlsVersions::Only12, TlsVersions::Only13}) {
    LoopbackServer server(serverConfiguration());
    const RealHandshake seen = meet(server.target(), trusting(versions));
    INFO(seen.message.toStdString() << seen.chainFaults.join(u' ').toStdString());
    REQUIRE(seen.outcome == Outcome::Done);
    CHECK(seen.peer == "127.0.0.1");
    CHECK(phasesOf(seen) == std::vector{HandshakePhase::Name, HandshakePhase::Tcp,
                                        HandshakePhase::Tls, HandshakePhase::Close});
    checkTimes(seen);
    CHECK(seen.suiteInOpenssl == server.cipher.name());
    CHECK(seen.is13 == (server.protocol == QSsl::TlsV1_3));
    CHECK(seen.is13 == (versions == TlsVersions::Only13));
    CHECK(seen.version == (seen.is13 ? "TLS 1.3" : "TLS 1.2"));
    CHECK(server.protocol == (seen.is13 ? QSsl::TlsV1_3 : QSsl::TlsV1_2));
    CHECK(seen.alpn.toLatin1() == server.alpn);
    CHECK(seen.alpn == "http/1.1");
    CHECK(seen.sni == "localhost");
    CHECK(seen.exchange == "ECDHE");
    CHECK(seen.group == "X25519"); // the first that both ends offer
    CHECK(seen.signature == (seen.is13 ? "ECDSA with P-256 and SHA-256" : "ECDSA with P-256"));
    CHECK(seen.ticket);
    CHECK(seen.chainFaults.isEmpty());
    CHECK(factsOf(seen).roundTrips.value.startsWith(seen.is13 ? "2" : "3"));
    CHECK(server.contacts == 1);
  }
}

TEST_CASE("either version is offered, and the newer one is agreed on") {
  LoopbackServer server(serverConfiguration());
  CHECK(meet(server.target(), trusting()).is13);
}

TEST_CASE("the group of the key exchange is the one that the server insists on") {
  const std::pair<const char *, const char *> groups[] = {
      {"X25519", "X25519"}, {"prime256v1", "P-256"}, {"secp384r1", "P-384"}};
  for (const auto &[openssl, name] : groups)
    for (const TlsVersions versions : {TlsVersions::Only12, TlsVersions::Only13}) {
      QSslConfiguration configuration = serverConfiguration();
      configuration.setEllipticCurves(
          {QSslEllipticCurve::fromShortName(QString::fromLatin1(openssl))});
      LoopbackServer server(configuration);
      CHECK(meet(server.target(), trusting(versions)).group == name);
    }
}

TEST_CASE("RSA key exchange has no ephemeral key, and that is said") {
  QSslConfiguration configuration = serverConfiguration(TestChains::Key::Rsa);
  configuration.setProtocol(QSsl::TlsV1_2);
  configuration.setCiphers(QStringLiteral("AES128-GCM-SHA256"));
  LoopbackServer server(configuration);
  const RealHandshake seen = meet(server.target(), trusting());
  REQUIRE(seen.outcome == Outcome::Done);
  CHECK(seen.exchange == "RSA");
  CHECK(seen.group.isEmpty());
  CHECK(seen.suite == "TLS_RSA_WITH_AES_128_GCM_SHA256");
  CHECK(factsOf(seen).group.value == "none: RSA");
}

TEST_CASE("an RSA key signs with PSS in TLS 1.3") {
  LoopbackServer server(serverConfiguration(TestChains::Key::Rsa));
  CHECK(meet(server.target(), trusting(TlsVersions::Only13)).signature == "RSA-PSS");
  CHECK(meet(server.target(), trusting(TlsVersions::Only12)).signature == "RSA");
}

TEST_CASE("the chain is shown as openssl reads it") {
  LoopbackServer server(serverConfiguration());
  const RealHandshake seen = meet(server.target(), trusting());
  REQUIRE(seen.chain.size() == 2);
  const CertificateFacts &leaf = seen.chain.front();
  CHECK(leaf.subject == "localhost");
  CHECK(leaf.issuer == "Loopback Intermediate");
  CHECK(seen.chain[1].issuer == "Loopback Root");
  CHECK(leaf.names == QStringList{"127.0.0.1", "localhost", "site.example"});
  CHECK(leaf.key == "EC P-256, 256 bits");
  CHECK(leaf.signature == "ecdsa-with-SHA256");
  const TestChains &chains = testChains();
  CHECK(chains.printed({"-fingerprint", "-sha256"}).section(u'=', 1).toLower() == leaf.fingerprint);
  CHECK(chains.printed({"-serial"}).section(u'=', 1).toLower() ==
        QString(leaf.serial).remove(u':'));
  CHECK(chains.printed({"-enddate", "-dateopt", "iso_8601"}).section(u'=', 1) ==
        QString(leaf.validTo).replace(QStringLiteral(" UTC"), QStringLiteral("Z")));
}

TEST_CASE("an untrusted chain is shown with its faults and broken off before anything is asked") {
  QSslConfiguration configuration = serverConfiguration();
  configuration.setLocalCertificateChain({testChains().selfSigned()});
  configuration.setPrivateKey(testChains().selfSignedKey());
  LoopbackServer server(configuration);
  ConnectOptions options = trusting();
  options.askForPage = true;
  const RealHandshake seen = meet(server.target(), options);
  CHECK(seen.outcome == Outcome::BrokenOff);
  REQUIRE(seen.chain.size() == 1);
  REQUIRE(seen.chainFaults.size() == 1);
  CHECK(seen.chainFaults.front().contains("self-signed"));
  CHECK(factsOf(seen).verdict == ChainVerdict::NotTrusted);
  CHECK(seen.phase(HandshakePhase::FirstByte) == nullptr);
  CHECK(server.request.isEmpty());

  options.onUntrusted = OnUntrusted::CarryOn;
  const RealHandshake carried = meet(server.target(), options);
  CHECK(carried.outcome == Outcome::Done);
  CHECK(carried.chainFaults == seen.chainFaults);
  CHECK(carried.suiteInOpenssl == server.cipher.name());
  CHECK(carried.suiteInOpenssl == seen.suiteInOpenssl);
  CHECK(factsOf(carried).verdict == ChainVerdict::NotTrusted);
  CHECK(carried.answer == "HTTP/1.1 200 OK");
}

TEST_CASE("a chain to a root that nobody was told to trust") {
  LoopbackServer server(serverConfiguration());
  ConnectOptions options;
  options.roots = {testChains().selfSigned()};
  const RealHandshake seen = meet(server.target(), options);
  CHECK(seen.outcome == Outcome::BrokenOff);
  CHECK(seen.chainFaults == QStringList{"The chain leads to no root that this machine trusts."});
}

TEST_CASE("a certificate for another name is not trusted") {
  LoopbackServer server(serverConfiguration());
  ConnectOptions options = trusting();
  const RealHandshake right = meet(server.target(QStringLiteral("127.0.0.1")), options);
  CHECK(right.outcome == Outcome::Done);
  CHECK(right.sni.isEmpty());
  CHECK(right.phase(HandshakePhase::Name) == nullptr);
  // Another address of loopback, for which the certificate does not speak. Not every system has it.
  QSslServer other;
  other.setSslConfiguration(serverConfiguration());
  if (!other.listen(QHostAddress(QStringLiteral("127.0.0.2")))) return;
  const RealHandshake wrong = meet({QStringLiteral("127.0.0.2"), other.serverPort()}, options);
  CHECK(wrong.outcome == Outcome::BrokenOff);
  REQUIRE(wrong.chainFaults.size() == 1);
  CHECK(wrong.chainFaults.front().contains("does not speak for"));
}

TEST_CASE("an address that refuses is passed over for the next one") {
  LoopbackServer server(serverConfiguration());
  ConnectOptions options = trusting();
  options.addresses = {QHostAddress(QStringLiteral("127.0.0.3")), QHostAddress::LocalHost};
  const RealHandshake seen = meet(server.target(), options);
  CHECK(seen.outcome == Outcome::Done);
  CHECK(seen.peer == "127.0.0.1");
  REQUIRE(seen.passedOver.size() == 1);
  CHECK(seen.passedOver.front().startsWith("localhost (127.0.0.3)"));
  CHECK(phasesOf(seen) ==
        std::vector{HandshakePhase::Tcp, HandshakePhase::Tls, HandshakePhase::Close});
  CHECK(server.contacts == 1);
}

TEST_CASE("the page is asked for when that is wished, and its first byte is timed") {
  LoopbackServer server(serverConfiguration());
  ConnectOptions options = trusting();
  options.askForPage = true;
  CHECK(options.offeredAlpn() == QList<QByteArray>{"http/1.1"});
  const RealHandshake seen = meet(server.target(), options);
  INFO(seen.message.toStdString());
  REQUIRE(seen.outcome == Outcome::Done);
  CHECK(seen.answer == "HTTP/1.1 200 OK");
  CHECK(server.request.startsWith("GET / HTTP/1.1\r\nHost: localhost:"));
  CHECK(phasesOf(seen) == std::vector{HandshakePhase::Name, HandshakePhase::Tcp,
                                      HandshakePhase::Tls, HandshakePhase::FirstByte,
                                      HandshakePhase::Close});
  checkTimes(seen);
}

TEST_CASE("nothing is contacted before start") {
  LoopbackServer server(serverConfiguration());
  RealConnection connection;
  QTest::qWait(100);
  CHECK(server.contacts == 0);
  CHECK_FALSE(connection.isRunning());
  connection.cancel();
  CHECK(server.contacts == 0);
}

TEST_CASE("a port at which nobody listens refuses") {
  const RealHandshake seen = meet({QStringLiteral("127.0.0.1"), deafPort()});
  CHECK(seen.outcome == Outcome::Failed);
  CHECK(seen.stoppedIn == HandshakePhase::Tcp);
  CHECK_FALSE(seen.secured);
  CHECK(seen.message.contains("refuses connections to port"));
  CHECK(seen.phases.empty());
}

TEST_CASE("a name that cannot be looked up") {
  // Too long a label for any name server, so none is asked.
  const RealHandshake seen = meet({QString(70, u'a') + QStringLiteral(".example"), 443});
  CHECK(seen.outcome == Outcome::Failed);
  CHECK(seen.stoppedIn == HandshakePhase::Name);
  CHECK(seen.message.contains("No address was found"));
}

TEST_CASE("a server that speaks no TLS is told from one whose handshake fails") {
  PlainServer mail("220 mail.example ESMTP\r\n");
  const RealHandshake seen = meet(mail.target());
  CHECK(seen.outcome == Outcome::Failed);
  CHECK(seen.stoppedIn == HandshakePhase::Tls);
  CHECK(seen.message.contains("not in TLS"));
  CHECK(phasesOf(seen) == std::vector{HandshakePhase::Tcp});

  QSslConfiguration old = serverConfiguration();
  old.setProtocol(QSsl::TlsV1_2);
  LoopbackServer server(old);
  const RealHandshake refused = meet(server.target(), trusting(TlsVersions::Only13));
  CHECK(refused.outcome == Outcome::Failed);
  CHECK(refused.stoppedIn == HandshakePhase::Tls);
  CHECK(refused.message.contains("TLS 1.3 alone"));
}

TEST_CASE("a server that closes in the middle of the handshake") {
  QTcpServer server;
  REQUIRE(server.listen(QHostAddress::LocalHost));
  QObject::connect(&server, &QTcpServer::newConnection, &server, [&] {
    QTcpSocket *socket = server.nextPendingConnection();
    QObject::connect(socket, &QTcpSocket::readyRead, socket, [socket] {
      socket->readAll();
      socket->disconnectFromHost();
    });
  });
  const RealHandshake seen = meet({QStringLiteral("127.0.0.1"), server.serverPort()});
  CHECK(seen.outcome == Outcome::Failed);
  CHECK(seen.message.contains("in the middle of the handshake"));
}

TEST_CASE("a server that never answers runs into the time limit") {
  PlainServer silent("");
  ConnectOptions options;
  options.timeoutMs = 300;
  QElapsedTimer clock;
  clock.start();
  const RealHandshake seen = meet(silent.target(), options);
  CHECK(clock.elapsed() >= 299);
  CHECK(seen.outcome == Outcome::Failed);
  CHECK(seen.stoppedIn == HandshakePhase::Tls);
  CHECK(seen.message.contains(QStringLiteral("within 300\u00A0ms")));
}

TEST_CASE("cancelling ends it at once, and it can be started again") {
  PlainServer silent("");
  LoopbackServer server(serverConfiguration());
  RealConnection connection;
  QSignalSpy ended(&connection, &RealConnection::finished);
  connection.start(silent.target(), {});
  REQUIRE(QTest::qWaitFor([&] { return silent.contacts == 1; }, 5000));
  CHECK(connection.isRunning());
  connection.cancel();
  REQUIRE(ended.size() == 1);
  const auto cancelled = ended.front().front().value<RealHandshake>();
  CHECK(cancelled.outcome == Outcome::Cancelled);
  CHECK(cancelled.stoppedIn.has_value());
  QTest::qWait(50);
  CHECK(ended.size() == 1);
  connection.start(server.target(), trusting());
  REQUIRE(QTest::qWaitFor([&] { return ended.size() == 2; }, 5000));
  CHECK(ended.back().front().value<RealHandshake>().outcome == Outcome::Done);
}

TEST_CASE("destroying it midway leaves nothing behind") {
  PlainServer silent("");
  {
    RealConnection connection;
    connection.start(silent.target(), {});
    REQUIRE(QTest::qWaitFor([&] { return silent.contacts == 1; }, 5000));
  }
  QTest::qWait(50);
  CHECK(silent.contacts == 1);
}
