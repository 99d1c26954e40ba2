// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/placeable.h"

#include "core/scenario/groups.h"

#include <array>

namespace packetarium::scenario {
namespace {

constexpr std::array<Placeable, 5> devices{{
    {"host", "Host", "A computer on a desk", "host", NodeKind::Host, ""},
    {"laptop", "Laptop", "A computer to carry about", "laptop", NodeKind::Laptop, ""},
    {"server", "Server", "A computer that others ask; give it a service", "server",
     NodeKind::Server, ""},
    {"switch", "Switch", "Joins devices to one network and learns who is where", "switch",
     NodeKind::Switch, ""},
    {"router", "Router", "Joins networks and passes packets on between them", "router",
     NodeKind::Router, ""},
}};

constexpr std::array<Placeable, 6> services{{
    {"dns-server", "DNS server", "Knows the addresses of the web servers by their names", "dns",
     NodeKind::Server, "dns-server"},
    {"web-server", "Web server", "Answers HTTP requests on port 80", "web-server", NodeKind::Server,
     "http-server"},
    {"browser", "Browser", "Fetches a page from the web server every two seconds", "browser",
     NodeKind::Laptop, "browser"},
    {"client-load", "Client load", "Many web clients at once: ten requests a second", "load",
     NodeKind::Host, "client-load"},
    {"certificate-authority", "Certificate authority",
     "Signs the certificates of web servers that speak https", "authority", NodeKind::Server,
     "certificate-authority"},
    {"interceptor", "Man in the middle",
     "Stands between browsers led to it and a web server; choose what it tries", "interceptor",
     NodeKind::Server, "interceptor"},
}};

} // namespace

std::span<const Placeable> placeableDevices() { return devices; }
std::span<const Placeable> placeableServices() { return services; }

const Placeable *findPlaceable(std::string_view key) {
  for (const Placeable &p : devices)
    if (p.key == key) return &p;
  for (const Placeable &p : services)
    if (p.key == key) return &p;
  for (const Placeable &p : placeableGroups())
    if (p.key == key) return &p;
  return nullptr;
}

} // namespace packetarium::scenario
