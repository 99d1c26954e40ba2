// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/crypto/aead.h"
#include "core/tls/types.h"

#include <optional>

/// The record layer, RFC 8446 section 5 and RFC 5246 section 6.
namespace packetarium::tls {

constexpr std::size_t recordPlaintextMax = 16384;
constexpr std::size_t recordHeaderSize = 5;

/// What protects one direction.
struct TrafficKeys {
  crypto::AeadKind kind = crypto::AeadKind::Aes128Gcm;
  Bytes key;
  Bytes iv; ///< 12 bytes; in 1.2 with AES-GCM the 4 that do not travel
};

/// One direction's protection: keys and the number of the next record.
class Protection {
public:
  Protection(Version version, const TrafficKeys &keys)
      : m_version(version), m_aead(keys.kind, keys.key), m_iv(keys.iv) {}

  /// Appends one protected record. At most 2^14 bytes of plaintext.
  void seal(ContentType type, View plain, Bytes &out);
  /// Takes one record apart. Fills plain; type becomes that of the content. False: it is forged.
  bool open(View header, View body, Bytes &plain, std::uint8_t &type);

  std::uint64_t sequence() const { return m_sequence; }
  Version version() const { return m_version; }

private:
  Bytes nonce(View explicitPart) const;
  bool explicitNonce() const { return m_iv.size() < crypto::aeadNonceSize; }
  Version m_version;
  crypto::Aead m_aead;
  Bytes m_iv;
  std::uint64_t m_sequence = 0;
  Bytes m_scratch; ///< kept for its memory alone
};

/// Cuts what is sent into records.
class RecordWriter {
public:
  void write(ContentType type, View data, Bytes &out);
  void protect(Version version, const TrafficKeys &keys) { m_protection.emplace(version, keys); }
  void unprotect() { m_protection.reset(); }
  /// The version in plain records' headers: 0x0301 in a first ClientHello, else 0x0303.
  void setLegacyVersion(std::uint16_t version) { m_legacyVersion = version; }
  bool isProtected() const { return m_protection.has_value(); }
  std::uint64_t sequence() const { return m_protection ? m_protection->sequence() : 0; }

private:
  std::optional<Protection> m_protection;
  std::uint16_t m_legacyVersion = 0x0303;
};

struct Record {
  std::uint8_t type = 0;
  Bytes data;
  bool wasProtected = false;
};

/// Finds the records in what arrives.
class RecordReader {
public:
  enum class Next : std::uint8_t { Nothing, Got, Failed };

  void feed(View data);
  /// The next whole record. After Failed, failure() tells why, and nothing more comes.
  Next next(Record &record);
  const Failure &failure() const { return m_failure; }

  void protect(Version version, const TrafficKeys &keys) { m_protection.emplace(version, keys); }
  bool isProtected() const { return m_protection.has_value(); }
  /// For a server that refused early data: records that cannot be opened are skipped, up to so
  /// many bytes (RFC 8446 section 4.2.10); plain application data too.
  void skipEarlyData(std::size_t bytes) { m_skip = bytes; }
  /// A client that cannot go on has no keys yet and says so in clear; allowed until it has.
  void allowPlainAlerts(bool on) { m_plainAlerts = on; }
  /// Nothing waits that belongs to a record not yet taken.
  bool empty() const { return m_start == m_buffer.size(); }

private:
  Next fail(Alert alert, std::string why);
  std::size_t limit() const;
  Next open(View header, View body, Record &record);
  bool skips(std::size_t bytes);

  Bytes m_buffer;
  std::size_t m_start = 0;
  std::optional<Protection> m_protection;
  std::size_t m_skip = 0;
  bool m_plainAlerts = false;
  bool m_broken = false;
  Failure m_failure;
};

} // namespace packetarium::tls
