// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tls/authority.h"

#include "core/base/hash.h"

#include <algorithm>

namespace packetarium::tls {
namespace {

std::string joinedNames(const LeafSpec &leaf) {
  std::string all = leaf.forClients ? "client:" : "server:";
  for (const std::string &name : leaf.names) all += name + ",";
  return all + std::to_string(leaf.ageSeconds) + "," + std::to_string(leaf.lifeSeconds) + "," +
         std::string(crypto::name(leaf.key));
}

crypto::CertificateSpec leafSpec(const LeafSpec &leaf, std::uint64_t serial) {
  crypto::CertificateSpec spec;
  spec.commonName = leaf.names.empty() ? "localhost" : leaf.names.front();
  if (!leaf.forClients) spec.dnsNames = leaf.names;
  spec.notBefore = runEpochSeconds - leaf.ageSeconds;
  spec.notAfter = spec.notBefore + leaf.lifeSeconds;
  spec.serial = serial;
  spec.forClients = leaf.forClients;
  return spec;
}

} // namespace

Authority::Authority(std::uint64_t seed, AuthoritySpec authority)
    : m_seed(seed), m_spec(std::move(authority)) {
  RandomStream stream(seed, m_spec.id, "certificate-authority");
  crypto::StreamEntropy entropy(stream);
  crypto::CertificateSpec spec;
  spec.commonName = m_spec.name;
  spec.notBefore = runEpochSeconds - m_spec.ageSeconds;
  spec.notAfter = spec.notBefore + m_spec.lifeSeconds;
  spec.authority = true;
  const auto rootKey = crypto::PrivateKey::generate(m_spec.key, entropy);
  m_root = std::make_shared<const crypto::Issuer>(
      crypto::Issuer{crypto::issueSelfSigned(spec, rootKey, entropy), rootKey});
  m_issuer = m_root;
  if (m_spec.intermediate) {
    const auto key = crypto::PrivateKey::generate(m_spec.key, entropy);
    spec.commonName = m_spec.name + " Intermediate";
    spec.serial = 2;
    spec.pathLength = 0;
    m_issuer = std::make_shared<const crypto::Issuer>(
        crypto::Issuer{crypto::issue(spec, key.publicKey(), *m_root, entropy), key});
  }
  std::vector<std::uint64_t> serials;
  for (const std::string &name : m_spec.revoked) serials.push_back(serialOf(name));
  m_revoked = std::make_shared<const crypto::RevocationList>(crypto::RevocationList::issue(
      *m_issuer, serials, runEpochSeconds - 3600, spec.notAfter, entropy));
}

/// By the name alone: an authority revokes a name's certificates, whatever else they say.
std::uint64_t Authority::serialOf(const std::string &name) const {
  return (hashText(m_spec.id + "/" + name) >> 1) | 16;
}

std::shared_ptr<const Identity> Authority::identity(const LeafSpec &leaf) const {
  const std::lock_guard lock(m_issuedMutex);
  auto &issued = m_issued[joinedNames(leaf)];
  if (!issued) issued = issue(leaf);
  return issued;
}

std::shared_ptr<const Identity> Authority::issue(const LeafSpec &leaf) const {
  RandomStream stream(m_seed, m_spec.id + "/" + joinedNames(leaf), "certificate");
  crypto::StreamEntropy entropy(stream);
  const auto key = crypto::PrivateKey::generate(leaf.key, entropy);
  const std::string first = leaf.names.empty() ? std::string() : leaf.names.front();
  const crypto::Certificate certificate =
      crypto::issue(leafSpec(leaf, serialOf(first)), key.publicKey(), *m_issuer, entropy);
  std::vector<crypto::Certificate> chain = {certificate};
  if (m_spec.intermediate) chain.push_back(m_issuer->certificate);
  return std::make_shared<const Identity>(Identity{std::move(chain), key});
}

const Authority *findAuthority(const Authorities &authorities, std::string_view name) {
  for (const auto &a : authorities)
    if (a->spec().name == name || a->spec().id == name) return a.get();
  return nullptr;
}

const Authority *firstTrusted(const Authorities &authorities) {
  for (const auto &a : authorities)
    if (a->spec().trusted) return a.get();
  return nullptr;
}

std::shared_ptr<const Identity> selfSignedIdentity(std::uint64_t seed, std::string_view node,
                                                   const LeafSpec &leaf) {
  RandomStream stream(seed, std::string(node) + "/" + joinedNames(leaf), "self-signed");
  crypto::StreamEntropy entropy(stream);
  const auto key = crypto::PrivateKey::generate(leaf.key, entropy);
  return std::make_shared<const Identity>(
      Identity{{crypto::issueSelfSigned(leafSpec(leaf, 1), key, entropy)}, key});
}

std::shared_ptr<const crypto::TrustStore> trustStore(const Authorities &authorities,
                                                     bool withPublic,
                                                     const std::vector<std::string> &besides,
                                                     bool checkRevocation) {
  crypto::TrustStore store;
  store.checkRevocation = checkRevocation;
  for (const auto &a : authorities) {
    const auto names = [&](const std::string &n) {
      return findAuthority(authorities, n) == a.get();
    };
    const bool named = std::any_of(besides.begin(), besides.end(), names);
    if (!named && !(withPublic && a->spec().trusted)) continue;
    store.roots.push_back(a->root());
    store.revoked.push_back(a->revocationList());
  }
  return std::make_shared<const crypto::TrustStore>(std::move(store));
}

} // namespace packetarium::tls
