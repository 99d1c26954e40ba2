// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/wire/codec.h"
#include "tests/core/wire/samples.h"
#include "tests/support/catch.h"

#include <rapidcheck.h>

using namespace packetarium;
using namespace packetarium::wire;
using samples::hexBytes;

namespace {

/// The checksum as RFC 791 words it, one carry at a time.
std::uint16_t naiveChecksum(Bytes data) {
  if (data.size() % 2 != 0) data.push_back(0);
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < data.size(); i += 2) {
    sum += static_cast<std::uint32_t>(data[i] * 256 + data[i + 1]);
    if (sum > 0xffff) sum -= 0xffff;
  }
  return static_cast<std::uint16_t>(0xffff - sum);
}

Packet randomPacket(std::uint64_t seed) {
  RandomStream r(seed, "test", "packet");
  const auto word = [&r] { return static_cast<std::uint16_t>(r.next()); };
  const auto longWord = [&r] { return static_cast<std::uint32_t>(r.next()); };
  const auto byte = [&r] { return static_cast<std::uint8_t>(r.next()); };
  const auto payload = [&r](std::uint32_t least) {
    const auto size = least + static_cast<std::uint32_t>(r.below(r.chance(0.2) ? 1400 : 20));
    if (r.chance(0.5)) return Payload::pattern(r.below(1000), size);
    Bytes bytes(size);
    for (auto &b : bytes) b = static_cast<std::uint8_t>(r.next());
    return Payload::of(bytes);
  };
  Packet p;
  p.ethernet = {MacAddress::fromBits(r.next()), MacAddress::fromBits(r.next()), 0x0800};
  p.kind = static_cast<PacketKind>(r.below(6));
  p.ip = {byte(), byte(), 0, r.chance(0.5), false, word(), 0, {longWord()}, {longWord()}};
  switch (p.kind) {
  case PacketKind::Raw:
    p.ethernet.etherType = static_cast<std::uint16_t>(0x8800 + r.below(1000));
    p.payload = payload(46);
    p.ip = {};
    break;
  case PacketKind::Arp:
    p.ethernet.etherType = 0x0806;
    p.arp = {word(),
             MacAddress::fromBits(r.next()),
             MacAddress::fromBits(r.next()),
             {longWord()},
             {longWord()}};
    p.ip = {};
    break;
  case PacketKind::Ip:
    p.ip.protocol = static_cast<std::uint8_t>(100 + r.below(100));
    p.ip.moreFragments = r.chance(0.3);
    p.ip.fragmentOffset = r.chance(0.3) ? static_cast<std::uint16_t>(r.below(8192)) : 0;
    p.payload = payload(0);
    break;
  case PacketKind::Udp:
    p.ip.protocol = 17;
    p.udp = {word(), word()};
    p.payload = payload(0);
    break;
  case PacketKind::Tcp:
    p.ip.protocol = 6;
    p.tcp = TcpHeader{word(), word(), longWord(), longWord(), byte(), -1, word(), word(), 0};
    if (r.chance(0.5)) p.tcp.windowScale = static_cast<std::int8_t>(r.below(15));
    if (r.chance(0.5)) p.tcp.mss = static_cast<std::uint16_t>(1 + r.below(65535));
    p.payload = payload(0);
    break;
  case PacketKind::Icmp:
    p.ip.protocol = 1;
    p.icmp = {byte(), byte(), longWord()};
    p.payload = payload(0);
    break;
  }
  seal(p);
  return p;
}

void requireSameHeaders(const Packet &a, const Packet &b) {
  RC_ASSERT(a.kind == b.kind);
  RC_ASSERT(a.frameBytes == b.frameBytes);
  RC_ASSERT(a.protocol == b.protocol);
  RC_ASSERT(a.ethernet.destination == b.ethernet.destination);
  RC_ASSERT(a.ethernet.source == b.ethernet.source);
  RC_ASSERT(a.ethernet.etherType == b.ethernet.etherType);
  RC_ASSERT(a.ip.dscpEcn == b.ip.dscpEcn);
  RC_ASSERT(a.ip.ttl == b.ip.ttl);
  RC_ASSERT(a.ip.protocol == b.ip.protocol);
  RC_ASSERT(a.ip.dontFragment == b.ip.dontFragment);
  RC_ASSERT(a.ip.moreFragments == b.ip.moreFragments);
  RC_ASSERT(a.ip.identification == b.ip.identification);
  RC_ASSERT(a.ip.fragmentOffset == b.ip.fragmentOffset);
  RC_ASSERT(a.ip.source == b.ip.source);
  RC_ASSERT(a.ip.destination == b.ip.destination);
}

