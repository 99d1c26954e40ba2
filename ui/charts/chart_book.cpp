// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/chart_book.h"

#include "ui/charts/service_charts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace packetarium::ui {
namespace {

constexpr std::size_t linesMax = 3;
constexpr std::size_t pixelsPerBin = 3;
constexpr std::size_t trackPointsMin = 24;

struct Scale {
  double factor;
  const char *unit;
};

Scale bitScale(double top) {
  if (top >= 1e9) return {1e-9, "Gbit/s"};
  if (top >= 1e6) return {1e-6, "Mbit/s"};
  if (top >= 1e3) return {1e-3, "kbit/s"};
  return {1, "bit/s"};
}

double topOf(const analysis::TimeSeries &series) {
  double top = 0;
  for (const analysis::SeriesPoint &p : series.points()) top = std::max(top, p.value);
  return top;
}

// Points as they are, at most four a pixel, so that no peak is lost.
void appendDecimated(ChartLine &line, const analysis::TimeSeries &series, const ChartData &chart,
                     SimTime until, std::size_t pixels, double factor) {
  const SimTime to = std::min(chart.to, until);
  if (to <= chart.from) return;
  const auto add = [&](SimTime at, double value) {
    line.points.append({chart.x(at), value * factor});
  };
  for (const analysis::SeriesColumn &c :
       series.decimate(chart.from, to + Duration::ns(1), pixels)) {
    if (c.empty) continue;
    add(c.firstAt, c.first);
    if (c.lastAt == c.firstAt && c.min == c.max) continue;
    const SimTime middle = c.firstAt + (c.lastAt - c.firstAt) / 2;
    if (c.min != c.first && c.min != c.last) add(middle, c.min);
    if (c.max != c.first && c.max != c.last) add(middle, c.max);
    add(c.lastAt, c.last);
  }
}

struct Bins {
  SimTime from;
  Duration width;
  std::vector<double> values;
  [[nodiscard]] SimTime end(std::size_t i) const {
    return from + width * static_cast<std::int64_t>(i + 1);
  }
};

// Whole bins that have ended by `until`; their width is a round multiple of the interval.
Bins binsFor(const ChartData &chart, SimTime until, std::size_t pixels, Duration interval) {
  Bins bins;
  const double wanted = (chart.to - chart.from).toSeconds() /
                        static_cast<double>(std::max<std::size_t>(16, pixels / pixelsPerBin));
  const double width = std::max(interval.toSeconds(), roundStep(wanted));
  bins.width = interval * std::max<std::int64_t>(1, std::llround(width / interval.toSeconds()));
  bins.from = SimTime::fromNs(chart.from.ns() / bins.width.ns() * bins.width.ns());
  const SimTime to = std::min(chart.to, until);
  const std::int64_t count = std::max<std::int64_t>(0, (to - bins.from).ns() / bins.width.ns());
  bins.values.assign(static_cast<std::size_t>(count), 0);
  return bins;
}

template <class Take> void intoBins(Bins &bins, const analysis::TimeSeries &series, Take &&take) {
  const auto &points = series.points();
  auto it = std::upper_bound(points.begin(), points.end(), bins.from,
                             [](SimTime t, const auto &p) { return t < p.at; });
  for (; it != points.end(); ++it) {
    // A point tells of the interval that ended at it.
    const auto bin = static_cast<std::size_t>(((it->at - bins.from).ns() - 1) / bins.width.ns());
    if (bin >= bins.values.size()) return;
    take(bins.values[bin], it->value);
  }
}

void appendBins(ChartLine &line, const Bins &bins, const ChartData &chart, double factor) {
  if (!bins.values.empty())
    line.points.append({chart.x(std::max(bins.from, chart.from)), bins.values[0] * factor});
  for (std::size_t i = 0; i < bins.values.size(); ++i)
    line.points.append({chart.x(bins.end(i)), bins.values[i] * factor});
}

ChartData named(const char *id, const QString &title, const QString &unit, const QString &help) {
  ChartData chart;
  chart.id = QString::fromLatin1(id);
  chart.title = title;
  chart.unit = unit;
  chart.help = help;
  return chart;
}

} // namespace

