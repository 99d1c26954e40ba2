// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/json.h"
#include "tests/core/scenario/random_scenario.h"
#include "tests/support/catch.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

using namespace packetarium;
using namespace packetarium::scenario;
namespace fs = std::filesystem;

namespace {

/// A folder of its own that goes when the test ends.
class Folder {
public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "packetarium-XXXXXX").string();
    m_path = ::mkdtemp(name.data());
  }
  Folder(const Folder &) = delete;
  Folder &operator=(const Folder &) = delete;
  ~Folder() { fs::remove_all(m_path); }
  fs::path operator/(const char *name) const { return m_path / name; }
  std::size_t count() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(m_path), fs::directory_iterator()));
  }

private:
  fs::path m_path;
};

std::string contents(const fs::path &file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

TEST_CASE("A saved file holds the document and nothing else is left beside it") {
  const Folder folder;
  const Scenario s = test::smallScenario();
  REQUIRE(saveFile(folder / "a.packetarium", s).ok());
  CHECK(contents(folder / "a.packetarium") == toJson(s));
  CHECK(*loadFile(folder / "a.packetarium") == s);
  REQUIRE(saveFile(folder / "a.packetarium", test::randomScenario(4)).ok());
  CHECK(*loadFile(folder / "a.packetarium") == test::randomScenario(4));
  CHECK(folder.count() == 1);
}

TEST_CASE("Saving replaces the file: who has the old one open still reads the old one whole") {
  const Folder folder;
  const fs::path file = folder / "a.packetarium";
  const Scenario s = test::smallScenario();
  REQUIRE(saveFile(file, s).ok());
  std::ifstream reader(file, std::ios::binary);
  REQUIRE(saveFile(file, test::randomScenario(5)).ok());
  CHECK(std::string(std::istreambuf_iterator<char>(reader), {}) == toJson(s));
}

TEST_CASE("A save that fails says why and leaves the old file alone") {
  const Folder folder;
  const fs::path file = folder / "folder" / "a.packetarium";
  const Status missing = saveFile(file, test::smallScenario());
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.faults()[0].message.find("cannot write") != std::string::npos);
  CHECK(missing.faults()[0].message.find("No such file or directory") != std::string::npos);
  fs::create_directory(folder / "there");
  CHECK_FALSE(saveFile(folder / "there", test::smallScenario()).ok());
  CHECK(fs::is_directory(folder / "there"));
  CHECK(folder.count() == 1);
}

TEST_CASE("Saving keeps permissions, and a symbolic link stays one") {
  const Folder folder;
  const fs::path file = folder / "real.packetarium", link = folder / "link.packetarium";
  REQUIRE(saveFile(file, test::smallScenario()).ok());
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
  fs::create_symlink(file, link);
  REQUIRE(saveFile(link, test::randomScenario(6)).ok());
  CHECK(fs::is_symlink(link));
  CHECK(*loadFile(file) == test::randomScenario(6));
  CHECK(fs::status(file).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("What is no ordinary file is refused at once") {
  const Folder folder;
  const fs::path pipe = folder / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  for (const fs::path &file : {pipe, folder / "nothing", fs::path("/dev/zero"), fs::path("/")}) {
    const auto result = loadFile(file);
    INFO(file);
    REQUIRE_FALSE(result.ok());
    CHECK(result.faults()[0].path.empty());
    CHECK(result.faults()[0].message.find("cannot ") == 0);
  }
}

TEST_CASE("A file over the limit is refused without being read whole") {
  const Folder folder;
  const fs::path file = folder / "large";
  { std::ofstream(file) << "{"; }
  fs::resize_file(file, 1u << 30);
  const auto result = loadFile(file);
  REQUIRE_FALSE(result.ok());
  CHECK(result.faults()[0].message.find("larger than 16 MiB") != std::string::npos);
}
