// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/catch.h"
#include "tests/tidy/source_tree.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <functional>

using namespace packetarium::tidy;

namespace {

constexpr std::size_t kColumnsMax = 100;
constexpr std::size_t kLinesMax = 700;

// Written in halves, so that this file obeys its own rule.
const std::array<std::string, 4> kForbidden{"TO"
                                            "DO",
                                            "FIX"
                                            "ME",
                                            "XX"
                                            "X",
                                            "HA"
                                            "CK"};

std::size_t columns(const std::string &line) {
  return static_cast<std::size_t>(
      std::count_if(line.begin(), line.end(), [](char byte) { return (byte & 0xC0) != 0x80; }));
}

bool isWordByte(char byte) {
  return std::isalnum(static_cast<unsigned char>(byte)) != 0 || byte == '_';
}

bool hasWord(const std::string &line, const std::string &word) {
  for (std::size_t at = line.find(word); at != std::string::npos; at = line.find(word, at + 1)) {
    const bool opens = at == 0 || !isWordByte(line[at - 1]);
    const std::size_t end = at + word.size();
    if (opens && (end == line.size() || !isWordByte(line[end]))) return true;
  }
  return false;
}

std::vector<std::string> faultsOfLines(
    const std::function<std::string(const SourceFile &, const std::string &line)> &judge) {
  std::vector<std::string> faults;
  for (const SourceFile &file : sourceTree()) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const std::string message = judge(file, file.lines[i]);
      if (!message.empty()) faults.push_back(fault(file, i + 1, message));
    }
  }
  return faults;
}

} // namespace

TEST_CASE("Every source begins with its licence") {
  const std::string tag = "SPDX-License-Identifier: GPL-3.0-or-later";
  std::vector<std::string> faults;
  for (const SourceFile &file : sourceTree()) {
    const bool script = !file.lines.empty() && file.lines[0].starts_with("#!");
    const std::size_t where = script ? 1 : 0;
    const std::string wanted = (file.isCpp() ? "// " : "# ") + tag;
    if (file.lines.size() <= where || file.lines[where] != wanted)
      faults.push_back(fault(file, where + 1, "expected \"" + wanted + "\""));
  }
  INFO(joined(faults));
  CHECK(faults.empty());
}

TEST_CASE("Every header is included once: #pragma once on its second line") {
  std::vector<std::string> faults;
  for (const SourceFile &file : sourceTree())
    if (file.isHeader() && (file.lines.size() < 2 || file.lines[1] != "#pragma once"))
      faults.push_back(fault(file, 2, "expected #pragma once"));
  INFO(joined(faults));
  CHECK(faults.empty());
}

TEST_CASE("No line is longer than 100 columns") {
  const auto faults = faultsOfLines([](const SourceFile &, const std::string &line) {
    return columns(line) > kColumnsMax ? std::to_string(columns(line)) + " columns" : std::string();
  });
  INFO(joined(faults));
  CHECK(faults.empty());
}

TEST_CASE("No line ends in blanks or holds a tab") {
  const auto faults = faultsOfLines([](const SourceFile &, const std::string &line) {
    const bool blank = !line.empty() && (line.back() == ' ' || line.back() == '\r');
    if (blank) return std::string("ends in a blank");
    return std::string(line.find('\t') != std::string::npos ? "holds a tab" : "");
  });
  INFO(joined(faults));
  CHECK(faults.empty());
}

TEST_CASE("Nothing is left for later: no note to oneself in any source") {
  const auto faults = faultsOfLines([](const SourceFile &, const std::string &line) {
    for (const std::string &word : kForbidden)
      if (hasWord(line, word)) return "says " + word;
    return std::string();
  });
  INFO(joined(faults));
  CHECK(faults.empty());
}

TEST_CASE("No source is longer than 700 lines") {
  std::vector<std::string> faults;
  for (const SourceFile &file : sourceTree())
    if (file.lines.size() > kLinesMax)
      faults.push_back(fault(file, file.lines.size(), "too long: split it by meaning"));
  INFO(joined(faults));
  CHECK(faults.empty());
}

TEST_CASE("Columns are counted in characters, and words are whole words") {
  CHECK(columns("naïve → ok") == 10);
  CHECK(hasWord("// " + kForbidden[0] + ": later", kForbidden[0]));
  CHECK_FALSE(hasWord("mktemp " + kForbidden[2] + kForbidden[2], kForbidden[2]));
}