ChartBook::ChartBook(ViewState &state, QObject *parent) : QObject(parent), m_state(state) {
  renew();
  connect(&state, &ViewState::rebuilt, this, [this] {
    renew();
    Q_EMIT changed();
  });
  connect(&state, &ViewState::truncated, this, [this](quint64 from) {
    m_metrics->truncate(from);
    m_metrics->extend(m_state.trace());
    Q_EMIT changed();
  });
  connect(&state, &ViewState::traceGrown, this, [this] {
    m_metrics->extend(m_state.trace());
    m_metrics->finish(std::min(m_state.trace().knownUntil(), m_state.playback().end()));
    Q_EMIT changed();
  });
}

void ChartBook::renew() {
  const auto plan = m_state.built().plan;
  constexpr std::int64_t intervals = 6000;
  m_interval = std::clamp((m_state.playback().end() - SimTime::zero()) / intervals, Duration::ms(1),
                          Duration::seconds(1));
  analysis::MetricsOptions options;
  options.interval = m_interval;
  m_metrics.emplace(std::shared_ptr<const net::Blueprint>(plan, &plan->network), options);
  m_metrics->extend(m_state.trace());
}

std::vector<ChartData> ChartBook::charts(SimTime from, SimTime to, SimTime until,
                                         std::size_t pixels) const {
  const Span span{from, to, until, std::max<std::size_t>(pixels, 16)};
  std::vector<ChartData> out;
  for (auto chart : {latency(span), roundTrip(span), throughput(span), queues(span), windows(span),
                     voice(span), replication(span, "replication.lag"),
                     replication(span, "replication.lag_ms"), losses(span)}) {
    if (!chart) continue;
    chart->fitHeight();
    out.push_back(std::move(*chart));
  }
  // After the latency of all, where there is one.
  auto services = serviceCharts(m_state.chronicle(), from, to, until, span.pixels);
  for (ChartData &chart : services) chart.fitHeight();
  const bool first = !out.empty() && out.front().id == QStringLiteral("latency");
  out.insert(out.begin() + (first ? 1 : 0), std::make_move_iterator(services.begin()),
             std::make_move_iterator(services.end()));
  return out;
}

std::vector<ChartBook::Series> ChartBook::seriesOf(std::string_view metric) const {
  std::vector<Series> out;
  for (const auto &[key, series] : m_metrics->series())
    if (key.metric == metric && !series.empty()) out.push_back({key.entity, &series});
  return out;
}

QString ChartBook::nodeName(const std::string &id) const {
  const scenario::Node *node = m_state.scenario().node(id);
  return QString::fromStdString(node != nullptr ? node->name : id);
}

// "l1.ab" as "isp → core".
QString ChartBook::directionName(const std::string &entity) const {
  const std::string id = entity.substr(0, entity.rfind('.'));
  const bool back = entity.size() > 3 && entity.substr(entity.size() - 3) == ".ba";
  for (const net::LinkSpec &link : m_state.network().links) {
    if (link.id != id) continue;
    return QStringLiteral("%1 → %2").arg(m_state.nodeName(link.ends[back ? 1 : 0].node.value),
                                         m_state.nodeName(link.ends[back ? 0 : 1].node.value));
  }
  return QString::fromStdString(entity);
}

// ---- latency ----------------------------------------------------------------------------------

