// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tls/records.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::tls {
namespace {

constexpr std::size_t explicitNonceSize = 8;

void put16(Bytes &out, std::size_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value));
}

void putHeader(Bytes &out, ContentType type, std::uint16_t version, std::size_t length) {
  out.push_back(static_cast<std::uint8_t>(type));
  put16(out, version);
  put16(out, length);
}

void put64(Bytes &out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(value >> shift));
}

/// RFC 5246 section 6.2.3.3.
Bytes additionalData12(std::uint64_t sequence, std::uint8_t type, std::size_t length) {
  Bytes out;
  out.reserve(13);
  put64(out, sequence);
  out.push_back(type);
  put16(out, 0x0303);
  put16(out, length);
  return out;
}

} // namespace

/// RFC 8446 section 5.3; RFC 5288 section 3 when part of it travels in the record.
Bytes Protection::nonce(View explicitPart) const {
  Bytes nonce = m_iv;
  if (explicitNonce()) {
    crypto::append(nonce, explicitPart);
    return nonce;
  }
  for (std::size_t i = 0; i < 8; ++i)
    nonce[nonce.size() - 1 - i] ^= static_cast<std::uint8_t>(m_sequence >> (8 * i));
  return nonce;
}

void Protection::seal(ContentType type, View plain, Bytes &out) {
  if (m_version == Version::Tls13) {
    m_scratch.assign(plain.begin(), plain.end());
    m_scratch.push_back(static_cast<std::uint8_t>(type));
    Bytes header;
    putHeader(header, ContentType::ApplicationData, 0x0303, m_scratch.size() + crypto::aeadTagSize);
    crypto::append(out, header);
    m_aead.seal(nonce({}), header, m_scratch, out);
  } else {
    Bytes counter;
    put64(counter, m_sequence);
    const std::size_t extra = explicitNonce() ? explicitNonceSize : 0;
    putHeader(out, type, 0x0303, extra + plain.size() + crypto::aeadTagSize);
    if (extra != 0) crypto::append(out, counter);
    m_aead.seal(nonce(counter),
                additionalData12(m_sequence, static_cast<std::uint8_t>(type), plain.size()), plain,
                out);
  }
  ++m_sequence;
}

bool Protection::open(View header, View body, Bytes &plain, std::uint8_t &type) {
  plain.clear();
  if (m_version == Version::Tls13) {
    if (body.size() < crypto::aeadTagSize) return false;
    if (!m_aead.open(nonce({}), header, body, plain)) return false;
    ++m_sequence;
    while (!plain.empty() && plain.back() == 0) plain.pop_back();
    type = plain.empty() ? 0 : plain.back();
    if (!plain.empty()) plain.pop_back();
    return true;
  }
  const std::size_t extra = explicitNonce() ? explicitNonceSize : 0;
  if (body.size() < extra + crypto::aeadTagSize) return false;
  const std::size_t length = body.size() - extra - crypto::aeadTagSize;
  type = header[0];
  if (!m_aead.open(nonce(body.first(extra)), additionalData12(m_sequence, type, length),
                   body.subspan(extra), plain))
    return false;
  ++m_sequence;
  return true;
}

void RecordWriter::write(ContentType type, View data, Bytes &out) {
  do {
    const View part = data.first(std::min(data.size(), recordPlaintextMax));
    if (m_protection) {
      m_protection->seal(type, part, out);
    } else {
      putHeader(out, type, m_legacyVersion, part.size());
      crypto::append(out, part);
    }
    data = data.subspan(part.size());
  } while (!data.empty());
}

void RecordReader::feed(View data) {
  if (m_start == m_buffer.size()) {
    m_buffer.clear();
    m_start = 0;
  } else if (m_start > 4 * recordPlaintextMax) {
    m_buffer.erase(m_buffer.begin(), m_buffer.begin() + static_cast<std::ptrdiff_t>(m_start));
    m_start = 0;
  }
  crypto::append(m_buffer, data);
}

RecordReader::Next RecordReader::fail(Alert alert, std::string why) {
  m_broken = true;
  m_failure = {alert, std::move(why)};
  return Next::Failed;
}

std::size_t RecordReader::limit() const {
  if (!m_protection) return recordPlaintextMax;
  return recordPlaintextMax + (m_protection->version() == Version::Tls13 ? 256 : 2048);
}

bool RecordReader::skips(std::size_t bytes) {
  if (bytes > m_skip) return false;
  m_skip -= bytes;
  return true;
}

RecordReader::Next RecordReader::next(Record &record) {
  if (m_broken) return Next::Failed;
  while (m_buffer.size() - m_start >= recordHeaderSize) {
    const View rest = View(m_buffer).subspan(m_start);
    const View header = rest.first(recordHeaderSize);
    if (header[0] < 20 || header[0] > 23)
      return fail(Alert::UnexpectedMessage,
                  fmt::format("Record of the unknown type {}: this is not TLS.", header[0]));
    if (header[1] != 3)
      return fail(Alert::ProtocolVersion,
                  fmt::format("Record of the unknown version {}.{}.", header[1], header[2]));
    const std::size_t length = std::size_t{header[3]} << 8 | header[4];
    const std::size_t longest = m_skip != 0 ? recordPlaintextMax + 256 : limit();
    if (length > longest)
      return fail(Alert::RecordOverflow,
                  fmt::format("Record of {} bytes, {} are the most.", length, longest));
    if (rest.size() < recordHeaderSize + length) return Next::Nothing;
    m_start += recordHeaderSize + length;
    const Next got = open(header, rest.subspan(recordHeaderSize, length), record);
    if (got != Next::Nothing) return got;
  }
  return Next::Nothing;
}

/// Nothing: the record was skipped.
RecordReader::Next RecordReader::open(View header, View body, Record &record) {
  record.type = header[0];
  const bool changeCipher = record.type == static_cast<std::uint8_t>(ContentType::ChangeCipherSpec);
  const bool alert = record.type == static_cast<std::uint8_t>(ContentType::Alert);
  const bool v13 = m_protection && m_protection->version() == Version::Tls13;
  const bool plain13 = v13 && (changeCipher || (alert && m_plainAlerts && body.size() == 2));
  if (!m_protection || plain13) {
    const bool data = record.type == static_cast<std::uint8_t>(ContentType::ApplicationData);
    if (data && skips(body.size())) return Next::Nothing;
    record.data.assign(body.begin(), body.end());
    record.wasProtected = false;
    return Next::Got;
  }
  if (v13 && record.type != static_cast<std::uint8_t>(ContentType::ApplicationData))
    return fail(Alert::UnexpectedMessage, "A record came in clear after keys were in use.");
  if (!m_protection->open(header, body, record.data, record.type)) {
    if (skips(body.size())) return Next::Nothing;
    return fail(Alert::BadRecordMac, "A record's authentication tag does not fit: its bytes were "
                                     "changed on the way, or the keys differ.");
  }
  m_skip = 0;
  if (record.data.size() > recordPlaintextMax)
    return fail(Alert::RecordOverflow, "A record holds more than 2^14 bytes.");
  if (v13 && record.type == 0)
    return fail(Alert::UnexpectedMessage, "A protected record holds nothing but padding.");
  record.wasProtected = true;
  return Next::Got;
}

} // namespace packetarium::tls