void requireSameTransport(const Packet &a, const Packet &b) {
  switch (a.kind) {
  case PacketKind::Arp:
    RC_ASSERT(a.arp.operation == b.arp.operation);
    RC_ASSERT(a.arp.senderMac == b.arp.senderMac);
    RC_ASSERT(a.arp.targetMac == b.arp.targetMac);
    RC_ASSERT(a.arp.senderIp == b.arp.senderIp);
    RC_ASSERT(a.arp.targetIp == b.arp.targetIp);
    break;
  case PacketKind::Udp:
    RC_ASSERT(a.udp.sourcePort == b.udp.sourcePort);
    RC_ASSERT(a.udp.destinationPort == b.udp.destinationPort);
    break;
  case PacketKind::Tcp:
    RC_ASSERT(a.tcp.sourcePort == b.tcp.sourcePort);
    RC_ASSERT(a.tcp.destinationPort == b.tcp.destinationPort);
    RC_ASSERT(a.tcp.sequence == b.tcp.sequence);
    RC_ASSERT(a.tcp.acknowledgment == b.tcp.acknowledgment);
    RC_ASSERT(a.tcp.flags == b.tcp.flags);
    RC_ASSERT(a.tcp.window == b.tcp.window);
    RC_ASSERT(a.tcp.urgentPointer == b.tcp.urgentPointer);
    RC_ASSERT(a.tcp.mss == b.tcp.mss);
    RC_ASSERT(a.tcp.windowScale == b.tcp.windowScale);
    break;
  case PacketKind::Icmp:
    RC_ASSERT(a.icmp.type == b.icmp.type);
    RC_ASSERT(a.icmp.code == b.icmp.code);
    RC_ASSERT(a.icmp.rest == b.icmp.rest);
    break;
  default: break;
  }
}

std::string faultOf(const Bytes &frame) {
  const auto packet = decode(frame);
  return packet.ok() ? "fine" : packet.faults()[0].path;
}

Bytes changed(Bytes bytes, std::size_t at, std::uint8_t value) {
  bytes[at] = value;
  return bytes;
}

} // namespace

TEST_CASE("The checksum of RFC 1071's example in section 3 is the complement of ddf2") {
  CHECK(internetChecksum(hexBytes("00 01 f2 03 f4 f5 f6 f7")) ==
        static_cast<std::uint16_t>(~0xddf2));
  CHECK(internetChecksum({}) == 0xffff);
  CHECK(internetChecksum(hexBytes("ab")) == static_cast<std::uint16_t>(~0xab00));
}

TEST_CASE("The checksum equals a word-by-word sum for any bytes, and checks to zero with itself") {
  CHECK(rc::check("checksum", [](const std::vector<std::uint8_t> &data) {
    RC_ASSERT(internetChecksum(data) == naiveChecksum(data));
    Bytes whole = data;
    if (whole.size() % 2 != 0) whole.push_back(0);
    const auto sum = internetChecksum(whole);
    whole.push_back(static_cast<std::uint8_t>(sum >> 8));
    whole.push_back(static_cast<std::uint8_t>(sum));
    RC_ASSERT(internetChecksum(whole) == 0);
  }));
}

TEST_CASE("An ARP request is the 28 bytes of RFC 826 in a padded broadcast frame") {
  const Bytes expected = hexBytes("ffffffffffff 020000000001 0806"
                                  "0001 0800 06 04 0001 020000000001 0a000001 000000000000 0a000002"
                                  "000000000000 000000000000 000000000000");
  CHECK(encode(samples::arp(ArpMessage::Request)) == expected);
}

TEST_CASE("A UDP datagram has the bytes worked out by hand") {
  // The IP words 4500 001f 1234 4000 4011 c0a8 0102 c000 0201 sum to 25b0f, folded 5b11. Pseudo
  // header c0a8 0102 c000 0201 0011 000b and 1b58 1b59 000b 6f64 6400 sum to 28de7, folded 8de9.
  const Bytes expected = hexBytes("020000000002 020000000001 0800"
                                  "4500001f12344000 4011 a4ee c0a80102 c0000201"
                                  "1b581b59000b7216 6f6464"
                                  "000000000000000000000000000000");
  const Bytes frame = encode(samples::udp(7000, 7001, Payload::of("odd")));
  CHECK(frame == expected);
  CHECK(frame.size() == 60);
}

