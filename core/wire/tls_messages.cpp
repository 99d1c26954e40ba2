// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/tls_messages.h"

#include "core/wire/tls_codec.h"

#include <algorithm>

namespace packetarium::wire::tls {
namespace {

constexpr std::uint8_t namedCurve = 3; // ECCurveType, RFC 8422 section 5.4

void writeExtensionBlock(Writer &out, const Extensions &extensions) {
  Writer block;
  for (const Extension &e : extensions) block.u16(e.type).vector(2, e.data);
  out.vector(2, block);
}

Extensions readExtensionBlock(Reader &in, std::size_t atLeast = 0, std::size_t atMost = 0xffff) {
  Extensions out;
  Reader block(in.vector(2, atLeast, atMost));
  while (block.more()) {
    Extension e;
    e.type = block.u16();
    e.data = block.bytes(2);
    if (!block.failed()) out.push_back(std::move(e));
  }
  in.require(block.done());
  return out;
}

void writeUint16List(Writer &out, const std::vector<std::uint16_t> &list) {
  Writer inner;
  for (const std::uint16_t v : list) inner.u16(v);
  out.vector(2, inner);
}

std::vector<std::uint16_t> readFilledUint16List(Reader &in) {
  std::vector<std::uint16_t> out;
  Reader list(in.vector(2, 2, 0xfffe));
  while (list.more()) out.push_back(list.u16());
  in.require(list.done());
  return out;
}

Random readRandom(Reader &in) {
  Random out{};
  const View bytes = in.take(out.size());
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

void writeSignature(Writer &out, const Signature &m) { out.u16(m.scheme).vector(2, m.value); }

Signature readSignature(Reader &in) {
  Signature m;
  m.scheme = in.u16();
  m.value = in.bytes(2);
  return m;
}

/// The value when the reader is at the end of what it was given and never overran.
template <typename T> std::optional<T> whole(const Reader &in, T value) {
  if (!in.done()) return std::nullopt;
  return value;
}

} // namespace

// SHA-256 of "HelloRetryRequest".
const Random helloRetryRandom = {0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
                                 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
                                 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

const Extension *find(const Extensions &extensions, ExtensionType type) {
  const auto found = std::find_if(extensions.begin(), extensions.end(), [&](const Extension &e) {
    return e.type == static_cast<std::uint16_t>(type);
  });
  return found == extensions.end() ? nullptr : &*found;
}

bool hasDuplicates(const Extensions &extensions) {
  std::vector<std::uint16_t> types;
  for (const Extension &e : extensions) types.push_back(e.type);
  std::sort(types.begin(), types.end());
  return std::adjacent_find(types.begin(), types.end()) != types.end();
}

Bytes write(const ClientHello &m) {
  Writer out;
  out.u16(m.legacyVersion).raw(m.random).vector(1, m.sessionId);
  writeUint16List(out, m.suites);
  out.vector(1, m.compressions);
  if (!m.extensions.empty()) writeExtensionBlock(out, m.extensions);
  return out.take();
}

Bytes write(const ServerHello &m) {
  Writer out;
  out.u16(m.legacyVersion).raw(m.random).vector(1, m.sessionId).u16(m.suite).u8(m.compression);
  if (!m.extensions.empty()) writeExtensionBlock(out, m.extensions);
  return out.take();
}

Bytes writeEncryptedExtensions(const Extensions &m) {
  Writer out;
  writeExtensionBlock(out, m);
  return out.take();
}

Bytes writeCertificate13(const CertificateMessage &m) {
  Writer list;
  for (const CertificateEntry &entry : m.entries) {
    list.vector(3, entry.der);
    writeExtensionBlock(list, entry.extensions);
  }
  return Writer().vector(1, m.context).vector(3, list).take();
}

Bytes writeCertificate12(const CertificateMessage &m) {
  Writer list;
  for (const CertificateEntry &entry : m.entries) list.vector(3, entry.der);
  return Writer().vector(3, list).take();
}

Bytes write(const CertificateRequest13 &m) {
  Writer out;
  out.vector(1, m.context);
  writeExtensionBlock(out, m.extensions);
  return out.take();
}

Bytes write(const CertificateRequest12 &m) {
  Writer out, authorities;
  out.vector(1, m.types);
  writeUint16List(out, m.schemes);
  for (const Bytes &name : m.authorities) authorities.vector(2, name);
  return out.vector(2, authorities).take();
}

Bytes write(const Signature &m) {
  Writer out;
  writeSignature(out, m);
  return out.take();
}

Bytes write(const NewSessionTicket13 &m) {
  Writer out;
  out.u32(m.lifetime).u32(m.ageAdd).vector(1, m.nonce).vector(2, m.ticket);
  writeExtensionBlock(out, m.extensions);
  return out.take();
}

Bytes write(const NewSessionTicket12 &m) {
  return Writer().u32(m.lifetime).vector(2, m.ticket).take();
}

Bytes writeParameters(const ServerKeyExchange &m) {
  if (m.group == 0) return Writer().vector(2, m.p).vector(2, m.g).vector(2, m.publicValue).take();
  return Writer().u8(namedCurve).u16(m.group).vector(1, m.publicValue).take();
}

Bytes write(const ServerKeyExchange &m) {
  Writer out;
  out.raw(writeParameters(m));
  writeSignature(out, m.signature);
  return out.take();
}

std::optional<ClientHello> readClientHello(View body) {
  Reader in(body);
  ClientHello m;
  m.legacyVersion = in.u16();
  m.random = readRandom(in);
  m.sessionId = in.bytes(1, 0, 32);
  m.suites = readFilledUint16List(in);
  m.compressions = in.bytes(1, 1);
  if (in.more()) m.extensions = readExtensionBlock(in);
  return whole(in, std::move(m));
}

std::optional<ServerHello> readServerHello(View body) {
  Reader in(body);
  ServerHello m;
  m.legacyVersion = in.u16();
  m.random = readRandom(in);
  m.sessionId = in.bytes(1, 0, 32);
  m.suite = in.u16();
  m.compression = in.u8();
  if (in.more()) m.extensions = readExtensionBlock(in);
  return whole(in, std::move(m));
}

std::optional<Extensions> readEncryptedExtensions(View body) {
  Reader in(body);
  Extensions m = readExtensionBlock(in);
  return whole(in, std::move(m));
}

std::optional<CertificateMessage> readCertificate13(View body) {
  Reader in(body);
  CertificateMessage m;
  m.context = in.bytes(1);
  Reader list(in.vector(3));
  while (list.more()) {
    CertificateEntry entry;
    entry.der = list.bytes(3, 1);
    entry.extensions = readExtensionBlock(list);
    m.entries.push_back(std::move(entry));
  }
  in.require(list.done());
  return whole(in, std::move(m));
}

std::optional<CertificateMessage> readCertificate12(View body) {
  Reader in(body);
  CertificateMessage m;
  Reader list(in.vector(3));
  while (list.more()) m.entries.push_back({list.bytes(3, 1), {}});
  in.require(list.done());
  return whole(in, std::move(m));
}

std::optional<CertificateRequest13> readCertificateRequest13(View body) {
  Reader in(body);
  CertificateRequest13 m;
  m.context = in.bytes(1);
  m.extensions = readExtensionBlock(in, 2);
  return whole(in, std::move(m));
}

std::optional<CertificateRequest12> readCertificateRequest12(View body) {
  Reader in(body);
  CertificateRequest12 m;
  m.types = in.bytes(1, 1);
  m.schemes = readFilledUint16List(in);
  Reader list(in.vector(2));
  while (list.more()) m.authorities.push_back(list.bytes(2, 1));
  in.require(list.done());
  return whole(in, std::move(m));
}

std::optional<Signature> readCertificateVerify(View body) {
  Reader in(body);
  Signature m = readSignature(in);
  return whole(in, std::move(m));
}

std::optional<NewSessionTicket13> readNewSessionTicket13(View body) {
  Reader in(body);
  NewSessionTicket13 m;
  m.lifetime = in.u32();
  m.ageAdd = in.u32();
  m.nonce = in.bytes(1);
  m.ticket = in.bytes(2, 1);
  m.extensions = readExtensionBlock(in, 0, 0xfffe);
  return whole(in, std::move(m));
}

std::optional<NewSessionTicket12> readNewSessionTicket12(View body) {
  Reader in(body);
  NewSessionTicket12 m;
  m.lifetime = in.u32();
  m.ticket = in.bytes(2);
  return whole(in, std::move(m));
}

std::optional<ServerKeyExchange> readServerKeyExchange(View body, bool ecdhe) {
  Reader in(body);
  ServerKeyExchange m;
  if (ecdhe) {
    in.require(in.u8() == namedCurve);
    m.group = in.u16();
    in.require(m.group != 0);
    m.publicValue = in.bytes(1, 1);
  } else {
    m.p = in.bytes(2, 1);
    m.g = in.bytes(2, 1);
    m.publicValue = in.bytes(2, 1);
  }
  m.signature = readSignature(in);
  return whole(in, std::move(m));
}

Bytes handshake(HandshakeType type, View body) {
  return Writer().u8(static_cast<std::uint8_t>(type)).vector(3, body).take();
}

} // namespace packetarium::wire::tls
