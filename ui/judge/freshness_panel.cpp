// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/judge/freshness_panel.h"

#include "ui/widgets/clamped_label.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/format.h"

#include <QStackedLayout>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <map>

namespace packetarium::ui {
namespace {

constexpr std::size_t bucketsMost = 24, bucketsLeast = 8;
constexpr std::size_t readsEach = 8; // of a stretch of time, about
constexpr double hundred = 100;      // shares are shown in percent
// The axis is not the run's: the cursor is nowhere on it.
constexpr SimTime nowhere = SimTime::fromNs(-1'000'000'000'000'000);

// How long after a write chance alone may keep a read from seeing it, and some more.
double interestMs(const QuorumDelays &quorum) {
  return 3 * std::max(quorum.longestMs, 1.0) + quorum.diskMs;
}

std::uint64_t readsIn(const std::vector<analysis::StalenessPoint> &points) {
  std::uint64_t reads = 0;
  for (const analysis::StalenessPoint &p : points) reads += p.reads;
  return reads;
}

// Between which a share lies, with 95 of 100: Wilson's interval.
ChartBin binOf(double from, double to, const analysis::StalenessPoint &point) {
  constexpr double z = 1.96;
  ChartBin bin{from, to, static_cast<std::size_t>(point.reads), 0, 0};
  if (point.reads == 0) return bin;
  const auto n = static_cast<double>(point.reads);
  const double share = static_cast<double>(point.fresh) / n;
  const double middle = (share + z * z / (2 * n)) / (1 + z * z / n);
  const double half =
      z / (1 + z * z / n) * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n));
  bin.low = hundred * std::max(0.0, middle - half);
  bin.high = hundred * std::min(1.0, middle + half);
  return bin;
}

} // namespace

FreshnessBuckets freshnessBuckets(const judge::History &history, double mostMs) {
  // How long after the newest acknowledged write of its key each read began.
  std::map<std::string, SimTime> written;
  std::vector<std::pair<SimTime, std::size_t>> ends;
  for (std::size_t i = 0; i < history.operations.size(); ++i) {
    const judge::Operation &o = history.operations[i];
    if (o.changes() && o.outcome == judge::Outcome::Ok && o.returned)
      ends.emplace_back(*o.returned, i);
  }
  std::sort(ends.begin(), ends.end());
  std::vector<std::int64_t> after;
  std::size_t next = 0;
  for (const judge::Operation &o : history.operations) {
    for (; next < ends.size() && ends[next].first <= o.invoked; ++next)
      written[history.operations[ends[next].second].key] = ends[next].first;
    if (o.changes()) continue;
    if (const auto at = written.find(o.key); at != written.end())
      after.push_back((o.invoked - at->second).ns());
  }
  if (after.empty()) return {};
  // Nine of ten are in sight; later reads tell little.
  const auto most = after.begin() + static_cast<std::ptrdiff_t>((after.size() - 1) * 9 / 10);
  std::nth_element(after.begin(), most, after.end());
  const double reach = std::max(1.0, static_cast<double>(*most) * 1e-6);
  const double ms = mostMs > 0 ? std::min(reach, mostMs) : reach;
  // The fewer the reads, the wider each stretch.
  const auto near =
      static_cast<std::size_t>(std::count_if(after.begin(), after.end(), [ms](std::int64_t ns) {
        return static_cast<double>(ns) * 1e-6 <= ms;
      }));
  const std::size_t wanted = std::clamp(near / readsEach, bucketsLeast, bucketsMost);
  const double each = roundStep(ms / static_cast<double>(wanted));
  const auto count = static_cast<std::size_t>(std::ceil(ms / each));
  return {Duration::ns(std::llround(each * 1e6)), count};
}

ChartData freshnessChart(const std::vector<analysis::StalenessPoint> &measured,
                         const std::vector<QPointF> &predicted) {
  ChartData data;
  data.id = QStringLiteral("freshness");
  data.title = FreshnessPanel::tr("Fresh reads by time since the last acknowledged write");
  data.unit = QStringLiteral("%");
  data.help =
      FreshnessPanel::tr("The share of reads that gave the newest acknowledged write, by "
                         "how long after its acknowledgement they began. Bars: how many reads "
                         "a point stands for; whiskers: what chance leaves open (95 %).");
  data.binUnit = FreshnessPanel::tr("reads");
  data.yFixed = hundred;
  const Duration until = measured.empty() ? Duration::ms(100) : measured.back().after;
  data.setSpan(SimTime::zero(), SimTime::zero() + until);
  ChartLine line;
  line.name = FreshnessPanel::tr("measured");
  line.colour = 0;
  // Each share stands in the middle of its stretch of time.
  Duration from;
  for (const analysis::StalenessPoint &p : measured) {
    const SimTime middle = SimTime::zero() + (from + (p.after - from) / 2);
    data.bins.push_back(
        binOf(data.x(SimTime::zero() + from), data.x(SimTime::zero() + p.after), p));
    from = p.after;
    if (p.reads == 0) continue;
    line.points << QPointF(data.x(middle),
                           hundred * static_cast<double>(p.fresh) / static_cast<double>(p.reads));
  }
  data.lines.push_back(std::move(line));
  if (predicted.empty()) return data;
  ChartLine model;
  model.name = FreshnessPanel::tr("predicted (PBS)");
  model.colour = 1;
  for (const QPointF &p : predicted)
    model.points << QPointF(p.x() * 1e-3 * data.timeFactor, hundred * p.y());
  data.lines.push_back(std::move(model));
  return data;
}

