// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/tls_codec.h"
#include "core/wire/tls_messages.h"

#include <algorithm>

// What stands in extensions: RFC 8446 section 4.2, RFC 6066 (names), RFC 7301 (ALPN), RFC 5746.
namespace packetarium::wire::tls {
namespace {

constexpr std::uint8_t hostName = 0; // NameType, RFC 6066 section 3

Extension extensionOf(ExtensionType type, Bytes data) {
  return {static_cast<std::uint16_t>(type), std::move(data)};
}

View textView(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t *>(text.data()), text.size()};
}

std::string textOf(View bytes) { return std::string(bytes.begin(), bytes.end()); }

Writer uint16s(const std::vector<std::uint16_t> &list) {
  Writer out;
  for (const std::uint16_t v : list) out.u16(v);
  return out;
}

/// A list of numbers that fills all of the data and is not empty.
std::optional<std::vector<std::uint16_t>> uint16sOf(View data, std::size_t lengthBytes) {
  Reader in(data);
  Reader list(in.vector(lengthBytes, 2));
  std::vector<std::uint16_t> out;
  while (list.more()) out.push_back(list.u16());
  if (!in.done() || !list.done()) return std::nullopt;
  return out;
}

std::optional<Bytes> bytesOf(View data, std::size_t lengthBytes, std::size_t atLeast) {
  Reader in(data);
  Bytes out = in.bytes(lengthBytes, atLeast);
  if (!in.done()) return std::nullopt;
  return out;
}

Writer &writeShare(Writer &out, const KeyShareEntry &share) {
  return out.u16(share.group).vector(2, share.key);
}

KeyShareEntry readShare(Reader &in) {
  KeyShareEntry share;
  share.group = in.u16();
  share.key = in.bytes(2, 1);
  return share;
}

} // namespace

Extension serverName(std::string_view host) {
  if (host.empty()) return emptyExtension(ExtensionType::ServerName);
  Writer list;
  list.u8(hostName).vector(2, textView(host));
  return extensionOf(ExtensionType::ServerName, Writer().vector(2, list).take());
}
Extension supportedVersions(const std::vector<std::uint16_t> &versions) {
  return extensionOf(ExtensionType::SupportedVersions,
                     Writer().vector(1, uint16s(versions)).take());
}
Extension selectedVersion(std::uint16_t version) {
  return extensionOf(ExtensionType::SupportedVersions, Writer().u16(version).take());
}
Extension supportedGroups(const std::vector<std::uint16_t> &groups) {
  return extensionOf(ExtensionType::SupportedGroups, Writer().vector(2, uint16s(groups)).take());
}
Extension signatureAlgorithms(const std::vector<std::uint16_t> &schemes) {
  return extensionOf(ExtensionType::SignatureAlgorithms,
                     Writer().vector(2, uint16s(schemes)).take());
}
Extension keyShares(const std::vector<KeyShareEntry> &shares) {
  Writer list;
  for (const KeyShareEntry &share : shares) writeShare(list, share);
  return extensionOf(ExtensionType::KeyShare, Writer().vector(2, list).take());
}
Extension keyShare(const KeyShareEntry &share) {
  Writer out;
  return extensionOf(ExtensionType::KeyShare, writeShare(out, share).take());
}
Extension keyShareGroup(std::uint16_t group) {
  return extensionOf(ExtensionType::KeyShare, Writer().u16(group).take());
}
Extension cookie(View value) {
  return extensionOf(ExtensionType::Cookie, Writer().vector(2, value).take());
}
Extension alpn(const std::vector<std::string> &protocols) {
  Writer list;
  for (const std::string &name : protocols) list.vector(1, textView(name));
  return extensionOf(ExtensionType::Alpn, Writer().vector(2, list).take());
}
Extension pskModes(const Bytes &modes) {
  return extensionOf(ExtensionType::PskKeyExchangeModes, Writer().vector(1, modes).take());
}
Extension preSharedKey(const PskOffer &offer) {
  Writer identities, binders;
  for (const PskIdentity &i : offer.identities)
    identities.vector(2, i.identity).u32(i.obfuscatedAge);
  for (const Bytes &binder : offer.binders) binders.vector(1, binder);
  return extensionOf(ExtensionType::PreSharedKey,
                     Writer().vector(2, identities).vector(2, binders).take());
}
Extension selectedPsk(std::uint16_t identity) {
  return extensionOf(ExtensionType::PreSharedKey, Writer().u16(identity).take());
}
Extension earlyData() { return emptyExtension(ExtensionType::EarlyData); }
Extension maxEarlyData(std::uint32_t bytes) {
  return extensionOf(ExtensionType::EarlyData, Writer().u32(bytes).take());
}
Extension ecPointFormats() {
  return extensionOf(ExtensionType::EcPointFormats, {1, 0}); // uncompressed alone
}
Extension emptyExtension(ExtensionType type) { return extensionOf(type, {}); }
Extension renegotiationInfo(View verifyData) {
  return extensionOf(ExtensionType::RenegotiationInfo, Writer().vector(1, verifyData).take());
}

