// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/catch.h"
#include "tests/tidy/source_tree.h"

#include <nlohmann/json.hpp>

#include <fstream>
#include <set>

using namespace packetarium::tidy;

namespace fs = std::filesystem;

namespace {

std::set<std::string> compiledFiles() {
  std::ifstream in(PACKETARIUM_COMPILE_COMMANDS);
  REQUIRE(in.good());
  std::set<std::string> files;
  for (const auto &entry : nlohmann::json::parse(in)) {
    const fs::path file = entry.at("file").get<std::string>();
    files.insert(file.lexically_relative(projectRoot()).generic_string());
  }
  return files;
}

/// Programs that only other builds compile: the fuzzers need clang, the peers another simulator.
bool isOfAnotherBuild(const SourceFile &file) {
  return file.isIn("tests/fuzz") || file.isIn("tests/peers");
}

std::string wholeText(const fs::path &path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

TEST_CASE("Every .cpp is compiled into something") {
  const std::set<std::string> compiled = compiledFiles();
  std::vector<std::string> faults;
  for (const SourceFile &file : sourceTree())
    if (file.path.ends_with(".cpp") && !isOfAnotherBuild(file) && compiled.count(file.path) == 0)
      faults.push_back(fault(file, 1, "no target compiles it"));
  INFO(joined(faults));
  CHECK(faults.empty());
}

TEST_CASE("Every header is included by another file") {
  std::set<std::string> included;
  for (const SourceFile &file : sourceTree())
    for (const std::string &include : file.includes())
      if (include != file.path) included.insert(include);
  std::vector<std::string> faults;
  for (const SourceFile &file : sourceTree())
    if (file.isHeader() && included.count(file.path) == 0)
      faults.push_back(fault(file, 1, "nothing includes it"));
  INFO(joined(faults));
  CHECK(faults.empty());
}

TEST_CASE("Every resource of the window is listed in a .qrc, and every listed one exists") {
  const fs::path resources = projectRoot() / "resources";
  std::string lists;
  for (const auto &entry : fs::directory_iterator(resources))
    if (entry.path().extension() == ".qrc") lists += wholeText(entry.path());
  std::vector<std::string> faults;
  for (const auto &entry : fs::recursive_directory_iterator(resources)) {
    const std::string name = entry.path().lexically_relative(resources).generic_string();
    const std::string extension = entry.path().extension().string();
    if (extension != ".svg" && extension != ".png") continue;
    if (name.starts_with("pictures/")) continue; // shown by the README
    if (lists.find(">" + name + "<") == std::string::npos)
      faults.push_back("resources/" + name + ": in no .qrc");
  }
  for (std::size_t at = lists.find("<file"); at != std::string::npos;
       at = lists.find("<file", at + 1)) {
    const std::size_t from = lists.find('>', at) + 1;
    const std::string name = lists.substr(from, lists.find('<', from) - from);
    if (!fs::exists(resources / name)) faults.push_back("resources/" + name + ": does not exist");
  }
  INFO(joined(faults));
  CHECK(faults.empty());
}
