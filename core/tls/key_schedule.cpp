// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tls/key_schedule.h"

namespace packetarium::tls {

Bytes expandLabel(crypto::Hash hash, View secret, std::string_view label, View context,
                  std::size_t length) {
  constexpr std::string_view prefix = "tls13 ";
  Bytes info = {static_cast<std::uint8_t>(length >> 8), static_cast<std::uint8_t>(length),
                static_cast<std::uint8_t>(prefix.size() + label.size())};
  crypto::append(info, crypto::viewOf(prefix));
  crypto::append(info, crypto::viewOf(label));
  info.push_back(static_cast<std::uint8_t>(context.size()));
  crypto::append(info, context);
  return crypto::hkdfExpand(hash, secret, info, length);
}

Bytes deriveSecret(crypto::Hash hash, View secret, std::string_view label, View transcriptHash) {
  return expandLabel(hash, secret, label, transcriptHash, crypto::size(hash));
}

KeySchedule::KeySchedule(crypto::Hash hash, View psk) : m_hash(hash) {
  const Bytes zeros(crypto::size(hash));
  m_secret = crypto::hkdfExtract(hash, {}, psk.empty() ? View(zeros) : psk);
}

void KeySchedule::agree(View shared) { next(shared); }

void KeySchedule::master() { next(Bytes(crypto::size(m_hash))); }

void KeySchedule::next(View input) {
  const Bytes salt = derive("derived", crypto::digest(m_hash, {}));
  m_secret = crypto::hkdfExtract(m_hash, salt, input);
}

TrafficKeys trafficKeys(const Suite &suite, View secret) {
  return {suite.aead, expandLabel(suite.hash, secret, "key", {}, crypto::keySize(suite.aead)),
          expandLabel(suite.hash, secret, "iv", {}, crypto::aeadNonceSize)};
}

Bytes nextTrafficSecret(crypto::Hash hash, View secret) {
  return expandLabel(hash, secret, "traffic upd", {}, crypto::size(hash));
}

Bytes finishedValue(crypto::Hash hash, View baseKey, View transcriptHash) {
  const Bytes key = expandLabel(hash, baseKey, "finished", {}, crypto::size(hash));
  return crypto::hmac(hash, key, transcriptHash);
}

KeyBlock keyBlock(const Suite &suite, View masterSecret, const Random &client,
                  const Random &server) {
  Bytes seed(server.begin(), server.end());
  crypto::append(seed, client);
  const std::size_t key = crypto::keySize(suite.aead);
  const std::size_t iv = suite.aead == crypto::AeadKind::ChaCha20Poly1305
                             ? crypto::aeadNonceSize
                             : 4; // the salt of RFC 5288, the rest travels in the record
  const Bytes block =
      crypto::tls12Prf(suite.hash, masterSecret, "key expansion", seed, 2 * (key + iv));
  const auto part = [&](std::size_t from, std::size_t size) {
    return Bytes(block.begin() + static_cast<std::ptrdiff_t>(from),
                 block.begin() + static_cast<std::ptrdiff_t>(from + size));
  };
  return {{suite.aead, part(0, key), part(2 * key, iv)},
          {suite.aead, part(key, key), part(2 * key + iv, iv)}};
}

} // namespace packetarium::tls
