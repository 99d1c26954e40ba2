// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/bytes.h"
#include "core/wire/dns.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::wire::dns {
namespace {

class Reader {
public:
  explicit Reader(std::span<const std::uint8_t> bytes) : m_in(bytes) {}
  std::optional<Fault> fault;
  std::size_t at = 0;

  std::size_t left() const { return m_in.size() - at; }
  bool need(std::size_t count, const std::string &path) {
    if (!fault && left() < count)
      fault = Fault{
          path, fmt::format("the message ends too early: {} bytes needed, {} left", count, left())};
    return !fault;
  }
  std::uint16_t word() {
    at += 2;
    return get16(m_in, at - 2);
  }
  std::uint32_t longWord() {
    at += 4;
    return get32(m_in, at - 4);
  }
  std::string name(const std::string &path) {
    if (fault) return {};
    auto found = readName(m_in, at);
    if (!found) {
      fault = Fault{path, fmt::format("malformed name at byte {}", at)};
      return {};
    }
    at = found->next;
    return std::move(found->name);
  }
  Question question(const std::string &path);
  Record record(const std::string &path);

private:
  RecordData data(RecordType type, std::size_t length, const std::string &path);
  RecordData soa(const std::string &path);
  RecordData txt(std::size_t end, const std::string &path);
  RecordData raw(std::size_t length);

  std::span<const std::uint8_t> m_in;
};

Question Reader::question(const std::string &path) {
  Question q;
  q.name = name(path + ".name");
  if (!need(4, path)) return q;
  q.type = static_cast<RecordType>(word());
  q.recordClass = word();
  return q;
}

RecordData Reader::raw(std::size_t length) {
  const auto part = m_in.subspan(at, length);
  at += length;
  return Bytes(part.begin(), part.end());
}

RecordData Reader::soa(const std::string &path) {
  Soa s;
  s.primary = name(path + ".primary");
  s.mailbox = name(path + ".mailbox");
  if (!need(20, path)) return s;
  s.serial = longWord();
  s.refresh = longWord();
  s.retry = longWord();
  s.expire = longWord();
  s.minimum = longWord();
  return s;
}

RecordData Reader::txt(std::size_t end, const std::string &path) {
  Txt t;
  while (at < end && !fault) {
    const std::size_t length = m_in[at++];
    if (length > end - at) {
      fault = Fault{path, "a string runs over the end of the record"};
      break;
    }
    t.strings.emplace_back(reinterpret_cast<const char *>(m_in.data()) + at, length);
    at += length;
  }
  return t;
}

RecordData Reader::data(RecordType type, std::size_t length, const std::string &path) {
  const std::size_t end = at + length;
  switch (type) {
  case RecordType::A:
    if (length == 4) return Ipv4Address{longWord()};
    fault = Fault{path, fmt::format("an A record has 4 bytes, got {}", length)};
    return {};
  case RecordType::Aaaa: {
    if (length != 16) {
      fault = Fault{path, fmt::format("an AAAA record has 16 bytes, got {}", length)};
      return {};
    }
    Aaaa six{};
    std::copy_n(m_in.begin() + static_cast<std::ptrdiff_t>(at), 16, six.begin());
    at += 16;
    return six;
  }
  case RecordType::Ns:
  case RecordType::Cname:
  case RecordType::Ptr: return NameData{name(path)};
  case RecordType::Soa: return soa(path);
  case RecordType::Mx: {
    Mx mx;
    if (!need(2, path)) return mx;
    mx.preference = word();
    mx.exchange = name(path);
    return mx;
  }
  case RecordType::Txt: return txt(end, path);
  default: return raw(length);
  }
}

Record Reader::record(const std::string &path) {
  Record r;
  r.name = name(path + ".name");
  if (!need(10, path)) return r;
  r.type = static_cast<RecordType>(word());
  r.recordClass = word();
  r.ttl = longWord();
  const std::size_t length = word();
  if (!need(length, path + ".data")) return r;
  const std::size_t end = at + length;
  // An update that deletes one record has its data in class NONE (RFC 2136 section 2.5.4).
  const bool typed = r.recordClass == classInternet || (r.recordClass == classNone && length > 0);
  r.data = data(typed ? r.type : RecordType{}, length, path + ".data");
  if (!fault && at != end)
    fault = Fault{path + ".data",
                  fmt::format("{} bytes declared, {} read", length, at - (end - length))};
  return r;
}

void readHeader(Reader &r, Message &m, std::array<std::uint16_t, 4> &counts) {
  m.id = r.word();
  const std::uint16_t flags = r.word();
  m.response = (flags & 0x8000) != 0;
  m.opcode = flags >> 11 & 15;
  m.authoritative = (flags & 0x0400) != 0;
  m.truncated = (flags & 0x0200) != 0;
  m.recursionDesired = (flags & 0x0100) != 0;
  m.recursionAvailable = (flags & 0x0080) != 0;
  m.code = static_cast<ResponseCode>(flags & 15);
  for (auto &count : counts) count = r.word();
}

} // namespace

Result<Message> decode(std::span<const std::uint8_t> bytes) {
  if (bytes.size() > 65535) return Fault{"dns", "a message must be at most 65535 bytes"};
  Reader r(bytes);
  if (!r.need(12, "dns.header")) return *r.fault;
  Message m;
  std::array<std::uint16_t, 4> counts{};
  readHeader(r, m, counts);
  for (std::size_t i = 0; i < counts[0] && !r.fault; ++i)
    m.questions.push_back(r.question(fmt::format("dns.questions[{}]", i)));
  std::vector<Record> *const sections[] = {&m.answers, &m.authority, &m.additional};
  const char *const titles[] = {"answers", "authority", "additional"};
  for (std::size_t s = 0; s < 3; ++s)
    for (std::size_t i = 0; i < counts[s + 1] && !r.fault; ++i)
      sections[s]->push_back(r.record(fmt::format("dns.{}[{}]", titles[s], i)));
  if (!r.fault && r.left() > 0)
    r.fault = Fault{"dns", fmt::format("{} bytes follow the last record", r.left())};
  if (r.fault) return *r.fault;
  return m;
}

} // namespace packetarium::wire::dns
