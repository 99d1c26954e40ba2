// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/ids.h"
#include "core/base/sim_time.h"
#include "core/net/route_table.h"
#include "core/tls/authorities.h"
#include "core/wire/address.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace packetarium::net {

enum class NodeKind : std::uint8_t { Host, Switch, Router };

struct InterfaceSpec {
  std::string name; ///< unique within the node, such as eth0
  wire::MacAddress mac;
  std::optional<wire::Ipv4Prefix> address; ///< none on switches and unnumbered interfaces
  LinkIndex link;                          ///< invalid when nothing is plugged in
  std::uint8_t end = 0;                    ///< which end of the link this is: 0 or 1
};

/// Source NAT with port translation (RFC 3022): what leaves by the outside interface gets its
/// address.
struct NatSpec {
  std::uint32_t outsideInterface = 0;
};

struct NodeSpec {
  std::string id;   ///< immutable string of the document; keys random streams and fingerprints
  std::string name; ///< for people
  NodeKind kind = NodeKind::Host;
  std::vector<InterfaceSpec> interfaces;
  std::shared_ptr<const RouteTable> routes; ///< null on switches
  std::optional<NatSpec> nat;
  std::vector<std::string> dnsNames; ///< that the network's name servers give for its addresses
  Duration arpTimeout = Duration::seconds(60);  ///< RFC 1122 section 2.3.2.1
  Duration macTimeout = Duration::seconds(300); ///< IEEE 802.1D ageing time
  double slowness = 1;                          ///< of its processor; at least 1
  Duration clockOffset;                         ///< of its clock, at the start
  double clockDriftPpm = 0;                     ///< by which its clock runs fast
  Duration diskSync = Duration::ms(2);          ///< that a sync of its disk takes
};

struct LinkEndSpec {
  NodeIndex node;
  std::uint32_t interface = 0;
};

struct LinkSpec {
  std::string id;
  std::array<LinkEndSpec, 2> ends;
  std::uint64_t rateBps = 1'000'000'000; ///< at least 1
  Duration delay;                        ///< propagation, 0 or more
  Duration jitter; ///< extra delay, uniform in 0 .. jitter per frame; frames keep their order
  double loss = 0; ///< probability that a frame vanishes, 0 to 1
  std::uint32_t queuePackets = 100; ///< that may wait in each direction, beside the one being sent
  bool up = true;
  double duplicate = 0; ///< probability that a frame comes twice
  double reorder = 0;   ///< probability that a frame comes late, behind those sent after it
  double corrupt = 0;   ///< probability that a frame's bits turn over, so that it is thrown away
  int blocked = 0;      ///< 0: none; 1, 2: what the first, second end sends is lost
  Duration flap;        ///< period of flapping; 0: steady
};

/// The network as it is built: fixed during a run and shared by all copies of a World.
struct Blueprint {
  std::uint64_t seed = 1;
  std::vector<NodeSpec> nodes;
  std::vector<LinkSpec> links;
  tls::Authorities authorities; ///< in the order of their nodes
};

} // namespace packetarium::net
