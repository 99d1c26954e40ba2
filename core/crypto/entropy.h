// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/random.h"
#include "core/crypto/bytes.h"

#include <cstdint>
#include <span>

namespace packetarium::crypto {

/// Where random bytes come from.
class Entropy {
public:
  virtual ~Entropy() = default;
  virtual void fill(std::span<std::uint8_t> out) = 0;
  Bytes bytes(std::size_t count) {
    Bytes out(count);
    fill(out);
    return out;
  }
};

/// From a random stream of the run (not secret, and not meant to be): little-endian words.
class StreamEntropy final : public Entropy {
public:
  explicit StreamEntropy(RandomStream &stream) : m_stream(stream) {}
  void fill(std::span<std::uint8_t> out) override;

private:
  RandomStream &m_stream;
};

/// While it lives, libcrypto's key generation and signatures on this thread draw their randomness
/// from a stream seeded with 32 bytes of the source. So much is drawn whatever libcrypto consumes:
/// its needs differ between calls (blinding), the run's stream must not. An inner scope hides the
/// outer one.
class EntropyScope {
public:
  explicit EntropyScope(Entropy &source);
  ~EntropyScope();
  EntropyScope(const EntropyScope &) = delete;
  EntropyScope &operator=(const EntropyScope &) = delete;

private:
  RandomStream m_stream;
  RandomStream *m_outer;
  bool m_outerBlinds;
};

/// While it lives, the first bytes that libcrypto draws within EntropyScopes on this thread are
/// these: reproduces a published signature from its salt. Does not nest.
class LiteralRandomScope {
public:
  explicit LiteralRandomScope(View first);
  ~LiteralRandomScope();
  LiteralRandomScope(const LiteralRandomScope &) = delete;
  LiteralRandomScope &operator=(const LiteralRandomScope &) = delete;
  std::size_t unused() const; ///< bytes that were not drawn yet

private:
  Bytes m_first;
};

} // namespace packetarium::crypto
