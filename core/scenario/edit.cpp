// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/edit.h"

#include "core/programs/program.h"
#include "core/scenario/chosen.h"
#include "core/scenario/groups.h"
#include "core/scenario/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace packetarium::scenario {
namespace {

bool contains(const std::vector<std::string> &ids, std::string_view id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

/// An id that neither a node, a link nor a note has.
std::string newId(const Scenario &s, std::string stem) {
  stem.resize(std::min<std::size_t>(stem.size(), Limits::idChars - 8));
  const auto taken = [&s](const std::string &id) {
    return s.node(id) != nullptr || s.link(id) != nullptr ||
           std::any_of(s.notes.begin(), s.notes.end(),
                       [&id](const CanvasNote &note) { return note.id == id; });
  };
  std::string id = stem;
  for (int i = 2; taken(id); ++i) id = stem + "-" + std::to_string(i);
  return id;
}

bool isPlugged(const Scenario &s, const Node &node, const Interface &interface) {
  return linkAt(s, node.id, interface.id) != nullptr;
}

/// What the ids of ports begin with: "port" on switches, "eth" on everything else.
std::string_view portStem(NodeKind kind) {
  if (kind == NodeKind::Switch) return "port";
  return "eth";
}

std::string addPort(Node &node) {
  const std::string stem(portStem(node.kind));
  const auto taken = [&node](const std::string &id) {
    return std::any_of(node.interfaces.begin(), node.interfaces.end(),
                       [&id](const Interface &i) { return i.id == id; });
  };
  int n = node.kind == NodeKind::Switch ? 1 : 0;
  while (taken(stem + std::to_string(n))) ++n;
  node.interfaces.push_back({stem + std::to_string(n), {}, {}});
  return node.interfaces.back().id;
}

std::string freePort(Scenario &s, Node &node) {
  for (const Interface &interface : node.interfaces)
    if (!isPlugged(s, node, interface)) return interface.id;
  return addPort(node);
}

bool hasFreePort(const Scenario &s, const Node &node) {
  if (node.interfaces.size() < Limits::interfacesPerNode) return true;
  return std::any_of(node.interfaces.begin(), node.interfaces.end(),
                     [&](const Interface &i) { return !isPlugged(s, node, i); });
}

/// Whether frames find their way from one switch to another through switches alone.
bool joinedBySwitches(const Scenario &s, const std::string &a, const std::string &b) {
  std::set<std::string_view> seen{a};
  std::vector<std::string_view> next{a};
  while (!next.empty()) {
    const std::string_view at = next.back();
    next.pop_back();
    if (at == b) return true;
    for (const Link &link : s.links) {
      if (link.from.node != at && link.to.node != at) continue;
      const std::string &other = link.from.node == at ? link.to.node : link.from.node;
      const Node *node = s.node(other);
      if (node != nullptr && node->kind == NodeKind::Switch && seen.insert(other).second)
        next.push_back(other);
    }
  }
  return false;
}

std::string programId(const Node &node, std::string_view stem) {
  const auto taken = [&node](const std::string &id) {
    return std::any_of(node.programs.begin(), node.programs.end(),
                       [&id](const Program &p) { return p.id == id; });
  };
  std::string id(stem);
  for (int i = 2; taken(id); ++i) id = std::string(stem) + "-" + std::to_string(i);
  return id;
}

/// What a program of this kind needs to be told, in a way that works at once.
void giveParameters(Node &node, Program &program) {
  if (program.kind == "browser" || program.kind == "client-load") {
    program.parameters["url"] = std::string("http://www.example.com/index.html");
    node.chosen.insert(chosenParameter(program.id, "url"));
  } else if (program.kind == "dns-server") {
    program.parameters["zone"] = std::string("example.com");
    program.parameters["records"] = std::vector<programs::ParameterRow>{};
    node.chosen.insert(chosenParameter(program.id, "records"));
  } else if (program.kind == "interceptor") {
    program.parameters["server"] = std::string("192.0.2.1");
    node.chosen.insert(chosenParameter(program.id, "server"));
  } else if (program.kind == "dns-resolver" && !node.nameServers.empty()) {
    std::vector<programs::ParameterRow> servers;
    for (const auto &server : node.nameServers) servers.push_back({{{"address", server.text()}}});
    program.parameters["servers"] = std::move(servers);
  }
}

/// Values for what is required and not there yet: valid ones, to be changed.
void fillRequired(const std::vector<programs::Parameter> &declared,
                  std::map<std::string, programs::ParameterValue> &values) {
  for (const programs::Parameter &p : declared) {
    if (!p.required || values.contains(p.key)) continue;
    switch (p.type) {
    case programs::ParameterType::Records: {
      programs::ParameterRow row;
      fillRequired(p.columns, row.values);
      values[p.key] = std::vector<programs::ParameterRow>{row};
      break;
    }
    case programs::ParameterType::Address: values[p.key] = std::string("192.0.2.1"); break;
    case programs::ParameterType::Text:
      values[p.key] = std::string(p.key == "url" ? "http://192.0.2.1/" : "192.0.2.1");
      break;
    default: values[p.key] = p.byDefault; break;
    }
  }
}

void forget(Scenario &s, const std::set<std::string> &gone) {
  const auto isGone = [&gone](const std::string &id) { return gone.contains(id); };
  std::erase_if(s.script, [&](const ScriptEntry &e) { return isGone(e.target); });
  std::erase_if(s.phases, [&](const PhaseStop &p) { return isGone(p.node); });
  if (isGone(s.card.hint.node) || isGone(s.card.hint.link)) s.card.hint = {};
}

/// "host" of "host 2" and of "host".
std::string_view stemOf(std::string_view name) {
  const std::size_t space = name.find_last_of(' ');
  if (space == std::string_view::npos || space + 1 == name.size()) return name;
  const std::string_view tail = name.substr(space + 1);
  const bool number =
      std::all_of(tail.begin(), tail.end(), [](char c) { return c >= '0' && c <= '9'; });
  return number ? name.substr(0, space) : name;
}

std::string lower(std::string_view title) {
  // Of "DNS server" the first word is an abbreviation and stays as it is.
  std::string text(title);
  if (text.size() > 1 && text[1] >= 'A' && text[1] <= 'Z') return text;
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] + 32);
  return text;
}

} // namespace

