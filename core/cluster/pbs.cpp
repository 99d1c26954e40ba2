// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/cluster/pbs.h"

#include <algorithm>
#include <cmath>

namespace packetarium::cluster {
namespace {

/// One replica's part in one trial.
struct ReplicaTrial {
  double writeMs = 0, acknowledgedMs = 0, readMs = 0, respondedMs = 0;
};

int siteOf(int fixed, int n, RandomStream &random) {
  return fixed >= 0 ? fixed % n : static_cast<int>(random.below(static_cast<std::uint64_t>(n)));
}

void drawTrial(const PbsModel &model, std::vector<ReplicaTrial> &replicas, RandomStream &random) {
  const int n = static_cast<int>(replicas.size());
  const bool apart = !model.remote.parts.empty();
  const int writer = apart ? siteOf(model.writerSite, n, random) : 0;
  const int reader = apart ? siteOf(model.readerSite, n, random) : 0;
  const auto extra = [&](int site, int i) {
    return apart && site != i ? model.remote.sampleMs(random) : 0.0;
  };
  for (int i = 0; i < n; ++i) {
    ReplicaTrial &one = replicas[static_cast<std::size_t>(i)];
    one.writeMs = model.write.sampleMs(random) + extra(writer, i);
    one.acknowledgedMs = one.writeMs + model.acknowledge.sampleMs(random) + extra(writer, i);
    one.readMs = model.read.sampleMs(random) + extra(reader, i);
    one.respondedMs = one.readMs + model.respond.sampleMs(random) + extra(reader, i);
  }
}

double chainMs(const DelayChain &chain, RandomStream &random) {
  double ms = 0;
  for (const Delay &delay : chain) ms += delay.sampleMs(random);
  return ms;
}

const PbsPlacement &drawPlacement(const std::vector<PbsPlacement> &placements,
                                  RandomStream &random) {
  if (placements.size() == 1) return placements.front();
  double at = random.uniform01();
  for (const PbsPlacement &placement : placements)
    if ((at -= placement.share) < 0) return placement;
  return placements.back();
}

void drawTrial(const PbsPlacement &placement, std::vector<ReplicaTrial> &replicas,
               RandomStream &random) {
  replicas.resize(placement.replicas.size());
  for (std::size_t i = 0; i < replicas.size(); ++i) {
    const PbsReplica &from = placement.replicas[i];
    ReplicaTrial &one = replicas[i];
    one.writeMs = chainMs(from.write, random);
    one.acknowledgedMs = one.writeMs + chainMs(from.acknowledge, random);
    one.readMs = chainMs(from.read, random);
    one.respondedMs = one.readMs + chainMs(from.respond, random);
  }
}

/// What each trial came to.
class Trials {
public:
  explicit Trials(std::uint32_t count) {
    for (auto *values : {&m_fresh, &m_read, &m_write}) values->reserve(count);
  }
  void take(std::vector<ReplicaTrial> &replicas, int r, int w, double unseenMs) {
    const auto lastAck = replicas.begin() + (w - 1);
    const auto lastResponse = replicas.begin() + (r - 1);
    std::nth_element(replicas.begin(), lastAck, replicas.end(), [](const auto &a, const auto &b) {
      return a.acknowledgedMs < b.acknowledgedMs;
    });
    const double committed = lastAck->acknowledgedMs;
    std::nth_element(replicas.begin(), lastResponse, replicas.end(),
                     [](const auto &a, const auto &b) { return a.respondedMs < b.respondedMs; });
    double freshAfter = replicas.front().writeMs - replicas.front().readMs;
    for (auto one = replicas.begin(); one <= lastResponse; ++one)
      freshAfter = std::min(freshAfter, one->writeMs - one->readMs);
    m_fresh.push_back(std::max(0.0, freshAfter - committed - unseenMs));
    m_read.push_back(lastResponse->respondedMs);
    m_write.push_back(committed);
  }
  PbsPrediction finish() { return {std::move(m_fresh), std::move(m_read), std::move(m_write)}; }

private:
  std::vector<double> m_fresh, m_read, m_write;
};

/// The smallest of the sorted values that the share of them does not exceed.
double quantileOf(const std::vector<double> &sorted, double share) {
  const auto count = static_cast<double>(sorted.size());
  const double rank = std::ceil(std::clamp(share, 0.0, 1.0) * count - 1e-9 * count);
  const auto at = static_cast<std::size_t>(std::max(rank, 1.0)) - 1;
  return sorted[std::min(at, sorted.size() - 1)];
}

double choose(int n, int k) {
  double ways = 1;
  for (int i = 1; i <= k; ++i) ways = ways * (n - k + i) / i;
  return k < 0 || k > n ? 0 : ways;
}

} // namespace

PbsPrediction::PbsPrediction(std::vector<double> freshAfterMs, std::vector<double> readMs,
                             std::vector<double> writeMs)
    : m_freshAfterMs(std::move(freshAfterMs)),
      m_readMs(std::move(readMs)),
      m_writeMs(std::move(writeMs)) {
  for (auto *values : {&m_freshAfterMs, &m_readMs, &m_writeMs})
    std::sort(values->begin(), values->end());
}

double PbsPrediction::freshAt(double tMs) const {
  const auto end = std::upper_bound(m_freshAfterMs.begin(), m_freshAfterMs.end(), tMs);
  return static_cast<double>(end - m_freshAfterMs.begin()) /
         static_cast<double>(m_freshAfterMs.size());
}

double PbsPrediction::visibleAfterMs(double probability) const {
  return quantileOf(m_freshAfterMs, probability);
}
double PbsPrediction::readMs(double share) const { return quantileOf(m_readMs, share); }
double PbsPrediction::writeMs(double share) const { return quantileOf(m_writeMs, share); }

PbsPrediction predictPbs(const PbsModel &model, const PbsQuorum &quorum, std::uint32_t trials,
                         std::uint64_t seed) {
  RandomStream random(seed, "pbs", "trials");
  std::vector<ReplicaTrial> replicas(static_cast<std::size_t>(quorum.n));
  Trials all(trials);
  for (std::uint32_t trial = 0; trial < trials; ++trial) {
    drawTrial(model, replicas, random);
    all.take(replicas, quorum.r, quorum.w, 0);
  }
  return all.finish();
}

PbsPrediction predictPbs(const std::vector<PbsPlacement> &placements, std::uint32_t trials,
                         std::uint64_t seed) {
  RandomStream random(seed, "pbs", "placements");
  std::vector<ReplicaTrial> replicas;
  Trials all(trials);
  for (std::uint32_t trial = 0; trial < trials; ++trial) {
    const PbsPlacement &placement = drawPlacement(placements, random);
    drawTrial(placement, replicas, random);
    all.take(replicas, placement.r, placement.w, chainMs(placement.unseen, random));
  }
  return all.finish();
}

std::vector<PbsPoint> pbsCurve(const PbsPrediction &prediction, double untilMs, int points) {
  std::vector<PbsPoint> curve;
  for (int i = 0; i < std::max(points, 2); ++i) {
    const double t = untilMs * i / (std::max(points, 2) - 1);
    curve.push_back({t, prediction.freshAt(t)});
  }
  return curve;
}

double kStaleness(const PbsQuorum &quorum, int k) {
  const double miss = choose(quorum.n - quorum.w, quorum.r) / choose(quorum.n, quorum.r);
  return std::pow(miss, k);
}

} // namespace packetarium::cluster
