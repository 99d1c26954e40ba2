// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tls/endpoint.h"

#include <array>
#include <memory>

/// How each handshake begins, until its version is known.
namespace packetarium::tls {

std::unique_ptr<Handshake> clientStart(std::shared_ptr<const ClientConfig> config);
std::unique_ptr<Handshake> serverStart(std::shared_ptr<const ServerConfig> config);

/// What a client said, as the rest of its handshake needs it.
struct ClientOffer {
  std::shared_ptr<const ClientConfig> config;
  ClientHello hello;
  std::vector<crypto::KeyShare> shares;
  std::shared_ptr<const Session> session; ///< offered for resumption; null: none
  bool changeCipherSent = false;          ///< middlebox compatibility
  bool offers(ExtensionType type) const { return find(hello.extensions, type) != nullptr; }
  bool offersSuite(std::uint16_t id) const;
};

/// The second halves. The first message of each (ServerHello or ClientHello) is handed to them
/// right after they are made.
std::unique_ptr<Handshake> client13(ClientOffer offer);
std::unique_ptr<Handshake> client12(ClientOffer offer);
std::unique_ptr<Handshake> server13(std::shared_ptr<const ServerConfig> config);
std::unique_ptr<Handshake> server12(std::shared_ptr<const ServerConfig> config);

/// The suites that an end has switched on for a version, in its order.
std::vector<std::uint16_t> suitesOf(const CommonConfig &config, Version version);
bool speaks(const CommonConfig &config, Version version);
/// Chooses from what the client speaks; a failure when nothing is common (RFC 7301 section 3.2).
Outcome chooseAlpn(const CommonConfig &own, const Extensions &hello, std::string &chosen);
/// "TLS_AES_128_GCM_SHA256, …" for people.
std::string namesOf(const std::vector<std::uint16_t> &numbers, std::string (*name)(std::uint16_t));
/// Tells what a ClientHello offers.
void tellOffer(Endpoint &e, const ClientHello &hello);
Random randomFrom(const std::optional<Random> &preset, crypto::Entropy &entropy);
/// Extensions in the order that a configuration asks for.
void order(Extensions &extensions, const std::vector<std::uint16_t> &wanted);

/// The last 8 bytes of a ServerHello's random that tell a client it was downgraded to 1.2
/// (RFC 8446 section 4.1.3).
extern const std::array<std::uint8_t, 8> downgradeMark12;

} // namespace packetarium::tls
