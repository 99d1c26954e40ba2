// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/fault_list.h"
#include "core/scenario/json.h"
#include "core/scenario/json_read.h"
#include "core/scenario/parameter_json.h"
#include "core/scenario/ranges.h"
#include "core/scenario/validate.h"

#include <fmt/format.h>

#include <charconv>

namespace packetarium::scenario {
namespace {

void readTime(ObjectReader &in, std::string_view key, SimTime &target, Need need = Need::Required) {
  std::int64_t ns = target.ns();
  in.number(key, ns, 0, range::timeNs, need);
  target = SimTime::fromNs(ns);
}

void readDuration(ObjectReader &in, std::string_view key, Duration &target, std::uint64_t minimum,
                  std::uint64_t maximum, Need need = Need::Optional) {
  std::int64_t ns = target.ns();
  in.number(key, ns, minimum, maximum, need);
  target = Duration::ns(ns);
}

Interface readInterface(const Json &value, const std::string &path, FaultList &faults) {
  ObjectReader in(value, path, faults);
  Interface interface;
  in.text("id", interface.id, Need::Required);
  if (const Json *mac = in.take("mac")) interface.mac = readMac(*mac, in.path("mac"), faults);
  if (const Json *address = in.take("address"))
    interface.address = readPrefix(*address, in.path("address"), faults);
  in.finish();
  return interface;
}

StaticRoute readRoute(const Json &value, const std::string &path, FaultList &faults) {
  ObjectReader in(value, path, faults);
  StaticRoute route;
  if (const Json *prefix = in.take("prefix", Need::Required))
    if (const auto v = readPrefix(*prefix, in.path("prefix"), faults)) route.prefix = *v;
  if (const Json *hop = in.take("next_hop"))
    if (const auto v = readAddress(*hop, in.path("next_hop"), faults)) route.nextHop = *v;
  in.text("interface", route.interface, Need::Required);
  in.finish();
  return route;
}

Program readProgram(const Json &value, const std::string &path, FaultList &faults) {
  ObjectReader in(value, path, faults);
  Program program;
  in.text("id", program.id, Need::Required);
  in.text("kind", program.kind, Need::Required);
  // An unknown kind is reported by validate(); its parameters cannot be read without it.
  const Json *parameters = in.take("parameters");
  const programs::ProgramType *type = programs::findProgramType(program.kind);
  if (parameters != nullptr && type != nullptr)
    program.parameters =
        readParameters(*parameters, type->parameters, in.path("parameters"), faults);
  in.finish();
  return program;
}

Node readNode(const Json &value, const std::string &path, FaultList &faults) {
  ObjectReader in(value, path, faults);
  Node node;
  in.text("id", node.id, Need::Required);
  in.text("name", node.name);
  std::string kind = "host";
  in.text("kind", kind, Need::Required);
  if (const auto v = nodeKind(kind))
    node.kind = *v;
  else
    faults.add(in.path("kind"),
               "must be host, laptop, server, switch, router or home-router, got " +
                   inQuotes(kind));
  const Json &interfaces = in.list("interfaces", Limits::interfacesPerNode);
  for (std::size_t i = 0; i < interfaces.size(); ++i)
    node.interfaces.push_back(
        readInterface(interfaces[i], indexed(in.path("interfaces"), i), faults));
  in.address("gateway", node.gateway);
  const Json &servers = in.list("name_servers", Limits::programsPerNode);
  for (std::size_t i = 0; i < servers.size(); ++i)
    if (const auto v = readAddress(servers[i], indexed(in.path("name_servers"), i), faults))
      node.nameServers.push_back(*v);
  in.text("nat_outside", node.natOutside);
  readDuration(in, "arp_timeout_ns", node.arpTimeout, range::timeoutNsMin, range::timeNs);
  readDuration(in, "mac_timeout_ns", node.macTimeout, range::timeoutNsMin, range::timeNs);
  in.real("slowness", node.slowness);
  if (const Json *offset = in.take("clock_offset_ns")) {
    const auto most = static_cast<std::int64_t>(range::clockOffsetNs);
    if (const auto v = readInteger(*offset, in.path("clock_offset_ns"), -most, most, faults))
      node.clockOffset = Duration::ns(*v);
  }
  in.real("clock_drift_ppm", node.clockDriftPpm);
  readDuration(in, "disk_sync_ns", node.diskSync, 0, range::linkNs);
  const Json &routes = in.list("static_routes", Limits::listEntries);
  for (std::size_t i = 0; i < routes.size(); ++i)
    node.routes.push_back(readRoute(routes[i], indexed(in.path("static_routes"), i), faults));
  const Json &programs = in.list("programs", Limits::programsPerNode);
  for (std::size_t i = 0; i < programs.size(); ++i)
    node.programs.push_back(readProgram(programs[i], indexed(in.path("programs"), i), faults));
  std::vector<std::string> chosen;
  in.texts("chosen", chosen, Limits::listEntries);
  node.chosen = {chosen.begin(), chosen.end()};
  in.finish();
  return node;
}

void readEnd(ObjectReader &link, std::string_view key, LinkEnd &end) {
  const Json *value = link.take(key, Need::Required);
  if (value == nullptr) return;
  ObjectReader in(*value, link.path(key), link.faults());
  in.text("node", end.node, Need::Required);
  in.text("interface", end.interface, Need::Required);
  in.finish();
}

Link readLink(const Json &value, const std::string &path, FaultList &faults) {
  ObjectReader in(value, path, faults);
  Link link;
  in.text("id", link.id, Need::Required);
  readEnd(in, "from", link.from);
  readEnd(in, "to", link.to);
  in.number("rate_bps", link.rateBps, 1, range::rateBps, Need::Required);
  readDuration(in, "delay_ns", link.delay, 0, range::linkNs, Need::Required);
  readDuration(in, "jitter_ns", link.jitter, 0, range::linkNs);
  in.real("loss", link.loss);
  in.number("queue_packets", link.queuePackets, 0, range::queuePackets);
  in.number("cost", link.cost, 1, range::cost);
  in.boolean("up", link.up);
  in.real("duplicate", link.duplicate);
  in.real("reorder", link.reorder);
  in.real("corrupt", link.corrupt);
  in.number("blocked_direction", link.blocked, 0, range::blocked);
  readDuration(in, "flap_period_ns", link.flap, 0, range::linkNs);
  in.finish();
  return link;
}

ScriptEntry readScriptEntry(const Json &value, const std::string &path, FaultList &faults) {
  ObjectReader in(value, path, faults);
  ScriptEntry entry;
  in.text("id", entry.id, Need::Required);
  readTime(in, "at_ns", entry.at);
  std::string action;
  in.text("action", action, Need::Required);
  const auto kind = actionKind(action);
  if (!kind) {
    std::vector<std::string_view> known;
    for (int k = 0; k < world::actionKinds; ++k)
      known.push_back(name(static_cast<ScriptEntry::Kind>(k)));
    if (!action.empty())
      faults.add(in.path("action"),
                 "unknown action " + inQuotes(action) + hintAmong(action, known));
    return entry; // which other keys belong here depends on the action
  }
  entry.action = *kind;
  in.text(targetsNode(*kind) ? "node" : "link", entry.target, Need::Required);
  const std::string_view key = valueKey(*kind);
  if (!key.empty())
    if (const Json *v = in.take(key, Need::Required))
      entry.value = readReal(*v, in.path(key), faults).value_or(range::goodValue);
  in.finish();
  return entry;
}

CanvasNote readNote(const Json &value, const std::string &path, FaultList &faults) {
  ObjectReader in(value, path, faults);
  CanvasNote note;
  in.text("id", note.id, Need::Required);
  in.text("text", note.text, Need::Required);
  in.integer("x", note.position.x, range::canvas);
  in.integer("y", note.position.y, range::canvas);
  in.finish();
  return note;
}

Card readCard(const Json &value, FaultList &faults) {
  ObjectReader in(value, "card", faults);
  Card card;
  in.texts("watch", card.watch, range::cardLines);
  in.texts("try", card.tryOut, range::cardLines);
  in.texts("notice", card.notice, range::cardLines);
  if (const Json *hint = in.take("hint")) {
    ObjectReader h(*hint, "card.hint", faults);
    h.text("text", card.hint.text, Need::Required);
    h.text("node", card.hint.node);
    h.text("link", card.hint.link);
    h.finish();
  }
  in.finish();
  return card;
}

Bookmark readBookmark(const Json &value, const std::string &path, FaultList &faults) {
  ObjectReader in(value, path, faults);
  Bookmark bookmark;
  in.text("id", bookmark.id, Need::Required);
  readTime(in, "at_ns", bookmark.at);
  in.text("title", bookmark.title, Need::Required);
  in.text("caption", bookmark.caption);
  in.finish();
  return bookmark;
}

PhaseStop readPhase(const Json &value, const std::string &path, FaultList &faults) {
  ObjectReader in(value, path, faults);
  PhaseStop phase;
  in.text("on", phase.on, Need::Required);
  in.text("node", phase.node, Need::Required);
  in.number("nth", phase.nth, 0, range::ordinal);
  in.number("step", phase.step, 0, range::ordinal);
  in.text("stage", phase.stage);
  in.text("title", phase.title, Need::Required);
  in.text("caption", phase.caption);
  in.finish();
  return phase;
}

template <class T, class Read>
void readList(ObjectReader &in, std::string_view key, std::size_t max, std::vector<T> &target,
              Read read, Need need = Need::Optional) {
  const Json &list = in.list(key, max, need);
  target.reserve(list.size());
  for (std::size_t i = 0; i < list.size(); ++i)
    target.push_back(read(list[i], indexed(key, i), in.faults()));
}

void readLayout(const Json &layout, Scenario &scenario, FaultList &faults) {
  if (!layout.is_object()) {
    faults.add("layout", "must be an object, got " + shown(layout));
    return;
  }
  std::map<std::string_view, Node *> byId;
  for (Node &node : scenario.nodes) byId.emplace(node.id, &node);
  for (const auto &[id, value] : layout.items()) {
    const std::string path = "layout." + printable(id);
    Position position;
    ObjectReader in(value, path, faults);
    in.integer("x", position.x, range::canvas);
    in.integer("y", position.y, range::canvas);
    in.finish();
    const auto at = byId.find(id);
    if (at != byId.end())
      at->second->position = position;
    else if (!faults.covers("nodes"))
      faults.add(path, "there is no node with this id");
  }
}

void readChosenRoutes(const Json &value, ChosenRoutes &target, FaultList &faults) {
  ObjectReader in(value, "routes", faults);
  std::string digest;
  in.text("topology", digest, Need::Required);
  const char *end = digest.data() + digest.size();
  const auto parsed = std::from_chars(digest.data(), end, target.topology, 16);
  if (!digest.empty() && (digest.size() != 16 || parsed.ptr != end || parsed.ec != std::errc{}))
    faults.add("routes.topology",
               "must be 16 hexadecimal digits; remove the key \"routes\" to have "
               "routes chosen anew");
  const Json *nodes = in.take("nodes", Need::Required);
  in.finish();
  if (nodes == nullptr) return;
  if (!nodes->is_object()) {
    faults.add("routes.nodes", "must be an object, got " + shown(*nodes));
    return;
  }
  for (const auto &[id, list] : nodes->items()) {
    const std::string path = "routes.nodes." + printable(id);
    if (!list.is_array()) {
      faults.add(path, "must be a list, got " + shown(list));
      continue;
    }
    auto &routes = target.byNode[id];
    for (std::size_t i = 0; i < list.size(); ++i)
      routes.push_back(readRoute(list[i], indexed(path, i), faults));
  }
}

/// A file of another version is told as that, not as a heap of unknown keys.
bool knownVersion(ObjectReader &in) {
  std::uint64_t version = 0;
  in.number("version", version, 1, UINT64_MAX, Need::Required);
  if (version <= Scenario::currentVersion) return true;
  in.faults().add("version", fmt::format("{} is newer than this program reads ({}); use a newer "
                                         "Packetarium",
                                         version, Scenario::currentVersion));
  return false;
}

Scenario readScenario(const Json &root, FaultList &faults) {
  Scenario s;
  if (!root.is_object()) {
    faults.add("", "a scenario must be an object, got " + shown(root));
    return s;
  }
  ObjectReader in(root, "", faults);
  if (!knownVersion(in)) return s;
  in.text("id", s.id, Need::Required);
  in.text("title", s.title);
  in.text("tab", s.tab);
  in.text("summary", s.summary);
  in.number("seed", s.seed, 0, UINT64_MAX);
  readDuration(in, "duration_ns", s.duration, 1, range::timeNs);
  readList(in, "nodes", Limits::nodes, s.nodes, readNode, Need::Required);
  readList(in, "links", Limits::links, s.links, readLink);
  if (const Json *layout = in.take("layout")) readLayout(*layout, s, faults);
  readList(in, "script", Limits::listEntries, s.script, readScriptEntry);
  readList(in, "notes", Limits::listEntries, s.notes, readNote);
  if (const Json *card = in.take("card")) s.card = readCard(*card, faults);
  readList(in, "bookmarks", Limits::listEntries, s.bookmarks, readBookmark);
  readList(in, "phases", Limits::listEntries, s.phases, readPhase);
  if (const Json *routes = in.take("routes")) readChosenRoutes(*routes, s.routes, faults);
  in.finish();
  return s;
}

} // namespace

Scenario fromTree(const Json &root, FaultList &faults, Accept accept) {
  Scenario scenario = readScenario(root, faults);
  // What could not be read at all is not worth checking further.
  if (root.is_object() && faults.clean("version")) checkScenario(scenario, faults, accept);
  return scenario;
}

Result<Scenario> parse(std::string_view text, Accept accept) {
  FaultList faults;
  const Json root = parseTree(text, faults);
  if (root.is_null() && !faults.empty()) return faults.take();
  Scenario scenario = fromTree(root, faults, accept);
  if (!faults.empty()) return faults.take();
  return scenario;
}

} // namespace packetarium::scenario
