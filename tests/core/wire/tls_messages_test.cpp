// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/wire/tls_messages.h"
#include "tests/core/wire/tls_samples.h"
#include "tests/support/catch.h"

#include <rapidcheck.h>

#include <functional>

using namespace packetarium;
using namespace packetarium::wire;
using namespace packetarium::wire::tls;
using samples::hexBytes;

namespace {

View bodyOf(const Bytes &message) { return View(message).subspan(4); }
Bytes copyOf(View bytes) { return Bytes(bytes.begin(), bytes.end()); }

/// A reader and its writer: the bytes of what was read, nothing when it was refused.
using Rewrite = std::function<std::optional<Bytes>(View)>;
template <typename Read, typename Write> Rewrite rewriteOf(Read read, Write write) {
  return [read, write](View body) -> std::optional<Bytes> {
    const auto m = read(body);
    if (!m) return std::nullopt;
    return write(*m);
  };
}
template <typename Read> Rewrite rewriteOf(Read read) {
  return rewriteOf(read, [](const auto &m) { return write(m); });
}

const Rewrite clientHello = rewriteOf(readClientHello);
const Rewrite serverHello = rewriteOf(readServerHello);
const Rewrite encryptedExtensions = rewriteOf(readEncryptedExtensions, writeEncryptedExtensions);
const Rewrite certificate13 = rewriteOf(readCertificate13, writeCertificate13);
const Rewrite certificate12 = rewriteOf(readCertificate12, writeCertificate12);
const Rewrite request13 = rewriteOf(readCertificateRequest13);
const Rewrite request12 = rewriteOf(readCertificateRequest12);
const Rewrite verify = rewriteOf(readCertificateVerify);
const Rewrite ticket13 = rewriteOf(readNewSessionTicket13);
const Rewrite ticket12 = rewriteOf(readNewSessionTicket12);
const Rewrite ecdhe = rewriteOf([](View b) { return readServerKeyExchange(b, true); });
const Rewrite dhe = rewriteOf([](View b) { return readServerKeyExchange(b, false); });

class Maker {
public:
  explicit Maker(std::uint64_t seed) : m_random(seed, "test", "tls") {}
  std::uint16_t u16() { return static_cast<std::uint16_t>(m_random.next()); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(m_random.next()); }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(m_random.below(n)); }
  Bytes bytes(std::size_t atLeast, std::size_t atMost) {
    Bytes out(atLeast + below(atMost - atLeast + 1));
    for (auto &byte : out) byte = static_cast<std::uint8_t>(m_random.next());
    return out;
  }
  std::vector<std::uint16_t> numbers() {
    std::vector<std::uint16_t> out(1 + below(20));
    for (auto &n : out) n = u16();
    return out;
  }
  Extensions extensions(std::size_t atLeast = 0) {
    Extensions out(atLeast + below(6));
    for (auto &e : out) e = {u16(), bytes(0, 40)};
    return out;
  }
  Random random() {
    Random out{};
    for (auto &byte : out) byte = static_cast<std::uint8_t>(m_random.next());
    return out;
  }
  std::vector<Bytes> list(std::size_t atLeast, std::size_t atMost) {
    std::vector<Bytes> out(below(5));
    for (auto &entry : out) entry = bytes(atLeast, atMost);
    return out;
  }

  ClientHello client() {
    return {u16(), random(), bytes(0, 32), numbers(), bytes(1, 3), extensions()};
  }
  ServerHello server() {
    return {u16(), random(), bytes(0, 32), u16(), static_cast<std::uint8_t>(u16()), extensions()};
  }
  CertificateMessage certificate(bool tls13) {
    CertificateMessage m;
    if (tls13) m.context = bytes(0, 255);
    for (const Bytes &der : list(1, 900))
      m.entries.push_back({der, tls13 ? extensions() : Extensions{}});
    return m;
  }
  Signature signature() { return {u16(), bytes(0, 512)}; }
  ServerKeyExchange keyExchange(bool curve) {
    if (curve) return {static_cast<std::uint16_t>(u16() | 1), {}, {}, bytes(1, 255), signature()};
    return {0, bytes(1, 300), bytes(1, 2), bytes(1, 300), signature()};
  }

private:
  RandomStream m_random;
};

