// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/pace.h"

#include "core/analysis/delivery.h"
#include "core/analysis/flight_table.h"

#include <algorithm>
#include <cmath>

namespace packetarium::analysis {
namespace {

using trace::RecordKind;

constexpr double idleUnitNs = 1e6;   // an idle stretch is long when it is long beside 1 ms
constexpr double hopUnitNs = 1e6;    // up to here all hops look alike
constexpr double knotSeconds = 0.01; // what lies closer together for the eye becomes one line
constexpr double bucketsPerOctave = 4;
constexpr double bucketOrigin = 200; // bucket of a demand of one second per ns

/// Whether a record is something to see: it ends an idle stretch.
bool isVisible(RecordKind kind) {
  switch (kind) {
  case RecordKind::SegmentDelivered: // comes along with a reception
  case RecordKind::TcpCongestion:
  case RecordKind::Sample:
  case RecordKind::Fact:
  case RecordKind::ArpLearned:
  case RecordKind::MacLearned:
  case RecordKind::NatMapped: return false;
  default: return true;
  }
}

/// Comes along with a reception as well: the frame was refused where it came in.
bool isRefusal(const trace::Record &r) {
  if (r.kind != RecordKind::FrameDropped) return false;
  const auto reason = static_cast<trace::DropReason>(r.detail);
  return isHarmless(reason) || reason == trace::DropReason::Partitioned;
}

} // namespace

SimTime ConstantPace::simulationAt(double seconds) const {
  const double ns = std::max(0.0, seconds * m_rate * 1e9);
  return ns >= 9.2e18 ? SimTime::max() : SimTime::fromNs(std::llround(ns));
}

void StoryPace::Demand::add(std::uint8_t bucket) {
  ++counts[bucket];
  ++total;
}

void StoryPace::Demand::remove(std::uint8_t bucket) {
  --counts[bucket];
  --total;
}

StoryPace::StoryPace(StoryPaceOptions options) : m_options(options) { clear(); }

void StoryPace::clear() {
  m_knots.assign(1, Knot{});
  m_openings.clear();
  m_now = State{};
  m_now.credit = m_options.burstSeconds;
  m_now.knots = 1;
  m_demand = Demand{};
}

double StoryPace::idleCurve(double ns) const {
  return m_options.idleSeconds * std::log1p(std::max(0.0, ns) / idleUnitNs);
}

double StoryPace::idleInverse(double seconds) const {
  return idleUnitNs * std::expm1(std::max(0.0, seconds) / m_options.idleSeconds);
}

/// The pace a frame asks for while it flies: its whole way in its visible moment.
std::uint8_t StoryPace::bucketOf(const trace::Record &sent) const {
  const auto ns =
      std::max<double>(1, static_cast<double>((trace::sentArgs(sent).arrival - sent.at).ns()));
  const double longer = 1 + 0.25 * std::log10(std::max(1.0, ns / hopUnitNs));
  const double slope = m_options.hopSeconds * longer / ns;
  const double bucket = bucketOrigin + bucketsPerOctave * std::log2(slope);
  return static_cast<std::uint8_t>(std::clamp(std::ceil(bucket), 0.0, 255.0));
}

/// What the frames in flight ask for together: the most demanding one sets the pace, and many at
/// once share it.
double StoryPace::freeSlope() const {
  if (m_demand.total == 0) return 0;
  std::size_t top = Demand::buckets - 1;
  while (m_demand.counts[top] == 0) --top;
  const double slope = std::exp2((static_cast<double>(top) - bucketOrigin) / bucketsPerOctave);
  return slope / std::sqrt(static_cast<double>(m_demand.total));
}

void StoryPace::arriveAt(std::int64_t ns) {
  const auto passed = static_cast<double>(ns - m_now.ns);
  if (passed <= 0) return;
  const bool idle = m_now.slope == 0;
  const double took = idle ? idleCurve(passed) : m_now.slope * passed;
  const double allowed = m_options.busySecondsPerSecond * passed * 1e-9;
  m_now.credit = std::clamp(m_now.credit + allowed - took, 0.0, m_options.burstSeconds);

  const double end = m_now.seconds + took;
  if (idle && took >= knotSeconds) {
    // The stretch has a shape of its own: it needs a knot at its beginning as well.
    m_knots.back().shape = Shape::Line;
    if (m_knots.back().ns < m_now.ns) m_knots.push_back({m_now.ns, m_now.seconds, Shape::Idle});
    m_knots.back().shape = Shape::Idle;
    m_knots.push_back({ns, end, Shape::Line});
  } else {
    m_knots.back().shape = Shape::Line;
    if (end - m_knots.back().seconds >= knotSeconds) m_knots.push_back({ns, end, Shape::Line});
  }
  m_now.ns = ns;
  m_now.seconds = end;
}

/// Sets the pace from here on. When the credit runs low, what busy frames ask for is cut down
/// towards what an endless stream may have.
void StoryPace::leave() {
  const double asked = freeSlope();
  const double steady = m_options.busySecondsPerSecond * 1e-9;
  if (asked <= steady) {
    m_now.slope = asked;
    return;
  }
  const double share = std::min(1.0, 2 * m_now.credit / m_options.burstSeconds);
  m_now.slope = steady + (asked - steady) * share * share;
}

void StoryPace::take(const trace::Chunk &chunk) {
  m_now.next = chunk.summary.first;
  m_now.knots = m_knots.size();
  m_openings.push_back(m_now);
  FlightTable flights;
  flights.open(chunk);
  std::vector<std::uint8_t> buckets;
  m_demand = Demand{};
  const auto begin = [&](const trace::Record &r) {
    const bool flying = r.kind == RecordKind::FrameSent && !trace::isBackground(r);
    buckets.push_back(flying ? bucketOf(r) : std::uint8_t{0});
    if (flying) m_demand.add(buckets.back());
  };
  for (const auto &entry : flights.entries()) begin(*entry.record);
  for (std::uint32_t i = 0; i < chunk.records.size(); ++i) {
    const trace::Record &r = chunk.records[i];
    const std::uint32_t ended = flights.apply(i);
    const bool begins = r.kind == RecordKind::FrameSent || r.kind == RecordKind::FrameQueued;
    const trace::Record *over = ended != FlightTable::none ? flights.entry(ended).record : nullptr;
    // Signs of life go by in the idle stretches, which they must not end.
    const bool background = trace::isBackground(begins || over == nullptr ? r : *over);
    if (!isVisible(r.kind) || (over == nullptr && isRefusal(r)) ||
        ((begins || over != nullptr) && background)) {
      if (begins) begin(r);
      continue;
    }
    arriveAt(r.at.ns());
    if (over != nullptr && over->kind == RecordKind::FrameSent) m_demand.remove(buckets[ended]);
    if (begins) begin(r);
    leave();
  }
  m_now.next = chunk.summary.end();
}

void StoryPace::takeSummary(const trace::ChunkSummary &summary) {
  m_now.next = summary.first;
  m_now.knots = m_knots.size();
  m_openings.push_back(m_now);
  arriveAt(summary.from.ns());
  m_demand = Demand{};
  const double hops = summary.sent * m_options.hopSeconds;
  const auto ns = static_cast<double>((summary.to - summary.from).ns());
  if (ns > 0) m_now.slope = std::min(hops / ns, m_options.busySecondsPerSecond * 1e-9);
  arriveAt(summary.to.ns());
  m_now.slope = 0;
  m_now.next = summary.end();
}

void StoryPace::extend(const trace::Trace &trace) {
  const trace::Sequence next = m_now.next;
  for (std::size_t i = trace.slotOf(next); i < trace.slots().size(); ++i) {
    const auto &slot = trace.slots()[i];
    if (slot.chunk)
      take(*slot.chunk);
    else
      takeSummary(slot.summary);
  }
}

void StoryPace::truncate(trace::Sequence from) {
  if (from >= m_now.next) return;
  while (!m_openings.empty() && m_now.next > from) {
    m_now = m_openings.back();
    m_openings.pop_back();
  }
  m_knots.resize(m_now.knots);
  // The last knot's shape may have been set by what was forgotten; the next record sets it again.
  m_knots.back().shape = m_now.ns > m_knots.back().ns ? Shape::Line : Shape::Idle;
  m_demand = Demand{};
}

StoryPace::Knot StoryPace::knotAt(std::size_t index) const {
  if (index < m_knots.size()) return m_knots[index];
  return {m_now.ns, m_now.seconds, m_now.slope == 0 ? Shape::Idle : Shape::Line};
}

double StoryPace::secondsIn(std::size_t knot, std::int64_t ns) const {
  const Knot from = knotAt(knot);
  const auto passed = static_cast<double>(ns - from.ns);
  if (from.shape == Shape::Idle) return from.seconds + idleCurve(passed);
  if (knot + 1 >= knotTotal()) return from.seconds + m_now.slope * passed;
  const Knot to = knotAt(knot + 1);
  if (to.ns <= from.ns) return to.seconds;
  return from.seconds +
         (to.seconds - from.seconds) * (passed / static_cast<double>(to.ns - from.ns));
}

double StoryPace::presentationAt(SimTime t) const {
  if (t.ns() <= 0) return 0;
  const auto after = std::upper_bound(m_knots.begin(), m_knots.end(), t.ns(),
                                      [](std::int64_t ns, const Knot &k) { return ns < k.ns; });
  auto knot = static_cast<std::size_t>(after - m_knots.begin()) - 1;
  if (after == m_knots.end() && t.ns() >= m_now.ns) ++knot;
  return secondsIn(knot, t.ns());
}

SimTime StoryPace::simulationAt(double seconds) const {
  if (!(seconds > 0)) return SimTime::zero();
  const auto after = std::upper_bound(m_knots.begin(), m_knots.end(), seconds,
                                      [](double s, const Knot &k) { return s < k.seconds; });
  auto knot = static_cast<std::size_t>(after - m_knots.begin()) - 1;
  if (after == m_knots.end() && seconds >= m_now.seconds) ++knot;
  const Knot from = knotAt(knot);
  const double more = seconds - from.seconds;
  double ns = 0;
  if (from.shape == Shape::Idle) {
    ns = idleInverse(more);
  } else if (knot + 1 >= knotTotal()) {
    ns = more / m_now.slope;
  } else {
    const Knot to = knotAt(knot + 1);
    const double length = to.seconds - from.seconds;
    ns = length > 0 ? more / length * static_cast<double>(to.ns - from.ns) : 0;
  }
  if (ns >= 9.2e18) return SimTime::max();
  SimTime t = SimTime::fromNs(from.ns) + Duration::ns(std::llround(ns));
  if (knot + 1 < knotTotal()) t = std::min(t, SimTime::fromNs(knotAt(knot + 1).ns));
  return t;
}

double StoryPace::rateAt(SimTime t) const {
  const std::int64_t ns = std::max<std::int64_t>(0, t.ns());
  const auto after = std::upper_bound(m_knots.begin(), m_knots.end(), ns,
                                      [](std::int64_t at, const Knot &k) { return at < k.ns; });
  auto knot = static_cast<std::size_t>(after - m_knots.begin()) - 1;
  if (after == m_knots.end() && ns >= m_now.ns) ++knot;
  const Knot from = knotAt(knot);
  if (from.shape == Shape::Idle)
    return (idleUnitNs + static_cast<double>(ns - from.ns)) * 1e-9 / m_options.idleSeconds;
  if (knot + 1 >= knotTotal()) return 1e-9 / m_now.slope;
  const Knot to = knotAt(knot + 1);
  const double length = to.seconds - from.seconds;
  return length > 0 ? static_cast<double>(to.ns - from.ns) * 1e-9 / length : 1;
}

SimTime StoryPace::settledUntil() const { return SimTime::fromNs(m_knots.back().ns); }

} // namespace packetarium::analysis
