// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/topology.h"

#include <algorithm>
#include <numeric>

namespace packetarium::scenario {
namespace {

/// Disjoint sets; the representative is always the smallest member.
class Sets {
public:
  explicit Sets(std::size_t size) : m_parent(size) {
    std::iota(m_parent.begin(), m_parent.end(), 0u);
  }
  std::uint32_t find(std::uint32_t i) {
    while (m_parent[i] != i) i = m_parent[i] = m_parent[m_parent[i]];
    return i;
  }
  void join(std::uint32_t a, std::uint32_t b) {
    a = find(a);
    b = find(b);
    m_parent[std::max(a, b)] = std::min(a, b);
  }

private:
  std::vector<std::uint32_t> m_parent;
};

} // namespace

Topology::Topology(const Scenario &s, DownLinks down) : scenario(s) {
  for (std::uint32_t n = 0; n < s.nodes.size(); ++n) m_nodes.emplace(s.nodes[n].id, n);
  for (const Node &node : s.nodes) {
    linkOf.emplace_back(node.interfaces.size(), none);
    segmentOf.emplace_back(node.interfaces.size(), none);
  }
  plug(down);
  joinSegments();
  joinRealms();
}

std::uint32_t Topology::node(std::string_view id) const {
  const auto at = m_nodes.find(id);
  return at == m_nodes.end() ? none : at->second;
}

std::uint32_t Topology::interface(std::uint32_t n, std::string_view id) const {
  if (n == none) return none;
  const auto &interfaces = scenario.nodes[n].interfaces;
  const auto at = std::find_if(interfaces.begin(), interfaces.end(),
                               [id](const Interface &i) { return i.id == id; });
  return at == interfaces.end() ? none : static_cast<std::uint32_t>(at - interfaces.begin());
}

void Topology::plug(DownLinks down) {
  for (std::uint32_t l = 0; l < scenario.links.size(); ++l) {
    const Link &link = scenario.links[l];
    if (!link.up && down == DownLinks::Exclude) continue;
    for (const LinkEnd *end : {&link.from, &link.to}) {
      const std::uint32_t n = node(end->node);
      const std::uint32_t i = interface(n, end->interface);
      if (i != none && linkOf[n][i] == none) linkOf[n][i] = l;
    }
  }
}

void Topology::joinSegments() {
  Sets links(scenario.links.size());
  for (std::size_t n = 0; n < linkOf.size(); ++n) {
    if (scenario.nodes[n].kind != NodeKind::Switch) continue;
    std::uint32_t first = none;
    for (const std::uint32_t l : linkOf[n]) {
      if (l == none) continue;
      if (first == none) first = l;
      links.join(first, l);
    }
  }
  std::vector<std::uint32_t> segmentOfLink(scenario.links.size(), none);
  for (std::uint32_t l = 0; l < scenario.links.size(); ++l) {
    const std::uint32_t first = links.find(l);
    if (segmentOfLink[first] == none) {
      segmentOfLink[first] = static_cast<std::uint32_t>(segments.size());
      segments.push_back({{}, first, 0});
    }
    segmentOfLink[l] = segmentOfLink[first];
  }
  for (std::uint32_t n = 0; n < linkOf.size(); ++n) {
    if (scenario.nodes[n].kind == NodeKind::Switch) continue;
    for (std::uint32_t i = 0; i < linkOf[n].size(); ++i) {
      if (linkOf[n][i] == none) continue;
      segmentOf[n][i] = segmentOfLink[linkOf[n][i]];
      segments[segmentOf[n][i]].ports.push_back({n, i});
    }
  }
}

void Topology::joinRealms() {
  Sets realms(segments.size());
  for (std::uint32_t n = 0; n < segmentOf.size(); ++n) {
    const Node &node = scenario.nodes[n];
    if (!isRouter(node.kind)) continue;
    std::uint32_t first = none;
    for (std::uint32_t i = 0; i < segmentOf[n].size(); ++i) {
      const std::uint32_t segment = segmentOf[n][i];
      if (segment == none || node.interfaces[i].id == node.natOutside) continue;
      if (first == none) first = segment;
      realms.join(first, segment);
    }
  }
  for (std::uint32_t s = 0; s < segments.size(); ++s) segments[s].realm = realms.find(s);
}

} // namespace packetarium::scenario