/// The message read back writes the same bytes, and none of its truncations is one, except where
/// a whole message ends (a hello of 1.2 without extensions).
void roundTrips(const Bytes &body, const Rewrite &rewrite, std::size_t alsoWhole = 0) {
  const auto again = rewrite(body);
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == body);
  for (std::size_t n = 0; n < body.size(); ++n)
    RC_ASSERT(rewrite(View(body).first(n)).has_value() == (n == alsoWhole && alsoWhole > 0));
  Bytes longer = body;
  longer.push_back(0);
  RC_ASSERT(!rewrite(longer));
}

std::size_t withoutExtensions(ClientHello m) {
  m.extensions.clear();
  return write(m).size();
}
std::size_t withoutExtensions(ServerHello m) {
  m.extensions.clear();
  return write(m).size();
}

} // namespace

TEST_CASE("The messages of RFC 8448 read and write back identically") {
  const std::pair<Bytes, Rewrite> traces[] = {
      {tlsSamples::clientHello(), clientHello},
      {tlsSamples::serverHello(), serverHello},
      {tlsSamples::encryptedExtensions(), encryptedExtensions},
      {tlsSamples::certificate(), certificate13},
      {tlsSamples::certificateVerify(), verify},
      {tlsSamples::newSessionTicket(), ticket13},
      {tlsSamples::resumingClientHello(), clientHello},
  };
  for (const auto &[message, rewrite] : traces) {
    const auto again = rewrite(bodyOf(message));
    REQUIRE(again);
    CHECK(handshake(static_cast<HandshakeType>(message[0]), *again) == message);
  }
}

TEST_CASE("The ClientHello of RFC 8448 says what the RFC says") {
  const Bytes message = tlsSamples::clientHello();
  const auto m = readClientHello(bodyOf(message));
  REQUIRE(m);
  CHECK(m->legacyVersion == 0x0303);
  CHECK(m->sessionId.empty());
  CHECK(m->suites == std::vector<std::uint16_t>{0x1301, 0x1303, 0x1302});
  const Extensions &e = m->extensions;
  CHECK(readServerName(find(e, ExtensionType::ServerName)->data) == "server");
  CHECK(readUint16List(find(e, ExtensionType::SupportedGroups)->data)->front() == 29);
  CHECK(readSupportedVersions(find(e, ExtensionType::SupportedVersions)->data) ==
        std::vector<std::uint16_t>{0x0304});
  const auto shares = readKeyShares(find(e, ExtensionType::KeyShare)->data);
  REQUIRE(shares);
  REQUIRE(shares->size() == 1);
  CHECK(shares->front().key.size() == 32);
  CHECK(readUint16List(find(e, ExtensionType::SignatureAlgorithms)->data)->size() == 15);
  CHECK(readPskModes(find(e, ExtensionType::PskKeyExchangeModes)->data) == Bytes{1});
  CHECK(readRenegotiationInfo(find(e, ExtensionType::RenegotiationInfo)->data) == Bytes{});
  CHECK(find(e, ExtensionType::Alpn) == nullptr);
  CHECK_FALSE(hasDuplicates(e));
}

TEST_CASE("Our writers make the extensions of RFC 8448") {
  const Bytes message = tlsSamples::clientHello();
  const Extensions theirs = readClientHello(bodyOf(message))->extensions;
  const auto same = [&](const Extension &ours) {
    const auto *found = find(theirs, static_cast<ExtensionType>(ours.type));
    return found != nullptr && *found == ours;
  };
  CHECK(same(serverName("server")));
  CHECK(same(supportedVersions({0x0304})));
  CHECK(same(supportedGroups({29, 23, 24, 25, 256, 257, 258, 259, 260})));
  CHECK(same(pskModes({1})));
  CHECK(same(renegotiationInfo({})));
  CHECK(same(emptyExtension(ExtensionType::SessionTicket)));
  const Bytes key = hexBytes("99381de560e4bd43d23d8e435a7dbafeb3c06e51c13cae4d5413691e529aaf2c");
  CHECK(same(keyShares({{29, key}})));
  const Bytes reply = tlsSamples::serverHello();
  const auto server = readServerHello(bodyOf(reply));
  REQUIRE(server);
  CHECK(*find(server->extensions, ExtensionType::SupportedVersions) == selectedVersion(0x0304));
  CHECK(readKeyShare(find(server->extensions, ExtensionType::KeyShare)->data)->group == 29);
}