TEST_CASE("A SYN with both options has a 28-byte header: MSS, one filler, window scale") {
  const Bytes frame = encode(samples::syn());
  const Bytes tcp(frame.begin() + 34, frame.begin() + 62);
  Bytes withoutSum = tcp;
  withoutSum[16] = withoutSum[17] = 0;
  CHECK(withoutSum == hexBytes("c000 0050 000003e8 00000000 70 02 faf0 0000 0000"
                               "020405b4 01 030307"));
  Bytes pseudo = hexBytes("c0a80102 c0000201 0006 001c");
  pseudo.insert(pseudo.end(), withoutSum.begin(), withoutSum.end());
  CHECK(tcp[16] * 256 + tcp[17] == naiveChecksum(pseudo));
}

TEST_CASE("A UDP checksum that comes to zero travels as all ones (RFC 768)") {
  // Two payload bytes can bring the sum to any value: choose them so that it comes to ffff.
  const Packet probe = samples::udp(1, 2, Payload::of(Bytes{0, 0}));
  const Bytes bytes = encode(probe);
  const Payload fill = Payload::of(Bytes{bytes[40], bytes[41]});
  const Bytes frame = encode(samples::udp(1, 2, fill));
  CHECK(frame[40] == 0xff);
  CHECK(frame[41] == 0xff);
  CHECK(checkSums(frame).transport == ChecksumReport::State::Good);
}

TEST_CASE("decode undoes encode for any packet") {
  CHECK(rc::check("round trip", [](std::uint64_t seed) {
    const Packet p = randomPacket(seed);
    const Bytes frame = encode(p);
    RC_ASSERT(frame.size() == p.frameBytes);
    const auto back = decode(frame);
    RC_ASSERT(back.ok());
    requireSameHeaders(p, *back);
    requireSameTransport(p, *back);
    RC_ASSERT(p.payload.sameBytes(back->payload));
    RC_ASSERT(encode(*back) == frame);
    RC_ASSERT(checkSums(frame).allGood());
  }));
}

TEST_CASE("The content hash does not tell a virtual payload's forms apart from hop to hop") {
  Packet p = samples::tcp(TcpFlags::Ack, 1, 2, Payload::pattern(10, 100));
  Packet q = p;
  q.ip.ttl = 3;
  q.ethernet.source = MacAddress::fromBits(9);
  seal(q);
  CHECK(p.contentHash == q.contentHash);
  q.tcp.urgentPointer = 1;
  seal(q);
  CHECK(p.contentHash != q.contentHash);
}

TEST_CASE("Every single flipped bit of a datagram is seen by a checksum or by decode") {
  for (const auto &sample : {samples::syn(), samples::udp(7, 8, Payload::of("odd")),
                             samples::icmp(8, 0, 5, Payload::of("ping"))}) {
    const Bytes good = encodeIp(sample);
    REQUIRE(checkSumsIp(good).allGood());
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
      Bytes bad = good;
      bad[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
      const auto report = checkSumsIp(bad);
      const bool seen = !report.allGood() || !decodeIp(bad).ok();
      if (!seen) FAIL("bit " << bit);
    }
  }
}

TEST_CASE("A checksum report says what should have stood there") {
  Bytes frame = encode(samples::syn());
  const auto right = static_cast<std::uint16_t>(frame[24] << 8 | frame[25]);
  frame[24] ^= 0xff;
  const auto report = checkSums(frame);
  CHECK(report.ip == ChecksumReport::State::Bad);
  CHECK(report.ipExpected == right);
  CHECK(report.transport == ChecksumReport::State::Good);
  Bytes plain = encode(samples::udp(1, 2, {}));
  plain[40] = plain[41] = 0;
  CHECK(checkSums(plain).transport == ChecksumReport::State::Absent);
  CHECK(checkSums(encode(samples::arp(1))).ip == ChecksumReport::State::Absent);
}

TEST_CASE("Malformed frames are refused with the field's name") {
  const Bytes syn = encode(samples::syn());
  CHECK(faultOf(Bytes(13)) == "ethernet");
  CHECK(faultOf(Bytes(syn.begin(), syn.begin() + 20)) == "ipv4");
  CHECK(faultOf(changed(syn, 14, 0x65)) == "ipv4.version");
  CHECK(faultOf(changed(syn, 14, 0x44)) == "ipv4.ihl");
  CHECK(faultOf(changed(syn, 14, 0x46)) == "ipv4.ihl");
  CHECK(faultOf(changed(syn, 16, 0xff)) == "ipv4.total_length");
  CHECK(faultOf(changed(changed(syn, 16, 0), 17, 19)) == "ipv4.total_length");
  CHECK(faultOf(changed(syn, 46, 0x40)) == "tcp.data_offset");
  CHECK(faultOf(changed(syn, 46, 0xf0)) == "tcp.data_offset");
  CHECK(faultOf(changed(syn, 55, 1)) == "tcp.options");
  CHECK(faultOf(changed(syn, 55, 40)) == "tcp.options");
  CHECK(faultOf(changed(encode(samples::udp(1, 2, {})), 39, 7)) == "udp.length");
  CHECK(faultOf(changed(encode(samples::udp(1, 2, {})), 39, 9)) == "udp.length");
  const Bytes arp = encode(samples::arp(1));
  CHECK(faultOf(Bytes(arp.begin(), arp.begin() + 40)) == "arp");
  CHECK(faultOf(Bytes(70000)) == "frame");
}