std::optional<ChartData> ChartBook::latency(const Span &span) const {
  const auto &points = m_metrics->requestLatencies().points();
  if (points.empty()) return std::nullopt;
  ChartData chart = named("latency", tr("Latency"), QStringLiteral("ms"),
                          tr("How long requests took that were answered: half of the last %1 "
                             "were faster than p50, 99 of 100 faster than p99.")
                              .arg(trailingRequests));
  chart.setSpan(span.from, span.to);
  ChartLine p50{tr("p50"), 0, true, {}}, p99{tr("p99"), 1, false, {}};
  const auto add = [&](SimTime at, double middle, double high) {
    p50.points.append({chart.x(at), middle});
    p99.points.append({chart.x(at), high});
  };
  const SimTime to = std::min(span.to, span.until);
  const auto first = std::lower_bound(points.begin(), points.end(), span.from,
                                      [](const auto &p, SimTime t) { return p.at < t; });
  const auto last = std::upper_bound(points.begin(), points.end(), to,
                                     [](SimTime t, const auto &p) { return t < p.at; });
  if (static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, last - first)) > span.pixels) {
    const auto columns = analysis::latencyColumns(m_metrics->requestLatencies(), span.from, to,
                                                  span.pixels / pixelsPerBin);
    for (const auto &c : columns)
      if (c.count > 0) add(c.to, c.p50, c.p99);
  } else {
    std::vector<double> recent;
    for (auto it = first; it < last; ++it) {
      const auto back = std::min<std::ptrdiff_t>(it - points.begin() + 1, trailingRequests);
      recent.clear();
      for (auto p = it + 1 - back; p <= it; ++p) recent.push_back(p->value);
      add(it->at, percentile(recent, 0.5), percentile(recent, 0.99));
    }
  }
  if (!p50.points.isEmpty() && chart.x(to) > p50.points.back().x()) // until the next one ends
    add(to, p50.points.back().y(), p99.points.back().y());
  chart.lines = {std::move(p50), std::move(p99)};
  return chart;
}

std::optional<ChartData> ChartBook::roundTrip(const Span &span) const {
  ChartData chart = named("round-trip", tr("Round trip"), QStringLiteral("ms"),
                          tr("Time from a message to its answer: each ping, or else as smoothed "
                             "by TCP."));
  chart.setSpan(span.from, span.to);
  const auto pings = seriesOf("ping.rtt_ms");
  for (std::size_t i = 0; i < std::min(pings.size(), linesMax); ++i) {
    ChartLine line{pings.size() > 1 ? nodeName(pings[i].entity) : QString(), i, false, {}};
    appendDecimated(line, *pings[i].points, chart, span.until, span.pixels, 1);
    chart.lines.push_back(std::move(line));
  }
  if (!chart.lines.empty()) return chart;
  // Where requests tell of latency, the round trips below them would only say it again.
  if (!m_metrics->requestLatencies().empty()) return std::nullopt;
  const auto tracks = tracksOf("tcp.srtt_ms");
  for (std::size_t i = 0; i < std::min(tracks.size(), linesMax); ++i) {
    ChartLine line = trackLine(tracks[i], chart, span, 1);
    line.points.removeIf([](const QPointF &p) { return p.y() <= 0; }); // not measured yet
    line.colour = i;
    chart.lines.push_back(std::move(line));
  }
  if (chart.lines.empty()) return std::nullopt;
  return chart;
}

// ---- load -------------------------------------------------------------------------------------

std::optional<ChartData> ChartBook::throughput(const Span &span) const {
  const auto found = m_metrics->series().find({"run", "throughput.goodput_bps"});
  if (found == m_metrics->series().end()) return std::nullopt;
  const double top = topOf(found->second);
  if (top <= 0) return std::nullopt;
  ChartData chart = named("throughput", tr("Throughput"), {},
                          tr("Payload handed to programs, in bits per second."));
  chart.setSpan(span.from, span.to);
  Bins bins = binsFor(chart, span.until, span.pixels, m_interval);
  const double share = m_interval.toSeconds() / bins.width.toSeconds();
  intoBins(bins, found->second, [&](double &bin, double value) { bin += value * share; });
  double shown = 0;
  for (const double value : bins.values) shown = std::max(shown, value);
  const Scale scale = bitScale(shown > 0 ? shown : top * share);
  chart.unit = QString::fromLatin1(scale.unit);
  ChartLine line{{}, 2, true, {}};
  appendBins(line, bins, chart, scale.factor);
  chart.lines.push_back(std::move(line));
  return chart;
}

