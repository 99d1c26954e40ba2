// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/program.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace packetarium::programs {

/// Ports on which the parts of a failover talk, UDP.
namespace failover {
constexpr std::uint16_t heartbeatPort = 694; ///< IANA: ha-cluster
constexpr std::uint16_t witnessPort = 7402;
constexpr std::uint16_t powerSwitchPort = 7403;
} // namespace failover

/// A service that one of several nodes provides under addresses that move with it, and what is told
/// about it. A value.
class VirtualService {
public:
  /// Reads "service", "addresses" and "interface" of parameters().
  explicit VirtualService(const ParameterValues &v);
  /// The parameters above, as a program declares them.
  static std::vector<Parameter> parameters(bool addressesRequired);

  /// As the document says; else its first address.
  const std::string &name() const { return m_name; }
  const std::vector<wire::Ipv4Address> &addresses() const { return m_addresses; }
  std::string addressesText() const; ///< "192.0.2.10, 192.0.2.11"
  /// The card that gets the addresses: the one of that name, or the first that has an address of
  /// its own. Nothing when there is none.
  std::optional<std::uint32_t> interface(const net::NodeSpec &node) const;

  /// Tells what this node now is for the service, and why.
  void role(Context &ctx, std::string_view value, std::string_view why) const;
  /// Tells how far a failover has come.
  void stage(Context &ctx, trace::FailoverStage stage, std::string_view sentence) const;
  /// Tells the node's other programs whether to serve: "active", "standby" or "broken" under the
  /// topic "service.<name>".
  void tell(Context &ctx, std::string_view value) const;

  void take(Context &ctx, std::optional<wire::MacAddress> mac = {}) const;
  void release(Context &ctx) const;
  void announce(Context &ctx) const; ///< gratuitous ARP for each address

private:
  std::string m_name, m_interface;
  std::vector<wire::Ipv4Address> m_addresses;
};

} // namespace packetarium::programs
