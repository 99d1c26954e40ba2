// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/tidy/source_tree.h"

#include <algorithm>
#include <fstream>
#include <set>

namespace packetarium::tidy {

namespace fs = std::filesystem;

namespace {

bool isScript(const fs::path &path) {
  if (path.has_extension()) return false;
  std::ifstream in(path);
  std::string first;
  return std::getline(in, first) && first.starts_with("#!");
}

bool isSource(const fs::path &path) {
  static const std::set<std::string> extensions{".cpp", ".h", ".cmake", ".sh"};
  return extensions.count(path.extension().string()) > 0 || path.filename() == "CMakeLists.txt" ||
         isScript(path);
}

SourceFile readSource(const fs::path &path) {
  SourceFile file;
  file.path = fs::relative(path, projectRoot()).generic_string();
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) file.lines.push_back(line);
  return file;
}

std::vector<SourceFile> readTree() {
  std::vector<SourceFile> files;
  for (const char *folder : {"core", "ui", "app", "tests", "cmake", "packaging", ".ci"}) {
    const fs::path top = projectRoot() / folder;
    if (!fs::exists(top)) continue;
    for (const auto &entry : fs::recursive_directory_iterator(top)) {
      const bool corpus = entry.path().generic_string().find("/fuzz/corpus/") != std::string::npos;
      if (entry.is_regular_file() && !corpus && isSource(entry.path()))
        files.push_back(readSource(entry.path()));
    }
  }
  files.push_back(readSource(projectRoot() / "CMakeLists.txt"));
  std::sort(files.begin(), files.end(),
            [](const SourceFile &a, const SourceFile &b) { return a.path < b.path; });
  return files;
}

} // namespace

bool SourceFile::isCpp() const { return path.ends_with(".cpp") || isHeader(); }

bool SourceFile::isHeader() const { return path.ends_with(".h"); }

bool SourceFile::isIn(const std::string &folder) const { return path.starts_with(folder + "/"); }

std::vector<std::string> SourceFile::includes() const {
  std::vector<std::string> found;
  for (const std::string &line : lines) {
    if (!line.starts_with("#include ")) continue;
    const std::string what = line.substr(9);
    if (what.starts_with('"')) found.push_back(what.substr(1, what.find('"', 1) - 1));
    if (what.starts_with('<')) found.push_back(what.substr(0, what.find('>') + 1));
  }
  return found;
}

fs::path projectRoot() { return PACKETARIUM_SOURCE_DIR; }

const std::vector<SourceFile> &sourceTree() {
  static const std::vector<SourceFile> tree = readTree();
  return tree;
}

std::string fault(const SourceFile &file, std::size_t line, const std::string &message) {
  return file.path + ":" + std::to_string(line) + ": " + message;
}

std::string joined(const std::vector<std::string> &faults) {
  std::string text;
  for (const std::string &one : faults) text += one + "\n";
  return text;
}

} // namespace packetarium::tidy
