// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/node_properties.h"

#include "core/scenario/chosen.h"
#include "core/scenario/ranges.h"
#include "ui/document/edits.h"
#include "ui/document/faults.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>

namespace packetarium::ui {
namespace {

using scenario::Node;
using scenario::NodeKind;
using scenario::Scenario;
using Value = programs::ParameterValue;

constexpr std::size_t interfacesShown = 48;

QString say(const char *text) { return QCoreApplication::translate("Properties", text); }

FieldSpec spec(FieldKind kind, const QString &caption, const QString &help) {
  FieldSpec s;
  s.kind = kind;
  s.caption = caption;
  s.help = help;
  return s;
}

FieldSpec ranged(FieldSpec s, double minimum, double maximum) {
  s.minimum = minimum;
  s.maximum = maximum;
  return s;
}

/// A property of a node through its value in the document; nothing happens to what is gone.
Property nodeProperty(std::string path, FieldSpec spec, std::function<FieldValue(const Node &)> get,
                      std::function<void(Node &, const FieldValue &)> set) {
  Property p;
  p.path = std::move(path);
  p.spec = std::move(spec);
  p.get = [get = std::move(get)](const Scenario &s, const std::string &id) {
    const Node *node = s.node(id);
    return node != nullptr ? get(*node) : FieldValue();
  };
  p.set = [set = std::move(set)](Scenario &s, const std::string &id, const FieldValue &value) {
    if (Node *node = s.node(id)) set(*node, value);
  };
  return p;
}

Property withOrigin(Property p, std::string chosenPath) {
  p.origin = [get = p.get, chosenPath](const Scenario &s, const std::string &id) {
    const Node *node = s.node(id);
    if (node == nullptr || !get(s, id)) return FieldOrigin::Plain;
    return node->chosen.contains(chosenPath) ? FieldOrigin::Chosen : FieldOrigin::ByHand;
  };
  return p;
}

std::string textOf(const FieldValue &value) {
  const auto *text = value ? std::get_if<std::string>(&*value) : nullptr;
  return text != nullptr ? *text : std::string();
}

std::int64_t wholeOf(const FieldValue &value, std::int64_t otherwise) {
  const auto *whole = value ? std::get_if<std::int64_t>(&*value) : nullptr;
  return whole != nullptr ? *whole : otherwise;
}

std::string listText(const std::vector<wire::Ipv4Address> &addresses) {
  std::string text;
  for (const wire::Ipv4Address &address : addresses)
    text += (text.empty() ? "" : ", ") + address.text();
  return text;
}

std::vector<wire::Ipv4Address> addressList(const std::string &text) {
  std::vector<wire::Ipv4Address> all;
  for (const QString &part :
       QString::fromStdString(text).split(QLatin1Char(','), Qt::SkipEmptyParts))
    if (const auto address = wire::Ipv4Address::parse(part.trimmed().toStdString()))
      all.push_back(*address);
  return all;
}

Property nameProperty() {
  Property p = nodeProperty(
      "name", spec(FieldKind::Text, say("Name"), say("As it stands on the canvas")),
      [](const Node &node) { return FieldValue(Value(node.name)); }, nullptr);
  p.set = nullptr;
  p.commit = [](Document &document, const std::vector<std::string> &ids, const FieldValue &value) {
    return renameNode(document, ids.front(), QString::fromStdString(textOf(value)));
  };
  return p;
}

Property kindProperty(NodeKind now) {
  FieldSpec s = spec(FieldKind::Choice, say("Kind"), say("What it is for people, and its icon"));
  const std::vector<NodeKind> kinds =
      scenario::isHost(now) ? std::vector{NodeKind::Host, NodeKind::Laptop, NodeKind::Server}
                            : std::vector{NodeKind::Router, NodeKind::HomeRouter};
  for (const NodeKind kind : kinds)
    s.choices.emplace_back(std::string(scenario::name(kind)), kindName(kind));
  return nodeProperty(
      "kind", std::move(s),
      [](const Node &node) { return FieldValue(Value(std::string(scenario::name(node.kind)))); },
      [](Node &node, const FieldValue &value) {
        if (const auto kind = scenario::nodeKind(textOf(value))) node.kind = *kind;
      });
}

Property addressProperty(const Scenario &s, const Node &node,
                         const scenario::Interface &interface) {
  const scenario::Link *link = scenario::linkAt(s, node.id, interface.id);
  QString help = say("Not linked");
  if (link != nullptr) {
    const std::string &other = link->from.node == node.id ? link->to.node : link->from.node;
    help = say("Linked to %1").arg(targetLabel(s, other));
  }
  FieldSpec f = spec(FieldKind::Prefix, QString::fromStdString(interface.id), help);
  f.mayBeEmpty = true;
  f.whenEmpty = link != nullptr ? QStringLiteral("10.0.0.5/24") : say("chosen once it is linked");
  const auto at = [id = interface.id](auto &n) {
    return std::find_if(n.interfaces.begin(), n.interfaces.end(),
                        [&](const auto &i) { return i.id == id; });
  };
  return withOrigin(nodeProperty(
                        "interfaces." + interface.id, std::move(f),
                        [at](const Node &n) {
                          const auto i = at(n);
                          if (i == n.interfaces.end() || !i->address) return FieldValue();
                          return FieldValue(Value(i->address->text()));
                        },
                        [at](Node &n, const FieldValue &value) {
                          const auto i = at(n);
                          if (i == n.interfaces.end()) return;
                          i->address.reset();
                          if (value) i->address = wire::Ipv4Prefix::parse(textOf(value));
                        }),
                    scenario::chosenAddress(interface.id));
}

Property gatewayProperty() {
  FieldSpec f = spec(FieldKind::Address, say("Gateway"), say("Router for all other networks"));
  f.mayBeEmpty = true;
  f.whenEmpty = say("none");
  return withOrigin(nodeProperty(
                        "gateway", std::move(f),
                        [](const Node &n) {
                          return n.gateway ? FieldValue(Value(n.gateway->text())) : FieldValue();
                        },
                        [](Node &n, const FieldValue &value) {
                          n.gateway.reset();
                          if (value) n.gateway = wire::Ipv4Address::parse(textOf(value));
                        }),
                    std::string(scenario::chosenGateway));
}

Property nameServersProperty() {
  FieldSpec f = spec(FieldKind::Addresses, say("Name servers"),
                     say("Whom its resolver asks, with commas between them"));
  f.mayBeEmpty = true;
  f.whenEmpty = say("none");
  return withOrigin(
      nodeProperty(
          "name_servers", std::move(f),
          [](const Node &n) {
            return n.nameServers.empty() ? FieldValue()
                                         : FieldValue(Value(listText(n.nameServers)));
          },
          [](Node &n, const FieldValue &value) { n.nameServers = addressList(textOf(value)); }),
      std::string(scenario::chosenNameServers));
}

Property natProperty(const Node &node) {
  FieldSpec f = spec(FieldKind::Choice, say("NAT outside"),
                     say("The interface whose address all inside hosts share (RFC 3022)"));
  f.choices.emplace_back("", say("no NAT"));
  for (const auto &i : node.interfaces) f.choices.emplace_back(i.id, QString::fromStdString(i.id));
  return nodeProperty(
      "nat_outside", std::move(f), [](const Node &n) { return FieldValue(Value(n.natOutside)); },
      [](Node &n, const FieldValue &value) { n.natOutside = textOf(value); });
}

FieldValue routeRows(const Node &n) {
  std::vector<programs::ParameterRow> rows;
  for (const scenario::StaticRoute &r : n.routes)
    rows.push_back({{{"prefix", r.prefix.text()},
                     {"next_hop", r.nextHop.text()},
                     {"interface", r.interface}}});
  return FieldValue(Value(std::move(rows)));
}

void setRouteRows(Node &n, const FieldValue &value) {
  n.routes.clear();
  const auto *rows = value ? std::get_if<std::vector<programs::ParameterRow>>(&*value) : nullptr;
  if (rows == nullptr) return;
  for (const programs::ParameterRow &row : *rows) {
    const auto cell = [&row](const char *key) {
      const auto at = row.values.find(key);
      return at != row.values.end() ? textOf(FieldValue(at->second)) : std::string();
    };
    scenario::StaticRoute r;
    r.prefix = wire::Ipv4Prefix::parse(cell("prefix")).value_or(wire::Ipv4Prefix{});
    r.nextHop = wire::Ipv4Address::parse(cell("next_hop")).value_or(wire::Ipv4Address{});
    r.interface = cell("interface");
    n.routes.push_back(std::move(r));
  }
}

Property routesProperty(const Node &node) {
  FieldSpec f = spec(FieldKind::Records, say("Static routes"),
                     say("They go before those that Packetarium chooses"));
  f.mayBeEmpty = true;
  FieldSpec to = spec(FieldKind::Network, say("To"), say("Network: 10.2.0.0/16"));
  to.key = "prefix";
  to.byDefault = std::string();
  FieldSpec via = spec(FieldKind::Address, say("By"), say("Next hop; 0.0.0.0: on the link itself"));
  via.key = "next_hop";
  via.byDefault = std::string();
  FieldSpec out = spec(FieldKind::Choice, say("Out"), say("Interface"));
  out.key = "interface";
  for (const auto &i : node.interfaces)
    out.choices.emplace_back(i.id, QString::fromStdString(i.id));
  f.columns = {std::move(to), std::move(via), std::move(out)};
  return nodeProperty("routes", std::move(f), routeRows, setRouteRows);
}

Property timeoutProperty(bool macs) {
  const QString caption = macs ? say("MAC timeout") : say("ARP timeout");
  const QString help = macs ? say("How long the switch remembers where an address is")
                            : say("How long an answer to ARP is kept");
  const auto member = macs ? &Node::macTimeout : &Node::arpTimeout;
  const Duration usual = Node().*member;
  FieldSpec f = ranged(spec(FieldKind::Duration, caption, help),
                       static_cast<double>(scenario::range::timeoutNsMin),
                       static_cast<double>(scenario::range::timeNs));
  return nodeProperty(
      macs ? "mac_timeout" : "arp_timeout", std::move(f),
      [member](const Node &n) { return FieldValue(Value((n.*member).ns())); },
      [member, usual](Node &n, const FieldValue &value) {
        n.*member = Duration::ns(wholeOf(value, usual.ns()));
      });
}

Property diskProperty() {
  FieldSpec f = ranged(spec(FieldKind::Duration, say("Disk sync"),
                            say("How long it takes until what was written survives a crash")),
                       0, static_cast<double>(scenario::range::linkNs));
  return nodeProperty(
      "disk_sync", std::move(f), [](const Node &n) { return FieldValue(Value(n.diskSync.ns())); },
      [](Node &n, const FieldValue &value) {
        n.diskSync = Duration::ns(wholeOf(value, Node().diskSync.ns()));
      });
}

template <class Test> bool all(const std::vector<const Node *> &nodes, Test test) {
  return std::all_of(nodes.begin(), nodes.end(), [&](const Node *n) { return test(n->kind); });
}

bool isSwitch(NodeKind kind) { return kind == NodeKind::Switch; }

} // namespace

QString kindName(NodeKind kind) {
  switch (kind) {
  case NodeKind::Host: return say("Host");
  case NodeKind::Laptop: return say("Laptop");
  case NodeKind::Server: return say("Server");
  case NodeKind::Switch: return say("Switch");
  case NodeKind::Router: return say("Router");
  case NodeKind::HomeRouter: return say("Home router");
  }
  return {};
}

std::vector<Property> sharedNodeProperties(const std::vector<const Node *> &nodes) {
  std::vector<Property> shared;
  if (nodes.empty()) return shared;
  if (all(nodes, scenario::isHost) || all(nodes, scenario::isRouter))
    shared.push_back(kindProperty(nodes.front()->kind));
  if (all(nodes, isSwitch)) {
    shared.push_back(timeoutProperty(true));
    return shared;
  }
  if (all(nodes, scenario::isHost)) {
    shared.push_back(gatewayProperty());
    shared.push_back(diskProperty());
  }
  if (std::none_of(nodes.begin(), nodes.end(), [](const Node *n) { return isSwitch(n->kind); })) {
    shared.push_back(nameServersProperty());
    shared.push_back(timeoutProperty(false));
  }
  return shared;
}

std::vector<PropertySection> nodeSections(Document &document, const Node &node) {
  std::vector<PropertySection> sections;
  const Scenario &s = document.scenario();
  PropertySection device;
  device.title = say("Device");
  device.properties.push_back(nameProperty());
  const bool aSwitch = isSwitch(node.kind);
  if (!aSwitch) device.properties.push_back(kindProperty(node.kind));
  if (aSwitch) device.properties.push_back(timeoutProperty(true));
  if (scenario::isHost(node.kind)) device.properties.push_back(diskProperty());
  sections.push_back(std::move(device));
  if (aSwitch) return sections;

  PropertySection addresses;
  addresses.title = say("Interfaces");
  for (const scenario::Interface &i : node.interfaces) {
    if (addresses.properties.size() == interfacesShown) {
      addresses.remark = say("the first %1 of %2").arg(interfacesShown).arg(node.interfaces.size());
      break;
    }
    addresses.properties.push_back(addressProperty(s, node, i));
  }
  if (node.interfaces.empty()) addresses.remark = say("none: link it to something");
  sections.push_back(std::move(addresses));

  PropertySection network;
  network.title = say("Network");
  if (scenario::isHost(node.kind)) network.properties.push_back(gatewayProperty());
  network.properties.push_back(nameServersProperty());
  if (scenario::isRouter(node.kind)) network.properties.push_back(natProperty(node));
  network.properties.push_back(timeoutProperty(false));
  network.properties.push_back(routesProperty(node));
  sections.push_back(std::move(network));

  for (const scenario::Program &program : node.programs)
    sections.push_back(programSection(document, node, program));
  return sections;
}

} // namespace packetarium::ui
