// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/wire/payload.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What the members of a replicated service, and its clients, say to each other: one line of text,
/// "PCM1 append epoch=2 index=7 key=cart", so that anybody can read it in the bytes. In UDP one
/// message a datagram; in TCP one after another.
namespace packetarium::wire::cluster {

constexpr std::string_view magic = "PCM1 "; ///< Packetarium cluster message, by which it is told
constexpr std::size_t lineBytesMax = 65536;
constexpr std::size_t fieldsMax = 64;

/// A verb (letters, digits, "-") and fields in order. Keys are like verbs; values are any bytes
/// (percent-encoded on the wire, RFC 3986 section 2.1, where they are no printable ASCII).
class Message {
public:
  Message() = default;
  explicit Message(std::string_view verb) : m_verb(verb) {}
  Message &add(std::string_view key, std::string_view value);
  Message &add(std::string_view key, std::int64_t value);

  const std::string &verb() const { return m_verb; }
  bool is(std::string_view verb) const { return m_verb == verb; }
  bool has(std::string_view key) const;
  /// The first value of the key; empty when there is none.
  std::string_view text(std::string_view key) const;
  /// Nothing when there is none or it is no number.
  std::optional<std::int64_t> number(std::string_view key) const;
  std::int64_t number(std::string_view key, std::int64_t otherwise) const;
  const std::vector<std::pair<std::string, std::string>> &fields() const { return m_fields; }
  /// What a ladder shows on the arrow: "write cart", from the verb and the fields that matter most
  /// (index and key, else term, epoch, role or node); at most about 24 characters.
  std::string label() const;
  bool operator==(const Message &) const = default;

private:
  std::string m_verb;
  std::vector<std::pair<std::string, std::string>> m_fields;
};

/// The line with its line feed.
std::string encode(const Message &message);
inline Payload payloadOf(const Message &message) { return Payload::of(encode(message)); }
/// One line, with or without its line feed; faults say where it cannot be read.
Result<Message> decode(std::string_view line);
inline Result<Message> decode(const Payload &datagram) { return decode(datagram.toText()); }

/// Whether the bytes begin with the magic.
bool startsMessage(std::span<const std::uint8_t> bytes);
/// They are a message that only says "I am alive": its verb is beat or heartbeat.
bool startsHeartbeat(std::span<const std::uint8_t> bytes);

/// Cuts a stream into messages. A value.
class Reader {
public:
  /// Faults on a line that cannot be read or is too long; the stream is then of no more use.
  Status feed(const Payload &data);
  std::optional<Message> take();

private:
  std::string m_open;
  std::vector<Message> m_ready;
  std::size_t m_taken = 0;
};

} // namespace packetarium::wire::cluster
