// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/channel.h"
#include "core/programs/secure.h"

#include <map>
#include <set>
#include <string>

namespace packetarium::programs {

/// What a server remembers so that early data is taken once (RFC 8446 section 8.1).
using SeenBinders = std::set<crypto::Bytes>;

/// TLS between a channel and its connection. Its random bytes come from the program's stream "tls".
class TlsLayer final : public ChannelLayer {
public:
  /// socket: whose facts are told. early: a client with early data to send; it is Ready at once
  /// when the session allows it.
  TlsLayer(transport::SocketId socket, std::shared_ptr<const tls::ClientConfig> config);
  TlsLayer(transport::SocketId socket, std::shared_ptr<const tls::ServerConfig> config);
  /// Without what was lent.
  TlsLayer(const TlsLayer &other);

  std::unique_ptr<ChannelLayer> clone() const override;
  void onConnected(Context &ctx, Flow &flow) override;
  void onBytes(Context &ctx, const wire::Payload &bytes, Flow &flow) override;
  void onEnd(Context &ctx, Flow &flow) override;
  void protect(Context &ctx, const wire::Payload &data, Flow &flow) override;
  void onClose(Context &ctx, Flow &flow) override;

  const tls::Connection &connection() const { return m_connection; }
  /// Tickets that have come since the last call.
  std::vector<tls::Session> takeSessions() { return m_connection.takeSessions(); }
  /// Lent by a server for the calls that follow, until the layer is copied.
  void lend(SeenBinders *seen) { m_seen = seen; }

private:
  template <class Act> void work(Context &ctx, Flow &flow, Act act);
  void tellEstablished(Context &ctx);

  transport::SocketId m_socket;
  tls::Connection m_connection;
  bool m_ready = false, m_established = false, m_over = false, m_early = false;
  std::string m_host;
  SeenBinders *m_seen = nullptr;
};

/// A channel's layer as TLS; null when it is plain.
TlsLayer *tlsOf(Channel &channel);
const TlsLayer *tlsOf(const Channel &channel);
/// Rows about a connection for describe(): version, suite, group, certificate.
std::vector<Described> describeTls(const tls::Connection &connection);

/// The tickets a client keeps, by host. A value.
class SessionCache {
public:
  /// One that is still good at an instant; it is used up (RFC 8446 appendix C.4).
  std::shared_ptr<const tls::Session> take(std::string_view host, std::int64_t nowMs);
  void keep(const std::string &host, std::vector<tls::Session> sessions);
  std::size_t size() const;

private:
  std::map<std::string, std::vector<tls::Session>, std::less<>> m_byHost;
};

} // namespace packetarium::programs