TEST_CASE("The binders of RFC 8448 section 4 lie at the end of the ClientHello") {
  const Bytes message = tlsSamples::resumingClientHello();
  const auto m = readClientHello(bodyOf(message));
  REQUIRE(m);
  CHECK(m->extensions.back().type == 41);
  const auto offer = readPreSharedKey(m->extensions.back().data);
  REQUIRE(offer);
  REQUIRE(offer->identities.size() == 1);
  CHECK(offer->identities[0].identity.size() == 178);
  CHECK(offer->identities[0].obfuscatedAge == 0xfad6aacb);
  CHECK(offer->binders[0].size() == 32);
  CHECK(bindersSize(*offer) == 35);
  // "the client hello prefix" of the RFC has 477 bytes
  CHECK(message.size() - bindersSize(*offer) == 477);
  CHECK(preSharedKey(*offer) == m->extensions.back());
  const Bytes ticket = tlsSamples::newSessionTicket();
  const auto t = readNewSessionTicket13(bodyOf(ticket));
  REQUIRE(t);
  CHECK(t->lifetime == 30);
  CHECK(t->ticket == offer->identities[0].identity);
  CHECK(readMaxEarlyData(find(t->extensions, ExtensionType::EarlyData)->data) == 1024U);
}

TEST_CASE("The random of a HelloRetryRequest is that of RFC 8446 section 4.1.3") {
  CHECK(copyOf(helloRetryRandom) ==
        hexBytes("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"));
}

TEST_CASE("Every message reads back as written, and no truncation of it is a message") {
  CHECK(rc::check("hellos", [](std::uint64_t seed) {
    Maker make(seed);
    const ClientHello client = make.client();
    const ServerHello server = make.server();
    RC_ASSERT(readClientHello(write(client)) == client);
    RC_ASSERT(readServerHello(write(server)) == server);
    roundTrips(write(client), clientHello, withoutExtensions(client));
    roundTrips(write(server), serverHello, withoutExtensions(server));
  }));
  CHECK(rc::check("certificates", [](std::uint64_t seed) {
    Maker make(seed);
    roundTrips(writeCertificate13(make.certificate(true)), certificate13);
    roundTrips(writeCertificate12(make.certificate(false)), certificate12);
    roundTrips(write(CertificateRequest13{make.bytes(0, 255), make.extensions(1)}), request13);
    const auto types = make.bytes(1, 4);
    const auto schemes = make.numbers();
    roundTrips(write(CertificateRequest12{types, schemes, make.list(1, 99)}), request12);
  }));
  CHECK(rc::check("the rest", [](std::uint64_t seed) {
    Maker make(seed);
    roundTrips(writeEncryptedExtensions(make.extensions()), encryptedExtensions);
    roundTrips(write(make.signature()), verify);
    NewSessionTicket13 t{make.u32(), make.u32(), make.bytes(0, 255), make.bytes(1, 300),
                         make.extensions()};
    roundTrips(write(t), ticket13);
    roundTrips(write(NewSessionTicket12{make.u32(), make.bytes(0, 300)}), ticket12);
    roundTrips(write(make.keyExchange(true)), ecdhe);
    roundTrips(write(make.keyExchange(false)), dhe);
  }));
}

TEST_CASE("The parameters signed are all of a ServerKeyExchange before its signature") {
  CHECK(rc::check("they are a prefix", [](std::uint64_t seed, bool curve) {
    const ServerKeyExchange m = Maker(seed).keyExchange(curve);
    Bytes joined = writeParameters(m);
    const Bytes signature = write(m.signature);
    joined.insert(joined.end(), signature.begin(), signature.end());
    RC_ASSERT(joined == write(m));
  }));
}

