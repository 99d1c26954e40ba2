// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/dissect_tls.h"

#include <fmt/format.h>

namespace packetarium::wire::tls {
namespace {

constexpr std::uint16_t padding = 21; // RFC 7685

std::size_t lengthOf(std::uint64_t length) { return static_cast<std::size_t>(length); }

std::string nameTypeName(std::uint16_t type) { return type == 0 ? "host_name" : "unknown"; }
std::string pointFormatName(std::uint16_t format) {
  switch (format) { // RFC 8422 section 5.1.2
  case 0: return "uncompressed";
  case 1: return "ansiX962_compressed_prime";
  case 2: return "ansiX962_compressed_char2";
  default: return "unknown";
  }
}
std::string pskModeName(std::uint16_t mode) {
  return mode == 0 ? "psk_ke" : mode == 1 ? "psk_dhe_ke" : "unknown";
}
std::string hashName(std::uint16_t hash) {
  constexpr std::string_view names[] = {"none",   "MD5",    "SHA1",  "SHA224",
                                        "SHA256", "SHA384", "SHA512"};
  return hash < std::size(names) ? std::string(names[hash]) : "as the scheme says";
}
std::string signatureName(std::uint16_t signature) {
  constexpr std::string_view names[] = {"anonymous", "RSA", "DSA", "ECDSA"};
  return signature < std::size(names) ? std::string(names[signature]) : "as the scheme says";
}

void walkServerName(Walk &w) {
  if (!w.more()) return; // the server's answer is empty
  w.each("tls.handshake.extensions_server_name_list_len", 2, [](Walk &in) {
    in.number("tls.handshake.extensions_server_name_type", 1, nameTypeName);
    const auto bytes = lengthOf(in.number("tls.handshake.extensions_server_name_len", 2));
    in.text("tls.handshake.extensions_server_name", bytes);
  });
}

void walkAlpn(Walk &w) {
  w.list("tls.handshake.extensions_alpn_len", 2, "tls.handshake.extensions_alpn_list",
         [](Walk &in) {
           const auto bytes = lengthOf(in.number("tls.handshake.extensions_alpn_str_len", 1));
           in.text("tls.handshake.extensions_alpn_str", bytes);
         });
}

void walkVersions(Walk &w, HelloKind kind) {
  const auto version = [](Walk &in) {
    in.number("tls.handshake.extensions.supported_version", 2, nameOfVersion);
  };
  if (kind != HelloKind::Client) return version(w);
  w.each("tls.handshake.extensions.supported_versions_len", 1, version);
}

void walkShare(Walk &w) {
  w.number("tls.handshake.extensions_key_share_group", 2, nameOfGroup);
  const auto bytes =
      lengthOf(w.number("tls.handshake.extensions_key_share_key_exchange_length", 2));
  w.raw("tls.handshake.extensions_key_share_key_exchange", bytes);
}

void walkKeyShare(Walk &w, HelloKind kind) {
  switch (kind) {
  case HelloKind::Client:
    return w.each("tls.handshake.extensions_key_share_client_length", 2, walkShare);
  case HelloKind::Server: return walkShare(w);
  case HelloKind::Retry:
    w.number("tls.handshake.extensions_key_share_selected_group", 2, nameOfGroup);
  }
}

void walkPsk(Walk &w, HelloKind kind) {
  if (kind != HelloKind::Client) {
    w.number("tls.handshake.extensions.psk.identity.selected", 2);
    return;
  }
  w.each("tls.handshake.extensions.psk.identities.length", 2, [](Walk &in) {
    const auto bytes =
        lengthOf(in.number("tls.handshake.extensions.psk.identity.identity_length", 2));
    in.raw("tls.handshake.extensions.psk.identity.identity", bytes);
    in.number("tls.handshake.extensions.psk.identity.obfuscated_ticket_age", 4);
  });
  w.raw("tls.handshake.extensions.psk.binders",
        lengthOf(w.number("tls.handshake.extensions.psk.binders_len", 2)));
}

/// One length and what it counts.
void walkVector(Walk &w, std::string_view lengthAbbrev, std::size_t lengthBytes,
                std::string_view abbrev) {
  w.raw(abbrev, lengthOf(w.number(lengthAbbrev, lengthBytes)));
}

void walkContent(Walk &w, std::uint16_t type, HelloKind kind) {
  if (type == padding) return w.raw("tls.handshake.extensions_padding_data", w.left());
  switch (static_cast<ExtensionType>(type)) {
  case ExtensionType::ServerName: return walkServerName(w);
  case ExtensionType::SupportedGroups:
    return w.list("tls.handshake.extensions_supported_groups_length", 2,
                  "tls.handshake.extensions_supported_groups", [](Walk &in) {
                    in.number("tls.handshake.extensions_supported_group", 2, nameOfGroup);
                  });
  case ExtensionType::EcPointFormats:
    return w.list("tls.handshake.extensions_ec_point_formats_length", 1,
                  "tls.handshake.extensions_ec_point_formats", [](Walk &in) {
                    in.number("tls.handshake.extensions_ec_point_format", 1, pointFormatName);
                  });
  case ExtensionType::SignatureAlgorithms:
  case ExtensionType::SignatureAlgorithmsCert: return walkSchemes(w);
  case ExtensionType::Alpn: return walkAlpn(w);
  case ExtensionType::PreSharedKey: return walkPsk(w, kind);
  case ExtensionType::SupportedVersions: return walkVersions(w, kind);
  case ExtensionType::Cookie:
    return walkVector(w, "tls.handshake.extensions.cookie_len", 2,
                      "tls.handshake.extensions.cookie");
  case ExtensionType::PskKeyExchangeModes:
    return w.each("tls.extension.psk_ke_modes_length", 1,
                  [](Walk &in) { in.number("tls.extension.psk_ke_mode", 1, pskModeName); });
  case ExtensionType::KeyShare: return walkKeyShare(w, kind);
  case ExtensionType::RenegotiationInfo:
    return walkVector(w, "tls.handshake.extensions_reneg_info_len", 1,
                      "tls.handshake.extensions_reneg_info");
  default: return w.raw("tls.handshake.extension.data", w.left());
  }
}

void walkExtension(Walk &w, HelloKind kind) {
  Field f = Dissector::make("tls.handshake.extension", w.at(), 0);
  // Its header and content: the length stands in bytes 2 and 3.
  const View here = w.view();
  const std::size_t content =
      here.size() >= 4 ? std::size_t{here[2]} << 8 | here[3] : std::size_t{0};
  const std::uint16_t type =
      here.size() >= 2 ? static_cast<std::uint16_t>(here[0] << 8 | here[1]) : std::uint16_t{0};
  Walk inner = w.part(f, 4 + content);
  if (inner.more()) {
    f.value = nameOfExtension(type);
    inner.number("tls.handshake.extension.type", 2, nameOfExtension);
    inner.number("tls.handshake.extension.len", 2);
    walkContent(inner, type, kind);
    inner.finish();
  }
  if (f.length > 0) w.push(std::move(f));
}

} // namespace

void walkScheme(Walk &w) {
  if (!w.more()) return;
  Field f = Dissector::make("tls.handshake.sig_hash_alg", w.at(), 2);
  const View here = w.view();
  if (here.size() >= 2) {
    const auto scheme = static_cast<std::uint16_t>(here[0] << 8 | here[1]);
    f.value = fmt::format("{} (0x{:04x})", nameOfSignatureScheme(scheme), scheme);
    f.key = std::uint64_t{scheme};
  }
  Walk inner = w.part(f, 2);
  inner.number("tls.handshake.sig_hash_hash", 1, hashName);
  inner.number("tls.handshake.sig_hash_sig", 1, signatureName);
  if (here.size() >= 2) w.push(std::move(f));
}

void walkSchemes(Walk &w) {
  w.list("tls.handshake.sig_hash_alg_len", 2, "tls.handshake.sig_hash_algs", walkScheme);
}

void walkExtensions(Walk &w, HelloKind kind) {
  w.each("tls.handshake.extensions_length", 2, [kind](Walk &in) { walkExtension(in, kind); });
}

} // namespace packetarium::wire::tls
