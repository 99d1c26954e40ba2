// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/json.h"
#include "core/scenario/parameter_json.h"

#include <fmt/format.h>

#include <cmath>

namespace packetarium::scenario {
namespace {

using Ordered = nlohmann::ordered_json;

/// JSON on one line with a space after each comma and colon.
void appendInline(std::string &out, const Ordered &value) {
  if (value.is_object()) {
    out += '{';
    bool first = true;
    for (const auto &[key, v] : value.items()) {
      if (!first) out += ", ";
      first = false;
      out += Ordered(key).dump(-1, ' ', false, Ordered::error_handler_t::replace) + ": ";
      appendInline(out, v);
    }
    out += '}';
  } else if (value.is_array()) {
    out += '[';
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (i > 0) out += ", ";
      appendInline(out, value[i]);
    }
    out += ']';
  } else if (value.is_number_float()) {
    // fmt gives the shortest text that reads back as the same number; -0 is written as 0.
    const double v = value.get<double>();
    out += v == 0 ? "0" : fmt::format("{}", v);
  } else {
    out += value.dump(-1, ' ', false, Ordered::error_handler_t::replace);
  }
}

/// Writes objects and lists over several lines, with commas where they belong.
class Writer {
public:
  void open(char bracket) {
    m_text += bracket;
    m_first.push_back(true);
  }
  void openKey(std::string_view key, char bracket) {
    beginMember(key);
    open(bracket);
  }
  void close(char bracket) {
    const bool empty = m_first.back();
    m_first.pop_back();
    if (!empty) newLine();
    m_text += bracket;
  }
  void beginElement() {
    if (!m_first.back()) m_text += ',';
    m_first.back() = false;
    newLine();
  }
  void beginMember(std::string_view key) {
    beginElement();
    appendInline(m_text, Ordered(key));
    m_text += ": ";
  }
  void member(std::string_view key, const Ordered &value) {
    beginMember(key);
    appendInline(m_text, value);
  }
  void element(const Ordered &value) {
    beginElement();
    appendInline(m_text, value);
  }
  std::string take() {
    m_text += '\n';
    return std::move(m_text);
  }

private:
  void newLine() {
    m_text += '\n';
    m_text.append(2 * m_first.size(), ' ');
  }
  std::string m_text;
  std::vector<bool> m_first;
};

Ordered at(Position p) { return {{"x", p.x}, {"y", p.y}}; }

template <class T, class ToJson>
void list(Writer &w, std::string_view key, const std::vector<T> &items, ToJson toJson) {
  if (items.empty()) return;
  w.openKey(key, '[');
  for (const T &item : items) w.element(toJson(item));
  w.close(']');
}

Ordered interfaceJson(const Interface &interface) {
  Ordered o = {{"id", interface.id}};
  if (interface.mac) o["mac"] = interface.mac->text();
  if (interface.address) o["address"] = interface.address->text();
  return o;
}

Ordered routeJson(const StaticRoute &route) {
  Ordered o = {{"prefix", route.prefix.text()}};
  if (!route.nextHop.isAny()) o["next_hop"] = route.nextHop.text();
  o["interface"] = route.interface;
  return o;
}

void write(Writer &w, const Program &program) {
  w.beginElement();
  w.open('{');
  w.member("id", program.id);
  w.member("kind", program.kind);
  if (!program.parameters.empty()) {
    w.openKey("parameters", '{');
    for (const auto &[key, value] : program.parameters) {
      const Ordered json = parameterJson(value);
      if (json.is_array() && !json.empty()) {
        w.openKey(key, '[');
        for (const Ordered &row : json) w.element(row);
        w.close(']');
      } else {
        w.member(key, json);
      }
    }
    w.close('}');
  }
  w.close('}');
}

void write(Writer &w, const Node &node) {
  const Node defaults;
  w.beginElement();
  w.open('{');
  w.member("id", node.id);
  w.member("name", node.name);
  w.member("kind", name(node.kind));
  list(w, "interfaces", node.interfaces, interfaceJson);
  if (node.gateway) w.member("gateway", node.gateway->text());
  if (!node.nameServers.empty()) {
    Ordered servers = Ordered::array();
    for (const auto &server : node.nameServers) servers.push_back(server.text());
    w.member("name_servers", servers);
  }
  if (!node.natOutside.empty()) w.member("nat_outside", node.natOutside);
  if (node.arpTimeout != defaults.arpTimeout) w.member("arp_timeout_ns", node.arpTimeout.ns());
  if (node.macTimeout != defaults.macTimeout) w.member("mac_timeout_ns", node.macTimeout.ns());
  if (node.slowness != defaults.slowness) w.member("slowness", node.slowness);
  if (node.clockOffset != defaults.clockOffset) w.member("clock_offset_ns", node.clockOffset.ns());
  if (node.clockDriftPpm != defaults.clockDriftPpm) w.member("clock_drift_ppm", node.clockDriftPpm);
  if (node.diskSync != defaults.diskSync) w.member("disk_sync_ns", node.diskSync.ns());
  list(w, "static_routes", node.routes, routeJson);
  if (!node.programs.empty()) {
    w.openKey("programs", '[');
    for (const Program &program : node.programs) write(w, program);
    w.close(']');
  }
  if (!node.chosen.empty()) w.member("chosen", Ordered(node.chosen));
  w.close('}');
}

Ordered endJson(const LinkEnd &end) { return {{"node", end.node}, {"interface", end.interface}}; }

void write(Writer &w, const Link &link) {
  w.beginElement();
  w.open('{');
  w.member("id", link.id);
  w.member("from", endJson(link.from));
  w.member("to", endJson(link.to));
  w.member("rate_bps", link.rateBps);
  w.member("delay_ns", link.delay.ns());
  w.member("jitter_ns", link.jitter.ns());
  w.member("loss", link.loss);
  w.member("queue_packets", link.queuePackets);
  w.member("cost", link.cost);
  if (!link.up) w.member("up", false);
  if (link.duplicate != 0) w.member("duplicate", link.duplicate);
  if (link.reorder != 0) w.member("reorder", link.reorder);
  if (link.corrupt != 0) w.member("corrupt", link.corrupt);
  if (link.blocked != 0) w.member("blocked_direction", link.blocked);
  if (link.flap != Duration{}) w.member("flap_period_ns", link.flap.ns());
  w.close('}');
}

Ordered scriptJson(const ScriptEntry &entry) {
  Ordered o = {{"id", entry.id}, {"at_ns", entry.at.ns()}, {"action", name(entry.action)}};
  o[targetsNode(entry.action) ? "node" : "link"] = entry.target;
  const std::string key(valueKey(entry.action));
  if (!key.empty()) o[key] = entry.value;
  return o;
}

Ordered noteJson(const CanvasNote &note) {
  return {{"id", note.id}, {"text", note.text}, {"x", note.position.x}, {"y", note.position.y}};
}

Ordered bookmarkJson(const Bookmark &bookmark) {
  Ordered o = {{"id", bookmark.id}, {"at_ns", bookmark.at.ns()}, {"title", bookmark.title}};
  if (!bookmark.caption.empty()) o["caption"] = bookmark.caption;
  return o;
}

Ordered phaseJson(const PhaseStop &phase) {
  Ordered o = {{"on", phase.on}, {"node", phase.node}};
  if (phase.nth != 0) o["nth"] = phase.nth;
  if (phase.step != 0) o["step"] = phase.step;
  if (!phase.stage.empty()) o["stage"] = phase.stage;
  o["title"] = phase.title;
  if (!phase.caption.empty()) o["caption"] = phase.caption;
  return o;
}

void writeLayout(Writer &w, const Scenario &s) {
  if (s.nodes.empty()) return;
  w.openKey("layout", '{');
  for (const Node &node : s.nodes) w.member(node.id, at(node.position));
  w.close('}');
}

void writeCard(Writer &w, const Card &card) {
  if (card == Card{}) return;
  const auto asIs = [](const std::string &text) { return Ordered(text); };
  w.openKey("card", '{');
  list(w, "watch", card.watch, asIs);
  list(w, "try", card.tryOut, asIs);
  list(w, "notice", card.notice, asIs);
  if (card.hint != Hint{}) {
    Ordered hint = {{"text", card.hint.text}};
    if (!card.hint.node.empty()) hint["node"] = card.hint.node;
    if (!card.hint.link.empty()) hint["link"] = card.hint.link;
    w.member("hint", hint);
  }
  w.close('}');
}

void writeRoutes(Writer &w, const ChosenRoutes &routes) {
  if (routes == ChosenRoutes{}) return;
  w.openKey("routes", '{');
  w.member("topology", fmt::format("{:016x}", routes.topology));
  w.openKey("nodes", '{');
  for (const auto &[node, list] : routes.byNode) {
    w.openKey(node, '[');
    for (const StaticRoute &route : list) w.element(routeJson(route));
    w.close(']');
  }
  w.close('}');
  w.close('}');
}

} // namespace

std::string toJson(const Scenario &s) {
  Writer w;
  w.open('{');
  w.member("version", Scenario::currentVersion);
  w.member("id", s.id);
  w.member("title", s.title);
  w.member("tab", s.tab);
  w.member("summary", s.summary);
  w.member("seed", s.seed);
  w.member("duration_ns", s.duration.ns());
  w.openKey("nodes", '[');
  for (const Node &node : s.nodes) write(w, node);
  w.close(']');
  w.openKey("links", '[');
  for (const Link &link : s.links) write(w, link);
  w.close(']');
  writeLayout(w, s);
  list(w, "script", s.script, scriptJson);
  list(w, "notes", s.notes, noteJson);
  writeCard(w, s.card);
  list(w, "bookmarks", s.bookmarks, bookmarkJson);
  list(w, "phases", s.phases, phaseJson);
  writeRoutes(w, s.routes);
  w.close('}');
  return w.take();
}

} // namespace packetarium::scenario
