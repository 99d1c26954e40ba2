// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/sequence/ladder_layout.h"

#include "core/transport/socket.h"
#include "ui/widgets/format.h"

#include <QFontMetricsF>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace packetarium::ui {
namespace {

constexpr double flightPx = 240;                         // height of an arrow among many
constexpr double slantPx = 26;                           // height of the typical message at zoom 1
constexpr double columnGapMin = 84, columnGapTight = 66; // tight: so that none is out of sight
constexpr double statesWidth = 88;
constexpr double lanePx = 4;
constexpr int lanesMax = 3;
constexpr double keysPx = 7; // of the first band of keys from its lifeline

// How many messages begin while the typical one is under way; at least 1.
double typicalFlight(const analysis::Ladder &ladder) {
  std::vector<std::size_t> counts;
  const auto &arrows = ladder.arrows;
  for (std::size_t i = 0; i < arrows.size(); ++i) {
    if (arrows[i].end != analysis::ArrowEnd::Delivered) continue;
    const auto later =
        std::upper_bound(arrows.begin() + static_cast<std::ptrdiff_t>(i), arrows.end(),
                         arrows[i].endedAt, [](SimTime t, const auto &a) { return t < a.sentAt; });
    counts.push_back(static_cast<std::size_t>(later - arrows.begin()) - i);
  }
  if (counts.empty()) return 1;
  const auto middle = counts.begin() + static_cast<std::ptrdiff_t>(counts.size() / 2);
  std::nth_element(counts.begin(), middle, counts.end());
  return static_cast<double>(std::max<std::size_t>(1, *middle));
}

double nodeless() { return std::numeric_limits<double>::quiet_NaN(); }

} // namespace

QPolygonF LadderLabel::outline() const {
  const double radians = angle * M_PI / 180;
  const QPointF half(std::cos(radians) * width / 2, std::sin(radians) * width / 2);
  const QPointF up(std::sin(radians) * height / 2, -std::cos(radians) * height / 2);
  return {centre - half + up, centre + half + up, centre + half - up, centre - half - up};
}

std::vector<QPointF> pointsUpTo(const std::vector<QPointF> &points, double y) {
  std::vector<QPointF> out{points.front()};
  for (std::size_t i = 1; i < points.size(); ++i) {
    const QPointF a = points[i - 1], b = points[i];
    if (b.y() <= y) {
      out.push_back(b);
      continue;
    }
    const double whole = b.y() - a.y();
    const double share = whole > 0 ? std::clamp((y - a.y()) / whole, 0.0, 1.0) : 0;
    out.push_back(a + share * (b - a));
    break;
  }
  return out;
}

LadderLayout::LadderLayout(const LadderWindow &window, const std::vector<LadderMarkText> &marks,
                           bool allHops, const LadderPaper &paper, const Typography &type,
                           double pxPerMs)
    : m_type(type), m_allHops(allHops), m_markTexts(marks) {
  const analysis::Ladder &ladder = window.ladder();
  learnLatencies(ladder);
  placeColumns(window, paper.width);
  makeScale(window, paper.zoom, pxPerMs);
  placeArrows(ladder);
  placeStates(ladder);
  placeKeys(ladder);
  placeMarks(ladder);
  placeLabels(ladder);
  placeTimes(ladder);
}

void LadderLayout::learnLatencies(const analysis::Ladder &ladder) {
  for (const analysis::LadderArrow &a : ladder.arrows) {
    if (a.end != analysis::ArrowEnd::Delivered) continue;
    m_latency = a.latency();
    m_latencies[{a.fromNode, a.toNode}] = m_latency;
  }
}

SimTime LadderLayout::endOf(const analysis::LadderArrow &arrow) const {
  if (arrow.end != analysis::ArrowEnd::UnderWay) return arrow.endedAt;
  const auto known = m_latencies.find({arrow.fromNode, arrow.toNode});
  const Duration latency = known != m_latencies.end() ? known->second : m_latency;
  // One that is late has still a part of its way to go.
  return std::max(arrow.sentAt + latency, arrow.endedAt + latency / 5);
}

double LadderLayout::pxPerMsFor(const analysis::Ladder &ladder, double before) {
  std::vector<double> latencies;
  for (const analysis::LadderArrow &a : ladder.arrows)
    if (a.end == analysis::ArrowEnd::Delivered && a.latency() > Duration{})
      latencies.push_back(a.latency().toMs());
  if (latencies.empty()) return before > 0 ? before : 1;
  const auto middle = latencies.begin() + static_cast<std::ptrdiff_t>(latencies.size() / 2);
  std::nth_element(latencies.begin(), middle, latencies.end());
  const double wanted = slantPx / std::max(1e-6, *middle);
  const bool close = before > 0 && wanted < before * 2 && wanted > before / 2;
  return close ? before : wanted;
}

