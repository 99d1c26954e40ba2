// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/wire/dns.h"
#include "tests/core/wire/samples.h"
#include "tests/support/catch.h"

#include <rapidcheck.h>

using namespace packetarium;
using namespace packetarium::wire;
using namespace packetarium::wire::dns;
using samples::hexBytes;

namespace {

std::string randomName(RandomStream &r) {
  std::string out;
  const auto labels = r.below(5);
  for (std::uint64_t i = 0; i < labels; ++i) {
    if (!out.empty()) out += '.';
    const auto length = 1 + r.below(r.chance(0.05) ? 40 : 4);
    for (std::uint64_t c = 0; c < length; ++c)
      out += r.chance(0.02) ? std::string("\\000") : std::string(1, char('a' + r.below(3)));
  }
  return out;
}

Record randomRecord(RandomStream &r) {
  Record record;
  record.name = randomName(r);
  record.ttl = static_cast<std::uint32_t>(r.next());
  switch (r.below(8)) {
  case 0: return Record::a(record.name, {static_cast<std::uint32_t>(r.next())}, record.ttl);
  case 1: return Record::ns(record.name, randomName(r), record.ttl);
  case 2: return Record::cname(record.name, randomName(r), record.ttl);
  case 3: return Record::ptr(record.name, randomName(r), record.ttl);
  case 4:
    return Record::soa(record.name, {randomName(r), randomName(r), 1, 2, 3, 4, 5}, record.ttl);
  case 5: return Record::txt(record.name, {randomName(r), std::string(255, 'x')}, record.ttl);
  case 6:
    record.type = RecordType::Mx;
    record.data = Mx{7, randomName(r)};
    return record;
  default:
    record.type = static_cast<RecordType>(300 + r.below(100));
    record.data = Bytes{1, 2, 3};
    return record;
  }
}

Message randomMessage(std::uint64_t seed) {
  RandomStream r(seed, "test", "dns");
  Message m;
  m.id = static_cast<std::uint16_t>(r.next());
  m.response = r.chance(0.5);
  m.opcode = static_cast<std::uint8_t>(r.below(16));
  m.authoritative = r.chance(0.5);
  m.truncated = r.chance(0.5);
  m.recursionDesired = r.chance(0.5);
  m.recursionAvailable = r.chance(0.5);
  m.code = static_cast<ResponseCode>(r.below(16));
  for (auto n = r.below(3); n > 0; --n) m.questions.push_back({randomName(r), RecordType::Any, 1});
  for (auto *section : {&m.answers, &m.authority, &m.additional})
    for (auto n = r.below(4); n > 0; --n) section->push_back(randomRecord(r));
  return m;
}

} // namespace

TEST_CASE("A query for www.example.com has the bytes of RFC 1035 section 4.1") {
  const Bytes expected = hexBytes("beef 0100 0001 0000 0000 0000"
                                  "03777777 076578616d706c65 03636f6d 00 0001 0001");
  CHECK(encode(samples::dnsQuery()).value() == expected);
  const auto back = dns::decode(expected);
  REQUIRE(back.ok());
  CHECK(*back == samples::dnsQuery());
}

TEST_CASE("Names are compressed as in the example of RFC 1035 section 4.1.4") {
  // F.ISI.ARPA in full, FOO.F.ISI.ARPA as a label and a pointer, ARPA as a pointer, the root.
  Message m;
  for (const char *name : {"F.ISI.ARPA", "FOO.F.ISI.ARPA", "ARPA", ""})
    m.questions.push_back({name, RecordType::A, 1});
  const Bytes bytes = encode(m).value();
  CHECK(bytes == hexBytes("0000 0000 0004 0000 0000 0000"
                          "0146 03495349 0441525041 00 0001 0001"
                          "03464f4f c00c 0001 0001"
                          "c012 0001 0001"
                          "00 0001 0001"));
  CHECK(*dns::decode(bytes) == m);
}

TEST_CASE("decode undoes encode for any message") {
  CHECK(rc::check("round trip", [](std::uint64_t seed) {
    const Message m = randomMessage(seed);
    const auto bytes = encode(m);
    RC_ASSERT(bytes.ok());
    const auto back = dns::decode(*bytes);
    RC_ASSERT(back.ok());
    RC_ASSERT(*back == m);
  }));
}

TEST_CASE("Names that do not fit the rules are refused") {
  CHECK(validName(""));
  CHECK(validName("."));
  CHECK(validName("example.com."));
  CHECK(validName(std::string(63, 'a') + ".b"));
  CHECK_FALSE(validName(std::string(64, 'a')));
  CHECK_FALSE(validName("a..b"));
  CHECK_FALSE(validName(".a"));
  CHECK_FALSE(validName("a\\3"));
  CHECK_FALSE(validName("a\\256"));
  // Four labels of 63 would need 257 bytes; the limit is 255 with length bytes and root.
  const std::string label(63, 'x');
  CHECK_FALSE(validName(label + "." + label + "." + label + "." + label));
  CHECK(validName(label + "." + label + "." + label + "." + std::string(61, 'y')));
  CHECK_FALSE(validName(label + "." + label + "." + label + "." + std::string(62, 'y')));
  CHECK_FALSE(encode(Message::query(1, "a..b")).ok());
}

