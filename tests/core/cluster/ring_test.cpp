// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cluster/ring.h"
#include "tests/support/catch.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

using namespace packetarium::cluster;

namespace {

constexpr int keyCount = 4000;

std::string keyName(int i) { return "key-" + std::to_string(i); }

Ring ringOf(int nodes, std::uint32_t virtualNodes) {
  Ring ring;
  for (int i = 0; i < nodes; ++i) ring.add("node" + std::to_string(i), virtualNodes);
  return ring;
}

} // namespace

TEST_CASE("A preference list holds distinct nodes, as many as wanted or as there are") {
  for (int nodes = 1; nodes <= 6; ++nodes) {
    const Ring ring = ringOf(nodes, 8);
    for (int i = 0; i < 200; ++i)
      for (std::size_t n = 1; n <= 8; ++n) {
        const auto list = ring.preference(keyName(i), n);
        CHECK(std::set<std::string>(list.begin(), list.end()).size() == list.size());
        CHECK(list.size() == std::min<std::size_t>(n, static_cast<std::size_t>(nodes)));
      }
  }
  CHECK(Ring().preference("key", 3).empty());
}

TEST_CASE("A longer preference list begins with the shorter one") {
  const Ring ring = ringOf(7, 8);
  for (int i = 0; i < 100; ++i) {
    const auto all = ring.preference(keyName(i), 7);
    for (std::size_t n = 1; n < 7; ++n) {
      const auto some = ring.preference(keyName(i), n);
      CHECK(std::equal(some.begin(), some.end(), all.begin()));
    }
  }
}

TEST_CASE("The first of a key's list has the first point at or after the key's, round the circle") {
  const Ring ring = ringOf(5, 4);
  std::map<RingPoint, std::string> points;
  for (int i = 0; i < 5; ++i)
    for (const RingPoint p : ring.pointsOf("node" + std::to_string(i)))
      points[p] = "node" + std::to_string(i);
  REQUIRE(points.size() == 20);
  for (int i = 0; i < 500; ++i) {
    const RingPoint at = Ring::pointOf(keyName(i));
    std::string first = points.begin()->second;
    for (const auto &[point, node] : points)
      if (point >= at) {
        first = node;
        break;
      }
    CHECK(ring.preference(keyName(i), 1).front() == first);
  }
}

TEST_CASE("A node that comes takes keys for itself alone, about its share, and gives them back") {
  for (int nodes = 2; nodes <= 8; nodes += 3) {
    const Ring before = ringOf(nodes, 256);
    Ring after = before;
    after.add("newcomer", 256);
    int moved = 0;
    for (int i = 0; i < keyCount; ++i) {
      const auto was = before.preference(keyName(i), 1), is = after.preference(keyName(i), 1);
      if (was == is) continue;
      ++moved;
      CHECK(is.front() == "newcomer");
    }
    CHECK(moved == Approx(keyCount / (nodes + 1.0)).epsilon(.25));
    after.remove("newcomer");
    for (int i = 0; i < keyCount; ++i)
      CHECK(before.preference(keyName(i), 3) == after.preference(keyName(i), 3));
  }
}

TEST_CASE("With many virtual nodes all nodes have about as many keys") {
  const Ring ring = ringOf(5, 512);
  std::map<std::string, int> held;
  for (int i = 0; i < keyCount; ++i) ++held[ring.preference(keyName(i), 1).front()];
  REQUIRE(held.size() == 5);
  for (const auto &[node, keys] : held) CHECK(keys == Approx(keyCount / 5.0).epsilon(.2));
}

TEST_CASE("A node's points are told in hexadecimal, ascending") {
  Ring ring = ringOf(3, 3);
  ring.add("node1", 9); // it is there already
  const std::string text = ring.textOf("node1");
  CHECK(text.size() == 3 * 8 + 2);
  const auto points = ring.pointsOf("node1");
  CHECK(std::is_sorted(points.begin(), points.end()));
  CHECK(std::stoul(text.substr(9, 8), nullptr, 16) == points[1]);
  CHECK(ring.textOf("nobody").empty());
}