TEST_CASE("Extensions read back as written") {
  CHECK(rc::check("lists and shares", [](std::uint64_t seed) {
    Maker make(seed);
    const auto numbers = make.numbers();
    RC_ASSERT(readUint16List(supportedGroups(numbers).data) == numbers);
    RC_ASSERT(readUint16List(signatureAlgorithms(numbers).data) == numbers);
    RC_ASSERT(readSupportedVersions(supportedVersions(numbers).data) == numbers);
    std::vector<KeyShareEntry> shares;
    for (const Bytes &key : make.list(1, 99)) shares.push_back({make.u16(), key});
    RC_ASSERT(readKeyShares(keyShares(shares).data) == shares);
    if (!shares.empty()) RC_ASSERT(readKeyShare(keyShare(shares[0]).data) == shares[0]);
    std::vector<std::string> names{"h2"};
    for (const Bytes &name : make.list(1, 255)) names.emplace_back(name.begin(), name.end());
    RC_ASSERT(readAlpn(alpn(names).data) == names);
    const Bytes value = make.bytes(1, 255);
    RC_ASSERT(readCookie(cookie(value).data) == value);
    RC_ASSERT(readPskModes(pskModes(value).data) == value);
    RC_ASSERT(readRenegotiationInfo(renegotiationInfo(value).data) == value);
    const std::uint16_t n = make.u16();
    RC_ASSERT(readUint16(keyShareGroup(n).data) == n);
    RC_ASSERT(readUint16(selectedPsk(n).data) == n);
    const std::uint32_t most = make.u32();
    RC_ASSERT(readMaxEarlyData(maxEarlyData(most).data) == most);
  }));
  CHECK(earlyData().data.empty());
  CHECK(ecPointFormats().data == Bytes{1, 0});
  CHECK(readServerName(serverName("www.example.com").data) == "www.example.com");
  CHECK(readServerName({}) == "");
}

TEST_CASE("Readers refuse what the RFC does not allow") {
  ClientHello m;
  m.suites = {0x1301};
  CHECK(readClientHello(write(m)));
  m.sessionId = Bytes(33);
  CHECK_FALSE(readClientHello(write(m)));
  m.sessionId.clear();
  m.suites.clear();
  CHECK_FALSE(readClientHello(write(m)));
  m.suites = {0x1301};
  m.compressions.clear();
  CHECK_FALSE(readClientHello(write(m)));

  const auto refusedHello = [](std::string_view afterRandom) {
    Bytes body = hexBytes("0303" + std::string(64, '0') + std::string(afterRandom));
    return !readClientHello(body).has_value();
  };
  CHECK_FALSE(refusedHello("00 0002 1301 0100"));
  CHECK_FALSE(refusedHello("00 0002 1301 0100 0000"));       // an empty block, as 1.2 allows
  CHECK(refusedHello("00 0003 130113 0100"));                // an odd list
  CHECK(refusedHello("00 0002 1301 0100 0005 00000002 61")); // overruns its block
  CHECK(refusedHello("00 0002 1301 0100 0003 000000"));      // half a header
  CHECK(refusedHello("00 0002 1301 0100 0004 00000000 00"));

  CHECK_FALSE(readCertificate12(hexBytes("000003 000000"))); // an empty certificate
  CHECK(readCertificate12(hexBytes("000000")));              // no certificate
  CHECK_FALSE(readCertificateRequest13(hexBytes("00 0000")));
  CHECK_FALSE(readCertificateRequest12(hexBytes("00 0002 0401 0000")));
  CHECK_FALSE(readCertificateRequest12(hexBytes("0101 0000 0000")));
  CHECK_FALSE(readNewSessionTicket13(hexBytes("00000001 00000002 00 0000 0000")));
  CHECK_FALSE(readServerKeyExchange(hexBytes("01 0017 0104 0401 0000"), true)); // explicit curve
  CHECK_FALSE(readServerKeyExchange(hexBytes("03 0017 00 0401 0000"), true));   // no point
}

