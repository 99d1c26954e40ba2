// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cluster/ring.h"

#include "core/base/hash.h"

#include <fmt/format.h>

#include <algorithm>

namespace packetarium::cluster {

RingPoint Ring::pointOf(std::string_view key) {
  return static_cast<RingPoint>(hashText(key) >> 32);
}

void Ring::add(std::string_view node, std::uint32_t virtualNodes) {
  if (!m_nodes.emplace(node).second) return;
  for (std::uint32_t i = 0; i < virtualNodes; ++i)
    m_points.emplace(pointOf(fmt::format("{} #{}", node, i)), node);
}

void Ring::remove(std::string_view node) {
  m_nodes.erase(std::string(node));
  std::erase_if(m_points, [node](const auto &point) { return point.second == node; });
}

std::vector<std::string> Ring::preference(std::string_view key, std::size_t nodes) const {
  std::vector<std::string> list;
  const std::size_t wanted = std::min(nodes, m_nodes.size());
  auto at = m_points.lower_bound({pointOf(key), std::string()});
  while (list.size() < wanted) {
    if (at == m_points.end()) at = m_points.begin();
    if (std::find(list.begin(), list.end(), at->second) == list.end()) list.push_back(at->second);
    ++at;
  }
  return list;
}

std::vector<RingPoint> Ring::pointsOf(std::string_view node) const {
  std::vector<RingPoint> points;
  for (const auto &[point, owner] : m_points)
    if (owner == node) points.push_back(point);
  return points;
}

std::string Ring::textOf(std::string_view node) const {
  std::string text;
  for (const RingPoint point : pointsOf(node))
    text += fmt::format("{}{:08x}", text.empty() ? "" : " ", point);
  return text;
}

} // namespace packetarium::cluster
