// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/bytes.h"
#include "core/wire/dissector.h"
#include "core/wire/dns.h"

#include <fmt/format.h>

namespace packetarium::wire {
namespace {

using dns::RecordType;

std::string typeText(std::uint16_t type) {
  return fmt::format("{} ({})", dns::name(static_cast<RecordType>(type)), type);
}

std::string shown(const std::string &name) { return name.empty() ? "<root>" : name; }

/// Walks a message field by field; stops where it is malformed.
class DnsWalk {
public:
  DnsWalk(const Dissector &d, std::size_t at, std::size_t end)
      : m_d(d), m_message(d.frame.subspan(at, end - at)), m_start(at), m_at(at), m_end(end) {}

  void header(Field &layer);
  bool question(Field &layer, std::string_view abbrev);
  bool isUpdate() const { return (m_message[2] >> 3 & 15) == dns::opcodeUpdate; }
  bool record(Field &layer, std::string_view abbrev);
  std::size_t at() const { return m_at; }
  std::uint16_t count(std::size_t i) const { return get16(m_message, 4 + 2 * i); }

private:
  bool pushName(Field &parent, std::string_view abbrev);
  bool pushData(Field &record, RecordType type, std::size_t length);
  bool pushSoa(Field &record);
  std::size_t left() const { return m_end - m_at; }

