// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tls/hello13.h"

#include <algorithm>

namespace packetarium::tls {

Outcome readHello13(const Message &m, Hello13 &in) {
  auto hello = readClientHello(m.body);
  if (!hello) return undecodable(m.type);
  in.hello = std::move(*hello);
  if (hasDuplicates(in.hello.extensions))
    return Failure{Alert::IllegalParameter, "ClientHello repeats an extension."};
  if (in.hello.compressions != Bytes{0})
    return Failure{Alert::IllegalParameter, "ClientHello of TLS 1.3 offers compression."};
  const auto get = [&](ExtensionType type) { return find(in.hello.extensions, type); };
  const auto list = [&](ExtensionType type, std::vector<std::uint16_t> &out) {
    const Extension *x = get(type);
    if (x == nullptr) return true;
    const auto numbers = readUint16List(x->data);
    if (numbers) out = *numbers;
    return numbers.has_value();
  };
  bool sound = list(ExtensionType::SupportedGroups, in.groups) &&
               list(ExtensionType::SignatureAlgorithms, in.schemes);
  if (const Extension *x = get(ExtensionType::KeyShare)) {
    const auto shares = readKeyShares(x->data);
    sound = sound && shares.has_value();
    if (shares) in.shares = *shares;
  }
  bool modes = false;
  if (const Extension *x = get(ExtensionType::PskKeyExchangeModes)) {
    const auto read = readPskModes(x->data);
    sound = sound && read.has_value();
    modes = read && std::find(read->begin(), read->end(), 1) != read->end();
  }
  if (const Extension *x = get(ExtensionType::PreSharedKey)) {
    in.psk = readPreSharedKey(x->data);
    sound = sound && in.psk.has_value();
  }
  if (!sound) return undecodable(m.type);
  if (in.psk && get(ExtensionType::PskKeyExchangeModes) == nullptr)
    return Failure{Alert::MissingExtension, "pre_shared_key came without its modes."};
  if (!modes) in.psk.reset();
  in.early = get(ExtensionType::EarlyData) != nullptr;
  if (get(ExtensionType::SupportedGroups) == nullptr || get(ExtensionType::KeyShare) == nullptr)
    return Failure{Alert::MissingExtension, "ClientHello has no groups or no key shares."};
  if (get(ExtensionType::SignatureAlgorithms) == nullptr && !in.psk)
    return Failure{Alert::MissingExtension, "ClientHello has no signature algorithms."};
  return {};
}

} // namespace packetarium::tls