std::string freeName(const Scenario &s, std::string_view stem) {
  stem = stemOf(stem);
  const auto taken = [&s](const std::string &name) {
    return std::any_of(s.nodes.begin(), s.nodes.end(),
                       [&name](const Node &node) { return node.name == name; });
  };
  std::string name(stem);
  for (int i = 2; taken(name); ++i) name = std::string(stem) + " " + std::to_string(i);
  return name;
}

std::string place(Scenario &s, const Placeable &what, Position at) {
  if (isGroup(what.key)) {
    const std::vector<std::string> added = placeGroup(s, what.key, at);
    return added.empty() ? std::string() : added.front();
  }
  Node node;
  node.id = newId(s, std::string(what.key));
  node.name = freeName(s, lower(what.title));
  node.kind = what.kind;
  node.position = at;
  if (node.kind != NodeKind::Switch) addPort(node);
  s.nodes.push_back(std::move(node));
  const std::string id = s.nodes.back().id;
  if (what.isService()) (void)install(s, id, what.program);
  return id;
}

std::string installFault(const Scenario &s, std::string_view id) {
  const Node *node = s.node(id);
  if (node == nullptr) return "There is no such node.";
  if (node->kind == NodeKind::Switch)
    return "A switch runs no programs: it has no address. Put it on a host or a server.";
  if (node->programs.size() >= Limits::programsPerNode)
    return fmt::format("{} runs as many programs as a node can.", node->name);
  return {};
}

Result<std::string> install(Scenario &s, std::string_view id, std::string_view kind) {
  const std::string fault = installFault(s, id);
  if (!fault.empty()) return Fault{std::string(id), fault};
  const auto *type = programs::findProgramType(kind);
  if (type == nullptr)
    return Fault{std::string(id), fmt::format("there is no program of the kind \"{}\"", kind)};
  Node &node = *s.node(id);
  Program program{programId(node, kind), std::string(kind), {}};
  giveParameters(node, program);
  fillRequired(type->parameters, program.parameters);
  node.programs.push_back(program);
  return program.id;
}

void uninstall(Scenario &s, std::string_view id, std::string_view program) {
  Node *node = s.node(id);
  if (node == nullptr) return;
  std::erase_if(node->programs, [program](const Program &p) { return p.id == program; });
  const std::string path = chosenProgram(program);
  std::erase_if(node->chosen, [&path](const std::string &chosen) {
    return chosen == path || chosen.starts_with(path + ".");
  });
}

