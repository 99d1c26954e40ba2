// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/crypto/bytes.h"

#include <openssl/core.h>

/// For the files of this room alone.
namespace packetarium {
class RandomStream;
}

namespace packetarium::crypto {

/// Where libcrypto's random bytes on this thread come from.
struct ThreadRandom {
  RandomStream *stream = nullptr; ///< null: it fails
  bool blinds = false;            ///< no result depends on what is drawn
  View literal;                   ///< served first, except to what blinds
};
ThreadRandom &threadRandom();

/// A provider of one algorithm: a generator named randomAlgorithm that draws from threadRandom().
inline constexpr const char *randomAlgorithm = "PACKETARIUM-STREAM";
OSSL_provider_init_fn initRandomProvider;

} // namespace packetarium::crypto
