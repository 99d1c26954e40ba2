// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/validate.h"

#include "core/scenario/fault_list.h"
#include "core/scenario/json.h"
#include "core/scenario/parameter_json.h"
#include "core/scenario/ranges.h"

#include <fmt/format.h>

#include <cmath>
#include <unordered_map>
#include <unordered_set>

namespace packetarium::scenario {
namespace {

/// Ids seen so far in one list, with the path of each.
using Seen = std::unordered_map<std::string_view, std::string>;

class Checker {
public:
  Checker(const Scenario &scenario, FaultList &faults) : m_s(scenario), m_faults(faults) {}

  void run() {
    bounds();
    head();
    for (std::size_t i = 0; i < m_s.nodes.size(); ++i) node(m_s.nodes[i], indexed("nodes", i));
    for (std::size_t i = 0; i < m_s.links.size(); ++i) link(m_s.links[i], indexed("links", i));
    for (std::size_t i = 0; i < m_s.script.size(); ++i) entry(m_s.script[i], indexed("script", i));
    for (std::size_t i = 0; i < m_s.notes.size(); ++i) note(m_s.notes[i], indexed("notes", i));
    for (std::size_t i = 0; i < m_s.bookmarks.size(); ++i)
      bookmark(m_s.bookmarks[i], indexed("bookmarks", i));
    for (std::size_t i = 0; i < m_s.phases.size(); ++i) phase(m_s.phases[i], indexed("phases", i));
    card();
  }

private:
  void bounds() {
    const auto bound = [this](std::string_view what, std::size_t size, std::size_t most) {
      if (size > most)
        m_faults.add(std::string(what),
                     fmt::format("has {} entries; at most {} are allowed", size, most));
    };
    bound("nodes", m_s.nodes.size(), Limits::nodes);
    bound("links", m_s.links.size(), Limits::links);
    bound("script", m_s.script.size(), Limits::listEntries);
    bound("notes", m_s.notes.size(), Limits::listEntries);
    bound("bookmarks", m_s.bookmarks.size(), Limits::listEntries);
    bound("phases", m_s.phases.size(), Limits::listEntries);
  }

  void head() {
    identifier(m_s.id, "id");
    text(m_s.title, "title");
    text(m_s.tab, "tab");
    text(m_s.summary, "summary");
    between(m_s.duration.ns(), 1, range::timeNs, "duration_ns");
  }

  // One value each. Nothing is said twice of a path that has its fault from reading.
  void complain(const std::string &path, std::string message) {
    if (m_faults.clean(path) && !m_faults.covers(path)) m_faults.add(path, std::move(message));
  }
  bool identifier(const std::string &id, const std::string &path) {
    if (isId(id)) return true;
    complain(path, "must be 1 to 64 letters, digits, \"-\" or \"_\", got " + inQuotes(id));
    return false;
  }
  void uniqueId(const std::string &id, const std::string &path, Seen &seen) {
    if (!identifier(id, path)) return;
    const auto [at, fresh] = seen.emplace(id, path);
    if (!fresh) complain(path, inQuotes(id) + " is the id at " + at->second + " already");
  }
  void text(const std::string &value, const std::string &path) {
    if (value.size() > Limits::textBytes)
      complain(path, fmt::format("must be at most {} bytes long", Limits::textBytes));
    else if (!isPlainText(value))
      complain(path, "must be UTF-8 text without control characters");
  }
  void between(std::int64_t value, std::uint64_t minimum, std::uint64_t maximum,
               const std::string &path) {
    if (value < 0 || static_cast<std::uint64_t>(value) < minimum)
      complain(path, fmt::format("must be at least {}, got {}", minimum, value));
    else if (static_cast<std::uint64_t>(value) > maximum)
      complain(path, fmt::format("must be at most {}, got {}", maximum, value));
  }
  void realBetween(double value, const ValueRange &range, const std::string &path) {
    if (!(value >= range.minimum && value <= range.maximum))
      complain(path, fmt::format("must be {} to {}, got {}", range.minimum, range.maximum, value));
  }
  void probability(double value, const std::string &path) {
    if (!(value >= 0 && value <= 1))
      complain(path, fmt::format("must be a probability from 0 to 1, got {}", value));
  }
  void position(Position p, const std::string &path) {
    for (const auto v : {p.x, p.y})
      if (v < -range::canvas || v > range::canvas)
        complain(path, fmt::format("must lie within {} pixels, got {}", range::canvas, v));
  }
  bool knownNode(const std::string &id, const std::string &path) {
    return known(id, path, "node", m_nodes, m_s.nodes);
  }
  bool knownLink(const std::string &id, const std::string &path) {
    return known(id, path, "link", m_links, m_s.links);
  }
  template <class Items>
  bool known(const std::string &id, const std::string &path, std::string_view what,
             const Seen &seen, const Items &items) {
    if (seen.contains(id)) return true;
    // Where the list itself could not be read, nothing in it can be found.
    if (m_faults.covers(what == "node" ? "nodes" : "links")) return false;
    if (m_faults.full()) {
      m_faults.add(path, "");
      return false;
    }
    std::vector<std::string_view> ids;
    for (const auto &item : items) ids.push_back(item.id);
    complain(path, fmt::format("there is no {} {}{}", what, inQuotes(id), hintAmong(id, ids)));
    return false;
  }

