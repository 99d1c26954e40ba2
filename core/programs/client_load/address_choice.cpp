// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/client_load/address_choice.h"

#include <algorithm>

namespace packetarium::programs {
namespace {

/// The one behind it in the list, or the first.
wire::Ipv4Address addressAfter(const AddressChoice::Addresses &all, wire::Ipv4Address address) {
  const auto at = std::find(all.begin(), all.end(), address);
  return at == all.end() || at + 1 == all.end() ? all.front() : *(at + 1);
}

} // namespace

AddressChoice::AddressChoice(std::string_view policy)
    : m_policy(policy == "rotate"     ? Policy::Rotate
               : policy == "failover" ? Policy::Failover
                                      : Policy::First) {}

wire::Ipv4Address AddressChoice::choose(const Addresses &all,
                                        std::optional<wire::Ipv4Address> failed,
                                        wire::Ipv4Address &favourite) {
  switch (m_policy) {
  case Policy::First: break;
  case Policy::Rotate: return failed ? addressAfter(all, *failed) : all[m_turn++ % all.size()];
  case Policy::Failover:
    if (std::find(all.begin(), all.end(), favourite) == all.end()) favourite = all.front();
    return favourite;
  }
  return all.front();
}

void AddressChoice::blame(const Addresses &all, wire::Ipv4Address failed,
                          wire::Ipv4Address &favourite) const {
  if (m_policy == Policy::Failover && favourite == failed && !all.empty())
    favourite = addressAfter(all, failed);
}

} // namespace packetarium::programs
