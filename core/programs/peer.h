// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/programs/program.h"

#include <string>
#include <string_view>

namespace packetarium::programs {

/// The far side of a client as its document names it: a dotted quad, or a name to look up.
class Peer {
public:
  Peer(std::string name, std::uint16_t port);

  /// True when the address is known without asking; else onResolved(tag) follows.
  bool lookUp(Context &ctx, std::uint64_t tag);
  /// Takes the first address of an answer; false when there is none.
  bool take(const Resolution &answer);
  bool known() const { return !m_endpoint.address.isAny(); }
  void forget();

  const std::string &name() const { return m_name; }
  const transport::Endpoint &endpoint() const { return m_endpoint; }
  /// "www.example.com:80"
  std::string text() const;

private:
  std::string m_name;
  transport::Endpoint m_endpoint;
};

/// Why a name has no address, as a sentence.
std::string sentence(Resolution::Status status, std::string_view name);
/// Why a connection failed, as a sentence about the far side.
std::string sentence(transport::SocketError error, std::string_view peer);
/// What a failed connection means for the request it carried.
trace::RequestOutcome outcomeOf(transport::SocketError error);
/// What a failed look-up means for the request that needed it.
trace::RequestOutcome outcomeOf(Resolution::Status status);

/// One line of a described state.
inline Described row(std::string name, std::string value, std::string help = {}) {
  return {std::move(name), std::move(value), std::move(help), {}};
}
std::string text(std::uint64_t number);
/// Milliseconds with up to three decimals: "20.25 ms". For people only.
std::string inMs(Duration d);

} // namespace packetarium::programs
