// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/parameter.h"
#include "core/wire/dns.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace packetarium::programs {

/// The records of one zone of authority and the answers they give (RFC 1034 section 4.3.2).
class Zone {
public:
  Zone() = default;
  /// From a dns-server's valid parameters. Owner names: "@" is the zone itself; a name that ends in
  /// the zone or in a dot is complete; any other one is taken below the zone.
  explicit Zone(const ParameterValues &values);

  /// The whole answer to a decoded query.
  wire::dns::Message answer(const wire::dns::Message &query) const;
  /// Whether an update is about this zone and finds what it wants to find (RFC 2136 sections 3.1
  /// and 3.2).
  wire::dns::ResponseCode expects(const wire::dns::Message &update) const;
  /// Whether its changes can be made, all of them (section 3.4.1).
  wire::dns::ResponseCode admits(const wire::dns::Message &update) const;
  /// Does what a checked update says (section 3.4.2); the serial number goes up. False: all was so.
  bool apply(const wire::dns::Message &update);
  const std::string &origin() const { return m_origin; }
  const wire::dns::Soa &soa() const { return m_soa; }
  /// By canonical owner name, then in the order of the document.
  const std::map<std::string, std::vector<wire::dns::Record>> &records() const { return m_records; }

private:
  std::string ownerName(std::string_view written) const;
  std::string targetName(std::string_view written) const;
  void add(const ParameterRow &row);
  // zone_update.cpp
  wire::dns::ResponseCode checkPrerequisites(const wire::dns::Message &update) const;
  bool inUse(const std::string &name) const;
  /// The records of a name and type, the SOA among them.
  std::vector<wire::dns::Record> recordsOf(const std::string &name,
                                           wire::dns::RecordType type) const;
  bool addRecord(const wire::dns::Record &record);
  bool replaceSoa(const wire::dns::Record &record);
  bool removeType(const std::string &name, wire::dns::RecordType type);
  bool removeOne(const wire::dns::Record &record);
  bool exists(const std::string &name) const;
  /// The closest name at or above this one, below the origin, that is delegated; empty: none.
  std::string delegation(std::string_view name) const;
  void refer(wire::dns::Message &reply, const std::string &cut) const;
  /// Adds the records of the type; false when there are none.
  bool addOfType(wire::dns::Message &reply, const std::string &name,
                 wire::dns::RecordType type) const;
  void addGlue(wire::dns::Message &reply) const;
  void addSoa(std::vector<wire::dns::Record> &section, std::uint32_t ttl) const;

  std::string m_origin;
  wire::dns::Soa m_soa;
  std::uint32_t m_soaTtl = 0;
  std::map<std::string, std::vector<wire::dns::Record>> m_records; ///< none of the lists is empty
};

/// What is wrong with a zone name; empty when nothing is.
std::string checkZoneName(std::string_view name);
/// What is wrong with a row of records; empty when nothing is.
std::string checkZoneRow(const ParameterRow &row);

} // namespace packetarium::programs