void LadderLayout::placeColumns(const LadderWindow &window, double width) {
  m_nodes = window.lifelines();
  QFont digits = m_type.monoSmall();
  digits.setPixelSize(m_type.tiny().pixelSize());
  const QString longest = formatTimeShort(59'999'999'000);
  m_timesRight = std::ceil(QFontMetricsF(digits).horizontalAdvance(longest)) + m_type.px(8);
  const double left = m_timesRight + m_type.px(statesWidth);
  const double right = m_type.px(statesWidth);
  const auto gaps = static_cast<double>(m_nodes.size() > 1 ? m_nodes.size() - 1 : 1);
  const double room = width - left - right;
  const bool allFit = std::floor(room / gaps) >= m_type.px(columnGapTight);
  const double gapMin = m_type.px(allFit ? columnGapTight : columnGapMin);
  m_gap = std::max(gapMin, std::floor(room / gaps));
  m_width = std::max(width, left + right + m_gap * gaps);
  double x = left;
  // Few columns stand no further apart than reads well.
  const double gapMax = m_type.px(360);
  if (m_gap > gapMax) {
    x += (m_gap - gapMax) * gaps / 2;
    m_gap = gapMax;
  }
  for (std::size_t i = 0; i < m_nodes.size(); ++i, x += m_gap) m_columns.push_back(std::round(x));
}

std::optional<double> LadderLayout::xOf(std::uint32_t node) const {
  const auto it = std::find(m_nodes.begin(), m_nodes.end(), node);
  if (it == m_nodes.end()) return std::nullopt;
  return m_columns[static_cast<std::size_t>(it - m_nodes.begin())];
}

void LadderLayout::makeScale(const LadderWindow &window, double zoom, double pxPerMs) {
  using Kind = LadderInstant::Kind;
  const analysis::Ladder &ladder = window.ladder();
  std::vector<LadderInstant> instants;
  for (const analysis::LadderArrow &a : ladder.arrows) {
    instants.push_back({a.sentAt, Kind::Start});
    instants.push_back({endOf(a), Kind::End});
    if (!m_allHops) continue;
    for (std::size_t i = 0; i + 1 < a.hops.size(); ++i)
      instants.push_back({a.hops[i].arrivedAt, Kind::End});
  }
  for (std::size_t i = 0; i < ladder.marks.size() && i < m_markTexts.size(); ++i)
    if (!m_markTexts[i].text.isEmpty()) instants.push_back({ladder.marks[i].at, Kind::Mark});
  TimeScaleOptions options;
  const double scale = m_type.scale();
  // Where dozens are under way at once, arrows lie closer, so that each still reads as a slant.
  const double startPx = std::clamp(flightPx / typicalFlight(ladder), 5.0, 17.0);
  m_dense = startPx < 10;
  options.pxPerMs = pxPerMs * zoom * scale;
  options.startPx = std::max(3.0, startPx * zoom * scale);
  options.endPx = std::max(1.0, (m_allHops ? 4 : 8) * zoom * scale);
  options.markPx = 20 * scale;
  options.stillPxMax = 46 * scale * std::max(1.0, zoom);
  m_scale = TimeScale(std::move(instants), options);
}

void LadderLayout::placeArrows(const analysis::Ladder &ladder) {
  for (std::size_t i = 0; i < ladder.arrows.size(); ++i) {
    const analysis::LadderArrow &a = ladder.arrows[i];
    const auto from = xOf(a.fromNode), to = xOf(a.toNode);
    if (!from || !to) continue;
    ArrowShape shape;
    shape.arrow = i;
    shape.lost = a.end == analysis::ArrowEnd::Lost;
    shape.points.push_back({*from, m_scale.y(a.sentAt)});
    const bool byHops = m_allHops && !a.hops.empty();
    for (std::size_t h = 0; byHops && h < a.hops.size(); ++h) {
      const analysis::LadderHop &hop = a.hops[h];
      const auto x = xOf(hop.toNode);
      if (!x) continue;
      const bool breaks = shape.lost && h + 1 == a.hops.size() && a.endedAt < hop.arrivedAt;
      const double before = shape.points.back().x();
      shape.points.push_back({breaks ? before + (*x - before) * 0.55 : *x,
                              m_scale.y(std::min(hop.arrivedAt, a.endedAt))});
    }
    if (!byHops || shape.points.size() < 2) {
      const double reach = shape.lost ? static_cast<double>(a.reach) : 1;
      shape.points.push_back({*from + (*to - *from) * reach, m_scale.y(endOf(a))});
    }
    // To itself: a short stub that can be seen.
    if (std::abs(shape.points.back().x() - *from) < 1 && shape.points.size() == 2)
      shape.points.back().rx() += m_type.px(24);
    m_arrows.push_back(std::move(shape));
  }
}

void LadderLayout::placeStates(const analysis::Ladder &ladder) {
  std::map<std::uint32_t, std::vector<std::pair<std::uint32_t, SimTime>>>
      lanes; // socket, busy until
  for (std::size_t i = 0; i < ladder.states.size(); ++i) {
    const analysis::LadderState &s = ladder.states[i];
    const auto x = xOf(s.node);
    if (!x) continue;
    const bool listens = s.state == static_cast<std::uint8_t>(transport::TcpState::Listen);
    auto &nodeLanes = lanes[s.node];
    std::size_t lane = 0; // a listener has no line of its own
    while (!listens && lane < nodeLanes.size() && nodeLanes[lane].first != s.socket &&
           nodeLanes[lane].second > s.from)
      ++lane;
    if (!listens && lane == nodeLanes.size()) nodeLanes.emplace_back();
    if (!listens) nodeLanes[lane] = {s.socket, s.open ? SimTime::max() : s.to};
    if (lane >= lanesMax) continue;
    StateShape shape;
    shape.state = i;
    shape.from = s.from;
    shape.to = s.open ? SimTime::max() : s.to;
    shape.toTheLeft = *x == m_columns.front();
    shape.x = *x + (shape.toTheLeft ? -1.0 : 1.0) * lanePx * static_cast<double>(lane);
    shape.fromY = m_scale.y(s.from);
    shape.toY = s.open ? std::numeric_limits<double>::infinity() : m_scale.y(s.to);
    const auto name = transport::name(static_cast<transport::TcpState>(s.state));
    shape.text = QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
    m_states.push_back(std::move(shape));
  }
}

// On the inner side of the outermost lifelines, where no state has its words.
void LadderLayout::placeKeys(const analysis::Ladder &ladder) {
  std::map<std::uint32_t, std::vector<std::pair<std::uint32_t, SimTime>>>
      lanes; // socket, busy until
  for (std::size_t i = 0; i < ladder.keys.size(); ++i) {
    const analysis::LadderKeys &k = ladder.keys[i];
    const auto x = xOf(k.node);
    if (!k.writes || !x) continue;
    auto &taken = lanes[k.node];
    std::size_t lane = 0;
    while (lane < taken.size() && taken[lane].first != k.socket && taken[lane].second > k.from)
      ++lane;
    if (lane == taken.size()) taken.emplace_back(~std::uint32_t{0}, SimTime{});
    KeyShape shape;
    shape.keys = i;
    shape.from = k.from;
    shape.to = k.open ? SimTime::max() : k.to;
    shape.first = taken[lane].first != k.socket;
    shape.brief = k.name.find("handshake") != std::string::npos;
    taken[lane] = {k.socket, shape.to};
    if (lane >= lanesMax) continue;
    const double side = *x == m_columns.front() ? 1 : -1;
    shape.x = *x + side * (keysPx + lanePx * static_cast<double>(lane));
    shape.fromY = m_scale.y(k.from);
    shape.toY = k.open ? std::numeric_limits<double>::infinity() : m_scale.y(k.to);
    m_keys.push_back(shape);
  }
}

// Marks of one instant, or nearly, share one line of words; a fault has the first word.
void LadderLayout::placeMarks(const analysis::Ladder &ladder) {
  constexpr qsizetype wordsMax = 2;
  QStringList words;
  std::size_t speaker = 0;
  const auto speak = [&] {
    if (!words.isEmpty())
      m_marks[speaker].label.text = words.mid(0, wordsMax).join(QStringLiteral("  ·  "));
  };
  for (std::size_t i = 0; i < ladder.marks.size() && i < m_markTexts.size(); ++i) {
    if (m_markTexts[i].text.isEmpty()) continue;
    MarkShape shape;
    shape.mark = i;
    shape.y = m_scale.y(ladder.marks[i].at);
    shape.x = xOf(ladder.marks[i].node).value_or(nodeless());
    shape.isFault = m_markTexts[i].isFault;
    m_marks.push_back(shape);
    if (words.isEmpty() || shape.y - m_marks[speaker].y >= m_type.px(14)) {
      speak();
      words.clear();
      speaker = m_marks.size() - 1;
    }
    if (shape.isFault)
      words.prepend(m_markTexts[i].text);
    else
      words.append(m_markTexts[i].text);
    m_marks[speaker].isFault = m_marks[speaker].isFault || shape.isFault;
  }
  speak();
}

void LadderLayout::placeTimes(const analysis::Ladder &ladder) {
  double lastY = -std::numeric_limits<double>::infinity();
  SimTime last = SimTime::fromNs(-1);
  for (const analysis::LadderArrow &a : ladder.arrows) {
    const double y = m_scale.y(a.sentAt);
    if (a.sentAt == last || y - lastY < m_type.px(15)) continue;
    m_times.push_back(a.sentAt);
    lastY = y;
    last = a.sentAt;
  }
}

} // namespace packetarium::ui