TEST_CASE("Compression pointers that loop or lead forward are refused") {
  const std::string head = "0000 0000 0001 0000 0000 0000";
  CHECK_FALSE(dns::decode(hexBytes(head + "c00c 0001 0001")).ok());       // to itself
  CHECK_FALSE(dns::decode(hexBytes(head + "0161 c00c 0001 0001")).ok());  // to its own start
  CHECK_FALSE(dns::decode(hexBytes(head + "c010 0001 0001 00")).ok());    // forward
  CHECK_FALSE(dns::decode(hexBytes(head + "8161 00 0001 0001")).ok());    // reserved label type
  CHECK_FALSE(dns::decode(hexBytes(head + "3f61 00 0001 0001")).ok());    // label past the end
  CHECK_FALSE(dns::decode(hexBytes(head + "0161 00 0001")).ok());         // cut short
  CHECK_FALSE(dns::decode(hexBytes(head + "0161 00 0001 0001 ff")).ok()); // bytes left over
  CHECK(dns::decode(hexBytes(head + "0161 00 0001 0001")).ok());
  CHECK_FALSE(dns::decode(hexBytes("0000 0000 ffff ffff ffff ffff")).ok());
  CHECK_FALSE(dns::decode(Bytes(11)).ok());
}

TEST_CASE("A fault names the record") {
  Bytes bytes = encode(samples::dnsAnswer()).value();
  bytes.resize(bytes.size() - 1);
  const auto cut = dns::decode(bytes);
  REQUIRE_FALSE(cut.ok());
  CHECK(cut.faults()[0].path == "dns.additional[1].data");
}

TEST_CASE("An answer too long for a datagram loses whole records and is marked truncated") {
  Message m = Message::responseTo(samples::dnsQuery());
  for (std::uint8_t i = 0; i < 60; ++i)
    m.answers.push_back(Record::a("www.example.com", Ipv4Address::of(192, 0, 2, i), 60));
  const auto bytes = encodeTruncated(m);
  REQUIRE(bytes.ok());
  CHECK(bytes->size() <= 512);
  const auto back = dns::decode(*bytes);
  CHECK(back->truncated);
  // 33 bytes for header and question, 16 for each record with a compressed name.
  CHECK(back->answers.size() == (512 - 33) / 16);
  CHECK_FALSE(dns::decode(*encodeTruncated(samples::dnsAnswer()))->truncated);
}

TEST_CASE("Additional records that do not fit are left out without a mark (RFC 2181 section 9)") {
  Message m = samples::dnsAnswer();
  const std::size_t whole = encode(m)->size();
  const auto less = dns::decode(*encodeTruncated(m, whole - 1));
  REQUIRE(less.ok());
  CHECK_FALSE(less->truncated);
  CHECK(less->additional.size() == 1);
  CHECK(less->authority == m.authority);
  m.additional.clear();
  const auto cut = dns::decode(*encodeTruncated(m, encode(m)->size() - 1));
  CHECK(cut->truncated);
  CHECK(cut->answers == m.answers);
  CHECK(cut->authority.empty());
}

TEST_CASE("Negative answers may be kept for the lesser of TTL and minimum (RFC 2308 section 5)") {
  Message m = samples::dnsNegative();
  CHECK(negativeTtl(m) == 300U);
  m.authority[0].ttl = 20;
  CHECK(negativeTtl(m) == 20U);
  m.authority.clear();
  CHECK_FALSE(negativeTtl(m).has_value());
}

TEST_CASE("Names compare without case and know what they lie within") {
  CHECK(sameName("WWW.Example.COM", "www.example.com."));
  CHECK_FALSE(sameName("www.example.com", "www.example.org"));
  CHECK(isWithin("www.example.com", "Example.com"));
  CHECK(isWithin("example.com", "example.com"));
  CHECK(isWithin("anything", ""));
  CHECK_FALSE(isWithin("badexample.com", "example.com"));
  CHECK(parentName("www.example.com") == "example.com");
  CHECK(parentName("com").empty());
}

TEST_CASE("Records are written as in a zone file") {
  CHECK(Record::a("x", Ipv4Address::of(192, 0, 2, 1), 1).dataText() == "192.0.2.1");
  CHECK(Record::txt("x", {"say \"hi\""}, 1).dataText() == "\"say \\\"hi\\\"\"");
  Record six;
  six.type = RecordType::Aaaa;
  six.data = Aaaa{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  CHECK(six.dataText() == "2001:db8::1"); // RFC 5952
  six.data = Aaaa{};
  CHECK(six.dataText() == "::");
  CHECK(name(RecordType::Cname) == "CNAME");
  CHECK(name(static_cast<RecordType>(999)) == "TYPE999");
}
