// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/crypto/entropy.h"

#include "core/base/hash.h"
#include "core/crypto/libcrypto.h"
#include "core/crypto/random_provider.h"

#include <array>
#include <utility>

namespace packetarium::crypto {

void StreamEntropy::fill(std::span<std::uint8_t> out) {
  for (std::size_t i = 0; i < out.size();) {
    std::uint64_t word = m_stream.next();
    for (int k = 0; k < 8 && i < out.size(); ++k, ++i, word >>= 8)
      out[i] = static_cast<std::uint8_t>(word);
  }
}

namespace {

RandomStream scopeStream(Entropy &source) {
  std::array<std::uint8_t, 32> seed{};
  source.fill(seed);
  return {hashBytes(seed.data(), seed.size()), "", "libcrypto"};
}

} // namespace

EntropyScope::EntropyScope(Entropy &source)
    : m_stream(scopeStream(source)),
      m_outer(std::exchange(threadRandom().stream, &m_stream)),
      m_outerBlinds(std::exchange(threadRandom().blinds, false)) {}

EntropyScope::~EntropyScope() {
  threadRandom().stream = m_outer;
  threadRandom().blinds = m_outerBlinds;
}

LiteralRandomScope::LiteralRandomScope(View first) : m_first(first.begin(), first.end()) {
  threadRandom().literal = m_first;
}

LiteralRandomScope::~LiteralRandomScope() { threadRandom().literal = {}; }

std::size_t LiteralRandomScope::unused() const { return threadRandom().literal.size(); }

BlindingScope::BlindingScope()
    : m_stream(0, "", "blinding"),
      m_outer(std::exchange(threadRandom().stream, &m_stream)),
      m_outerBlinds(std::exchange(threadRandom().blinds, true)) {}

BlindingScope::~BlindingScope() {
  threadRandom().stream = m_outer;
  threadRandom().blinds = m_outerBlinds;
}

} // namespace packetarium::crypto