TEST_CASE("Cutting a frame anywhere never reads past its end") {
  for (const auto &sample : samples::all()) {
    const Bytes frame = encode(sample.packet);
    for (std::size_t size = 0; size < frame.size(); ++size) {
      const Bytes cut(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size));
      const auto packet = decode(cut);
      if (packet.ok()) CHECK(packet->frameBytes <= frame.size());
      (void)checkSums(cut);
    }
  }
}

TEST_CASE("What has no struct becomes a packet with payload") {
  const auto raw = decode(encode(samples::raw(0x88b5, Payload::pattern(0, 60))));
  CHECK(raw->kind == PacketKind::Raw);
  CHECK(raw->payload.size() == 60);
  const auto other = decode(encode(samples::ip(253, Payload::of("hello"))));
  CHECK(other->kind == PacketKind::Ip);
  CHECK(other->payload.toText() == "hello");
  Packet fragment = samples::udp(1, 2, Payload::pattern(0, 64));
  fragment.ip.moreFragments = true;
  CHECK(decode(encode(fragment))->kind == PacketKind::Ip);
  // Token ring ARP is not Ethernet ARP.
  const auto foreign = decode(changed(encode(samples::arp(1)), 15, 6));
  CHECK(foreign->kind == PacketKind::Raw);
}

TEST_CASE("Unknown TCP options are stepped over and a shift above 14 is taken as 14") {
  Bytes frame = encode(samples::syn());
  // SACK permitted, then window scale 200, then end of list and rubbish.
  const Bytes options = hexBytes("0402 0303c8 00 ff ff");
  std::copy(options.begin(), options.end(), frame.begin() + 54);
  const auto p = decode(frame);
  REQUIRE(p.ok());
  CHECK(p->tcp.mss == 0);
  CHECK(p->tcp.windowScale == 14);
}

TEST_CASE("A datagram longer than IP can carry is cut, never wrapped") {
  const Packet p = samples::udp(1, 2, Payload::pattern(0, 70000));
  const Bytes datagram = encodeIp(p);
  CHECK(datagram.size() == 65535);
  CHECK(p.frameBytes == 65535);
  CHECK(checkSumsIp(datagram).allGood());
}

TEST_CASE("An ICMP error quotes header and eight bytes, from which its sender knows the datagram") {
  const Packet p = samples::tcp(TcpFlags::Ack, 77, 88, Payload::pattern(0, 900));
  const Payload quote = quoteOf(p);
  CHECK(quote.size() == 28);
  const auto q = parseQuote(quote);
  REQUIRE(q.has_value());
  CHECK(q->protocol == 6);
  CHECK(q->source == p.ip.source);
  CHECK(q->destination == p.ip.destination);
  CHECK(q->sourcePort == 49152);
  CHECK(q->destinationPort == 80);
  CHECK(q->sequence == 77);
  const auto echo = parseQuote(quoteOf(samples::icmp(8, 0, 0x00050006, Payload::of("x"))));
  CHECK(echo->sourcePort == 5);
  CHECK(echo->sequence == 6);
  CHECK_FALSE(parseQuote(Payload::pattern(0, 28)).has_value());
  CHECK_FALSE(parseQuote(quote.slice(0, 27)).has_value());
}

TEST_CASE("A rewritten quote is the quote of the rewritten datagram") {
  for (Packet p : {samples::tcp(TcpFlags::Ack, 77, 88, Payload::pattern(0, 9)),
                   samples::udp(4000, 53, Payload::of("question")),
                   samples::icmp(8, 0, 0x00050006, Payload::of("ping"))}) {
    const Payload before = quoteOf(p);
    auto as = *parseQuote(before);
    as.source = Ipv4Address::of(203, 0, 113, 77);
    as.sourcePort = 61234;
    p.ip.source = as.source;
    if (p.kind == PacketKind::Tcp) p.tcp.sourcePort = as.sourcePort;
    if (p.kind == PacketKind::Udp) p.udp.sourcePort = as.sourcePort;
    if (p.kind == PacketKind::Icmp) p.icmp.rest = 61234U << 16 | 6;
    CHECK(rewriteQuote(before, as).toBytes() == quoteOf(p).toBytes());
  }
}
