// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/dns_server/zone.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::programs {
namespace {

using namespace wire::dns;

constexpr int aliasesMax = 8;
constexpr std::size_t txtStringMax = 255; ///< RFC 1035 section 3.3

const std::string &textOf(const ParameterRow &row, const char *key) {
  return std::get<std::string>(row.values.at(key));
}

std::vector<std::string> txtStrings(std::string_view text) {
  std::vector<std::string> strings;
  do {
    strings.emplace_back(text.substr(0, txtStringMax));
    text.remove_prefix(strings.back().size());
  } while (!text.empty());
  return strings;
}

std::string join(std::string_view label, const std::string &origin) {
  return origin.empty() ? std::string(label) : fmt::format("{}.{}", label, origin);
}

bool nameFits(std::string_view written) {
  const std::string canonical = canonicalName(written);
  return !canonical.empty() && validName(canonical);
}

} // namespace

std::string checkZoneName(std::string_view name) {
  if (name == "." || nameFits(name)) return {};
  return "must be a domain name such as example.com (or \".\" for the root)";
}

std::string checkZoneRow(const ParameterRow &row) {
  const std::string &name = textOf(row, "name");
  const std::string &type = textOf(row, "type");
  const std::string &value = textOf(row, "value");
  if (name != "@" && !nameFits(name))
    return fmt::format("name must be a domain name or \"@\", got \"{}\"", name);
  if (type == "A" && !wire::Ipv4Address::parse(value))
    return fmt::format("value of an A record must be an IPv4 address, got \"{}\"", value);
  if ((type == "CNAME" || type == "NS") && !nameFits(value))
    return fmt::format("value of a {} record must be a domain name, got \"{}\"", type, value);
  return {};
}

Zone::Zone(const ParameterValues &v) : m_origin(canonicalName(v.text("zone"))) {
  const auto orDefault = [&v, this](const char *key, const char *label) {
    const std::string &given = v.text(key);
    return given.empty() ? join(label, m_origin) : canonicalName(given);
  };
  m_soa.primary = orDefault("primary", "ns1");
  m_soa.mailbox = orDefault("mailbox", "hostmaster");
  m_soa.serial = static_cast<std::uint32_t>(v.integer("serial"));
  m_soa.refresh = 7200;
  m_soa.retry = 900;
  m_soa.expire = 1'209'600;
  m_soa.minimum = static_cast<std::uint32_t>(v.integer("negative_ttl_s"));
  m_soaTtl = static_cast<std::uint32_t>(v.integer("soa_ttl_s"));
  for (const ParameterRow &row : v.rows("records")) add(row);

  auto &apex = m_records[m_origin];
  const bool hasNs = std::any_of(apex.begin(), apex.end(),
                                 [](const Record &r) { return r.type == RecordType::Ns; });
  if (!hasNs) apex.push_back(Record::ns(m_origin, m_soa.primary, m_soaTtl));
}

std::string Zone::ownerName(std::string_view written) const {
  if (written == "@") return m_origin;
  const bool complete = written.back() == '.';
  const std::string name = canonicalName(written);
  return complete || isWithin(name, m_origin) ? name : join(name, m_origin);
}

std::string Zone::targetName(std::string_view written) const {
  const bool oneLabel = written.find('.') == std::string_view::npos;
  return oneLabel ? join(canonicalName(written), m_origin) : canonicalName(written);
}

void Zone::add(const ParameterRow &row) {
  const std::string owner = ownerName(textOf(row, "name"));
  const std::string &type = textOf(row, "type");
  const std::string &value = textOf(row, "value");
  const auto ttl = static_cast<std::uint32_t>(std::get<std::int64_t>(row.values.at("ttl_s")));
  auto &records = m_records[owner];
  if (type == "A")
    records.push_back(Record::a(owner, *wire::Ipv4Address::parse(value), ttl));
  else if (type == "CNAME")
    records.push_back(Record::cname(owner, targetName(value), ttl));
  else if (type == "NS")
    records.push_back(Record::ns(owner, targetName(value), ttl));
  else
    records.push_back(Record::txt(owner, txtStrings(value), ttl));
}

/// A name exists when it has records or lies above one that has (RFC 8020 section 2).
bool Zone::exists(const std::string &name) const {
  return std::any_of(m_records.begin(), m_records.end(),
                     [&name](const auto &entry) { return isWithin(entry.first, name); });
}

std::string Zone::delegation(std::string_view name) const {
  std::string cut;
  for (; name != m_origin && !name.empty(); name = parentName(name)) {
    const auto at = m_records.find(std::string(name));
    if (at == m_records.end()) continue;
    for (const Record &r : at->second)
      if (r.type == RecordType::Ns) cut = name;
  }
  return cut;
}

void Zone::refer(Message &reply, const std::string &cut) const {
  reply.authoritative = false;
  for (const Record &r : m_records.at(cut))
    if (r.type == RecordType::Ns) reply.authority.push_back(r);
  addGlue(reply);
}

bool Zone::addOfType(Message &reply, const std::string &name, RecordType type) const {
  const std::size_t before = reply.answers.size();
  if (const auto at = m_records.find(name); at != m_records.end())
    for (const Record &r : at->second)
      if (r.type == type || type == RecordType::Any) reply.answers.push_back(r);
  if (name == m_origin && (type == RecordType::Soa || type == RecordType::Any))
    addSoa(reply.answers, m_soaTtl);
  return reply.answers.size() != before;
}

/// Addresses of the name servers that the authority section names.
void Zone::addGlue(Message &reply) const {
  for (const Record &ns : reply.authority) {
    const auto *host = std::get_if<NameData>(&ns.data);
    if (host == nullptr) continue;
    const auto at = m_records.find(canonicalName(host->name));
    if (at == m_records.end()) continue;
    for (const Record &r : at->second)
      if (r.type == RecordType::A) reply.additional.push_back(r);
  }
}

void Zone::addSoa(std::vector<Record> &section, std::uint32_t ttl) const {
  section.push_back(Record::soa(m_origin, m_soa, ttl));
}

Message Zone::answer(const Message &query) const {
  Message reply = Message::responseTo(query);
  if (query.opcode != 0) {
    reply.code = ResponseCode::NotImplemented;
    return reply;
  }
  if (query.questions.size() != 1) {
    reply.code = ResponseCode::FormatError;
    return reply;
  }
  const Question &question = query.questions.front();
  std::string name = canonicalName(question.name);
  if (!isWithin(name, m_origin) || question.recordClass != classInternet) {
    reply.code = ResponseCode::Refused;
    return reply;
  }
  reply.authoritative = true;
  for (int aliases = 0; aliases < aliasesMax; ++aliases) {
    if (const std::string cut = delegation(name); !cut.empty()) {
      refer(reply, cut);
      return reply;
    }
    if (addOfType(reply, name, question.type)) return reply;
    if (!addOfType(reply, name, RecordType::Cname)) break;
    name = canonicalName(std::get<NameData>(reply.answers.back().data).name);
    if (!isWithin(name, m_origin)) return reply;
  }
  if (!exists(name)) reply.code = ResponseCode::NameError;
  // Its TTL says how long the absence may be remembered (RFC 2308 section 3).
  addSoa(reply.authority, std::min(m_soaTtl, m_soa.minimum));
  return reply;
}

} // namespace packetarium::programs