std::optional<std::string> readServerName(View data) {
  if (data.empty()) return std::string();
  Reader in(data);
  Reader list(in.vector(2, 1));
  list.require(list.u8() == hostName);
  std::string host = textOf(list.vector(2, 1));
  list.require(host.find('\0') == host.npos);
  if (!in.done() || !list.done()) return std::nullopt;
  return host;
}
std::optional<std::vector<std::uint16_t>> readSupportedVersions(View data) {
  return uint16sOf(data, 1);
}
std::optional<std::uint16_t> readUint16(View data) {
  Reader in(data);
  const std::uint16_t out = in.u16();
  if (!in.done()) return std::nullopt;
  return out;
}
std::optional<std::vector<std::uint16_t>> readUint16List(View data) { return uint16sOf(data, 2); }
std::optional<std::vector<KeyShareEntry>> readKeyShares(View data) {
  Reader in(data);
  Reader list(in.vector(2));
  std::vector<KeyShareEntry> out;
  while (list.more()) out.push_back(readShare(list));
  if (!in.done() || !list.done()) return std::nullopt;
  return out;
}
std::optional<KeyShareEntry> readKeyShare(View data) {
  Reader in(data);
  KeyShareEntry out = readShare(in);
  if (!in.done()) return std::nullopt;
  return out;
}
std::optional<Bytes> readCookie(View data) { return bytesOf(data, 2, 1); }
std::optional<std::vector<std::string>> readAlpn(View data) {
  Reader in(data);
  Reader list(in.vector(2, 2));
  std::vector<std::string> out;
  while (list.more()) out.push_back(textOf(list.vector(1, 1)));
  if (!in.done() || !list.done()) return std::nullopt;
  return out;
}
std::optional<Bytes> readPskModes(View data) { return bytesOf(data, 1, 1); }
std::optional<PskOffer> readPreSharedKey(View data) {
  Reader in(data);
  Reader identities(in.vector(2, 7));
  Reader binders(in.vector(2, 33));
  PskOffer out;
  while (identities.more()) {
    PskIdentity i;
    i.identity = identities.bytes(2, 1);
    i.obfuscatedAge = identities.u32();
    out.identities.push_back(std::move(i));
  }
  while (binders.more()) out.binders.push_back(binders.bytes(1, 32));
  const bool even = out.binders.size() == out.identities.size();
  if (!in.done() || !identities.done() || !binders.done() || !even) return std::nullopt;
  return out;
}
std::optional<std::uint32_t> readMaxEarlyData(View data) {
  Reader in(data);
  const std::uint32_t out = in.u32();
  if (!in.done()) return std::nullopt;
  return out;
}
std::optional<Bytes> readRenegotiationInfo(View data) { return bytesOf(data, 1, 0); }

std::size_t bindersSize(const PskOffer &offer) {
  std::size_t bytes = 2;
  for (const Bytes &binder : offer.binders) bytes += 1 + binder.size();
  return bytes;
}

} // namespace packetarium::wire::tls