TEST_CASE("Readers of extensions refuse what the RFC does not allow") {
  CHECK_FALSE(readServerName(hexBytes("0000")));
  CHECK_FALSE(readServerName(hexBytes("0003 00 0000")));
  CHECK_FALSE(readServerName(hexBytes("0004 01 0001 61")));        // no host name
  CHECK_FALSE(readServerName(hexBytes("0008 00000161 00000162"))); // two of them
  CHECK_FALSE(readServerName(hexBytes("0004 00 0001 00")));        // a zero byte
  CHECK_FALSE(readSupportedVersions(hexBytes("00")));
  CHECK_FALSE(readSupportedVersions(hexBytes("03 030403")));
  CHECK_FALSE(readUint16(hexBytes("03")));
  CHECK_FALSE(readUint16(hexBytes("030404")));
  CHECK_FALSE(readUint16List(hexBytes("0000")));
  CHECK_FALSE(readUint16List(hexBytes("0001 00")));
  CHECK(readKeyShares(hexBytes("0000"))->empty());
  CHECK_FALSE(readKeyShares(hexBytes("0004 001d 0000")));
  CHECK_FALSE(readCookie(hexBytes("0000")));
  CHECK_FALSE(readAlpn(hexBytes("0000")));
  CHECK_FALSE(readAlpn(hexBytes("0001 00")));
  CHECK_FALSE(readPskModes(hexBytes("00")));
  CHECK_FALSE(readMaxEarlyData(hexBytes("000000")));
  PskOffer offer{{{Bytes(1), 0}}, {Bytes(32)}};
  CHECK(readPreSharedKey(preSharedKey(offer).data));
  offer.binders.push_back(Bytes(32));
  CHECK_FALSE(readPreSharedKey(preSharedKey(offer).data));
  offer.binders = {Bytes(31)};
  CHECK_FALSE(readPreSharedKey(preSharedKey(offer).data));
}

TEST_CASE("No byte string makes a reader fail, and what is read writes back") {
  const Rewrite all[] = {clientHello,   serverHello,   encryptedExtensions,
                         certificate13, certificate12, request13,
                         request12,     verify,        ticket13,
                         ticket12,      ecdhe,         dhe};
  CHECK(rc::check("changed messages", [&](std::uint64_t seed) {
    Maker make(seed);
    Bytes bodies[] = {write(make.client()), write(make.server()),
                      writeCertificate13(make.certificate(true)), write(make.keyExchange(true)),
                      make.bytes(0, 200)};
    for (Bytes &body : bodies) {
      for (int i = 0; i < 3 && !body.empty(); ++i)
        body[make.below(body.size())] = static_cast<std::uint8_t>(make.u16());
      for (const Rewrite &rewrite : all) {
        const auto again = rewrite(body);
        if (!again || *again == body) continue;
        Bytes withEmptyBlock = *again; // only a hello with an empty block is written without it
        withEmptyBlock.insert(withEmptyBlock.end(), {0, 0});
        RC_ASSERT(withEmptyBlock == body);
      }
    }
  }));
}

TEST_CASE("Numbers of TLS have the names of IANA's registries") {
  CHECK(nameOfVersion(0x0304) == "TLS 1.3");
  CHECK(nameOfVersion(0x0300) == "SSL 3.0");
  CHECK(nameOfVersion(0x7f1c) == "0x7f1c");
  CHECK(nameOfContent(23) == "Application Data");
  CHECK(nameOfContent(99) == "number 99");
  CHECK(nameOfHandshake(1) == "Client Hello");
  CHECK(nameOfHandshake(123) == "number 123");
  CHECK(nameOfAlert(20) == "bad_record_mac");
  CHECK(nameOfAlert(255) == "number 255");
  CHECK(sentenceOfAlert(48).find("authority") != std::string_view::npos);
  CHECK(nameOfExtension(0) == "server_name");
  CHECK(nameOfExtension(0xff01) == "renegotiation_info");
  CHECK(nameOfSuite(0x1301) == "TLS_AES_128_GCM_SHA256");
  CHECK(nameOfSuite(0xc02f) == "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
  CHECK(nameOfSuite(0x00ff) == "TLS_EMPTY_RENEGOTIATION_INFO_SCSV");
  CHECK(nameOfSuite(0x5600) == "TLS_FALLBACK_SCSV");
  CHECK(nameOfSuite(0x0a0a) == "GREASE");
  CHECK(nameOfSuite(0xfefe) == "0xfefe");
  CHECK(nameOfGroup(29) == "x25519");
  CHECK(nameOfSignatureScheme(0x0403) == "ecdsa_secp256r1_sha256");
}
