// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/virtual_service.h"

#include "core/programs/declare.h"

namespace packetarium::programs {

VirtualService::VirtualService(const ParameterValues &v)
    : m_name(v.text("service")), m_interface(v.text("interface")) {
  for (const ParameterRow &row : v.rows("addresses"))
    m_addresses.push_back(wire::Ipv4Address::parse(std::get<std::string>(row.values.at("address")))
                              .value_or(wire::Ipv4Address{}));
  if (m_name.empty() && !m_addresses.empty()) m_name = m_addresses.front().text();
}

std::vector<Parameter> VirtualService::parameters(bool addressesRequired) {
  using namespace declare;
  Parameter addresses = records("addresses", {required(address("address", "A virtual address"))},
                                "Addresses that whoever is active answers for");
  addresses.required = addressesRequired;
  return {text("service", "", "What it keeps available; empty: its first address"),
          std::move(addresses),
          text("interface", "", "Card that gets the addresses; empty: the first with an address")};
}

std::string VirtualService::addressesText() const {
  std::string out;
  for (const wire::Ipv4Address a : m_addresses) out += (out.empty() ? "" : ", ") + a.text();
  return out;
}

std::optional<std::uint32_t> VirtualService::interface(const net::NodeSpec &node) const {
  for (std::uint32_t i = 0; i < node.interfaces.size(); ++i) {
    const net::InterfaceSpec &card = node.interfaces[i];
    if (m_interface.empty() ? card.address.has_value() : card.name == m_interface) return i;
  }
  return std::nullopt;
}

void VirtualService::role(Context &ctx, std::string_view value, std::string_view why) const {
  ctx.fact(transport::noSocket, trace::FactTopic::Role, m_name, value, why);
}

void VirtualService::stage(Context &ctx, trace::FailoverStage stage,
                           std::string_view sentence) const {
  ctx.fact(transport::noSocket, trace::FactTopic::Failover, m_name, trace::name(stage), sentence);
}

void VirtualService::tell(Context &ctx, std::string_view value) const {
  ctx.tellNode("service." + m_name, value);
}

void VirtualService::take(Context &ctx, std::optional<wire::MacAddress> mac) const {
  const auto card = interface(ctx.node());
  if (!card) return;
  for (const wire::Ipv4Address a : m_addresses) ctx.takeAddress(*card, a, mac);
}

void VirtualService::release(Context &ctx) const {
  for (const wire::Ipv4Address a : m_addresses) ctx.releaseAddress(a);
}

void VirtualService::announce(Context &ctx) const {
  for (const wire::Ipv4Address a : m_addresses) ctx.announceAddress(a);
}

} // namespace packetarium::programs
