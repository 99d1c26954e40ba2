// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace packetarium::cluster {

/// What a member holds, as a tree of hashes over the ranges of the key circle (Merkle 1987; Dynamo
/// section 4.7): two members that hold the same have the same hash at the root, and others find
/// what differs by going down where hashes differ. Nodes are numbered as in a heap: the root is 1,
/// beneath n lie 2n and 2n+1; leaves, each one range, hold keys with their digests. A value.
class MerkleTree {
public:
  static constexpr std::uint32_t leaves = 64, root = 1;
  static constexpr bool isNode(std::uint64_t node) { return node >= root && node < 2 * leaves; }
  static constexpr bool isLeaf(std::uint32_t node) { return node >= leaves; }
  static std::uint32_t leafOf(std::string_view key);

  void set(std::string_view key, std::uint64_t digest);
  void erase(std::string_view key);
  /// 0 where nothing lies beneath. node: isNode.
  std::uint64_t hash(std::uint32_t node) const { return m_hashes[node]; }
  /// Of a leaf.
  const std::map<std::string, std::uint64_t, std::less<>> &keys(std::uint32_t leaf) const {
    return m_keys[leaf - leaves];
  }
  std::size_t size() const { return m_size; } ///< keys

private:
  void rehash(std::uint32_t leaf);
  std::array<std::map<std::string, std::uint64_t, std::less<>>, leaves> m_keys;
  std::array<std::uint64_t, 2 * leaves> m_hashes{};
  std::size_t m_size = 0;
};

/// The keys that one has and the other has not, or with another digest; sorted. compared: how many
/// hashes that took, when asked.
std::vector<std::string> differingKeys(const MerkleTree &a, const MerkleTree &b,
                                       std::size_t *compared = nullptr);

} // namespace packetarium::cluster
