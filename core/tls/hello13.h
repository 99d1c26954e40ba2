// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tls/endpoint.h"

#include <optional>
#include <vector>

namespace packetarium::tls {

/// What a ClientHello of TLS 1.3 holds for the server.
struct Hello13 {
  ClientHello hello;
  std::vector<std::uint16_t> groups, schemes;
  std::vector<KeyShareEntry> shares;
  std::optional<PskOffer> psk; ///< only when its modes allow it
  bool early = false;          ///< early data follows
};
/// Reads it and refuses what RFC 8446 section 4.2 and 9.2 forbid: repeated or missing extensions,
/// compression, contents that cannot be read.
Outcome readHello13(const Message &m, Hello13 &in);

} // namespace packetarium::tls