  void node(const Node &node, const std::string &path) {
    uniqueId(node.id, path + ".id", m_nodes);
    text(node.name, path + ".name");
    position(node.position, "layout." + printable(node.id));
    if (node.interfaces.size() > Limits::interfacesPerNode)
      complain(path + ".interfaces",
               fmt::format("has {} entries; at most {} are allowed", node.interfaces.size(),
                           Limits::interfacesPerNode));
    if (node.programs.size() > Limits::programsPerNode)
      complain(path + ".programs", fmt::format("has {} entries; at most {} are allowed",
                                               node.programs.size(), Limits::programsPerNode));
    between(node.arpTimeout.ns(), range::timeoutNsMin, range::timeNs, path + ".arp_timeout_ns");
    between(node.macTimeout.ns(), range::timeoutNsMin, range::timeNs, path + ".mac_timeout_ns");
    realBetween(node.slowness, valueRange(ScriptEntry::Kind::SetSlowness), path + ".slowness");
    realBetween(static_cast<double>(node.clockOffset.ns()),
                valueRange(ScriptEntry::Kind::SetClockOffset), path + ".clock_offset_ns");
    realBetween(node.clockDriftPpm, valueRange(ScriptEntry::Kind::SetClockDrift),
                path + ".clock_drift_ppm");
    between(node.diskSync.ns(), 0, range::linkNs, path + ".disk_sync_ns");
    Seen interfaces, programs;
    for (std::size_t i = 0; i < node.interfaces.size(); ++i)
      uniqueId(node.interfaces[i].id, indexed(path + ".interfaces", i) + ".id", interfaces);
    if (node.kind == NodeKind::Switch && !node.programs.empty())
      complain(path + ".programs", "a switch runs no programs; put them on a host or a router");
    for (std::size_t i = 0; i < node.programs.size(); ++i)
      program(node.programs[i], indexed(path + ".programs", i), programs);
  }

  void program(const Program &program, const std::string &path, Seen &seen) {
    uniqueId(program.id, path + ".id", seen);
    if (const auto *type = programs::findProgramType(program.kind)) {
      checkParameters(program.parameters, type->parameters, path + ".parameters", m_faults);
      return;
    }
    std::vector<std::string_view> kinds;
    for (const auto &type : programs::programTypes()) kinds.push_back(type.kind);
    complain(path + ".kind",
             "unknown program " + inQuotes(program.kind) + hintAmong(program.kind, kinds));
  }

  void link(const Link &link, const std::string &path) {
    uniqueId(link.id, path + ".id", m_links);
    if (m_nodes.contains(link.id))
      complain(path + ".id", inQuotes(link.id) + " is the id of a node already");
    if (!link.from.node.empty() && link.from.node == link.to.node)
      complain(path + ".to", "both ends are at " + inQuotes(link.to.node) + "; join two nodes");
    end(link.from, path + ".from");
    end(link.to, path + ".to");
    between(static_cast<std::int64_t>(std::min<std::uint64_t>(link.rateBps, INT64_MAX)), 1,
            range::rateBps, path + ".rate_bps");
    between(link.delay.ns(), 0, range::linkNs, path + ".delay_ns");
    between(link.jitter.ns(), 0, range::linkNs, path + ".jitter_ns");
    probability(link.loss, path + ".loss");
    between(link.queuePackets, 0, range::queuePackets, path + ".queue_packets");
    between(link.cost, 1, range::cost, path + ".cost");
    probability(link.duplicate, path + ".duplicate");
    probability(link.reorder, path + ".reorder");
    probability(link.corrupt, path + ".corrupt");
    between(link.blocked, 0, range::blocked, path + ".blocked_direction");
    between(link.flap.ns(), 0, range::linkNs, path + ".flap_period_ns");
  }

