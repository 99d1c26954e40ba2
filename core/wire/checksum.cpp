// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/bytes.h"
#include "core/wire/codec.h"

namespace packetarium::wire {
namespace {

/// Adds the data's 16-bit words; the carries gather in the upper half of the sum.
std::uint64_t wordSum(std::span<const std::uint8_t> data, std::uint64_t sum) {
  std::size_t i = 0;
  for (; i + 1 < data.size(); i += 2) sum += get16(data, i);
  if (i < data.size()) sum += static_cast<std::uint64_t>(data[i]) << 8;
  return sum;
}

std::uint16_t fold(std::uint64_t sum) {
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

std::uint64_t pseudoHeaderSum(Ipv4Address source, Ipv4Address destination, std::uint8_t protocol,
                              std::size_t length) {
  return (source.value >> 16) + (source.value & 0xffff) + (destination.value >> 16) +
         std::uint64_t{destination.value & 0xffff} + protocol + length;
}

using State = ChecksumReport::State;

/// Judges a checksum field at `at` against the sum over all data with that field taken as zero.
State judge(std::span<const std::uint8_t> data, std::size_t at, std::uint64_t pseudo,
            bool zeroBecomesOnes, std::uint16_t &expected) {
  const std::uint16_t found = get16(data, at);
  expected = fold(wordSum(data, pseudo) - found);
  if (zeroBecomesOnes && expected == 0) expected = 0xffff;
  return found == expected ? State::Good : State::Bad;
}

void checkTransport(std::span<const std::uint8_t> header, std::span<const std::uint8_t> segment,
                    ChecksumReport &report) {
  const Ipv4Address source{get32(header, 12)};
  const Ipv4Address destination{get32(header, 16)};
  const std::uint8_t protocol = header[9];
  const std::uint64_t pseudo = pseudoHeaderSum(source, destination, protocol, segment.size());
  report.transport = State::Unchecked;
  switch (static_cast<IpProtocol>(protocol)) {
  case IpProtocol::Icmp:
    if (segment.size() < 8) return;
    report.transport = judge(segment, 2, 0, false, report.transportExpected);
    return;
  case IpProtocol::Tcp:
    if (segment.size() < 20) return;
    report.transport = judge(segment, 16, pseudo, false, report.transportExpected);
    return;
  case IpProtocol::Udp: {
    if (segment.size() < 8) return;
    const std::size_t length = get16(segment, 4);
    if (length < 8 || length > segment.size()) return;
    report.transport = State::Absent;
    if (get16(segment, 6) == 0) return; // RFC 768: the sender computed none
    report.transport = judge(segment.first(length), 6, pseudo - segment.size() + length, true,
                             report.transportExpected);
    return;
  }
  default: report.transport = State::Absent; return;
  }
}

} // namespace

std::uint16_t internetChecksum(std::span<const std::uint8_t> data) {
  return fold(wordSum(data, 0));
}

std::uint16_t transportChecksum(Ipv4Address source, Ipv4Address destination, IpProtocol protocol,
                                std::span<const std::uint8_t> segment) {
  return fold(
      wordSum(segment, pseudoHeaderSum(source, destination, static_cast<std::uint8_t>(protocol),
                                       segment.size())));
}

ChecksumReport checkSumsIp(std::span<const std::uint8_t> datagram) {
  ChecksumReport report;
  if (datagram.size() < 20 || datagram[0] >> 4 != 4) return report;
  const std::size_t headerBytes = std::size_t{4} * (datagram[0] & 15);
  report.ip = State::Unchecked;
  if (headerBytes < 20 || headerBytes > datagram.size()) return report;
  report.ip = judge(datagram.first(headerBytes), 10, 0, false, report.ipExpected);
  const std::size_t total = get16(datagram, 2);
  const bool fragment = (get16(datagram, 6) & 0x3fff) != 0;
  if (fragment || total < headerBytes || total > datagram.size()) {
    report.transport = State::Unchecked;
    return report;
  }
  checkTransport(datagram, datagram.subspan(headerBytes, total - headerBytes), report);
  return report;
}

ChecksumReport checkSums(std::span<const std::uint8_t> frame) {
  if (frame.size() < 14 || get16(frame, 12) != static_cast<std::uint16_t>(EtherType::Ipv4))
    return {};
  return checkSumsIp(frame.subspan(14));
}

} // namespace packetarium::wire
