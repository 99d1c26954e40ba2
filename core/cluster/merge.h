// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/base/sim_time.h"
#include "core/cluster/version_vector.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What becomes of versions that met, under each policy: what is left, what is lost, and why. A
/// store decides by it, and the merge inspector shows one conflict under every policy by it.
namespace packetarium::cluster {

enum class DataType : std::uint8_t { Register, Counter, Set };
enum class ConflictPolicy : std::uint8_t { LastWriteWins, Merge, Application };
std::string_view name(DataType type);         ///< "register"
std::string_view name(ConflictPolicy policy); ///< "last-write-wins"
std::optional<DataType> dataType(std::string_view name);
std::optional<ConflictPolicy> conflictPolicy(std::string_view name);

/// One side of a conflict: a write, or several of one side in a row whose last one gives the name.
struct Version {
  Dot dot;
  VersionVector seen;       ///< what its writer knew, besides the writes of this version itself
  SimTime stamp;            ///< by the clock of the member that took it
  std::uint32_t writes = 1; ///< it stands for, at least 1
  DataType type = DataType::Register;
  /// What was done: "write cart 17", "add views 3", "add cart milk; remove cart tea".
  std::string operation;
  std::optional<std::string> before; ///< counters, sets: the value it began with
  std::optional<std::string> value;  ///< that it led to; none: removed
  bool operator==(const Version &) const = default;
};
constexpr std::size_t versionsMax = 16; ///< that met at once

/// The elements of a set as its value: sorted, with commas between.
std::string valueOfSet(const std::vector<std::string> &elements);
/// 1 to 256 bytes without commas, semicolons and control characters.
bool isElement(std::string_view text);

struct LostWrite {
  Dot dot;
  std::uint32_t writes = 1;
  std::string operation;
  std::string why; ///< half a sentence: "it is stamped 250 ms before a:4"
  bool operator==(const LostWrite &) const = default;
};

struct Outcome {
  ConflictPolicy policy = ConflictPolicy::LastWriteWins;
  /// What a reader gets: one value, or several side by side. Nothing in a value: removed.
  std::vector<std::optional<std::string>> values;
  std::vector<Dot> kept;       ///< versions that the values come from
  std::vector<LostWrite> lost; ///< as their clients were told that they are done
  std::string story;           ///< a sentence or two
  bool operator==(const Outcome &) const = default;
};
/// The same for any order of the versions. versions: at least one, all of one key and type.
Outcome resolve(ConflictPolicy policy, std::vector<Version> versions);

/// One version a line, as in trace::FactTopic::Conflict:
/// "a:4 seen=a:3,b:2 at=12000000000 writes=1 type=register value=17 operation=write%20cart%2017".
std::string text(const std::vector<Version> &versions);
/// From anywhere: faults on lines that are no version, on more than versionsMax.
Result<std::vector<Version>> parseVersions(std::string_view text);

/// As in trace::FactTopic::Merged: the story, then a line "lost b:3 writes=1 operation=... why=..."
/// for each lost write.
std::string text(const Outcome &outcome);
/// The lost writes of such a text, and its story.
struct MergedText {
  std::string story;
  std::vector<LostWrite> lost;
};
Result<MergedText> parseMerged(std::string_view text);

} // namespace packetarium::cluster