std::string linkFault(const Scenario &s, std::string_view a, std::string_view b) {
  const Node *from = s.node(a), *to = s.node(b);
  if (from == nullptr || to == nullptr) return "There is no such node.";
  if (from == to) return "A link needs two nodes.";
  for (const Node *node : {from, to})
    if (!hasFreePort(s, *node)) return fmt::format("{} has no free port.", node->name);
  if (s.links.size() >= Limits::links) return "There are as many links as there can be.";
  if (from->kind == NodeKind::Switch && to->kind == NodeKind::Switch &&
      joinedBySwitches(s, from->id, to->id))
    return fmt::format("{} and {} are joined by switches already. A second way would be a loop, "
                       "in which frames circle for ever.",
                       from->name, to->name);
  return {};
}

Result<std::string> connect(Scenario &s, std::string_view a, std::string_view b) {
  const std::string fault = linkFault(s, a, b);
  if (!fault.empty()) return Fault{fmt::format("{} – {}", a, b), fault};
  Link link;
  link.id = newId(s, fmt::format("{}-{}", a.substr(0, 26), b.substr(0, 26)));
  link.from = {std::string(a), freePort(s, *s.node(a))};
  link.to = {std::string(b), freePort(s, *s.node(b))};
  s.links.push_back(std::move(link));
  return s.links.back().id;
}

std::string addNote(Scenario &s, std::string text, Position at) {
  s.notes.push_back({newId(s, "note"), std::move(text), at});
  return s.notes.back().id;
}

void remove(Scenario &s, const std::vector<std::string> &ids) {
  std::set<std::string> gone(ids.begin(), ids.end());
  for (const Link &link : s.links)
    if (gone.contains(link.from.node) || gone.contains(link.to.node)) gone.insert(link.id);
  std::erase_if(s.nodes, [&](const Node &node) { return gone.contains(node.id); });
  std::erase_if(s.links, [&](const Link &link) { return gone.contains(link.id); });
  std::erase_if(s.notes, [&](const CanvasNote &note) { return gone.contains(note.id); });
  forget(s, gone);
}

Scenario fragment(const Scenario &s, const std::vector<std::string> &ids) {
  Scenario out;
  out.id = "fragment";
  for (const Node &node : s.nodes) {
    if (!contains(ids, node.id)) continue;
    Node copy = node;
    for (Interface &i : copy.interfaces) {
      i.mac.reset();
      if (copy.chosen.contains(chosenAddress(i.id))) i.address.reset();
    }
    if (copy.chosen.contains(std::string(chosenGateway))) copy.gateway.reset();
    if (copy.chosen.contains(std::string(chosenNameServers))) copy.nameServers.clear();
    out.nodes.push_back(std::move(copy));
  }
  for (const Link &link : s.links)
    if (contains(ids, link.from.node) && contains(ids, link.to.node)) out.links.push_back(link);
  for (const CanvasNote &note : s.notes)
    if (contains(ids, note.id)) out.notes.push_back(note);
  return out;
}

std::vector<std::string> paste(Scenario &s, const Scenario &fragment, Position by) {
  std::vector<std::string> added;
  std::map<std::string, std::string> idOf;
  const auto moved = [by](Position p) { return Position{p.x + by.x, p.y + by.y}; };
  for (Node node : fragment.nodes) {
    const std::string before = node.id;
    node.id = newId(s, before);
    node.name = freeName(s, node.name.empty() ? before : node.name);
    node.position = moved(node.position);
    for (Interface &i : node.interfaces) i.mac.reset();
    idOf[before] = node.id;
    added.push_back(node.id);
    s.nodes.push_back(std::move(node));
  }
  for (Link link : fragment.links) {
    const auto from = idOf.find(link.from.node), to = idOf.find(link.to.node);
    if (from == idOf.end() || to == idOf.end()) continue;
    link.from.node = from->second;
    link.to.node = to->second;
    link.id = newId(s, link.id);
    added.push_back(link.id);
    s.links.push_back(std::move(link));
  }
  for (CanvasNote note : fragment.notes) {
    note.id = newId(s, note.id);
    note.position = moved(note.position);
    added.push_back(note.id);
    s.notes.push_back(std::move(note));
  }
  return added;
}

} // namespace packetarium::scenario
