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
  double hopSeconds = 0.5;   ///< a lone hop of up to 1 ms; ten times longer takes a quarter more
  double idleSeconds = 0.12; ///< an idle stretch of d takes this times ln(1 + d / 1 ms)
  double burstSeconds = 60;  ///< this much is told in full before heavy traffic is hurried
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
  enum class Shape : std::uint8_t { Line, Idle };
  /// From here on the mapping is a line to the next knot, or the curve of an idle stretch.
  struct Knot {
    std::int64_t ns = 0;
    double seconds = 0;
    Shape shape = Shape::Idle;
  };
  /// How many frames in flight ask for which pace, in quarter octaves.
  struct Demand {
    static constexpr std::size_t buckets = 256;
    std::array<std::uint32_t, buckets> counts{};
    std::uint32_t total = 0;
    void add(std::uint8_t bucket);
    void remove(std::uint8_t bucket);
  };
  /// Where the mapping has got to. Small: one is kept for the opening of every chunk.
  struct State {
    std::int64_t ns = 0;   ///< the last instant at which something happened
    double seconds = 0;    ///< its presentation time
    double slope = 0;      ///< since then, presentation seconds per ns; 0: idle
    double credit = 0;     ///< presentation seconds that may still be spent freely
    std::size_t knots = 0; ///< kept so far
    trace::Sequence next = 1;
  };
  void take(const trace::Chunk &chunk);
  void takeSummary(const trace::ChunkSummary &summary);
  void arriveAt(std::int64_t ns);
  void leave();
  double freeSlope() const;
  double idleCurve(double ns) const;
  double idleInverse(double seconds) const;
  std::uint8_t bucketOf(const trace::Record &sent) const;
  /// The knot that governs the index, with what follows the last kept one made up.
  Knot knotAt(std::size_t index) const;
  std::size_t knotTotal() const { return m_knots.size() + 1; }
  double secondsIn(std::size_t knot, std::int64_t ns) const;

  StoryPaceOptions m_options;
  std::vector<Knot> m_knots;     ///< the first is the start
  std::vector<State> m_openings; ///< by chunk taken
  State m_now;
  Demand m_demand;
};

} // namespace packetarium::analysis