std::optional<ChartData> ChartBook::queues(const Span &span) const {
  auto all = seriesOf("link.queue_packets");
  std::vector<std::pair<double, Series>> longest;
  for (const Series &s : all)
    if (const double top = topOf(*s.points); top >= 2) longest.emplace_back(top, s);
  if (longest.empty()) return std::nullopt;
  std::stable_sort(longest.begin(), longest.end(),
                   [](const auto &a, const auto &b) { return a.first > b.first; });
  longest.resize(std::min(longest.size(), linesMax));
  ChartData chart = named("queue", tr("Queue depth"), tr("packets"),
                          tr("The most packets that waited at once in front of a link."));
  chart.setSpan(span.from, span.to);
  for (std::size_t i = 0; i < longest.size(); ++i) {
    Bins bins = binsFor(chart, span.until, span.pixels, m_interval);
    intoBins(bins, *longest[i].second.points,
             [](double &bin, double value) { bin = std::max(bin, value); });
    ChartLine line{directionName(longest[i].second.entity), i, i == 0, {}};
    appendBins(line, bins, chart, 1);
    chart.lines.push_back(std::move(line));
  }
  return chart;
}

// ---- connections ------------------------------------------------------------------------------

// Sockets of a node that follow one another make one track; those beside one another make several.
std::vector<ChartBook::Track> ChartBook::tracksOf(std::string_view metric) const {
  struct Part {
    std::string node;
    const analysis::TimeSeries *series;
  };
  std::vector<Part> parts;
  for (const Series &s : seriesOf(metric))
    parts.push_back({s.entity.substr(0, s.entity.find('#')), s.points});
  std::stable_sort(parts.begin(), parts.end(), [](const Part &a, const Part &b) {
    return a.series->points().front().at < b.series->points().front().at;
  });
  std::vector<Track> tracks;
  for (const Part &part : parts) {
    const SimTime from = part.series->points().front().at;
    auto it = std::find_if(tracks.begin(), tracks.end(), [&](const Track &t) {
      return t.node == part.node && t.parts.back()->points().back().at < from;
    });
    if (it == tracks.end()) it = tracks.insert(tracks.end(), Track{part.node, {}, 0, 0});
    it->parts.push_back(part.series);
    it->weight += part.series->points().size();
    it->longest = std::max(it->longest, part.series->points().size());
  }
  // A few figures of a short exchange, or of an end that only listens, are no line.
  std::erase_if(tracks, [](const Track &t) { return t.longest < trackPointsMin; });
  std::stable_sort(tracks.begin(), tracks.end(),
                   [](const Track &a, const Track &b) { return a.weight > b.weight; });
  return tracks;
}

ChartLine ChartBook::trackLine(const Track &track, const ChartData &chart, const Span &span,
                               double factor) const {
  ChartLine line{nodeName(track.node), 0, false, {}};
  for (const analysis::TimeSeries *part : track.parts) {
    const SimTime from = part->points().front().at, to = part->points().back().at;
    if (to < chart.from || from > std::min(chart.to, span.until)) continue;
    if (track.parts.size() > 1) line.points.append({chart.x(std::max(from, chart.from)), 0});
    appendDecimated(line, *part, chart, span.until, span.pixels, factor);
    const SimTime end = std::min({to, chart.to, span.until});
    if (track.parts.size() > 1 && to <= span.until) line.points.append({chart.x(end), 0});
  }
  return line;
}

std::optional<ChartData> ChartBook::windows(const Span &span) const {
  const auto tracks = tracksOf("tcp.cwnd_bytes");
  if (tracks.empty()) return std::nullopt;
  ChartData chart = named("cwnd", tr("Congestion window"), QStringLiteral("kB"),
                          tr("How much a sender dares to have unacknowledged (cwnd, RFC 5681)."));
  chart.setSpan(span.from, span.to);
  constexpr double kB = 1e-3;
  for (std::size_t i = 0; i < std::min(tracks.size(), linesMax); ++i) {
    ChartLine line = trackLine(tracks[i], chart, span, kB);
    line.colour = i;
    const auto sameNode = std::count_if(tracks.begin(), tracks.end(),
                                        [&](const Track &t) { return t.node == tracks[i].node; });
    if (sameNode > 1) line.name = QStringLiteral("%1 %2").arg(line.name).arg(i + 1);
    chart.lines.push_back(std::move(line));
  }
  return chart;
}

