// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cluster/merkle.h"
#include "tests/support/catch.h"

#include <rapidcheck.h>

#include <algorithm>
#include <set>

using namespace packetarium::cluster;

namespace {

using Held = std::map<std::string, std::uint64_t>;

Held someHeld() {
  Held held;
  for (const auto &[key, digest] : *rc::gen::container<std::vector<std::pair<int, int>>>(
           rc::gen::pair(rc::gen::inRange(0, 60), rc::gen::inRange(0, 3))))
    held["k" + std::to_string(key)] = static_cast<std::uint64_t>(digest);
  return held;
}

MerkleTree treeOf(const Held &held) {
  MerkleTree tree;
  for (const auto &[key, digest] : held) tree.set(key, digest);
  return tree;
}

} // namespace

TEST_CASE("Two trees find exactly the keys in which what they stand for differs") {
  CHECK(rc::check([] {
    const Held a = someHeld(), b = someHeld();
    std::set<std::string> differ;
    for (const auto &[key, digest] : a)
      if (b.find(key) == b.end() || b.at(key) != digest) differ.insert(key);
    for (const auto &[key, digest] : b)
      if (a.find(key) == a.end()) differ.insert(key);
    RC_ASSERT(differingKeys(treeOf(a), treeOf(b)) ==
              std::vector<std::string>(differ.begin(), differ.end()));
  }));
}

TEST_CASE("A tree does not remember how it came to what it holds") {
  CHECK(rc::check([] {
    const Held wanted = someHeld();
    MerkleTree tree = treeOf(someHeld());
    for (int i = 0; i < 60; ++i)
      if (wanted.find("k" + std::to_string(i)) == wanted.end()) tree.erase("k" + std::to_string(i));
    for (auto one = wanted.rbegin(); one != wanted.rend(); ++one) tree.set(one->first, one->second);
    const MerkleTree fresh = treeOf(wanted);
    RC_ASSERT(tree.size() == wanted.size());
    for (std::uint32_t node = MerkleTree::root; MerkleTree::isNode(node); ++node)
      RC_ASSERT(tree.hash(node) == fresh.hash(node));
  }));
}

TEST_CASE("Equal trees are told apart by one hash, and one key in thousands by few") {
  MerkleTree a;
  for (int i = 0; i < 5000; ++i) a.set("key-" + std::to_string(i), 7);
  MerkleTree b = a;
  std::size_t compared = 0;
  CHECK(differingKeys(a, b, &compared).empty());
  CHECK(compared == 1);
  b.set("key-77", 8);
  CHECK(differingKeys(a, b, &compared) == std::vector<std::string>{"key-77"});
  CHECK(compared == 13); // the root, and two hashes on each of six levels
  CHECK(MerkleTree().hash(MerkleTree::root) == 0);
}
