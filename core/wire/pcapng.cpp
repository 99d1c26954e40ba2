// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/pcapng.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::wire {
namespace {

/// Little endian output, padded to 32-bit words as every block and option must be.
class Body {
public:
  Bytes out;

  void word16(std::uint16_t v) {
    out.push_back(static_cast<std::uint8_t>(v));
    out.push_back(static_cast<std::uint8_t>(v >> 8));
  }
  void word32(std::uint32_t v) {
    word16(static_cast<std::uint16_t>(v));
    word16(static_cast<std::uint16_t>(v >> 16));
  }
  void word64(std::uint64_t v) {
    word32(static_cast<std::uint32_t>(v));
    word32(static_cast<std::uint32_t>(v >> 32));
  }
  void bytes(std::span<const std::uint8_t> data) {
    out.insert(out.end(), data.begin(), data.end());
    out.resize((out.size() + 3) / 4 * 4, 0);
  }
  void option(std::uint16_t code, std::span<const std::uint8_t> value) {
    const auto part = value.first(std::min<std::size_t>(value.size(), 65535));
    word16(code);
    word16(static_cast<std::uint16_t>(part.size()));
    bytes(part);
    m_hasOptions = true;
  }
  void text(std::uint16_t code, std::string_view value) {
    if (value.empty()) return;
    option(code, {reinterpret_cast<const std::uint8_t *>(value.data()), value.size()});
  }
  void endOptions() {
    if (m_hasOptions) word32(0);
  }

private:
  bool m_hasOptions = false;
};

constexpr std::uint32_t sectionHeader = 0x0a0d0d0a, interfaceDescription = 1, enhancedPacket = 6,
                        decryptionSecretsBlock = 10;
constexpr std::uint16_t optComment = 1, shbUserApplication = 4, ifName = 2, ifDescription = 3,
                        ifSpeed = 8, ifTsResolution = 9, epbFlags = 2;

} // namespace

Status PcapngWriter::block(std::uint32_t type, std::span<const std::uint8_t> body) {
  Body whole;
  const auto total = static_cast<std::uint32_t>(body.size() + 12);
  whole.word32(type);
  whole.word32(total);
  whole.bytes(body);
  whole.word32(total);
  m_out.write(reinterpret_cast<const char *>(whole.out.data()),
              static_cast<std::streamsize>(whole.out.size()));
  if (!m_out) return Fault{"", "the capture file could not be written: is the disk full?"};
  return Done{};
}

Status PcapngWriter::begin(const Section &section) {
  if (m_begun) return Fault{"pcapng", "the section has begun already"};
  Body b;
  b.word32(0x1a2b3c4d); // byte-order magic
  b.word16(1);
  b.word16(0);
  b.word64(~std::uint64_t{0}); // length of the section: not known yet
  b.text(optComment, section.comment);
  b.text(shbUserApplication, section.application);
  b.endOptions();
  m_begun = true;
  return block(sectionHeader, b.out);
}

Result<std::uint32_t> PcapngWriter::addInterface(const Interface &i) {
  if (!m_begun) return Fault{"pcapng", "begin() comes first"};
  Body b;
  b.word16(i.linkType);
  b.word16(0);
  b.word32(i.snapBytes);
  b.text(ifName, i.name);
  b.text(ifDescription, i.description);
  if (i.speedBps != 0) {
    Body speed;
    speed.word64(i.speedBps);
    b.option(ifSpeed, speed.out);
  }
  const std::uint8_t nanoseconds = 9; // ten to the minus ninth
  b.option(ifTsResolution, {&nanoseconds, 1});
  b.endOptions();
  if (Status status = block(interfaceDescription, b.out); !status) return status.faults();
  return m_interfaces++;
}

Status PcapngWriter::packet(std::uint32_t interface, SimTime at,
                            std::span<const std::uint8_t> frame, Direction direction,
                            std::string_view comment) {
  if (interface >= m_interfaces)
    return Fault{"pcapng", fmt::format("there is no interface {}", interface)};
  if (at < SimTime::zero()) return Fault{"pcapng", "a packet cannot come before the start"};
  const auto size = static_cast<std::uint32_t>(frame.size());
  const auto stamp = static_cast<std::uint64_t>(at.ns());
  Body b;
  b.word32(interface);
  b.word32(static_cast<std::uint32_t>(stamp >> 32));
  b.word32(static_cast<std::uint32_t>(stamp));
  b.word32(size);
  b.word32(size);
  b.bytes(frame);
  b.text(optComment, comment);
  if (direction != Direction::Unknown) {
    Body flags;
    flags.word32(static_cast<std::uint32_t>(direction));
    b.option(epbFlags, flags.out);
  }
  b.endOptions();
  Status status = block(enhancedPacket, b.out);
  if (status) ++m_packets;
  return status;
}

Status PcapngWriter::decryptionSecrets(std::span<const std::uint8_t> secrets, std::uint32_t type) {
  if (!m_begun) return Fault{"pcapng", "begin() comes first"};
  Body b;
  b.word32(type);
  b.word32(static_cast<std::uint32_t>(secrets.size()));
  b.bytes(secrets);
  return block(decryptionSecretsBlock, b.out);
}

} // namespace packetarium::wire