// ---- what goes wrong --------------------------------------------------------------------------

std::optional<ChartData> ChartBook::voice(const Span &span) const {
  const auto jitter = seriesOf("voice.jitter_ms");
  const auto gaps = seriesOf("voice.gap_ms");
  if (jitter.empty() && gaps.empty()) return std::nullopt;
  ChartData chart = named("voice", tr("Voice"), QStringLiteral("ms"),
                          tr("Jitter of the stream (RFC 3550), and each gap that is heard."));
  chart.setSpan(span.from, span.to);
  if (!gaps.empty()) {
    ChartLine line{tr("gap"), 1, false, {}};
    for (const analysis::SeriesPoint &p : gaps.front().points->points()) {
      if (p.at < chart.from || p.at > std::min(chart.to, span.until)) continue;
      const double x = chart.x(p.at);
      line.points << QPointF(x, 0) << QPointF(x, p.value) << QPointF(x, 0);
    }
    chart.lines.push_back(std::move(line));
  }
  if (!jitter.empty()) {
    ChartLine line{tr("jitter"), 0, false, {}};
    appendDecimated(line, *jitter.front().points, chart, span.until, span.pixels, 1);
    chart.lines.push_back(std::move(line));
  }
  return chart;
}

// How far replicas are behind: in writes, or in milliseconds.
std::optional<ChartData> ChartBook::replication(const Span &span, std::string_view metric) const {
  const auto all = seriesOf(metric);
  if (all.empty()) return std::nullopt;
  const bool inTime = metric != "replication.lag";
  ChartData chart =
      inTime ? named("replication-lag-time", tr("Replication lag, time"), QStringLiteral("ms"),
                     tr("How long ago the oldest write came that a replica does not have yet."))
             : named("replication-lag", tr("Replication lag"), tr("writes"),
                     tr("How many writes a replica is behind the server that takes them, as their "
                        "logs are and not as it has heard."));
  chart.setSpan(span.from, span.to);
  for (std::size_t i = 0; i < std::min(all.size(), linesMax); ++i) {
    ChartLine line{all.size() > 1 ? nodeName(all[i].entity) : QString(), i, false, {}};
    appendDecimated(line, *all[i].points, chart, span.until, span.pixels, 1);
    chart.lines.push_back(std::move(line));
  }
  return chart;
}

std::optional<ChartData> ChartBook::losses(const Span &span) const {
  ChartData chart = named("losses", tr("Lost and sent again"), tr("packets"),
                          tr("Packets dropped anywhere and segments that TCP sent again, counted "
                             "from the start."));
  chart.setSpan(span.from, span.to);
  const std::pair<const char *, QString> kinds[] = {{"packets.dropped", tr("lost")},
                                                    {"tcp.retransmissions", tr("sent again")}};
  std::size_t colour = 1;
  for (const auto &[metric, name] : kinds) {
    const auto found = m_metrics->series().find({"run", metric});
    const std::size_t mine = colour++;
    if (found == m_metrics->series().end() || topOf(found->second) <= 0) continue;
    ChartLine line{name, mine, false, {}};
    const SimTime to = std::min(chart.to, span.until);
    line.points.append({chart.x(chart.from), found->second.valueAt(chart.from)});
    appendDecimated(line, found->second, chart, span.until, span.pixels, 1);
    line.points.append({chart.x(std::max(to, chart.from)), found->second.valueAt(to)});
    chart.lines.push_back(std::move(line));
  }
  if (chart.lines.empty()) return std::nullopt;
  return chart;
}

} // namespace packetarium::ui
