// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/program.h"
#include "core/tls/authority.h"
#include "core/tls/connection.h"

#include <string>
#include <vector>

/// What programs that speak TLS share: their parameters, and how a connection's events are told.
namespace packetarium::programs {

/// "ecdsa-p256", "ed25519", "rsa-2048", and back.
std::vector<std::string> keyKinds();
crypto::KeyKind keyKind(std::string_view text);

/// For programs that open connections: versions, suites, groups, trust, resumption.
std::vector<Parameter> clientTlsParameters();
/// For programs that accept them: versions, suites, certificate, tickets, early data.
std::vector<Parameter> serverTlsParameters();

/// The values must be complete for clientTlsParameters(). The session is left open.
tls::ClientConfig clientTls(const ParameterValues &values, const Context &ctx,
                            std::string_view host);
/// hosts: what is certified, beside the names that lead to the node, when the document names none.
tls::ServerConfig serverTls(const ParameterValues &values, Context &ctx,
                            std::vector<std::string> hosts);
/// What a certificate-authority program's parameters say.
tls::AuthoritySpec authoritySpec(std::string_view node, const ParameterValues &values);

/// Without Nagle's algorithm, as browsers and servers open connections for TLS: the client's
/// Finished and its request would otherwise wait for each other a whole round trip.
inline transport::TcpOptions sendingAtOnce(transport::TcpOptions options) {
  options.nagle = false;
  return options;
}

/// "a, b" as its parts.
std::vector<std::string> listOf(std::string_view text);
/// Milliseconds since 1970 at an instant of the run.
inline std::int64_t calendarMs(SimTime at) {
  return tls::runEpochSeconds * 1000 + at.ns() / 1'000'000;
}
/// Hands on what a connection has to tell: facts, and its phases as "tls.client-hello".
void tellEvents(Context &ctx, transport::SocketId socket, std::vector<tls::Event> events);
/// "2026-01-01 00:00:12" of the run's calendar.
std::string calendarText(std::int64_t seconds);

} // namespace packetarium::programs
