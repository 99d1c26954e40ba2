// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/fact_book.h"
#include "core/analysis/quorum_delays.h"
#include "core/judge/consistency.h"
#include "core/judge/raft_invariants.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// A run's services judged from what their clients saw.
namespace packetarium::analysis {

/// The operations that clients of a service told up to the record; of counters and sets (keys with
/// add or remove) none. Service "": of all; where there are several, keys are "service/key".
judge::History historyOf(const FactBook &facts, std::string_view service, trace::Sequence upTo);
/// The services whose clients told operations, by name.
std::vector<std::string> storesOf(const FactBook &facts);

/// One light of the verdict strip.
struct Light {
  std::string service;
  std::string title;   ///< "Linearizable", "Read your writes", "Election safety"
  std::string promise; ///< a sentence
  judge::Verdict verdict = judge::Verdict::Unknown; ///< Unknown: not decided (or nothing to judge)
  SimTime since;                                    ///< False: from when it is red
  trace::Sequence record = 0;           ///< False: the offending operation's return, or the breach
  std::vector<trace::Sequence> against; ///< records it contradicts
  std::optional<std::size_t> offending; ///< index into the history (the service's, up to upTo)
  std::vector<std::size_t> contradicts; ///< indices of the operations that it stands against
  std::string why;                      ///< sentences that explain it, from messages and operations
};
/// Convergence is asked for once nothing was written, and no fault came or went, for so long.
constexpr Duration convergenceSettle = Duration::seconds(2);
/// All lights of a service for the run as far as it is known, once; a light is red at a cursor when
/// the cursor's record is not before Light::record. budget: for the whole. Raft's four promises are
/// among them where the service told terms. missStory() in explain.h tells more of a red one.
std::vector<Light> lightsOf(const FactBook &facts, const net::Blueprint &network,
                            std::string_view service, trace::Sequence upTo, judge::Budget budget);

/// How a read was answered.
enum class Freshness : std::uint8_t { Fresh, Stale, Refused, Unknown };
std::string_view name(Freshness freshness); ///< "fresh"
struct ReadMark {
  std::size_t operation = 0; ///< index into the history
  Freshness freshness = Freshness::Unknown;
  Duration staleBy;                  ///< since the oldest write it missed was acknowledged
  std::size_t versionsBehind = 0;    ///< acknowledged writes of the key that it missed
  std::optional<std::size_t> missed; ///< the newest write it should have seen
  std::string why;                   ///< a sentence
};
/// Each read of the history against the writes acknowledged before it began: stale when what it
/// gave was overwritten by a write that was acknowledged before the read began.
std::vector<ReadMark> markReads(const judge::History &history);

/// Share of fresh reads by how long after the newest acknowledged write they began; what PBS
/// predicts, measured. restless: reads that began in these times are left out.
struct StalenessPoint {
  Duration after; ///< upper bound of the bucket
  std::uint64_t reads = 0, fresh = 0;
};
std::vector<StalenessPoint> stalenessCurve(const judge::History &history,
                                           const std::vector<ReadMark> &marks, Duration bucket,
                                           std::size_t buckets,
                                           const std::vector<RestlessTime> &restless = {});

} // namespace packetarium::analysis
