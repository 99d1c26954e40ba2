// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tls/endpoint.h"

namespace packetarium::tls {

/// One end of a TLS connection on top of any byte stream. A value: a copy goes on exactly as the
/// original, given the same bytes, entropy and time.
///
/// Feed it what arrives, send what takeOutput() gives. When it fails, an alert is among that output
/// and failure() tells why; nothing more is accepted then.
class Connection {
public:
  explicit Connection(std::shared_ptr<const ClientConfig> config);
  explicit Connection(std::shared_ptr<const ServerConfig> config);
  Connection(const Connection &other);
  Connection &operator=(const Connection &other);
  Connection(Connection &&) noexcept = default;
  Connection &operator=(Connection &&) noexcept = default;

  /// A client says hello; a server waits. Once.
  void start(Hands &hands);
  /// The next bytes that came from the peer.
  void feed(View bytes, Hands &hands);
  /// Application data. Before the handshake is complete it goes out early, if the session allows,
  /// and waits otherwise; when the server refuses early data, it is sent again afterwards.
  void send(View data, Hands &hands);
  /// close_notify; nothing can be sent afterwards.
  void close(Hands &hands);
  /// Changes the keys in use (1.3 only); askPeer: the peer shall change its own, too.
  void updateKeys(bool askPeer, Hands &hands);

  Bytes takeOutput();
  /// Application data that has come, in order.
  Bytes takeData();
  std::vector<Event> takeEvents();
  /// Tickets that have come, for later connections.
  std::vector<Session> takeSessions();

  const Facts &facts() const { return m_endpoint.facts; }
  bool established() const { return m_endpoint.facts.established; }
  /// Neither failed nor closed by either end.
  bool open() const { return !m_failure && !m_closed && !m_peerClosed && !m_peerAlert; }
  bool closed() const { return m_closed; }
  /// The peer sent close_notify.
  bool peerClosed() const { return m_peerClosed; }
  /// What we found wrong (and told the peer), or what the peer told us.
  const Outcome &failure() const { return m_failure; }
  bool failedByPeer() const { return m_peerAlert.has_value(); }

private:
  void fail(const Failure &failure);
  Outcome take(const Record &record, Hands &hands);
  Outcome takeAlert(const Record &record);
  Outcome takeChangeCipherSpec(const Record &record, Hands &hands);
  Outcome takeApplicationData(const Record &record);
  Outcome takeHandshake(const Record &record, Hands &hands);
  Outcome dispatch(Hands &hands);
  void sendWaiting();
  void sendData(View data);

  Endpoint m_endpoint;
  std::unique_ptr<Handshake> m_handshake;
  Bytes m_partial; ///< of a handshake message
  Bytes m_waiting; ///< application data that may not be sent yet
  Bytes m_early;   ///< what was sent early, in case it is refused
  Outcome m_failure;
  std::optional<Alert> m_peerAlert;
  bool m_started = false, m_closed = false, m_peerClosed = false;
  bool m_dataSeen = false; ///< the first application data was told
  unsigned m_warnings = 0, m_emptyRecords = 0;
  std::uint64_t m_keyUpdateBytes = 0, m_sentWithKeys = 0;
};

} // namespace packetarium::tls
