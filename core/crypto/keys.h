// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/crypto/libcrypto.h"
#include "core/crypto/signing.h"

/// For the files of this room alone: what keys are made of.
namespace packetarium::crypto {

struct PublicKey::Key {
  PkeyPtr pkey;
  KeyKind kind = KeyKind::Other;
};

struct PrivateKey::Key {
  PkeyPtr pkey;
  KeyKind kind = KeyKind::Other;
};

KeyKind kindOf(const EVP_PKEY *pkey);
/// Of a key with or without its private half.
PublicKey publicKeyOf(PkeyPtr pkey);

} // namespace packetarium::crypto