  const Dissector &m_d;
  std::span<const std::uint8_t> m_message;
  std::size_t m_start, m_at, m_end;
};

void DnsWalk::header(Field &layer) {
  auto &out = layer.children;
  out.push_back(m_d.hex("dns.id", m_at, 2));
  const std::size_t at = m_at + 2;
  const std::uint16_t word = get16(m_d.frame, at);
  Field flags = m_d.hex("dns.flags", at, 2);
  auto &bits = flags.children;
  bits.push_back(m_d.bits("dns.flags.response", at, 2, 0x8000));
  bits.push_back(m_d.bits("dns.flags.opcode", at, 2, 0x7800));
  bits.push_back(m_d.bits("dns.flags.authoritative", at, 2, 0x0400));
  bits.push_back(m_d.bits("dns.flags.truncated", at, 2, 0x0200));
  bits.push_back(m_d.bits("dns.flags.recdesired", at, 2, 0x0100));
  bits.push_back(m_d.bits("dns.flags.recavail", at, 2, 0x0080));
  bits.push_back(m_d.bits("dns.flags.z", at, 2, 0x0040));
  bits.push_back(m_d.bits("dns.flags.authenticated", at, 2, 0x0020));
  bits.push_back(m_d.bits("dns.flags.checkdisable", at, 2, 0x0010));
  const auto code = static_cast<dns::ResponseCode>(word & 15);
  bits.push_back(m_d.bits("dns.flags.rcode", at, 2, 0x000f,
                          fmt::format("{} ({})", dns::name(code), word & 15)));
  out.push_back(std::move(flags));
  const bool update = isUpdate();
  out.push_back(m_d.number(update ? "dns.count.zones" : "dns.count.queries", m_at + 4, 2));
  out.push_back(m_d.number(update ? "dns.count.prerequisites" : "dns.count.answers", m_at + 6, 2));
  out.push_back(m_d.number(update ? "dns.count.updates" : "dns.count.auth_rr", m_at + 8, 2));
  out.push_back(m_d.number("dns.count.add_rr", m_at + 10, 2));
  m_at += 12;
}

bool DnsWalk::pushName(Field &parent, std::string_view abbrev) {
  const auto name = dns::readName(m_message, m_at - m_start);
  if (!name) {
    Dissector::malformed(parent, m_at, left(), "malformed name");
    return false;
  }
  const std::size_t next = m_start + name->next;
  parent.children.push_back(
      Dissector::make(abbrev, m_at, next - m_at, shown(name->name), name->name));
  m_at = next;
  return true;
}

bool DnsWalk::question(Field &layer, std::string_view abbrev) {
  Field q = Dissector::make(abbrev, m_at, 0);
  bool good = pushName(q, "dns.qry.name");
  if (good && left() < 4) {
    Dissector::malformed(q, m_at, left(), "the message ends within the question");
    good = false;
  }
  if (good) {
    const std::uint16_t type = get16(m_d.frame, m_at);
    q.value = fmt::format("{} {}", q.children[0].value, dns::name(static_cast<RecordType>(type)));
    q.children.push_back(m_d.number("dns.qry.type", m_at, 2, typeText(type)));
    q.children.push_back(m_d.number("dns.qry.class", m_at + 2, 2));
    m_at += 4;
  }
  q.length = static_cast<std::uint32_t>(m_at - q.offset);
  layer.malformed = layer.malformed || q.malformed;
  layer.children.push_back(std::move(q));
  return good;
}

bool DnsWalk::pushSoa(Field &record) {
  if (!pushName(record, "dns.soa.mname") || !pushName(record, "dns.soa.rname")) return false;
  if (left() < 20) {
    Dissector::malformed(record, m_at, left(), "the message ends within the record");
    return false;
  }
  for (const char *abbrev :
       {"dns.soa.serial_number", "dns.soa.refresh_interval", "dns.soa.retry_interval",
        "dns.soa.expire_limit", "dns.soa.minimum_ttl"}) {
    record.children.push_back(m_d.number(abbrev, m_at, 4));
    m_at += 4;
  }
  return true;
}

bool DnsWalk::pushData(Field &record, RecordType type, std::size_t length) {
  const std::size_t end = m_at + length;
  bool good = true;
  if (length == 0) return true; // in updates: which records, not what is in them
  if (type == RecordType::A && length == 4) {
    record.children.push_back(m_d.address("dns.a", m_at));
  } else if (type == RecordType::Cname) {
    good = pushName(record, "dns.cname");
  } else if (type == RecordType::Ns) {
    good = pushName(record, "dns.ns");
  } else if (type == RecordType::Ptr) {
    good = pushName(record, "dns.ptr.domain_name");
  } else if (type == RecordType::Soa) {
    good = pushSoa(record);
  } else if (type == RecordType::Mx && length > 2) {
    record.children.push_back(m_d.number("dns.mx.preference", m_at, 2));
    m_at += 2;
    good = pushName(record, "dns.mx.mail_exchange");
  } else if (type == RecordType::Txt) {
    for (std::size_t i = m_at; i < end; i += std::size_t{1} + m_d.frame[i])
      if (i + m_d.frame[i] < end)
        record.children.push_back(m_d.text("dns.txt", i + 1, m_d.frame[i]));
  } else if (length > 0) {
    record.children.push_back(
        m_d.blob(type == RecordType::Aaaa ? "dns.aaaa" : "dns.resp.data", m_at, length));
  }
  if (good && m_at > end) {
    Dissector::malformed(record, end, 0, "the data is longer than its length says");
    good = false;
  }
  m_at = end;
  return good;
}

bool DnsWalk::record(Field &layer, std::string_view abbrev) {
  Field r = Dissector::make(abbrev, m_at, 0);
  bool good = pushName(r, "dns.resp.name");
  if (good && left() < 10) {
    Dissector::malformed(r, m_at, left(), "the message ends within the record");
    good = false;
  }
  if (good) {
    const std::uint16_t type = get16(m_d.frame, m_at);
    const std::size_t length = get16(m_d.frame, m_at + 8);
    r.children.push_back(m_d.number("dns.resp.type", m_at, 2, typeText(type)));
    r.children.push_back(m_d.number("dns.resp.class", m_at + 2, 2));
    r.children.push_back(m_d.number("dns.resp.ttl", m_at + 4, 4));
    r.children.push_back(m_d.number("dns.resp.len", m_at + 8, 2));
    m_at += 10;
    if (length > left()) {
      Dissector::malformed(r, m_at, left(), "the message ends within the record's data");
      good = false;
    } else {
      const std::size_t before = r.children.size();
      good = pushData(r, static_cast<RecordType>(type), length);
      r.value = fmt::format("{} {}", r.children[0].value, dns::name(static_cast<RecordType>(type)));
      if (r.children.size() > before) r.value += " " + r.children[before].value;
    }
  }
  r.length = static_cast<std::uint32_t>(m_at - r.offset);
  layer.malformed = layer.malformed || r.malformed;
  layer.children.push_back(std::move(r));
  return good;
}

std::string answersText(const dns::Message &m) {
  std::string out;
  for (const auto &r : m.answers) {
    if (out.size() > 160) return out + ", ...";
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", dns::name(r.type), r.dataText());
  }
  return out;
}

/// "www.example.com: delete A, add A 192.0.2.1"
std::string changesText(const dns::Message &m) {
  std::string out, owner;
  for (const auto &r : m.authority) {
    if (out.size() > 160) return out + ", ...";
    const bool same = !out.empty() && dns::sameName(owner, r.name);
    out += same ? ", " : fmt::format("{}{}: ", out.empty() ? "" : "; ", shown(r.name));
    owner = r.name;
    const bool all = r.recordClass == dns::classAny && r.type == RecordType::Any;
    out += r.recordClass == dns::classInternet ? "add " : "delete ";
    out += all ? "all" : dns::name(r.type);
    if (!r.isEmpty()) out += " " + r.dataText();
  }
  return out.empty() ? "no change" : out;
}

Summary summariseUpdate(const dns::Message &m) {
  const std::string code(dns::name(m.code));
  if (m.response)
    return {"DNS", m.code == dns::ResponseCode::NoError ? "update done" : code, "Update → " + code};
  std::string label = "update";
  for (const auto &r : m.authority) // what is there from now on
    if (r.recordClass == dns::classInternet && r.type == RecordType::A)
      label = "update A " + r.dataText();
  const std::string zone = m.questions.empty() ? "no zone" : shown(m.questions[0].name);
  return {"DNS", label, fmt::format("Update {}: {}", zone, changesText(m))};
}

} // namespace

void dissectDns(Dissector &d, std::size_t at, std::size_t end) {
  Field layer = Dissector::make("dns", at, end - at);
  const auto body = d.frame.subspan(at, end - at);
  layer.value = summariseDns(Payload::of(Bytes(body.begin(), body.end()))).info;
  if (end - at < 12) {
    Dissector::malformed(layer, at, end - at, "a DNS header has 12 bytes");
  } else {
    DnsWalk walk(d, at, end);
    walk.header(layer);
    bool good = true;
    const bool update = walk.isUpdate();
    for (int i = 0; good && i < walk.count(0); ++i)
      good = walk.question(layer, update ? "dns.zone" : "dns.question");
    const std::string_view sections[] = {update ? "dns.prerequisite" : "dns.answer",
                                         update ? "dns.update" : "dns.authority", "dns.additional"};
    for (std::size_t s = 0; s < 3; ++s)
      for (int i = 0; good && i < walk.count(s + 1); ++i) good = walk.record(layer, sections[s]);
    if (good && walk.at() < end)
      Dissector::malformed(layer, walk.at(), end - walk.at(), "bytes follow the last record");
  }
  d.layers.push_back(std::move(layer));
}

Summary summariseDns(const Payload &payload) {
  const auto decoded = dns::decode(payload);
  if (!decoded) return {"DNS", "DNS?", "Malformed DNS message: " + decoded.faults()[0].text()};
  const dns::Message &m = *decoded;
  if (m.opcode == dns::opcodeUpdate) return summariseUpdate(m);
  const std::string asked =
      m.questions.empty()
          ? "no question"
          : fmt::format("{}? {}", dns::name(m.questions[0].type), shown(m.questions[0].name));
  if (!m.response) return {"DNS", asked, asked};
  const std::string code(dns::name(m.code));
  if (m.code != dns::ResponseCode::NoError) return {"DNS", code, asked + " → " + code};
  if (m.answers.empty()) return {"DNS", "no data", asked + " → no such record"};
  std::string label = answersText(m);
  for (const auto &r : m.answers) // the address is what the asker is after
    if (r.type == RecordType::A) label = "A " + r.dataText();
  return {"DNS", label, asked + " → " + answersText(m)};
}

} // namespace packetarium::wire
