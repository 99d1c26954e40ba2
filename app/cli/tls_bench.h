// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/commands.h"
#include "core/tls/authority.h"
#include "core/tls/config.h"

#include <memory>
#include <string>
#include <string_view>

/// What `bench tls` measures: this project's TLS and OpenSSL's under the same conditions.
namespace packetarium::cli {

/// One set of conditions: version, suite, and the kind of every key in the chain. The key agreement
/// is X25519.
struct TlsConditions {
  std::string name; ///< "TLS 1.3, P-256"
  tls::Version version = tls::Version::Tls13;
  std::uint16_t suite = 0x1301;
  std::string suiteName; ///< as OpenSSL calls it
  crypto::KeyKind key = crypto::KeyKind::EcP256;
};

/// Root, intermediate and leaf for one kind of key.
struct TlsParties {
  std::shared_ptr<const tls::Authority> authority;
  std::shared_ptr<const tls::Identity> server;
  std::string host;
};
TlsParties tlsParties(crypto::KeyKind key);

/// A client and a server of one implementation in this process. Both throw std::runtime_error when
/// a handshake or a transfer fails.
class TlsContestant {
public:
  virtual ~TlsContestant() = default;
  /// A whole handshake of two fresh ends: the chain is verified, no ticket is sent.
  virtual void shakeHands() = 0;
  /// Application data from client to server over the connection of the last handshake.
  virtual void transfer(std::string_view record) = 0;
};
std::unique_ptr<TlsContestant> ownTls(const TlsConditions &conditions, const TlsParties &parties,
                                      bool observed);
std::unique_ptr<TlsContestant> openSslTls(const TlsConditions &conditions,
                                          const TlsParties &parties);

/// Measures everything in turns and prints a table, or one JSON object.
int benchTls(const BenchOptions &options);

} // namespace packetarium::cli
