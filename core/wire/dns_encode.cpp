// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/bytes.h"
#include "core/wire/dns.h"
#include "core/wire/dns_name.h"

#include <fmt/format.h>

#include <map>

namespace packetarium::wire::dns {
namespace {

/// Writes a message and remembers where each name suffix stands, for compression.
class Writer {
public:
  Bytes out;
  std::optional<Fault> fault;

  void fail(const std::string &path, std::string message) {
    if (!fault) fault = Fault{path, std::move(message)};
  }
  void header(const Message &m);
  void question(const Question &q, const std::string &path);
  void record(const Record &r, const std::string &path);

private:
  void name(std::string_view text, const std::string &path);
  void data(const Record &r, const std::string &path);
  void soa(const Soa &soa, const std::string &path);
  void txt(const Txt &txt, const std::string &path);

  std::map<std::vector<std::string>, std::uint16_t> m_suffixes;
};

void Writer::name(std::string_view text, const std::string &path) {
  auto labels = splitName(text);
  if (!labels) return fail(path, fmt::format("\"{}\" is no domain name", text));
  while (!labels->empty()) {
    if (const auto known = m_suffixes.find(*labels); known != m_suffixes.end())
      return put16(out, static_cast<std::uint16_t>(0xc000 | known->second));
    // A pointer has 14 bits; what stands beyond cannot be pointed at.
    if (out.size() < 0x4000) m_suffixes[*labels] = static_cast<std::uint16_t>(out.size());
    const std::string &label = labels->front();
    put8(out, static_cast<std::uint8_t>(label.size()));
    out.insert(out.end(), label.begin(), label.end());
    labels->erase(labels->begin());
  }
  put8(out, 0);
}

void Writer::header(const Message &m) {
  put16(out, m.id);
  put16(out,
        static_cast<std::uint16_t>(
            (m.response ? 0x8000 : 0) | (m.opcode & 15) << 11 | (m.authoritative ? 0x0400 : 0) |
            (m.truncated ? 0x0200 : 0) | (m.recursionDesired ? 0x0100 : 0) |
            (m.recursionAvailable ? 0x0080 : 0) | (static_cast<int>(m.code) & 15)));
  put16(out, static_cast<std::uint16_t>(m.questions.size()));
  put16(out, static_cast<std::uint16_t>(m.answers.size()));
  put16(out, static_cast<std::uint16_t>(m.authority.size()));
  put16(out, static_cast<std::uint16_t>(m.additional.size()));
}

void Writer::question(const Question &q, const std::string &path) {
  name(q.name, path + ".name");
  put16(out, static_cast<std::uint16_t>(q.type));
  put16(out, q.recordClass);
}

void Writer::soa(const Soa &s, const std::string &path) {
  name(s.primary, path + ".primary");
  name(s.mailbox, path + ".mailbox");
  for (const std::uint32_t v : {s.serial, s.refresh, s.retry, s.expire, s.minimum}) put32(out, v);
}

void Writer::txt(const Txt &t, const std::string &path) {
  for (const std::string &s : t.strings) {
    if (s.size() > 255) return fail(path, "a string must be at most 255 bytes");
    put8(out, static_cast<std::uint8_t>(s.size()));
    out.insert(out.end(), s.begin(), s.end());
  }
}

void Writer::data(const Record &r, const std::string &path) {
  if (const auto *raw = std::get_if<Bytes>(&r.data)) {
    out.insert(out.end(), raw->begin(), raw->end());
  } else if (const auto *address = std::get_if<Ipv4Address>(&r.data)) {
    put32(out, address->value);
  } else if (const auto *host = std::get_if<NameData>(&r.data)) {
    name(host->name, path);
  } else if (const auto *start = std::get_if<Soa>(&r.data)) {
    soa(*start, path);
  } else if (const auto *mx = std::get_if<Mx>(&r.data)) {
    put16(out, mx->preference);
    name(mx->exchange, path);
  } else if (const auto *text = std::get_if<Txt>(&r.data)) {
    txt(*text, path);
  } else if (const auto *six = std::get_if<Aaaa>(&r.data)) {
    out.insert(out.end(), six->begin(), six->end());
  }
}

void Writer::record(const Record &r, const std::string &path) {
  name(r.name, path + ".name");
  put16(out, static_cast<std::uint16_t>(r.type));
  put16(out, r.recordClass);
  put32(out, r.ttl);
  const std::size_t lengthAt = out.size();
  put16(out, 0);
  data(r, path + ".data");
  const std::size_t length = out.size() - lengthAt - 2;
  if (length > 65535) return fail(path + ".data", "must be at most 65535 bytes");
  set16(out, lengthAt, static_cast<std::uint16_t>(length));
}

} // namespace

namespace {

/// Writes as many whole records as fit into maxBytes, in order; the counts say how many.
Result<Bytes> encodeUpTo(const Message &m, std::size_t maxBytes, bool mayCut) {
  Writer w;
  w.header(m);
  for (std::size_t i = 0; i < m.questions.size() && !w.fault; ++i)
    w.question(m.questions[i], fmt::format("dns.questions[{}]", i));
  const std::vector<Record> *const sections[] = {&m.answers, &m.authority, &m.additional};
  const char *const titles[] = {"answers", "authority", "additional"};
  bool cut = false;
  for (std::size_t s = 0; s < 3; ++s) {
    std::size_t written = 0;
    while (written < sections[s]->size() && !cut && !w.fault) {
      const std::size_t before = w.out.size();
      w.record((*sections[s])[written], fmt::format("dns.{}[{}]", titles[s], written));
      cut = mayCut && w.out.size() > maxBytes;
      if (cut)
        w.out.resize(before);
      else
        ++written;
    }
    // RFC 2181 section 9: missing additional records alone are no truncation.
    if (cut && s < 2) w.out[2] |= 0x02;
    if (cut) set16(w.out, 6 + 2 * s, static_cast<std::uint16_t>(written));
  }
  if (w.fault) return *w.fault;
  if (w.out.size() > 65535) return Fault{"dns", "a message must be at most 65535 bytes"};
  return std::move(w.out);
}

} // namespace

Result<Bytes> encode(const Message &message) { return encodeUpTo(message, 65535, false); }

Result<Bytes> encodeTruncated(const Message &message, std::size_t maxBytes) {
  return encodeUpTo(message, maxBytes, true);
}

} // namespace packetarium::wire::dns
