// SPDX-License-Identifier: GPL-3.0-or-later
// The openssl program reads what we make, we read what it makes, and both judge chains alike.
#include "tests/core/crypto/pki_fixture.h"
#include "tests/support/catch.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace packetarium;
using namespace packetarium::crypto;
using namespace packetarium::crypto::pki;

namespace {

struct Output {
  std::string text;
  bool good = false;
};

/// A folder of its own that goes away again.
class Workshop {
public:
  Workshop() {
    std::string pattern = (std::filesystem::temp_directory_path() / "pki-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()));
    m_folder = pattern;
  }
  ~Workshop() { std::filesystem::remove_all(m_folder); }
  Workshop(const Workshop &) = delete;
  Workshop &operator=(const Workshop &) = delete;

  void write(const std::string &name, const std::string &text) const {
    std::ofstream(m_folder / name, std::ios::binary) << text;
  }
  std::string read(const std::string &name) const {
    std::ostringstream text;
    text << std::ifstream(m_folder / name, std::ios::binary).rdbuf();
    return text.str();
  }
  Output openssl(const std::string &arguments) const {
    Output out;
    const std::string command =
        "cd '" + m_folder.string() + "' && openssl " + arguments + " 2>&1 </dev/null";
    FILE *const pipe = popen(command.c_str(), "r");
    REQUIRE(pipe);
    std::array<char, 4096> buffer{};
    for (std::size_t n = 0; (n = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
      out.text.append(buffer.data(), n);
    out.good = pclose(pipe) == 0;
    return out;
  }

private:
  std::filesystem::path m_folder;
};

std::string textOfBytes(const Bytes &bytes) { return {bytes.begin(), bytes.end()}; }

/// One chain to be judged.
struct Case {
  const char *what;
  std::vector<Certificate> presented;
  TrustStore trust;
  CertificateFault fault;
  int error; ///< of openssl verify; 0: it is content
  std::string host = "www.example.com";
};

/// What openssl verify says: 0, or the number of its first complaint.
int verdictOf(const Case &c) {
  const Workshop shop;
  std::string roots;
  std::string others;
  for (const Certificate &each : c.trust.roots) roots += each.pem();
  for (std::size_t i = 1; i < c.presented.size(); ++i) others += c.presented[i].pem();
  shop.write("roots.pem", roots);
  shop.write("others.pem", others);
  shop.write("leaf.pem", c.presented.at(0).pem());
  std::string arguments = "verify -no-CApath -no-CAstore -partial_chain -auth_level 2 "
                          "-purpose sslserver -attime " +
                          std::to_string(now);
  arguments += roots.empty() ? " -no-CAfile" : " -CAfile roots.pem";
  if (!others.empty()) arguments += " -untrusted others.pem";
  if (!c.host.empty()) arguments += " -verify_hostname " + c.host;
  if (c.trust.checkRevocation && !c.trust.revoked.empty()) {
    shop.write("list.der", textOfBytes(c.trust.revoked[0].der()));
    REQUIRE(shop.openssl("crl -inform DER -in list.der -out list.pem").good);
    arguments += " -crl_check -CRLfile list.pem";
  }
  const Output out = shop.openssl(arguments + " leaf.pem");
  INFO(out.text);
  const auto at = out.text.find("error ");
  CHECK(out.good == (at == std::string::npos));
  return at == std::string::npos ? 0 : std::atoi(out.text.c_str() + at + 6);
}

void judge(const Case &c) {
  CAPTURE(c.what);
  const Validation v = validate(c.presented, c.trust, c.host, now, Purpose::Server);
  CHECK(std::string(name(v.fault)) == std::string(name(c.fault)));
  CHECK(verdictOf(c) == c.error);
  const bool anyFailed = std::any_of(v.checks.begin(), v.checks.end(), [](const auto &check) {
    return check.verdict == CertificateCheck::Verdict::Failed;
  });
  CHECK(anyFailed == !v.trusted());
}

} // namespace

TEST_CASE("openssl verify finds the same fault in every kind of bad chain") {
  for (const KeyKind kind : {KeyKind::EcP256, KeyKind::Rsa2048}) {
    Pki pki(kind);
    const Certificate leaf = pki.leaf(leafSpec());
    const TrustStore trust = pki.trust();
    const Certificate &middle = pki.middle;
    judge({"good", {leaf, middle}, trust, CertificateFault::None, 0});

    CertificateSpec spec = leafSpec();
    spec.notAfter = now - day;
    judge({"expired", {pki.leaf(spec), middle}, trust, CertificateFault::Expired, 10});
    spec = leafSpec();
    spec.notBefore = now + day;
    judge({"early", {pki.leaf(spec), middle}, trust, CertificateFault::NotYetValid, 9});
    judge(
        {"wrong name", {leaf, middle}, trust, CertificateFault::WrongName, 62, "www.example.org"});
    spec = leafSpec();
    spec.forClients = true;
    judge({"purpose", {pki.leaf(spec), middle}, trust, CertificateFault::WrongPurpose, 26});

    const Certificate own = issueSelfSigned(leafSpec(), pki.leafKey, pki.entropy);
    judge({"self-signed", {own}, trust, CertificateFault::SelfSigned, 18});
    judge({"no intermediate", {leaf}, trust, CertificateFault::UnknownIssuer, 20});
    judge({"unknown root", {leaf, middle}, {}, CertificateFault::UnknownIssuer, 20});
    judge({"root presented, not trusted",
           {leaf, middle, pki.root},
           {},
           CertificateFault::UnknownIssuer,
           19});

    Bytes changed = leaf.der();
    changed[changed.size() - 3] ^= 1;
    const auto forged = Certificate::fromDer(changed);
    REQUIRE(forged.ok());
    judge({"signature", {*forged, middle}, trust, CertificateFault::BadSignature, 7});

    const Issuer byMiddle{middle, pki.middleKey};
    const auto list = RevocationList::issue(byMiddle, {77}, now - day, now + day, pki.entropy);
    judge({"revoked", {leaf, middle}, {{pki.root}, {list}, true}, CertificateFault::Revoked, 23});
    const auto old = RevocationList::issue(byMiddle, {}, now - 3 * day, now - day, pki.entropy);
    judge({"old list", {leaf, middle}, {{pki.root}, {old}, true}, CertificateFault::Other, 12});
  }
}

TEST_CASE("openssl verify, too, accepts nothing that a leaf has issued") {
  Pki pki(KeyKind::EcP256);
  const Certificate leaf = pki.leaf(leafSpec());
  CertificateSpec spec = leafSpec();
  spec.commonName = "below";
  const Certificate below =
      issue(spec, pki.middleKey.publicKey(), {leaf, pki.leafKey}, pki.entropy);
  judge({"leaf as authority",
         {below, leaf, pki.middle},
         pki.trust(),
         CertificateFault::NotAuthority,
         79});
  // Authorities deeper than a path length allows.
  CertificateSpec narrow = authoritySpec("Narrow");
  narrow.pathLength = 0;
  const PrivateKey narrowKey = key(KeyKind::EcP256, 8);
  const Certificate top =
      issue(narrow, narrowKey.publicKey(), {pki.root, pki.rootKey}, pki.entropy);
  const Certificate under =
      issue(authoritySpec("Under"), pki.middleKey.publicKey(), {top, narrowKey}, pki.entropy);
  const Certificate last =
      issue(leafSpec(), pki.leafKey.publicKey(), {under, pki.middleKey}, pki.entropy);
  judge({"path length", {last, under, top}, pki.trust(), CertificateFault::NotAuthority, 25});
}

TEST_CASE("openssl prints our certificates as they were meant") {
  Pki pki(KeyKind::EcP256);
  const Workshop shop;
  shop.write("leaf.pem", pki.leaf(leafSpec()).pem());
  shop.write("root.pem", pki.root.pem());
  const std::string leaf = shop.openssl("x509 -in leaf.pem -noout -text").text;
  for (const char *line :
       {"Version: 3 (0x2)", "Serial Number: 77 (0x4d)", "Issuer: O = Example, CN = Middle",
        "Not Before: May 18 20:26:40 2026 GMT", "Not After : Jun  7 20:26:40 2026 GMT",
        "X509v3 Basic Constraints: critical", "CA:FALSE", "X509v3 Key Usage: critical",
        "Digital Signature", "TLS Web Server Authentication",
        "DNS:www.example.com, DNS:*.wild.example.com, IP Address:192.0.2.7",
        "X509v3 Subject Key Identifier", "X509v3 Authority Key Identifier"}) {
    CAPTURE(line);
    CHECK(leaf.find(line) != std::string::npos);
  }
  const std::string root = shop.openssl("x509 -in root.pem -noout -text").text;
  CHECK(root.find("CA:TRUE") != std::string::npos);
  CHECK(root.find("Certificate Sign, CRL Sign") != std::string::npos);
}

TEST_CASE("Keys and certificates of openssl are read") {
  const Workshop shop;
  const std::array<std::pair<const char *, KeyKind>, 5> made = {{
      {"EC -pkeyopt ec_paramgen_curve:P-256", KeyKind::EcP256},
      {"EC -pkeyopt ec_paramgen_curve:P-384", KeyKind::EcP384},
      {"ED25519", KeyKind::Ed25519},
      {"RSA -pkeyopt rsa_keygen_bits:2048", KeyKind::Rsa2048},
      {"RSA -pkeyopt rsa_keygen_bits:1024", KeyKind::Rsa},
  }};
  for (const auto &[algorithm, kind] : made) {
    CAPTURE(algorithm);
    REQUIRE(shop.openssl(std::string("genpkey -out key.pem -algorithm ") + algorithm).good);
    const auto key = PrivateKey::fromPem(shop.read("key.pem"));
    REQUIRE(key.ok());
    CHECK(key->kind() == kind);
    REQUIRE(shop.openssl("req -x509 -new -key key.pem -subj /O=Test/CN=made.example "
                         "-addext subjectAltName=DNS:made.example -days 30 -out cert.pem")
                .good);
    const auto certificate = Certificate::fromPem(shop.read("cert.pem"));
    REQUIRE(certificate.ok());
    CHECK(certificate->subject() == "CN=made.example, O=Test");
    CHECK(certificate->dnsNames() == std::vector<std::string>{"made.example"});
    CHECK(certificate->publicKey().der() == key->publicKey().der());
    const auto v = validate({*certificate}, {{*certificate}, {}, false}, "made.example",
                            certificate->notBefore() + 1, Purpose::Server);
    CHECK(v.trusted() == (kind != KeyKind::Rsa)); // 1024 bits are too few
  }
}

TEST_CASE("Signatures go both ways between us and openssl") {
  const Workshop shop;
  shop.write("text", "a message");
  const std::string pss = " -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest";
  const std::array<std::tuple<KeyKind, SignatureScheme, std::string>, 3> ways = {{
      {KeyKind::EcP256, SignatureScheme::EcdsaSecp256r1Sha256, ""},
      {KeyKind::Rsa2048, SignatureScheme::RsaPkcs1Sha256, ""},
      {KeyKind::Rsa2048, SignatureScheme::RsaPssRsaeSha256, pss},
  }};
  for (const auto &[kind, scheme, options] : ways) {
    const PrivateKey ours = key(kind, 6);
    shop.write("key.pem", ours.pem());
    REQUIRE(shop.openssl("pkey -in key.pem -pubout -out public.pem").good);
    RandomStream stream(1, "test", "signature");
    StreamEntropy entropy(stream);
    shop.write("signature", textOfBytes(ours.sign(scheme, viewOf("a message"), entropy).value()));
    CHECK(shop.openssl("dgst -sha256 -verify public.pem -signature signature" + options + " text")
              .good);
    REQUIRE(shop.openssl("dgst -sha256 -sign key.pem -out theirs" + options + " text").good);
    CHECK(ours.publicKey().verify(scheme, viewOf("a message"), viewOf(shop.read("theirs"))));
  }
}

TEST_CASE("A certificate signed with SHA-1 is not trusted") {
  const Workshop shop;
  const Pki pki(KeyKind::Rsa2048);
  shop.write("root.pem", pki.root.pem());
  shop.write("root.key", pki.rootKey.pem());
  REQUIRE(shop.openssl("req -new -newkey rsa:2048 -nodes -keyout leaf.key -subj /CN=old.example "
                       "-out leaf.req")
              .good);
  REQUIRE(shop.openssl("x509 -req -sha1 -in leaf.req -CA root.pem -CAkey root.key -days 30 "
                       "-set_serial 9 -out leaf.pem")
              .good);
  const auto leaf = Certificate::fromPem(shop.read("leaf.pem"));
  REQUIRE(leaf.ok());
  CHECK(leaf->signatureAlgorithm() == "sha1WithRSAEncryption");
  CHECK(validate({*leaf}, pki.trust(), "", now, Purpose::Server).fault != CertificateFault::None);
  const auto v = validate({*leaf}, pki.trust(), "", now, Purpose::Server);
  CHECK(std::any_of(v.checks.begin(), v.checks.end(),
                    [](const auto &check) { return check.name == "other"; }));
}
