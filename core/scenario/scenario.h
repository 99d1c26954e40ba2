// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/sim_time.h"
#include "core/programs/parameter.h"
#include "core/wire/address.h"
#include "core/world/plan.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

/// The document: what a person edits, saves and shares. Plain values, nothing else. Entities are
/// named by immutable string ids, never by index or name.
namespace packetarium::scenario {

/// What a node is for people; decides its icon and whether it forwards.
enum class NodeKind : std::uint8_t { Host, Laptop, Server, Switch, Router, HomeRouter };
/// As in the document: "home-router".
std::string_view name(NodeKind kind);
std::optional<NodeKind> nodeKind(std::string_view name);
constexpr bool isRouter(NodeKind k) { return k == NodeKind::Router || k == NodeKind::HomeRouter; }
constexpr bool isHost(NodeKind k) { return k <= NodeKind::Server; }

/// Pixels on the canvas at 100 %.
struct Position {
  std::int32_t x = 0, y = 0;
  bool operator==(const Position &) const = default;
};

struct Interface {
  std::string id;                          ///< unique within the node; also its name: "eth0"
  std::optional<wire::MacAddress> mac;     ///< absent: chosen by complete()
  std::optional<wire::Ipv4Prefix> address; ///< with host bits: 10.0.0.5/24; absent on switches
  bool operator==(const Interface &) const = default;
};

/// A route written by hand; it goes before those which the program chooses.
struct StaticRoute {
  wire::Ipv4Prefix prefix;
  wire::Ipv4Address nextHop; ///< 0.0.0.0: the destination itself is on the interface's link
  std::string interface;     ///< id within the node
  bool operator==(const StaticRoute &) const = default;
};

struct Program {
  std::string id; ///< unique within the node
  std::string kind;
  /// Only what the document says; defaults come from the program's declaration.
  std::map<std::string, programs::ParameterValue> parameters;
  bool operator==(const Program &) const = default;
};

struct Node {
  std::string id;
  std::string name; ///< for people
  NodeKind kind = NodeKind::Host;
  Position position;
  std::vector<Interface> interfaces;
  std::optional<wire::Ipv4Address> gateway; ///< hosts only
  std::vector<wire::Ipv4Address> nameServers;
  std::string natOutside; ///< interface whose address inside hosts share; empty: no NAT
  Duration arpTimeout = Duration::seconds(60);
  Duration macTimeout = Duration::seconds(300); ///< switches
  double slowness = 1;                          ///< of its processor, 1 to 1000
  Duration clockOffset;                         ///< of its clock, either way, up to a day
  double clockDriftPpm = 0;            ///< by which its clock runs fast, up to 100000 either way
  Duration diskSync = Duration::ms(2); ///< that a sync of its disk takes, 0 to 1 h
  std::vector<StaticRoute> routes;
  std::vector<Program> programs;
  /// What the program chose here and chooses anew when it no longer fits; all else was set by hand
  /// and stays. "gateway", "name_servers", "interfaces.eth0" (its address), "programs.resolver"
  /// (all of it), "programs.browser.url" (one parameter).
  std::set<std::string> chosen;
  bool operator==(const Node &) const = default;
};

struct LinkEnd {
  std::string node;
  std::string interface;
  bool operator==(const LinkEnd &) const = default;
};

struct Link {
  std::string id;
  LinkEnd from, to;
  std::uint64_t rateBps = 1'000'000'000; ///< 1 to 10^12
  Duration delay = Duration::ms(1);      ///< 0 to 1 h
  Duration jitter;                       ///< 0 to 1 h
  double loss = 0;                       ///< 0 to 1
  std::uint32_t queuePackets = 100;      ///< 0 to 10^6, in each direction
  std::uint32_t cost = 1;                ///< for shortest paths, 1 to 10^6
  bool up = true;                        ///< false: cut from the start
  double duplicate = 0;                  ///< probabilities, 0 to 1
  double reorder = 0, corrupt = 0;
  std::uint32_t blocked = 0; ///< 0: none; 1, 2: what from, to sends is lost
  Duration flap;             ///< period of flapping, 0 (steady) to 1 h
  bool operator==(const Link &) const = default;
};

/// A fault or a change of conditions at an instant.
struct ScriptEntry {
  using Kind = world::Action::Kind;
  std::string id;
  SimTime at;
  Kind action = Kind::CutLink;
  std::string target; ///< a node's id or a link's, as the action wants
  double value = 0;   ///< in the unit that valueKey() names
  bool operator==(const ScriptEntry &) const = default;
};
/// As in the document: "cut-link".
std::string_view name(ScriptEntry::Kind action);
std::optional<ScriptEntry::Kind> actionKind(std::string_view name);
/// Key of the value with its unit ("rate_bps"); empty when the action has none.
std::string_view valueKey(ScriptEntry::Kind action);
bool targetsNode(ScriptEntry::Kind action);
/// What a value of the action may be, both ends included; whole: no fractions.
struct ValueRange {
  double minimum = 0, maximum = 0;
  bool whole = true;
};
ValueRange valueRange(ScriptEntry::Kind action);

/// Text that lies on the canvas.
struct CanvasNote {
  std::string id;
  std::string text;
  Position position;
  bool operator==(const CanvasNote &) const = default;
};

/// The one thing to try first, and what it points at (either id may be empty).
struct Hint {
  std::string text;
  std::string node, link;
  bool operator==(const Hint &) const = default;
};

/// What a scenario wants to show, for the person in front of it.
struct Card {
  std::vector<std::string> watch, tryOut, notice; ///< tryOut: "try" in the document
  Hint hint;
  bool operator==(const Card &) const = default;
};

struct Bookmark {
  std::string id;
  SimTime at;
  std::string title, caption;
  bool operator==(const Bookmark &) const = default;
};

/// A stop of stepping by phase: a Phase record with this milestone at this node.
struct PhaseStop {
  std::string on;         ///< milestone: "http.request-sent"
  std::string node;       ///< id
  std::uint32_t nth = 0;  ///< which occurrence in the run, from 1; 0: every one
  std::uint32_t step = 0; ///< number shown; 0: none
  std::string stage, title, caption;
  bool operator==(const PhaseStop &) const = default;
};

/// Shortest-path routes as the program chose them, kept so that they stay the same. They hold as
/// long as the topology has the digest they were chosen for.
struct ChosenRoutes {
  std::uint64_t topology = 0; ///< topologyDigest(); 0: none are written here
  std::map<std::string, std::vector<StaticRoute>> byNode;
  bool operator==(const ChosenRoutes &) const = default;
};

struct Scenario {
  static constexpr std::int64_t currentVersion = 1;
  std::string id; ///< "web-request"
  std::string title;
  std::string tab; ///< group it stands in: "Web", "TCP", "Network"
  std::string summary;
  std::uint64_t seed = 1;
  Duration duration = Duration::seconds(60); ///< of a run
  std::vector<Node> nodes;
  std::vector<Link> links;
  std::vector<ScriptEntry> script;
  std::vector<CanvasNote> notes;
  Card card;
  std::vector<Bookmark> bookmarks;
  std::vector<PhaseStop> phases;
  ChosenRoutes routes;
  bool operator==(const Scenario &) const = default;

  const Node *node(std::string_view nodeId) const;
  Node *node(std::string_view nodeId);
  const Link *link(std::string_view linkId) const;
  Link *link(std::string_view linkId);
};

/// Link that is plugged into an interface; null when none is.
const Link *linkAt(const Scenario &scenario, std::string_view node, std::string_view interface);
/// stem, stem-2, stem-3, ...: the first that is no id of a node or link.
std::string freeId(const Scenario &scenario, std::string_view stem);

} // namespace packetarium::scenario
