// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/real/real_handshake.h"

#include <QSslCipher>
#include <QSslConfiguration>
#include <QSslKey>
#include <QSslServer>
#include <QTemporaryDir>

namespace packetarium::ui {

// Chains that the openssl command makes when the tests run: nothing with a date lies in the tree.
class TestChains {
public:
  TestChains();

  enum class Key { Ec, Rsa };
  // Sent by the server for "localhost" and 127.0.0.1: the leaf and what signed it.
  [[nodiscard]] QList<QSslCertificate> chain(Key key) const;
  [[nodiscard]] QSslKey key(Key key) const;
  [[nodiscard]] QSslCertificate root() const;
  // A certificate for "localhost" that signed itself.
  [[nodiscard]] QSslCertificate selfSigned() const;
  [[nodiscard]] QSslKey selfSignedKey() const;
  // "openssl x509 -noout" with these options on the EC leaf: another reader of it.
  [[nodiscard]] QString printed(const QStringList &options) const;

private:
  void leaf(const QString &name, const QStringList &newKey);
  void openssl(const QStringList &arguments) const;
  [[nodiscard]] QString path(const QString &name) const { return m_folder.filePath(name); }

  QTemporaryDir m_folder;
};
[[nodiscard]] const TestChains &testChains();

// A TLS server on 127.0.0.1 that knows what it agreed on and answers a request in HTTP.
class LoopbackServer {
public:
  explicit LoopbackServer(const QSslConfiguration &configuration);

  [[nodiscard]] quint16 port() const { return m_server.serverPort(); }
  [[nodiscard]] Target target(const QString &host = QStringLiteral("localhost")) const {
    return {host, port()};
  }

  int contacts = 0; // connections that came in
  QSslCipher cipher;
  QSsl::SslProtocol protocol = QSsl::UnknownProtocol;
  QByteArray alpn, request;

private:
  QSslServer m_server;
};
[[nodiscard]] QSslConfiguration serverConfiguration(TestChains::Key key = TestChains::Key::Ec);

// A port of 127.0.0.1 at which nobody listens.
[[nodiscard]] quint16 deafPort();

// Runs one connection to its end.
[[nodiscard]] RealHandshake meet(const Target &target, const ConnectOptions &options = {});

} // namespace packetarium::ui
