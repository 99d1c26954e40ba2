// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/dns_server/zone.h"

#include <algorithm>

namespace packetarium::programs {
namespace {

using namespace wire::dns;

constexpr std::size_t zoneRecordsMax = 20'000;

/// Types that questions and messages may have, but no record of a zone (RFC 6895 section 3.1).
bool isQuestionType(RecordType type) {
  const auto number = static_cast<std::uint16_t>(type);
  return (number >= 128 && number <= 255) || number == 41;
}

bool sameData(const RecordData &a, const RecordData &b) {
  const auto *one = std::get_if<NameData>(&a);
  const auto *other = std::get_if<NameData>(&b);
  if (one != nullptr && other != nullptr) return sameName(one->name, other->name);
  return a == b;
}

bool holds(const std::vector<Record> &records, const Record &wanted) {
  return std::any_of(records.begin(), records.end(), [&wanted](const Record &r) {
    return r.type == wanted.type && sameData(r.data, wanted.data);
  });
}

/// RFC 1982: more than half of the numbers ahead is behind.
bool isNewer(std::uint32_t serial, std::uint32_t than) {
  return serial != than && serial - than < 0x80000000U;
}

} // namespace

ResponseCode Zone::expects(const Message &update) const {
  if (update.questions.size() != 1 || update.questions.front().type != RecordType::Soa)
    return ResponseCode::FormatError;
  const Question &zone = update.questions.front();
  if (canonicalName(zone.name) != m_origin || zone.recordClass != classInternet)
    return ResponseCode::NotAuthoritative;
  return checkPrerequisites(update);
}

/// RFC 2136 section 3.2. Whole sets of records are compared without their TTLs.
ResponseCode Zone::checkPrerequisites(const Message &update) const {
  std::map<std::pair<std::string, RecordType>, std::vector<Record>> wanted;
  for (const Record &r : update.answers) {
    const std::string name = canonicalName(r.name);
    if (r.ttl != 0) return ResponseCode::FormatError;
    if (!isWithin(name, m_origin)) return ResponseCode::NotInZone;
    if (r.recordClass == classInternet) {
      auto &set = wanted[{name, r.type}];
      if (!holds(set, r)) set.push_back(r);
      continue;
    }
    if ((r.recordClass != classAny && r.recordClass != classNone) || !r.isEmpty())
      return ResponseCode::FormatError;
    const bool must = r.recordClass == classAny;
    if (r.type == RecordType::Any) {
      if (inUse(name) == must) continue;
      return must ? ResponseCode::NameError : ResponseCode::NameExists;
    }
    if (recordsOf(name, r.type).empty() == must)
      return must ? ResponseCode::NoSuchRecords : ResponseCode::RecordsExist;
  }
  for (const auto &[which, set] : wanted) {
    const std::vector<Record> there = recordsOf(which.first, which.second);
    const auto isThere = [&there](const Record &r) { return holds(there, r); };
    if (there.size() != set.size() || !std::all_of(set.begin(), set.end(), isThere))
      return ResponseCode::NoSuchRecords;
  }
  return ResponseCode::NoError;
}

ResponseCode Zone::admits(const Message &update) const {
  std::size_t records = update.authority.size();
  for (const auto &[name, list] : m_records) records += list.size();
  if (records > zoneRecordsMax) return ResponseCode::ServerFailure;
  for (const Record &r : update.authority) {
    if (!isWithin(canonicalName(r.name), m_origin)) return ResponseCode::NotInZone;
    const bool question = isQuestionType(r.type), any = r.type == RecordType::Any;
    bool sound = false;
    if (r.recordClass == classInternet) sound = !question;
    if (r.recordClass == classAny) sound = r.ttl == 0 && r.isEmpty() && (any || !question);
    if (r.recordClass == classNone) sound = r.ttl == 0 && !question;
    if (!sound) return ResponseCode::FormatError;
  }
  return ResponseCode::NoError;
}

bool Zone::inUse(const std::string &name) const {
  return name == m_origin || m_records.find(name) != m_records.end();
}

std::vector<Record> Zone::recordsOf(const std::string &name, RecordType type) const {
  if (type == RecordType::Soa)
    return name == m_origin ? std::vector{Record::soa(m_origin, m_soa, m_soaTtl)}
                            : std::vector<Record>{};
  const auto at = m_records.find(name);
  std::vector<Record> found;
  if (at != m_records.end())
    std::copy_if(at->second.begin(), at->second.end(), std::back_inserter(found),
                 [type](const Record &r) { return r.type == type; });
  return found;
}

bool Zone::apply(const Message &update) {
  const std::uint32_t serial = m_soa.serial;
  bool changed = false;
  for (const Record &r : update.authority) {
    bool here = false;
    if (r.recordClass == classInternet)
      here = addRecord(r);
    else if (r.recordClass == classAny)
      here = removeType(canonicalName(r.name), r.type);
    else
      here = removeOne(r);
    changed = changed || here;
  }
  // RFC 2136 section 3.6; 0 is passed over, as some take it for "none" (RFC 1982 section 7).
  if (changed && m_soa.serial == serial && ++m_soa.serial == 0) m_soa.serial = 1;
  return changed;
}

/// RFC 2136 section 3.4.2.2. Records of one name and type have one TTL (RFC 2181 section 5.2): the
/// newest.
bool Zone::addRecord(const Record &record) {
  if (record.type == RecordType::Soa) return replaceSoa(record);
  Record added = record;
  added.name = canonicalName(record.name);
  auto &list = m_records[added.name];
  const bool alias = added.type == RecordType::Cname;
  const bool clash = std::any_of(list.begin(), list.end(), [alias](const Record &r) {
    return (r.type == RecordType::Cname) != alias;
  });
  if (clash) return false;
  const auto before = list;
  if (alias) list.clear(); // there is one at most
  for (Record &r : list)
    if (r.type == added.type) r.ttl = added.ttl;
  if (!holds(list, added)) list.push_back(std::move(added));
  return list != before;
}

bool Zone::replaceSoa(const Record &record) {
  const auto *soa = std::get_if<Soa>(&record.data);
  if (soa == nullptr || canonicalName(record.name) != m_origin) return false;
  if (!isNewer(soa->serial, m_soa.serial)) return false;
  m_soa = *soa;
  m_soaTtl = record.ttl;
  return true;
}

/// RFC 2136 section 3.4.2.3: the zone itself keeps its SOA and its name servers.
bool Zone::removeType(const std::string &name, RecordType type) {
  const auto at = m_records.find(name);
  if (at == m_records.end()) return false;
  const auto goes = [&](const Record &r) {
    const bool meant = type == RecordType::Any || r.type == type;
    return meant && (name != m_origin || r.type != RecordType::Ns);
  };
  const bool changed = std::erase_if(at->second, goes) > 0;
  if (at->second.empty()) m_records.erase(at);
  return changed;
}

/// RFC 2136 section 3.4.2.4: the last name server of the zone stays.
bool Zone::removeOne(const Record &record) {
  const std::string name = canonicalName(record.name);
  const auto at = m_records.find(name);
  if (at == m_records.end()) return false;
  const bool ns = record.type == RecordType::Ns && name == m_origin;
  if (ns && recordsOf(name, RecordType::Ns).size() == 1) return false;
  const auto goes = [&record](const Record &r) {
    return r.type == record.type && sameData(r.data, record.data);
  };
  const bool changed = std::erase_if(at->second, goes) > 0;
  if (at->second.empty()) m_records.erase(at);
  return changed;
}

} // namespace packetarium::programs
