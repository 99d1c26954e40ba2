// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/declare.h"
#include "core/programs/peer.h"
#include "core/programs/secure.h"
#include "core/programs/types.h"
#include "core/tls/authority.h"

#include <fmt/format.h>

namespace packetarium::programs {
namespace {

/// Certifies names. Its certificates are issued before the run begins, as they are in life; while
/// the network runs it only shows what it has.
class CertificateAuthority final : public ProgramOf<CertificateAuthority> {
public:
  explicit CertificateAuthority(const ParameterValues &v) : m_name(v.text("name")) {}

  void start(Context &ctx) override {
    for (const auto &authority : ctx.authorities())
      if (authority->spec().id == ctx.node().id) m_authority = authority;
    ctx.phase("ca.ready", m_name);
  }

  std::vector<Described> describe(SimTime) const override {
    std::vector<Described> rows = {row("name", m_name)};
    if (!m_authority) return rows;
    const crypto::Certificate &root = m_authority->root();
    rows.push_back(row("trusted by everybody", m_authority->spec().trusted ? "yes" : "no"));
    rows.push_back(row("root's fingerprint (SHA-256)", crypto::hex(root.fingerprint())));
    rows.push_back(row("key", std::string(crypto::name(root.publicKey().kind()))));
    Described revoked = row("revoked", text(m_authority->spec().revoked.size()));
    for (const std::string &name : m_authority->spec().revoked)
      revoked.children.push_back(row(name, "on the revocation list"));
    rows.push_back(std::move(revoked));
    return rows;
  }

private:
  std::string m_name;
  std::shared_ptr<const tls::Authority> m_authority;
};

} // namespace

tls::AuthoritySpec authoritySpec(std::string_view node, const ParameterValues &values) {
  tls::AuthoritySpec spec;
  spec.id = node;
  spec.name = values.text("name");
  spec.key = keyKind(values.text("key"));
  spec.intermediate = values.boolean("intermediate");
  spec.trusted = values.boolean("trusted");
  for (const ParameterRow &revoked : values.rows("revoked"))
    spec.revoked.push_back(std::get<std::string>(revoked.values.at("name")));
  return spec;
}

ProgramType certificateAuthorityType() {
  using namespace declare;
  return {
      "certificate-authority",
      "Certificate authority",
      "Certifies that a key belongs to a name: root, intermediate, and a list of what it revoked",
      "authority",
      {text("name", "Example Root CA", "Its name, as certificates show it"),
       choice("key", keyKinds(), "What it signs with"),
       boolean("intermediate", true, "Signs with an intermediate certificate; the root rests"),
       boolean("trusted", true, "In every trust store from the beginning; an attacker's is not"),
       records("revoked", {required(text("name", "", "Host whose certificate is revoked"))},
               "What stands on its revocation list")},
      [](const ParameterValues &v) -> std::unique_ptr<Program> {
        return std::make_unique<CertificateAuthority>(v);
      }};
}

} // namespace packetarium::programs
