// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tls/connection.h"

#include <functional>
#include <string>
#include <vector>

/// Two ends that talk to each other in memory, and the certificates that they need.
namespace tlstest {

using namespace packetarium;
using namespace packetarium::tls;

/// 2026-01-01 12:00:00 UTC.
inline constexpr std::int64_t nowSeconds = 1767268800;

/// A root that signs an intermediate that signs www.example.com.
struct Authority {
  crypto::Certificate root;
  crypto::PrivateKey rootKey;
  crypto::Certificate intermediate;
  crypto::PrivateKey intermediateKey;
};
Authority makeAuthority(std::uint64_t seed = 1);
std::shared_ptr<const Identity> makeIdentity(const Authority &authority, crypto::KeyKind kind,
                                             const std::string &host, bool ofClient = false);
std::shared_ptr<const crypto::TrustStore> trustIn(const Authority &authority);

/// A client that trusts the authority and a server that is certified by it.
ClientConfig clientConfig(const Authority &authority);
ServerConfig serverConfig(const Authority &authority,
                          crypto::KeyKind kind = crypto::KeyKind::EcP256);

struct Pair {
  Pair(const ClientConfig &client, const ServerConfig &server, std::uint64_t seed = 7);

  /// Carries what both have to say until nobody has more. Change: what happens to bytes on the way.
  using Change = std::function<void(Role from, Bytes &bytes)>;
  void run(const Change &change = {});
  /// One direction's waiting bytes, once. False when there were none.
  bool carry(Role from, const Change &change = {});
  void send(Role from, std::string_view text);
  std::string received(Role at);
  bool established() const { return client.established() && server.established(); }
  Hands handsOf(Role role);
  Connection &of(Role role) { return role == Role::Client ? client : server; }
  /// The value of the first event of that kind and name on one side; empty when there is none.
  std::string told(Role role, Event::Kind kind, std::string_view name);

  RandomStream clientStream, serverStream;
  crypto::StreamEntropy clientEntropy{clientStream}, serverEntropy{serverStream};
  std::int64_t nowMs = nowSeconds * 1000;
  std::function<bool(View)> isFirstTime;
  Connection client, server;
  std::vector<Event> clientEvents, serverEvents;
  Bytes clientSent, serverSent; ///< everything that has left each end
};

} // namespace tlstest
