// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/wire/address.h"
#include "core/wire/payload.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace packetarium::wire::dns {

/// DNS messages, RFC 1035. Names are text without a trailing dot; "" is the root. A byte that is no
/// letter, digit, '-' or '_' stands as "\DDD" (section 5.1), so that any name survives a round
/// trip.

constexpr std::uint16_t port = 53;
constexpr std::uint16_t classInternet = 1;
constexpr std::uint16_t classNone = 254; ///< of updates alone (RFC 2136 section 1.3)
constexpr std::uint16_t classAny = 255;
constexpr std::uint8_t opcodeUpdate = 5;
constexpr std::size_t maxUdpBytes = 512; ///< section 2.3.4; longer answers are truncated over UDP

enum class RecordType : std::uint16_t {
  A = 1,
  Ns = 2,
  Cname = 5,
  Soa = 6,
  Ptr = 12,
  Mx = 15,
  Txt = 16,
  Aaaa = 28,
  Any = 255
};
/// "A", "CNAME"; "TYPE123" for those without a name here (RFC 3597 section 5).
std::string name(RecordType type);

enum class ResponseCode : std::uint8_t {
  NoError = 0,
  FormatError = 1,
  ServerFailure = 2,
  NameError = 3,
  NotImplemented = 4,
  Refused = 5,
  // Of updates (RFC 2136 section 2.2).
  NameExists = 6,
  RecordsExist = 7,
  NoSuchRecords = 8,
  NotAuthoritative = 9,
  NotInZone = 10
};
/// As in analysers: "No error", "No such name".
std::string_view name(ResponseCode code);

struct Question {
  std::string name;
  RecordType type = RecordType::A;
  std::uint16_t recordClass = classInternet;
  bool operator==(const Question &) const = default;
};

/// A host or alias: data of NS, CNAME and PTR.
struct NameData {
  std::string name;
  bool operator==(const NameData &) const = default;
};
/// Start of a zone of authority; `minimum` bounds negative caching (RFC 2308 section 4).
struct Soa {
  std::string primary;
  std::string mailbox;
  std::uint32_t serial = 0;
  std::uint32_t refresh = 0, retry = 0, expire = 0, minimum = 0; ///< seconds
  bool operator==(const Soa &) const = default;
};
struct Mx {
  std::uint16_t preference = 0;
  std::string exchange;
  bool operator==(const Mx &) const = default;
};
struct Txt {
  std::vector<std::string> strings; ///< each at most 255 bytes
  bool operator==(const Txt &) const = default;
};
using Aaaa = std::array<std::uint8_t, 16>;
/// Bytes is for types without a struct.
using RecordData = std::variant<Bytes, Ipv4Address, NameData, Soa, Mx, Txt, Aaaa>;

struct Record {
  std::string name;
  RecordType type = RecordType::A;
  std::uint16_t recordClass = classInternet;
  std::uint32_t ttl = 0; ///< seconds
  RecordData data;
  bool operator==(const Record &) const = default;

  static Record a(std::string name, Ipv4Address address, std::uint32_t ttl);
  static Record cname(std::string name, std::string target, std::uint32_t ttl);
  static Record ns(std::string name, std::string host, std::uint32_t ttl);
  static Record ptr(std::string name, std::string host, std::uint32_t ttl);
  static Record txt(std::string name, std::vector<std::string> strings, std::uint32_t ttl);
  static Record soa(std::string name, Soa soa, std::uint32_t ttl);
  // In an update (RFC 2136 section 2.5): all records of a name (type: of that type) go, or one.
  static Record deletion(std::string name, RecordType type = RecordType::Any);
  static Record deletionOf(Record record);
  /// No data at all, as in deletions and prerequisites of updates.
  bool isEmpty() const;
  /// The data as in a zone file: "192.0.2.1", "web.example.com".
  std::string dataText() const;
};

/// In an update (RFC 2136 section 2) the question names the zone, the answers are what must be so
/// beforehand, the authority section is what changes.
struct Message {
  std::uint16_t id = 0;
  bool response = false;
  std::uint8_t opcode = 0; ///< 0: standard query
  bool authoritative = false;
  bool truncated = false;
  bool recursionDesired = false;
  bool recursionAvailable = false;
  ResponseCode code = ResponseCode::NoError; ///< 4 bits
  std::vector<Question> questions;
  std::vector<Record> answers, authority, additional;
  bool operator==(const Message &) const = default;

  /// A standard query with recursion desired, for one name.
  static Message query(std::uint16_t id, std::string name, RecordType type = RecordType::A);
  /// An update of a zone without any change yet.
  static Message update(std::uint16_t id, std::string zone);
  /// The empty response to a query: same id, question and recursion bit.
  static Message responseTo(const Message &query);
};

/// Bytes with name compression (section 4.1.4) in owner names and in the data of types of RFC 1035.
/// Faults on names or data that cannot be written.
Result<Bytes> encode(const Message &message);
/// As encode, but at most maxBytes: leaves out whole records from the end and sets the TC bit.
Result<Bytes> encodeTruncated(const Message &message, std::size_t maxBytes = maxUdpBytes);
/// Faults name the part ("dns.answers[0].name"). Compression pointers must point backwards, a name
/// is at most 255 bytes, and bytes after the last record are a fault.
Result<Message> decode(std::span<const std::uint8_t> bytes);
inline Result<Message> decode(const Payload &p) {
  const Bytes bytes = p.toBytes();
  return decode(std::span(bytes));
}

/// Names are equal without regard to the case of ASCII letters (RFC 4343).
bool sameName(std::string_view a, std::string_view b);
/// Lower case, no trailing dot: the key of a cache or zone.
std::string canonicalName(std::string_view name);
/// True when the text is a name that can be encoded.
bool validName(std::string_view name);
/// The name without its first label: "www.example.com" -> "example.com"; "" at the end.
std::string_view parentName(std::string_view name);
/// True when name equals zone or lies below it.
bool isWithin(std::string_view name, std::string_view zone);
/// Seconds for which "no such name" or "no data" may be kept: the lesser of the SOA record's TTL
/// and its minimum (RFC 2308 section 5); nothing without an SOA in the authority section.
std::optional<std::uint32_t> negativeTtl(const Message &response);

/// A name read out of a message and where the reading went on.
struct NameAt {
  std::string name;
  std::size_t next = 0; ///< offset after the name (after the pointer, when compressed)
};
/// Reads the name at an offset; nothing when it is malformed.
std::optional<NameAt> readName(std::span<const std::uint8_t> message, std::size_t offset);

} // namespace packetarium::wire::dns