FreshnessPanel::FreshnessPanel(const ThemeHub &hub, QWidget *parent) : QWidget(parent), m_hub(hub) {
  setAccessibleName(tr("Fresh reads, measured and predicted"));
  auto *content = new QWidget(this);
  m_chart = new ChartPanel(hub, content);
  m_words = new ClampedLabel(hub, content);
  m_words->setMaximumLines(3);
  auto *column = new QVBoxLayout(content);
  column->setContentsMargins(12, 2, 12, 6);
  column->setSpacing(4);
  column->addWidget(m_chart, 1);
  column->addWidget(m_words);
  m_empty = new EmptyState(
      hub, "chart",
      tr("No read has followed an acknowledged write yet. Let clients write and read the same "
         "keys; the example “Quorums N R W” shows how stale a small quorum may be."),
      this);
  m_stack = new QStackedLayout(this);
  m_stack->addWidget(content);
  m_stack->addWidget(m_empty);
  m_stack->setCurrentIndex(1);
  // The moments of this axis are its own: no run has them.
  connect(m_chart, &ChartPanel::pointed, this,
          [this](SimTime at) { m_chart->setMoments(nowhere, at); });
  connect(m_chart, &ChartPanel::pointerLeft, this,
          [this] { m_chart->setMoments(nowhere, std::nullopt); });
}

void FreshnessPanel::setJudged(const ServiceJudgement *judged,
                               const std::optional<QuorumDelays> &quorum,
                               const std::vector<analysis::RestlessTime> &restless) {
  const FreshnessBuckets buckets =
      judged == nullptr ? FreshnessBuckets{}
                        : freshnessBuckets(judged->history, quorum ? interestMs(*quorum) : 0);
  m_measured.clear();
  m_reads = m_leftOut = 0;
  if (buckets.count > 0) {
    const auto measure = [&](const std::vector<analysis::RestlessTime> &without) {
      return analysis::stalenessCurve(judged->history, judged->marks, buckets.bucket, buckets.count,
                                      without);
    };
    // Without a prediction to compare with all of them tell.
    m_measured = measure(quorum ? restless : std::vector<analysis::RestlessTime>{});
    m_reads = readsIn(m_measured);
    m_leftOut = readsIn(measure({})) - m_reads;
  }
  const Duration until = buckets.bucket * static_cast<std::int64_t>(buckets.count);
  const bool same = quorum == m_quorum && until.ns() == m_untilNs;
  m_quorum = quorum;
  m_untilNs = until.ns();
  if (!same) {
    m_predicted.clear();
    m_work.cancel();
    if (quorum && buckets.count > 0)
      m_work.start([this, wanted = *quorum, until](const std::atomic<bool> &) {
        return [this, found = predictedFreshness(wanted, until.toMs())] {
          m_predicted = found;
          draw();
        };
      });
  }
  draw();
}

// The curve comes first; a tooltip has the words that do not fit.
void FreshnessPanel::resizeEvent(QResizeEvent *event) {
  m_words->setMaximumLines(height() < m_hub.typography().px(190) ? 1 : 3);
  QWidget::resizeEvent(event);
}

QString FreshnessPanel::countSentence() const {
  QString words = m_reads == 1 ? tr("One read is measured here")
                               : tr("%1 reads are measured here").arg(m_reads);
  if (m_reads < bucketsLeast * readsEach)
    words += tr(", too few to tell much: more clients or fewer keys give more");
  if (m_leftOut > 0)
    words += tr("; %1 that began around faults are left out, as no prediction is about them")
                 .arg(m_leftOut);
  return words + QLatin1Char('.');
}

QString FreshnessPanel::sentence() const {
  if (!m_quorum)
    return tr("Measured in this run, times of faults too. A prediction is there for a quorum "
              "store, from its N, R, W and the delays of its links.");
  const QString knobs =
      QStringLiteral("N = %1, R = %2, W = %3").arg(m_quorum->n).arg(m_quorum->r).arg(m_quorum->w);
  if (m_quorum->r + m_quorum->w > m_quorum->n)
    return tr("%1: any read quorum meets any write quorum, so reads are fresh at once, as long as "
              "the quorums are not sloppy. %2")
        .arg(knobs, countSentence());
  return tr("%1: a read quorum may miss a write quorum. %2 Predicted from where the keys lie, "
            "whom clients turn to and the delays of the links (PBS, Bailis et al. 2012); repair, "
            "queues and lost packets are not in it.")
      .arg(knobs, countSentence());
}

void FreshnessPanel::draw() {
  const bool any = m_reads + m_leftOut > 0;
  m_stack->setCurrentIndex(any ? 0 : 1);
  if (!any) return;
  m_chart->setData(freshnessChart(m_measured, m_predicted));
  m_chart->setMoments(nowhere, std::nullopt);
  m_chart->setToolTip(m_chart->data().help);
  m_words->setText(sentence());
  setAccessibleDescription(sentence());
}

std::vector<Figure> FreshnessPanel::exportable() const {
  if (!m_chart->data().hasPoints()) return {};
  ChartData data = m_chart->data();
  data.fitHeight();
  return {figureOf(data)};
}

} // namespace packetarium::ui
