// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cluster/merkle.h"

#include "core/base/hash.h"
#include "core/cluster/ring.h"

#include <algorithm>

namespace packetarium::cluster {
namespace {

using LeafKeys = std::map<std::string, std::uint64_t, std::less<>>;

void appendBeyond(const LeafKeys &here, const LeafKeys &there, bool alsoEqual,
                  std::vector<std::string> &out) {
  for (const auto &[key, digest] : here) {
    const auto other = there.find(key);
    if (other == there.end() || (alsoEqual && other->second != digest)) out.push_back(key);
  }
}

} // namespace

std::uint32_t MerkleTree::leafOf(std::string_view key) {
  static_assert((leaves & (leaves - 1)) == 0);
  return leaves +
         Ring::pointOf(key) / static_cast<std::uint32_t>((std::uint64_t{1} << 32) / leaves);
}

void MerkleTree::set(std::string_view key, std::uint64_t digest) {
  const std::uint32_t leaf = leafOf(key);
  LeafKeys &keys = m_keys[leaf - leaves];
  if (keys.insert_or_assign(std::string(key), digest).second) ++m_size;
  rehash(leaf);
}

void MerkleTree::erase(std::string_view key) {
  const std::uint32_t leaf = leafOf(key);
  LeafKeys &keys = m_keys[leaf - leaves];
  const auto at = keys.find(key);
  if (at == keys.end()) return;
  keys.erase(at);
  --m_size;
  rehash(leaf);
}

void MerkleTree::rehash(std::uint32_t leaf) {
  std::uint64_t hash = 0;
  for (const auto &[key, digest] : m_keys[leaf - leaves])
    hash = hashCombine(hashCombine(hash, hashText(key)), digest);
  m_hashes[leaf] = hash;
  for (std::uint32_t node = leaf / 2; node >= root; node /= 2) {
    const std::uint64_t left = m_hashes[2 * node], right = m_hashes[2 * node + 1];
    m_hashes[node] = left == 0 && right == 0 ? 0 : hashCombine(left, right);
  }
}

std::vector<std::string> differingKeys(const MerkleTree &a, const MerkleTree &b,
                                       std::size_t *compared) {
  std::vector<std::string> keys;
  std::vector<std::uint32_t> open{MerkleTree::root};
  std::size_t hashes = 0;
  while (!open.empty()) {
    const std::uint32_t node = open.back();
    open.pop_back();
    ++hashes;
    if (a.hash(node) == b.hash(node)) continue;
    if (!MerkleTree::isLeaf(node)) {
      open.insert(open.end(), {2 * node, 2 * node + 1});
      continue;
    }
    appendBeyond(a.keys(node), b.keys(node), true, keys);
    appendBeyond(b.keys(node), a.keys(node), false, keys);
  }
  std::sort(keys.begin(), keys.end());
  if (compared != nullptr) *compared = hashes;
  return keys;
}

} // namespace packetarium::cluster
