// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/core/tls/pair.h"

#include <memory>
#include <string>
#include <vector>

using SSL = struct ssl_st;
using SSL_CTX = struct ssl_ctx_st;
using SSL_SESSION = struct ssl_session_st;

namespace tlstest {

/// How OpenSSL's own end of a connection is set up.
struct OpenSslSetup {
  Role role = Role::Server;
  Version from = Version::Tls13, to = Version::Tls13;
  std::string suites13; ///< empty: its defaults
  std::string suites12; ///< an OpenSSL cipher string
  std::string groups;   ///< "P-256:X25519"
  std::shared_ptr<const Identity> identity;
  std::string rootPem; ///< trusted; empty: the peer is not verified
  bool wantClientCertificate = false;
  std::string serverName = "www.example.com";
  std::string alpn = "http/1.1";
  std::uint32_t maxEarlyData = 0;
  std::shared_ptr<SSL_SESSION> session; ///< client: to resume
};

/// One end of a connection made by OpenSSL, with memory instead of sockets.
class OpenSslPeer {
public:
  explicit OpenSslPeer(const OpenSslSetup &setup);
  /// A further connection in the same context (sessions and ticket keys are shared).
  explicit OpenSslPeer(const OpenSslPeer &like, const OpenSslSetup &setup);

  void feed(View bytes);
  Bytes takeOutput();
  /// Sends application data; before the handshake is done it waits.
  void send(std::string text);
  bool writeEarly(std::string_view text);
  std::string received() const { return m_received; }
  std::string receivedEarly() const { return m_early; }
  bool established() const { return m_done; }
  bool resumed() const;
  bool failed() const { return m_failed; }
  std::string error() const { return m_error; }
  std::string suite() const;
  std::string alpn() const;
  std::string peerSubject() const;
  void updateKeys(bool askPeer);
  void shutdown();
  bool peerClosed() const { return m_peerClosed; }
  /// The newest session, once a ticket has come.
  std::shared_ptr<SSL_SESSION> session() const;
  /// Lines as in an NSS key log file.
  const std::vector<std::string> &keyLog() const { return *m_keyLog; }

private:
  void setUp(const OpenSslSetup &setup);
  void connect(const OpenSslSetup &setup);
  void step();
  bool stepEarly();
  void note(int result);

  std::shared_ptr<SSL_CTX> m_context;
  std::shared_ptr<SSL> m_ssl;
  std::shared_ptr<std::vector<std::string>> m_keyLog;
  bool m_readsEarly = false, m_done = false, m_failed = false, m_peerClosed = false;
  std::string m_received, m_early, m_waiting, m_error;
};

/// Lets our end and OpenSSL's talk until nobody has more to say.
void talk(Connection &own, OpenSslPeer &peer, Hands &hands);

} // namespace tlstest