  void end(const LinkEnd &end, const std::string &path) {
    if (!knownNode(end.node, path + ".node")) return;
    const Node &node = *nodeOf(end.node);
    std::vector<std::string_view> ids;
    for (const Interface &i : node.interfaces) ids.push_back(i.id);
    if (std::find(ids.begin(), ids.end(), end.interface) == ids.end())
      complain(path + ".interface",
               fmt::format("node {} has no interface {}{}", inQuotes(end.node),
                           inQuotes(end.interface), hintAmong(end.interface, ids)));
    else if (const auto [at, fresh] = m_plugged.emplace(end.node + "\n" + end.interface, path);
             !fresh)
      complain(path, fmt::format("interface {} of {} is in use at {} already", end.interface,
                                 end.node, at->second));
  }

  const Node *nodeOf(std::string_view id) {
    if (m_byId.empty())
      for (const Node &node : m_s.nodes) m_byId.emplace(node.id, &node);
    return m_byId.at(id);
  }

  void entry(const ScriptEntry &entry, const std::string &path) {
    uniqueId(entry.id, path + ".id", m_script);
    between(entry.at.ns(), 0, range::timeNs, path + ".at_ns");
    if (!m_faults.clean(path + ".action")) return;
    if (targetsNode(entry.action))
      knownNode(entry.target, path + ".node");
    else
      knownLink(entry.target, path + ".link");
    value(entry, path + "." + std::string(valueKey(entry.action)));
  }

  void value(const ScriptEntry &entry, const std::string &path) {
    if (valueKey(entry.action).empty()) return;
    const ValueRange range = valueRange(entry.action);
    if (!range.whole && range.minimum == 0 && range.maximum == 1)
      return probability(entry.value, path);
    if (range.whole && (!(std::fabs(entry.value) < 1e18) || entry.value != std::floor(entry.value)))
      return complain(path, fmt::format("must be a whole number, got {}", entry.value));
    if (range.whole && range.minimum >= 0)
      return between(static_cast<std::int64_t>(entry.value),
                     static_cast<std::uint64_t>(range.minimum),
                     static_cast<std::uint64_t>(range.maximum), path);
    realBetween(entry.value, range, path);
  }

  void note(const CanvasNote &note, const std::string &path) {
    uniqueId(note.id, path + ".id", m_notes);
    text(note.text, path + ".text");
    position(note.position, path);
  }

  void bookmark(const Bookmark &bookmark, const std::string &path) {
    uniqueId(bookmark.id, path + ".id", m_bookmarks);
    between(bookmark.at.ns(), 0, range::timeNs, path + ".at_ns");
    text(bookmark.title, path + ".title");
    text(bookmark.caption, path + ".caption");
  }

  void phase(const PhaseStop &phase, const std::string &path) {
    if (phase.on.empty()) complain(path + ".on", "must name a milestone such as \"dns.answered\"");
    text(phase.on, path + ".on");
    knownNode(phase.node, path + ".node");
    between(phase.nth, 0, range::ordinal, path + ".nth");
    between(phase.step, 0, range::ordinal, path + ".step");
    text(phase.stage, path + ".stage");
    text(phase.title, path + ".title");
    text(phase.caption, path + ".caption");
  }

  void card() {
    const auto lines = [this](const std::vector<std::string> &texts, const std::string &path) {
      if (texts.size() > range::cardLines)
        complain(path, fmt::format("has {} lines; at most {} are allowed", texts.size(),
                                   range::cardLines));
      for (std::size_t i = 0; i < texts.size(); ++i) text(texts[i], indexed(path, i));
    };
    lines(m_s.card.watch, "card.watch");
    lines(m_s.card.tryOut, "card.try");
    lines(m_s.card.notice, "card.notice");
    const Hint &hint = m_s.card.hint;
    text(hint.text, "card.hint.text");
    if (!hint.node.empty()) knownNode(hint.node, "card.hint.node");
    if (!hint.link.empty()) knownLink(hint.link, "card.hint.link");
  }

  const Scenario &m_s;
  FaultList &m_faults;
  Seen m_nodes, m_links, m_script, m_notes, m_bookmarks;
  std::unordered_map<std::string_view, const Node *> m_byId;
  std::unordered_map<std::string, std::string> m_plugged;
};

} // namespace

void checkScenario(const Scenario &scenario, FaultList &faults, Accept accept) {
  Checker(scenario, faults).run();
  checkNetwork(scenario, faults, accept);
}

std::vector<Fault> validate(const Scenario &scenario, Accept accept) {
  FaultList faults;
  checkScenario(scenario, faults, accept);
  return faults.take();
}

} // namespace packetarium::scenario
