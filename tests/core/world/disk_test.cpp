// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/world/disk.h"
#include "tests/support/catch.h"

using namespace packetarium;
using world::Disk;
using Entries = std::vector<std::string>;

TEST_CASE("What was not synced is gone after a crash, what was is there") {
  Disk disk;
  disk.append("log", "a");
  const auto [sync, due] = disk.beginSync(SimTime::zero(), Duration::ms(2), 3, 77, 5);
  disk.append("log", "b");
  CHECK(due == SimTime::zero() + Duration::ms(2));
  CHECK(disk.read("log") == Entries{"a", "b"});
  const auto done = disk.endSync(sync);
  REQUIRE(done);
  CHECK(done->program == 3);
  CHECK(done->tag == 77);
  disk.crash();
  CHECK(disk.read("log") == Entries{"a"});
}

TEST_CASE(
    "A disk says what a lost truncation brought back, until the next crash that loses something") {
  Disk disk;
  for (const char *entry : {"a", "b", "c"}) disk.append("log", entry);
  disk.append("notes", "n");
  disk.endSync(disk.beginSync(SimTime::zero(), Duration::ms(2), 0, 0, 0).first);
  disk.truncate("log", 2);
  disk.truncate("log", 1);
  disk.append("log", "d");
  disk.append("notes", "m"); // what was only appended replaced nothing
  disk.crash();
  CHECK(disk.read("log") == Entries{"a", "b", "c"});
  CHECK(disk.read(Disk::recoveryFile) == Entries{"1 log"});
  disk.crash(); // nothing more is lost
  CHECK(disk.read(Disk::recoveryFile) == Entries{"1 log"});
  disk.append("log", "e");
  disk.crash();
  CHECK(disk.read(Disk::recoveryFile).empty());
}

TEST_CASE("A crash ends the syncs that are under way") {
  Disk disk;
  disk.append("log", "a");
  const auto sync = disk.beginSync(SimTime::zero(), Duration::ms(2), 0, 0, 0).first;
  disk.crash();
  CHECK_FALSE(disk.endSync(sync));
  CHECK(disk.read("log").empty());
}

TEST_CASE("Syncs of one disk follow one another") {
  Disk disk;
  const SimTime t = SimTime::zero() + Duration::seconds(1);
  CHECK(disk.beginSync(t, Duration::ms(2), 0, 0, 0).second == t + Duration::ms(2));
  CHECK(disk.beginSync(t, Duration::ms(2), 0, 0, 0).second == t + Duration::ms(4));
  CHECK(disk.beginSync(t + Duration::ms(10), Duration::ms(2), 0, 0, 0).second ==
        t + Duration::ms(12));
}

TEST_CASE("A disk agrees with a naive one over random work and crashes") {
  // The naive one keeps a whole copy of its files for every sync that is under way.
  using Files = std::map<std::string, Entries>;
  RandomStream random(7, "disk", "test");
  Disk disk;
  Files seen, durable;
  std::vector<std::pair<std::uint32_t, Files>> syncs;
  for (int step = 0; step < 20'000; ++step) {
    const std::string file = random.chance(0.5) ? "log" : "meta";
    switch (random.below(6)) {
    case 0:
    case 1:
    case 2:
      disk.append(file, std::to_string(step));
      seen[file].push_back(std::to_string(step));
      break;
    case 3: {
      const std::size_t keep = random.below(seen[file].size() + 3);
      disk.truncate(file, keep);
      if (seen[file].size() > keep) seen[file].resize(keep);
      break;
    }
    case 4:
      if (random.chance(0.1)) {
        disk.crash();
        seen = durable;
        syncs.clear();
      } else {
        syncs.emplace_back(disk.beginSync(SimTime::zero(), Duration::ms(1), 0, 0, 0).first, seen);
      }
      break;
    default:
      if (syncs.empty()) break;
      REQUIRE(disk.endSync(syncs.front().first));
      durable = syncs.front().second;
      syncs.erase(syncs.begin());
    }
    REQUIRE(disk.read("log") == seen["log"]);
    REQUIRE(disk.read("meta") == seen["meta"]);
  }
}

TEST_CASE("A copied disk goes its own way") {
  Disk disk;
  for (int i = 0; i < 200; ++i) disk.append("log", std::to_string(i));
  Disk copy = disk;
  copy.truncate("log", 100);
  disk.append("log", "x");
  CHECK(disk.read("log").size() == 201);
  CHECK(copy.read("log").size() == 100);
}
