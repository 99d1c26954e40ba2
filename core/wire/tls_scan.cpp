// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/tls_scan.h"

#include "core/wire/bytes.h"

#include <algorithm>

namespace packetarium::wire::tls {
namespace {

/// Whether a message in clear can have this length. Ciphertext seldom gets past it.
bool lengthFits(std::uint8_t type, std::size_t length, std::size_t record) {
  constexpr std::size_t longest = std::size_t{1} << 17; // more than chains of certificates need
  switch (static_cast<HandshakeType>(type)) {
  case HandshakeType::HelloRequest: return length == 0 && record == 4;
  case HandshakeType::ServerHelloDone:
  case HandshakeType::EndOfEarlyData: return length == 0;
  case HandshakeType::ClientHello: return length >= 41 && length <= longest;
  case HandshakeType::ServerHello: return length >= 38 && length <= longest;
  case HandshakeType::Finished: return length == 12 || length == 32 || length == 36 || length == 48;
  case HandshakeType::Certificate: return length >= 3 && length <= longest;
  case HandshakeType::NewSessionTicket:
  case HandshakeType::ServerKeyExchange:
  case HandshakeType::CertificateRequest:
  case HandshakeType::CertificateVerify:
  case HandshakeType::ClientKeyExchange: return length >= 2 && length <= longest;
  case HandshakeType::EncryptedExtensions:
  case HandshakeType::KeyUpdate:
  case HandshakeType::MessageHash: return false; // never in clear
  }
  constexpr std::uint8_t certificateStatus = 22; // RFC 6066 section 8
  return type == certificateStatus && length >= 4 && length <= longest;
}

} // namespace

bool startsRecord(View bytes) {
  if (bytes.size() < recordHeaderBytes) return false;
  return bytes[0] >= 20 && bytes[0] <= 23 && bytes[1] == 3 && bytes[2] >= 1 && bytes[2] <= 4 &&
         get16(bytes, 3) <= maxRecordBytes;
}

RecordScan scanRecords(View stretch) {
  RecordScan out;
  while (startsRecord(stretch.subspan(out.rest))) {
    RecordView r;
    r.at = out.rest;
    r.type = static_cast<ContentType>(stretch[r.at]);
    r.version = get16(stretch, r.at + 1);
    r.length = get16(stretch, r.at + 3);
    r.present = std::min(r.length, stretch.size() - r.body());
    out.rest = r.body() + r.present;
    out.records.push_back(r);
  }
  return out;
}

std::optional<std::vector<MessageView>> scanMessages(View here, std::size_t length) {
  std::vector<MessageView> out;
  std::size_t at = 0;
  while (here.size() - at >= 4) {
    MessageView m;
    m.at = at;
    m.type = here[at];
    m.length = std::size_t{here[at + 1]} << 16 | get16(here, at + 2);
    if (!lengthFits(m.type, m.length, length)) return std::nullopt;
    m.present = std::min(m.length, here.size() - m.body());
    at = m.body() + m.present;
    out.push_back(m);
  }
  // A header that is cut can be told from nothing; in a whole record there is none.
  const bool tail = at < here.size();
  if (out.empty() || (tail && here.size() == length)) return std::nullopt;
  return out;
}

bool isHelloRetry(View body) {
  constexpr std::size_t random = 2; // after the version
  return body.size() >= random + helloRetryRandom.size() &&
         std::equal(helloRetryRandom.begin(), helloRetryRandom.end(), body.begin() + random);
}

} // namespace packetarium::wire::tls
