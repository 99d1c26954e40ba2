// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/random.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace packetarium::programs::kv {

/// Draws keys: "cart" when there is only one, else "cart-1" to "cart-9", all alike or by Zipf's law
/// (the k-th is asked for in proportion to k to the power -skew).
class KeyChoice {
public:
  KeyChoice(std::string name, std::uint64_t keys, double skew);
  std::string draw(RandomStream &random) const;
  /// Of the k-th key, from 1.
  std::string nameOf(std::uint64_t k) const;

private:
  std::string m_name;
  std::uint64_t m_keys;
  std::shared_ptr<const std::vector<double>> m_below; ///< sums of shares; none when all are alike
};

} // namespace packetarium::programs::kv
