// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/cluster/merge.h"
#include "core/cluster/version_vector.h"
#include "core/wire/cluster_message.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace packetarium::programs::quorum {

enum class Policy : std::uint8_t {
  Siblings,     ///< writes that did not know of each other stand side by side
  LastWriteWins ///< the latest time stamp stays
};

/// One write of a key.
struct Stored {
  std::optional<std::string> value; ///< none: a removal, which is kept as a gravestone
  SimTime stamp;                    ///< by the clock of the member that coordinated it
  /// What it replaces: what its writer had read; with last-write-wins also what its replicas held
  /// when it came.
  cluster::VersionVector seen;
  std::string once; ///< who asked, and their number
  bool operator==(const Stored &) const = default;
};

/// What a replica holds of one key. States have a join, so that members that have heard the same
/// hold the same. A state that knows a member's write knows all earlier ones of that member, too
/// (they are versions of it, or in what was replaced), which is what lets a vector stand for them.
class KeyState {
public:
  /// A new write, later than all that its member has written.
  void write(Policy policy, const cluster::Dot &dot, Stored stored);
  void join(Policy policy, const KeyState &other);
  /// Every version here is taken to be known to the writers of the other state's.
  void wereHeldBefore(KeyState &newer) const;
  /// Drops the oldest of more than so many versions; they count as replaced from then on.
  std::vector<cluster::Dot> prune(std::size_t versionsMax);

  bool empty() const { return m_versions.empty(); }
  const std::map<cluster::Dot, Stored> &versions() const { return m_versions; }
  /// The latest first; of those of one request only one.
  std::vector<const Stored *> shown() const;
  /// What somebody knows who has read this.
  cluster::VersionVector context() const;
  /// The same for equal states; what did not change what a reader gets is left out.
  std::uint64_t digest() const;
  /// For sessions: a text by which another state can say whether it is as new.
  std::string token(Policy policy) const;
  bool reaches(Policy policy, std::string_view token) const;

  void addTo(wire::cluster::Message &message) const;
  /// Nothing when the message holds none that makes sense.
  static std::optional<KeyState> from(const wire::cluster::Message &message);
  /// As views of conflicts want it.
  std::vector<cluster::Version> told(std::string_view key) const;

private:
  void dropSeen();
  std::map<cluster::Dot, Stored> m_versions;
  cluster::VersionVector m_seen; ///< siblings: what was replaced
};

cluster::Version versionOf(std::string_view key, const cluster::Dot &dot, const Stored &stored);

/// What became visible when two states were joined.
struct Meeting {
  std::vector<cluster::Version> versions; ///< that met and did not know of each other; or none
  std::optional<cluster::Outcome> outcome;
};
/// before joined with came has given after.
std::optional<Meeting> meetingOf(Policy policy, std::string_view key, const KeyState &before,
                                 const KeyState &came, const KeyState &after);

} // namespace packetarium::programs::quorum
