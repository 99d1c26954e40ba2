// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/real/loopback.h"

#include "tests/support/catch.h"
#include "ui/real/real_connection.h"

#include <QFile>
#include <QProcess>
#include <QTcpServer>
#include <QTest>

namespace packetarium::ui {
namespace {

QSslKey keyFrom(const QString &path, QSsl::KeyAlgorithm algorithm) {
  QFile file(path);
  REQUIRE(file.open(QIODevice::ReadOnly));
  return QSslKey(&file, algorithm);
}

const QStringList newEc{"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"};
const QStringList newRsa{"-newkey", "rsa:2048", "-nodes"};

} // namespace

TestChains::TestChains() {
  QFile extensions(path("ext"));
  REQUIRE(extensions.open(QIODevice::WriteOnly));
  extensions.write("[ca]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n"
                   "[leaf]\nsubjectAltName=DNS:localhost,DNS:site.example,IP:127.0.0.1\n");
  extensions.close();
  openssl(QStringList{"req", "-x509", "-keyout", path("root.key"), "-out", path("root.pem"),
                      "-subj", "/O=Loopback/CN=Loopback Root", "-days", "30"} +
          newEc);
  openssl(QStringList{"req", "-keyout", path("middle.key"), "-out", path("middle.csr"), "-subj",
                      "/CN=Loopback Intermediate"} +
          newEc);
  openssl({"x509", "-req", "-in", path("middle.csr"), "-CA", path("root.pem"), "-CAkey",
           path("root.key"), "-CAcreateserial", "-extfile", path("ext"), "-extensions", "ca",
           "-days", "20", "-out", path("middle.pem")});
  leaf("ec", newEc);
  leaf("rsa", newRsa);
  openssl(QStringList{"req", "-x509", "-keyout", path("self.key"), "-out", path("self.pem"),
                      "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days",
                      "5"} +
          newEc);
}

void TestChains::leaf(const QString &name, const QStringList &newKey) {
  openssl(QStringList{"req", "-keyout", path(name + ".key"), "-out", path(name + ".csr"), "-subj",
                      "/CN=localhost"} +
          newKey);
  openssl({"x509", "-req", "-in", path(name + ".csr"), "-CA", path("middle.pem"), "-CAkey",
           path("middle.key"), "-CAcreateserial", "-extfile", path("ext"), "-extensions", "leaf",
           "-days", "10", "-out", path(name + ".pem")});
}

void TestChains::openssl(const QStringList &arguments) const {
  QProcess process;
  process.start("openssl", arguments);
  REQUIRE(process.waitForFinished(30'000));
  INFO(process.readAllStandardError().toStdString());
  REQUIRE(process.exitCode() == 0);
}

QList<QSslCertificate> TestChains::chain(Key key) const {
  return QSslCertificate::fromPath(path(key == Key::Ec ? "ec.pem" : "rsa.pem")) +
         QSslCertificate::fromPath(path("middle.pem"));
}

QSslKey TestChains::key(Key key) const {
  return key == Key::Ec ? keyFrom(path("ec.key"), QSsl::Ec) : keyFrom(path("rsa.key"), QSsl::Rsa);
}

QSslCertificate TestChains::root() const {
  return QSslCertificate::fromPath(path("root.pem")).front();
}

QSslCertificate TestChains::selfSigned() const {
  return QSslCertificate::fromPath(path("self.pem")).front();
}

QSslKey TestChains::selfSignedKey() const { return keyFrom(path("self.key"), QSsl::Ec); }

QString TestChains::printed(const QStringList &options) const {
  QProcess process;
  process.start("openssl", QStringList{"x509", "-noout", "-in", path("ec.pem")} + options);
  REQUIRE(process.waitForFinished(30'000));
  return QString::fromUtf8(process.readAllStandardOutput()).trimmed();
}

const TestChains &testChains() {
  static const TestChains chains;
  return chains;
}

QSslConfiguration serverConfiguration(TestChains::Key key) {
  QSslConfiguration made = QSslConfiguration::defaultConfiguration();
  made.setLocalCertificateChain(testChains().chain(key));
  made.setPrivateKey(testChains().key(key));
  made.setAllowedNextProtocols({"http/1.1"});
  return made;
}

LoopbackServer::LoopbackServer(const QSslConfiguration &configuration) {
  m_server.setSslConfiguration(configuration);
  QObject::connect(&m_server, &QSslServer::startedEncryptionHandshake, &m_server,
                   [this] { ++contacts; });
  QObject::connect(&m_server, &QSslServer::pendingConnectionAvailable, &m_server, [this] {
    auto *socket = qobject_cast<QSslSocket *>(m_server.nextPendingConnection());
    cipher = socket->sessionCipher();
    protocol = socket->sessionProtocol();
    alpn = socket->sslConfiguration().nextNegotiatedProtocol();
    QObject::connect(socket, &QSslSocket::disconnected, socket, &QObject::deleteLater);
    QObject::connect(socket, &QSslSocket::readyRead, socket, [this, socket] {
      request += socket->readAll();
      if (!request.endsWith("\r\n\r\n")) return;
      socket->write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
      socket->disconnectFromHost();
    });
  });
  REQUIRE(m_server.listen(QHostAddress::LocalHost));
}

quint16 deafPort() {
  QTcpServer server;
  REQUIRE(server.listen(QHostAddress::LocalHost));
  return server.serverPort();
}

RealHandshake meet(const Target &target, const ConnectOptions &options) {
  RealConnection connection;
  std::optional<RealHandshake> seen;
  QObject::connect(&connection, &RealConnection::finished, &connection,
                   [&](const RealHandshake &handshake) { seen = handshake; });
  connection.start(target, options);
  REQUIRE(QTest::qWaitFor([&] { return seen.has_value(); }, 20'000));
  CHECK_FALSE(connection.isRunning());
  return *seen;
}

} // namespace packetarium::ui
