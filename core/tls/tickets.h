// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/crypto/entropy.h"
#include "core/tls/config.h"

namespace packetarium::tls {

/// Session tickets that hold the session itself, sealed with a key that only the server has
/// (RFC 8446 section 4.6.1, RFC 5077 section 4), so that the server keeps nothing.
/// The key must have 32 bytes. In a ticket of 1.3 the secret is the PSK of that ticket.
Bytes sealTicket(View ticketKey, const Session &session, crypto::Entropy &entropy);
/// Nothing when the ticket is forged, or sealed with another key. receivedAtMs is when it was made.
std::optional<Session> openTicket(View ticketKey, View ticket);

} // namespace packetarium::tls
