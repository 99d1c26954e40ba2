// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/scenario/scenario.h"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace packetarium::scenario {

/// Bounds on what a file may hold, so that nothing from anywhere can exhaust the machine.
struct Limits {
  static constexpr std::size_t fileBytes = 16u << 20;
  static constexpr int depth = 32;
  static constexpr std::size_t nodes = 10'000;
  static constexpr std::size_t links = 40'000;
  static constexpr std::size_t interfacesPerNode = 1024;
  static constexpr std::size_t programsPerNode = 256;
  static constexpr std::size_t listEntries =
      10'000; ///< script, notes, bookmarks, phases, rows, ...
  static constexpr std::size_t idChars = 64;
  static constexpr std::size_t textBytes = 4096;
  static constexpr std::size_t faults = 1000; ///< reported of one file; the rest is counted
};

/// Whether conflicts of addresses (conflicts.h) count as faults. A document may be run with them,
/// and one that a person is at work on may hold some for a while.
enum class Accept { Faultless, Conflicts };

/// Reads and validates a document; reports all faults, not only the first.
Result<Scenario> parse(std::string_view text, Accept accept = Accept::Faultless);
/// The same for a file; faults of reading it have an empty path.
Result<Scenario> loadFile(const std::filesystem::path &file, Accept accept = Accept::Faultless);
/// The document as text: fixed key order, one line per small entity, so that it diffs well. The
/// same document gives the same bytes, and parse() of them gives the document back.
std::string toJson(const Scenario &scenario);
/// Writes beside the file, flushes to disk and renames: the old file or the new one, never a half.
Status saveFile(const std::filesystem::path &file, const Scenario &scenario);

/// What is wrong with a document that was made or edited in memory; empty when it can be built.
std::vector<Fault> validate(const Scenario &scenario, Accept accept = Accept::Faultless);

} // namespace packetarium::scenario
