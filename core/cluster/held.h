// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/base/sim_time.h"
#include "core/cluster/version_vector.h"

#include <string>
#include <string_view>
#include <vector>

/// What a replica has of a key, as trace::FactTopic::Held tells it.
namespace packetarium::cluster {

struct HeldVersion {
  Dot dot;
  VersionVector seen; ///< what its writer knew
  SimTime stamp;
  std::string once; ///< who asked, and their number: "client-1 17"; empty: nobody said
  bool operator==(const HeldVersion &) const = default;
};
struct Held {
  bool lastWriteWins = false; ///< else versions stand side by side
  std::vector<HeldVersion> versions;
  bool operator==(const Held &) const = default;
  /// The write is there, or a version that replaces it: whose writer knew it, or where the last
  /// write wins a later one.
  bool covers(const HeldVersion &write) const;
};

/// "siblings", or "last-write-wins", then a line "a:4 12000000 a:3,b:2 client-1%2017" for each
/// version ("-" for what is empty).
std::string text(const Held &held);
Result<Held> parseHeld(std::string_view text);

} // namespace packetarium::cluster
