// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/sim_time.h"
#include "core/trace/chunk.h"

#include <array>
#include <cstdint>
#include <vector>

namespace packetarium::analysis {

/// Maps presentation time (seconds as the spectator counts them, at speed 1, from 0) to simulation
/// time and back. Both ways grow monotonically.
class Pace {
public:
  virtual ~Pace() = default;
  virtual double presentationAt(SimTime t) const = 0;
  virtual SimTime simulationAt(double seconds) const = 0;
  /// Simulated seconds that pass in one presentation second at t: "1 s shows 38 ms".
  virtual double rateAt(SimTime t) const = 0;
};

/// The same rate everywhere.
class ConstantPace final : public Pace {
public:
  explicit ConstantPace(double simulatedPerSecond) : m_rate(simulatedPerSecond) {}
  double presentationAt(SimTime t) const override { return t.toSeconds() / m_rate; }
  SimTime simulationAt(double seconds) const override;
  double rateAt(SimTime) const override { return m_rate; }

private:
  double m_rate;
};

/// What story pace aims at, in presentation seconds.
struct StoryPaceOptions {
  double hopSeconds = 0.5;        ///< a lone hop of up to 1 ms; longer hops take a little more
  double idleSeconds = 0.12;      ///< an idle stretch of d takes this times ln(1 + d / 1 ms)
  double burstSeconds = 60;       ///< this much is told in full before heavy traffic is hurried
  double busySecondsPerSecond = 20; ///< what a simulated second of endless traffic may take
};

/// Story pace: a packet's hop takes a visible moment however short it is, idle stretches are
/// squeezed, and heavy traffic is hurried so that it never takes hours. The mapping of an instant
/// depends on the trace up to that instant alone, and not on how the trace was cut into chunks.
class StoryPace final : public Pace {
public:
  explicit StoryPace(StoryPaceOptions options = {});

  /// Takes the chunks it has not seen. Call it before slots are dropped from memory; a chunk that
  /// was dropped before it was seen is told from its summary.
  void extend(const trace::Trace &trace);
  /// Forgets everything at or after the record (an edit made it stale).
  void truncate(trace::Sequence from);
  void clear();

  double presentationAt(SimTime t) const override;
  SimTime simulationAt(double seconds) const override;
  double rateAt(SimTime t) const override;
  /// What lies before here never changes again, however the trace grows.
  SimTime settledUntil() const;
  std::size_t knotCount() const { return m_knots.size(); }

private:
  /// From here on the mapping is a straight line to the next knot, or (idle) a logarithm.
  struct Knot {
    std::int64_t ns = 0;
    double seconds = 0;
    bool idle = false;
  };
  /// Number of frames in flight by the pace each of them asks for, quarter octaves.
  struct Demand {
    static constexpr std::size_t buckets = 256;
    std::array<std::uint32_t, buckets> counts{};
    std::uint32_t total = 0;
    void change(std::uint8_t bucket, int by);
    double top() const; ///< presentation seconds per nanosecond; 0 when nothing flies
  };
  /// Where the mapping has got to; small, so that one is kept for every chunk's opening.
  struct State {
    std::int64_t ns = 0;
    double seconds = 0;
    double slope = 0; ///< presentation seconds per ns since ns; 0: idle
    double credit = 0;
    bool idle = true;
    std::size_t knots = 0;
    trace::Sequence next = 1;
  };
  void take(const trace::Chunk &chunk);
  void takeSummary(const trace::ChunkSummary &summary);
  void advance(std::int64_t ns);
  void keep(std::int64_t ns, double seconds, bool idle);
  void settle();
  double idleAfter(double ns) const;
  std::uint8_t bucketOf(const trace::Record &sent) const;
  Knot knotBefore(std::int64_t ns) const;
  double valueIn(const Knot &from, const Knot *to, std::int64_t ns) const;

  StoryPaceOptions m_options;
  std::vector<Knot> m_knots;
  std::vector<State> m_openings; ///< state at the opening of each chunk taken
  State m_now;
  Demand m_demand;
};

} // namespace packetarium::analysis
