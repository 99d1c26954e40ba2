// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/catch.h"
#include "tests/tidy/source_tree.h"

#include <array>
#include <optional>

using namespace packetarium::tidy;

namespace {

constexpr std::array kRooms{"base",  "crypto",   "wire",      "tls",      "trace",
                            "judge", "net",      "transport", "cluster",  "programs",
                            "world", "scenario", "session",   "analysis", "experiments"};

/// The place of a core path's room in the order of rooms; nothing for another path.
std::optional<std::size_t> roomOf(const std::string &path) {
  for (std::size_t i = 0; i < kRooms.size(); ++i)
    if (path.starts_with(std::string("core/") + kRooms[i] + "/")) return i;
  return std::nullopt;
}

std::vector<std::string> includeFaults(const SourceFile &file) {
  std::vector<std::string> faults;
  const std::optional<std::size_t> here = roomOf(file.path);
  for (const std::string &include : file.includes()) {
    const std::optional<std::size_t> there = roomOf(include);
    if (!there) {
      faults.push_back(fault(file, 1, "core includes \"" + include + "\""));
    } else if (*there > *here) {
      faults.push_back(fault(file, 1, "includes \"" + include + "\" from a room below"));
    }
  }
  return faults;
}

bool isQt(const std::string &include) {
  return include.starts_with("<Q") || include.starts_with("<qt");
}

} // namespace

TEST_CASE("Every file of core lies in a room") {
  std::vector<std::string> faults;
  for (const SourceFile &file : sourceTree())
    if (file.isIn("core") && file.isCpp() && !roomOf(file.path))
      faults.push_back(fault(file, 1, "lies in no room"));
  INFO(joined(faults));
  CHECK(faults.empty());
}

TEST_CASE("A room includes only rooms above it, and core includes nothing but core") {
  std::vector<std::string> faults;
  for (const SourceFile &file : sourceTree()) {
    if (!file.isCpp() || !roomOf(file.path)) continue;
    SourceFile quoted = file;
    std::erase_if(quoted.lines,
                  [](const std::string &line) { return line.starts_with("#include <"); });
    for (const std::string &one : includeFaults(quoted)) faults.push_back(one);
  }
  INFO(joined(faults));
  CHECK(faults.empty());
}

TEST_CASE("Neither core nor the command line includes Qt") {
  std::vector<std::string> faults;
  for (const SourceFile &file : sourceTree()) {
    if (!file.isIn("core") && !file.isIn("app/cli") && !file.isIn("tests/core")) continue;
    for (const std::string &include : file.includes())
      if (isQt(include) || include.starts_with("ui/"))
        faults.push_back(fault(file, 1, "includes " + include));
  }
  INFO(joined(faults));
  CHECK(faults.empty());
}

TEST_CASE("The rule sees an include that runs the wrong way") {
  const SourceFile wrong{"core/wire/packet.h", {"#include \"core/net/link.h\""}};
  const SourceFile outside{"core/base/ids.h", {"#include \"ui/theme/theme.h\""}};
  const SourceFile right{"core/net/link.h", {"#include \"core/wire/packet.h\""}};
  CHECK(includeFaults(wrong).size() == 1);
  CHECK(includeFaults(outside).size() == 1);
  CHECK(includeFaults(right).empty());
}
