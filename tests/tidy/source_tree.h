// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace packetarium::tidy {

/// One text file of the project, as the tidy rules see it.
struct SourceFile {
  std::string path; ///< relative to the project root, with '/'
  std::vector<std::string> lines;

  bool isCpp() const;
  bool isHeader() const;
  bool isIn(const std::string &folder) const;
  /// What the file includes with quotes, e.g. "core/base/ids.h"; what it includes with angle
  /// brackets keeps them, e.g. "<QWidget>".
  std::vector<std::string> includes() const;
};

std::filesystem::path projectRoot();

/// Every C++, CMake and shell source of the project, sorted by path; build folders are left out.
const std::vector<SourceFile> &sourceTree();

/// "path:line: message", the form editors jump to.
std::string fault(const SourceFile &file, std::size_t line, const std::string &message);

/// One line for each fault, for a failure message that names them all.
std::string joined(const std::vector<std::string> &faults);

} // namespace packetarium::tidy
