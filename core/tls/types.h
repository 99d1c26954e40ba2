// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/crypto/bytes.h"
#include "core/wire/tls_messages.h"
#include "core/wire/tls_types.h"

#include <optional>
#include <string>

/// TLS 1.3 (RFC 8446) and 1.2 (RFC 5246) as copyable state machines on byte streams: handshake, key
/// schedule and records are this room's own, cryptography comes from core/crypto.
namespace packetarium::tls {

using namespace wire::tls;
using crypto::Bytes;
using crypto::View;

enum class Role : std::uint8_t { Client, Server };
constexpr Role other(Role role) { return role == Role::Client ? Role::Server : Role::Client; }

/// Why a connection must end: what the peer is told, and a sentence for people.
struct Failure {
  Alert alert = Alert::InternalError;
  std::string why;
};
/// Nothing: all is well.
using Outcome = std::optional<Failure>;

constexpr std::uint16_t number(Version v) { return static_cast<std::uint16_t>(v); }

} // namespace packetarium::tls
