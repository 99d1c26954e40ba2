// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/wire/tls_messages.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

/// Finds records and messages in a stretch of a TLS stream without keeping a connection's state, as
/// one looks at a single segment. What is encrypted can only be told by its form.
namespace packetarium::wire::tls {

constexpr std::size_t recordHeaderBytes = 5;
/// RFC 8446 section 5.2: 2^14 bytes of text and 256 of expansion.
constexpr std::size_t maxRecordBytes = 16384 + 256;

/// A record, or as much of it as the stretch holds. Offsets count from the stretch's start.
struct RecordView {
  std::size_t at = 0; ///< of its header
  ContentType type = ContentType::Handshake;
  std::uint16_t version = 0;
  std::size_t length = 0;  ///< bytes of body, as its header says
  std::size_t present = 0; ///< of them in the stretch
  std::size_t body() const { return at + recordHeaderBytes; }
  bool whole() const { return present == length; }
};
struct RecordScan {
  std::vector<RecordView> records;
  std::size_t rest = 0; ///< what follows from here is no whole record header
};

/// Whether the bytes could be the start of a record: content type 20 to 23, version 3.1 to 3.4, a
/// length that is allowed. Needs all 5 bytes of the header.
bool startsRecord(View bytes);
RecordScan scanRecords(View stretch);

/// A handshake message, or as much of it as its record holds. Offsets count from the record's body.
struct MessageView {
  std::size_t at = 0; ///< of its header of 4 bytes
  std::uint8_t type = 0;
  std::size_t length = 0;  ///< bytes of body, as its header says
  std::size_t present = 0; ///< of them here
  std::size_t body() const { return at + 4; }
};
/// The messages of a handshake record's body, of which `here` is in sight and `length` is its whole
/// length. Nothing when they are encrypted or the body does not start with a message.
std::optional<std::vector<MessageView>> scanMessages(View here, std::size_t length);

/// Whether a ServerHello's body, or the start of one, is a HelloRetryRequest's.
bool isHelloRetry(View body);

} // namespace packetarium::wire::tls
