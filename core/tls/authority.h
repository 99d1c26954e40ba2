// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/crypto/certificate.h"
#include "core/tls/authorities.h"
#include "core/tls/calendar.h"
#include "core/tls/config.h"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace packetarium::tls {

/// What a certificate authority is told to be.
struct AuthoritySpec {
  std::string id;   ///< keys its random stream
  std::string name; ///< "Example Root CA": the subject of its root
  crypto::KeyKind key = crypto::KeyKind::EcP256;
  bool intermediate = true; ///< an intermediate signs the leaves, the root only that
  bool trusted = true;      ///< its root is in every trust store from the beginning
  std::int64_t ageSeconds = 5LL * 365 * 86400;
  std::int64_t lifeSeconds = 20LL * 365 * 86400;
  std::vector<std::string> revoked; ///< names whose certificates are revoked
  bool operator==(const AuthoritySpec &) const = default;
};

/// What is to be certified.
struct LeafSpec {
  std::vector<std::string> names; ///< the first is the common name
  crypto::KeyKind key = crypto::KeyKind::EcP256;
  std::int64_t ageSeconds = 30 * 86400; ///< so long before the run it was issued
  std::int64_t lifeSeconds = 90 * 86400;
  bool forClients = false;
};

/// A certificate authority at work. Its keys come from the run's seed, so every run with that seed
/// has the same certificates. Immutable; shared by all copies of a World.
class Authority {
public:
  Authority(std::uint64_t seed, AuthoritySpec spec);

  const AuthoritySpec &spec() const { return m_spec; }
  const crypto::Certificate &root() const { return m_root->certificate; }
  /// Chain without the root, and key. The same spec gives the same identity.
  std::shared_ptr<const Identity> identity(const LeafSpec &leaf) const;
  /// The list of what it has revoked, as of the run's start and for long after.
  const crypto::RevocationList &revocationList() const { return *m_revoked; }

private:
  std::shared_ptr<const Identity> issue(const LeafSpec &leaf) const;
  std::uint64_t serialOf(const std::string &name) const;
  std::uint64_t m_seed;
  AuthoritySpec m_spec;
  std::shared_ptr<const crypto::Issuer> m_root, m_issuer;
  std::shared_ptr<const crypto::RevocationList> m_revoked;
  /// What was issued, because every restart asks again and RSA keys take their time. The same spec
  /// gives the same identity with or without it.
  mutable std::mutex m_issuedMutex;
  mutable std::map<std::string, std::shared_ptr<const Identity>> m_issued;
};

/// Null when there is none of that name (or node id).
const Authority *findAuthority(const Authorities &authorities, std::string_view name);
/// The first that everybody trusts; null when there is none.
const Authority *firstTrusted(const Authorities &authorities);

/// Signed by itself, from the run's seed and the node that has it.
std::shared_ptr<const Identity> selfSignedIdentity(std::uint64_t seed, std::string_view node,
                                                   const LeafSpec &leaf);

/// The roots that are trusted from the beginning (or not, when withPublic is false), and those
/// named besides. Names of unknown authorities are skipped.
std::shared_ptr<const crypto::TrustStore> trustStore(const Authorities &authorities,
                                                     bool withPublic,
                                                     const std::vector<std::string> &besides,
                                                     bool checkRevocation);

} // namespace packetarium::tls
