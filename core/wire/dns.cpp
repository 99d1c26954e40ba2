// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/dns.h"

#include "core/wire/dns_name.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::wire::dns {
namespace {

struct TypeName {
  RecordType type;
  std::string_view name;
};
constexpr TypeName typeNames[] = {
    {RecordType::A, "A"},     {RecordType::Ns, "NS"},     {RecordType::Cname, "CNAME"},
    {RecordType::Soa, "SOA"}, {RecordType::Ptr, "PTR"},   {RecordType::Mx, "MX"},
    {RecordType::Txt, "TXT"}, {RecordType::Aaaa, "AAAA"}, {RecordType::Any, "ANY"},
};

Record make(std::string name, RecordType type, std::uint32_t ttl, RecordData data) {
  Record r;
  r.name = std::move(name);
  r.type = type;
  r.ttl = ttl;
  r.data = std::move(data);
  return r;
}

std::string hex(const Bytes &bytes) {
  std::string out;
  for (const auto b : bytes) out += fmt::format("{:02x}", b);
  return out;
}

/// RFC 5952: the longest run of two or more zero groups becomes "::".
std::string ipv6Text(const Aaaa &a) {
  std::array<int, 8> groups{};
  for (std::size_t i = 0; i < 8; ++i) groups[i] = a[2 * i] << 8 | a[2 * i + 1];
  std::size_t best = 8, bestLength = 1;
  for (std::size_t i = 0; i < 8; ++i) {
    std::size_t end = i;
    while (end < 8 && groups[end] == 0) ++end;
    if (end - i > bestLength) {
      best = i;
      bestLength = end - i;
    }
  }
  std::string out;
  for (std::size_t i = 0; i < 8; ++i) {
    if (i == best) {
      out += "::";
      i += bestLength - 1;
      continue;
    }
    if (!out.empty() && out.back() != ':') out += ':';
    out += fmt::format("{:x}", groups[i]);
  }
  return out;
}

std::string txtText(const Txt &t) {
  std::string out;
  for (const auto &s : t.strings) {
    if (!out.empty()) out += ' ';
    out += '"';
    for (const char c : s) {
      const auto byte = static_cast<std::uint8_t>(c);
      if (byte < 32 || byte > 126)
        out += fmt::format("\\{:03}", byte);
      else if (c == '"' || c == '\\')
        (out += '\\') += c;
      else
        out += c;
    }
    out += '"';
  }
  return out;
}

} // namespace

std::string name(RecordType type) {
  for (const auto &t : typeNames)
    if (t.type == type) return std::string(t.name);
  return fmt::format("TYPE{}", static_cast<unsigned>(type));
}

std::string_view name(ResponseCode code) {
  switch (code) {
  case ResponseCode::NoError: return "No error";
  case ResponseCode::FormatError: return "Format error";
  case ResponseCode::ServerFailure: return "Server failure";
  case ResponseCode::NameError: return "No such name";
  case ResponseCode::NotImplemented: return "Not implemented";
  case ResponseCode::Refused: return "Refused";
  case ResponseCode::NameExists: return "Name exists";
  case ResponseCode::RecordsExist: return "RRset exists";
  case ResponseCode::NoSuchRecords: return "RRset does not exist";
  case ResponseCode::NotAuthoritative: return "Server is not authoritative";
  case ResponseCode::NotInZone: return "Name out of zone";
  }
  return "Unknown code";
}

Record Record::a(std::string name, Ipv4Address address, std::uint32_t ttl) {
  return make(std::move(name), RecordType::A, ttl, address);
}
Record Record::cname(std::string name, std::string target, std::uint32_t ttl) {
  return make(std::move(name), RecordType::Cname, ttl, NameData{std::move(target)});
}
Record Record::ns(std::string name, std::string host, std::uint32_t ttl) {
  return make(std::move(name), RecordType::Ns, ttl, NameData{std::move(host)});
}
Record Record::ptr(std::string name, std::string host, std::uint32_t ttl) {
  return make(std::move(name), RecordType::Ptr, ttl, NameData{std::move(host)});
}
Record Record::txt(std::string name, std::vector<std::string> strings, std::uint32_t ttl) {
  return make(std::move(name), RecordType::Txt, ttl, Txt{std::move(strings)});
}
Record Record::soa(std::string name, Soa soa, std::uint32_t ttl) {
  return make(std::move(name), RecordType::Soa, ttl, std::move(soa));
}

Record Record::deletion(std::string name, RecordType type) {
  Record r = make(std::move(name), type, 0, Bytes{});
  r.recordClass = classAny;
  return r;
}
Record Record::deletionOf(Record record) {
  record.recordClass = classNone;
  record.ttl = 0;
  return record;
}

bool Record::isEmpty() const {
  if (const auto *text = std::get_if<Txt>(&data)) return text->strings.empty();
  const auto *raw = std::get_if<Bytes>(&data);
  return raw != nullptr && raw->empty();
}

std::string Record::dataText() const {
  if (const auto *raw = std::get_if<Bytes>(&data)) return hex(*raw);
  if (const auto *address = std::get_if<Ipv4Address>(&data)) return address->text();
  if (const auto *host = std::get_if<NameData>(&data)) return host->name;
  if (const auto *mx = std::get_if<Mx>(&data))
    return fmt::format("{} {}", mx->preference, mx->exchange);
  if (const auto *text = std::get_if<Txt>(&data)) return txtText(*text);
  if (const auto *six = std::get_if<Aaaa>(&data)) return ipv6Text(*six);
  const auto &s = std::get<Soa>(data);
  return fmt::format("{} {} {} {} {} {} {}", s.primary, s.mailbox, s.serial, s.refresh, s.retry,
                     s.expire, s.minimum);
}

Message Message::query(std::uint16_t id, std::string name, RecordType type) {
  Message m;
  m.id = id;
  m.recursionDesired = true;
  m.questions.push_back({std::move(name), type, classInternet});
  return m;
}

Message Message::update(std::uint16_t id, std::string zone) {
  Message m;
  m.id = id;
  m.opcode = opcodeUpdate;
  m.questions.push_back({std::move(zone), RecordType::Soa, classInternet});
  return m;
}

Message Message::responseTo(const Message &query) {
  Message m;
  m.id = query.id;
  m.response = true;
  m.opcode = query.opcode;
  m.recursionDesired = query.recursionDesired;
  m.questions = query.questions;
  return m;
}

std::optional<std::uint32_t> negativeTtl(const Message &response) {
  for (const Record &r : response.authority)
    if (const auto *soa = std::get_if<Soa>(&r.data)) return std::min(r.ttl, soa->minimum);
  return std::nullopt;
}

} // namespace packetarium::wire::dns
