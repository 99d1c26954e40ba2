// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/random.h"
#include "core/base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// How stale reads of a quorum may be, by chance: Probabilistically Bounded Staleness (Bailis,
/// Venkataraman, Franklin, Hellerstein, Stoica 2012). Each of the N replicas gets the write after a
/// delay W and its acknowledgement is back after A; a read reaches it after R and its response is
/// back after S. A write is committed when W replicas have acknowledged, a read ends when R have
/// responded; it is fresh when one of those had the write as the read reached it. All times in
/// milliseconds.
namespace packetarium::cluster {

/// A delay that is one of several kinds, each with its share.
struct DelayPart {
  enum class Shape : std::uint8_t {
    Constant,    ///< first: the delay
    Uniform,     ///< from first to second
    Exponential, ///< first: the rate, per ms
    Pareto       ///< first: the scale x_m, second: the shape alpha
  };
  double share = 1;
  Shape shape = Shape::Constant;
  double first = 0, second = 0;
  bool operator==(const DelayPart &) const = default;
};

struct Delay {
  std::vector<DelayPart> parts; ///< shares sum to 1; none: no delay
  double sampleMs(RandomStream &random) const;
  /// "0.38*pareto:1.05:1.51+0.62*exp:0.183"
  std::string text() const;
  /// "5" and "constant:5", "uniform:1:9", "exp:RATE", "pareto:XM:ALPHA"; a mixture has a share in
  /// front of each. Faults on what is none, and on shares that do not sum to 1.
  static Result<Delay> parse(std::string_view text);
  bool operator==(const Delay &) const = default;
};

struct PbsModel {
  Delay write, acknowledge, read, respond; ///< W, A, R, S
  /// On top of each of the four for replicas that are not at the reader's, or the writer's, own
  /// site. Each replica is a site of its own.
  Delay remote;
  /// At which replica (from 0) writer and reader are; -1: at a random one, each time anew.
  int writerSite = -1, readerSite = -1;
};
/// Delays that a message meets one after another, of each link on its way; none: no delay.
using DelayChain = std::vector<Delay>;
/// W, A, R, S of one replica, as the members meet them that coordinate the write and the read.
struct PbsReplica {
  DelayChain write, acknowledge, read, respond;
  bool operator==(const PbsReplica &) const = default;
};
/// "lnkd-ssd", "lnkd-disk", "ymmr", "wan": the models of the paper's section 5.5.
std::optional<PbsModel> pbsModel(std::string_view name);

struct PbsQuorum {
  int n = 3, r = 1, w = 1; ///< 1 <= r, w <= n <= pbsReplicasMax
};
constexpr int pbsReplicasMax = 64;
/// Replicas, and who writes and reads them, each in its place.
struct PbsPlacement {
  double share = 1; ///< of all reads
  int r = 1, w = 1; ///< 1 <= r, w <= replicas
  std::vector<PbsReplica> replicas;
  /// What a reader's clock counts too little: from the commit until the writer knows of it, and
  /// from when the reader asks until the read begins where it is coordinated.
  DelayChain unseen;
  bool operator==(const PbsPlacement &) const = default;
};

/// What so many trials came to.
class PbsPrediction {
public:
  PbsPrediction(std::vector<double> freshAfterMs, std::vector<double> readMs,
                std::vector<double> writeMs);
  /// Probability that a read that begins so long after the commit is fresh.
  double freshAt(double tMs) const;
  /// From when on reads are fresh with this probability (0 to 1): t-visibility.
  double visibleAfterMs(double probability) const;
  /// Latencies that this share of operations does not exceed.
  double readMs(double share) const;
  double writeMs(double share) const;

private:
  std::vector<double> m_freshAfterMs, m_readMs, m_writeMs; ///< sorted, one for each trial
};

constexpr std::uint32_t pbsTrials = 1'000'000;
/// quorum: as its fields say. trials: at least 1.
PbsPrediction predictPbs(const PbsModel &model, const PbsQuorum &quorum,
                         std::uint32_t trials = pbsTrials, std::uint64_t seed = 1);

/// Of placements (at least one) whose shares sum to 1. A write's and a read's latency are those
/// where they are coordinated.
PbsPrediction predictPbs(const std::vector<PbsPlacement> &placements,
                         std::uint32_t trials = pbsTrials, std::uint64_t seed = 1);

struct PbsPoint {
  double tMs = 0, fresh = 0;
};
/// P(fresh) at so many times (at least 2) from 0 to untilMs, evenly apart.
std::vector<PbsPoint> pbsCurve(const PbsPrediction &prediction, double untilMs, int points);

/// Probability that a read sees none of the k latest writes, when read and write quorums are drawn
/// at random each time: (C(n-w, r) / C(n, r))^k. Exact but for rounding. k: at least 0.
double kStaleness(const PbsQuorum &quorum, int k);

} // namespace packetarium::cluster
