// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/kv_client/key_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace packetarium::programs::kv {

KeyChoice::KeyChoice(std::string name, std::uint64_t keys, double skew)
    : m_name(std::move(name)), m_keys(keys) {
  if (skew <= 0) return;
  std::vector<double> below;
  double sum = 0;
  for (std::uint64_t k = 1; k <= keys; ++k)
    below.push_back(sum += detExp(-skew * detLog(static_cast<double>(k))));
  m_below = std::make_shared<const std::vector<double>>(std::move(below));
}

std::string KeyChoice::nameOf(std::uint64_t k) const {
  return m_keys == 1 ? m_name : fmt::format("{}-{}", m_name, k);
}

std::string KeyChoice::draw(RandomStream &random) const {
  if (m_keys == 1) return nameOf(1);
  if (m_below == nullptr) return nameOf(1 + random.below(m_keys));
  const double at = random.uniform01() * m_below->back();
  const auto found = std::upper_bound(m_below->begin(), m_below->end(), at);
  const auto k = static_cast<std::uint64_t>(found - m_below->begin()) + 1;
  return nameOf(std::min(k, m_keys));
}

} // namespace packetarium::programs::kv
