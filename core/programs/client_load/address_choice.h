// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/wire/address.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace packetarium::programs {

/// Which of the addresses of a service a client asks. A value.
class AddressChoice {
public:
  enum class Policy : std::uint8_t {
    First,   ///< always the first of the list
    Rotate,  ///< each in turn
    Failover ///< the same one until a try fails there, then the next
  };
  using Addresses = std::vector<wire::Ipv4Address>;

  AddressChoice() = default;
  explicit AddressChoice(std::string_view policy);

  /// The address for the next try. all: not empty; failed: where this request's last try failed;
  /// favourite: what the client stays with, or any.
  wire::Ipv4Address choose(const Addresses &all, std::optional<wire::Ipv4Address> failed,
                           wire::Ipv4Address &favourite);
  /// A try failed at an address of the list.
  void blame(const Addresses &all, wire::Ipv4Address failed, wire::Ipv4Address &favourite) const;

private:
  Policy m_policy = Policy::First;
  std::uint64_t m_turn = 0;
};

} // namespace packetarium::programs
