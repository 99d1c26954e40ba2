// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/peer.h"

#include <fmt/format.h>

namespace packetarium::programs {

using transport::SocketError;

Peer::Peer(std::string name, std::uint16_t port) : m_name(std::move(name)) {
  m_endpoint.port = port;
  forget();
}

void Peer::forget() {
  m_endpoint.address = wire::Ipv4Address::parse(m_name).value_or(wire::Ipv4Address{});
}

bool Peer::lookUp(Context &ctx, std::uint64_t tag) {
  forget();
  if (known()) return true;
  ctx.resolve(m_name, tag);
  return false;
}

bool Peer::take(const Resolution &answer) {
  if (answer.status != Resolution::Status::Ok || answer.addresses.empty()) return false;
  m_endpoint.address = answer.addresses.front();
  return known();
}

std::string Peer::text() const { return fmt::format("{}:{}", m_name, m_endpoint.port); }

std::string sentence(Resolution::Status status, std::string_view name) {
  switch (status) {
  case Resolution::Status::Ok: return fmt::format("{} has no IPv4 address.", name);
  case Resolution::Status::NoSuchName:
    return fmt::format("{} does not exist: the name server says so.", name);
  case Resolution::Status::NoAnswer:
    return fmt::format("No name server answered for {} in time.", name);
  case Resolution::Status::NoServer:
    return fmt::format("No name server could be asked for {}.", name);
  }
  return {};
}

std::string sentence(SocketError error, std::string_view peer) {
  switch (error) {
  case SocketError::None: return {};
  case SocketError::Refused:
    return fmt::format("{} refused the connection: nothing listens on that port.", peer);
  case SocketError::Reset: return fmt::format("{} broke the connection off with a reset.", peer);
  case SocketError::TimedOut: return fmt::format("{} did not answer any more.", peer);
  case SocketError::Unreachable:
    return fmt::format("{} cannot be reached: a router said so.", peer);
  case SocketError::PortInUse: return "The own port is still taken by another connection.";
  case SocketError::NoPortLeft: return "No own port is left for another connection.";
  case SocketError::TooBig: return "The datagram is larger than the link can carry.";
  case SocketError::NoRoute: return fmt::format("This host knows no way to {}.", peer);
  }
  return {};
}

trace::RequestOutcome outcomeOf(SocketError error) {
  switch (error) {
  case SocketError::Refused: return trace::RequestOutcome::Refused;
  case SocketError::Reset: return trace::RequestOutcome::Reset;
  case SocketError::PortInUse:
  case SocketError::NoPortLeft: return trace::RequestOutcome::Cancelled;
  default: return trace::RequestOutcome::Timeout;
  }
}

trace::RequestOutcome outcomeOf(Resolution::Status status) {
  return status == Resolution::Status::NoAnswer ? trace::RequestOutcome::Timeout
                                                : trace::RequestOutcome::NameError;
}

std::string text(std::uint64_t number) { return fmt::format("{}", number); }

std::string inMs(Duration d) { return fmt::format("{:.3f} ms", d.toMs()); }

} // namespace packetarium::programs
