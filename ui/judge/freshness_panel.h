// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/chart_panel.h"
#include "ui/charts/figure.h"
#include "ui/judge/background.h"
#include "ui/judge/judgement.h"
#include "ui/judge/quorum_delays.h"
#include "ui/theme/theme_hub.h"

#include <QWidget>

#include <optional>
#include <vector>

class QStackedLayout;

namespace packetarium::ui {

class ClampedLabel;
class EmptyState;

/// Measured points and what is predicted, as one chart: x is the time since the newest write of
/// the key was acknowledged.
[[nodiscard]] ChartData freshnessChart(const std::vector<analysis::StalenessPoint> &measured,
                                       const std::vector<QPointF> &predicted);
/// Buckets that suit the history: wide enough that few are empty.
struct FreshnessBuckets {
  Duration bucket;
  std::size_t count = 0;
};
/// mostMs: what happens later is of no interest; 0: none.
[[nodiscard]] FreshnessBuckets freshnessBuckets(const judge::History &history, double mostMs = 0);

/// How likely a read is fresh, by how long after the last write it began: measured, and for a
/// quorum store predicted too.
class FreshnessPanel : public QWidget {
  Q_OBJECT
public:
  explicit FreshnessPanel(const ThemeHub &hub, QWidget *parent = nullptr);

  /// quorum: of a store whose reads need not meet its writes; none: nothing is predicted.
  /// restless: times that the prediction is not about; reads that began in them are left out.
  void setJudged(const ServiceJudgement *judged, const std::optional<QuorumDelays> &quorum,
                 const std::vector<analysis::RestlessTime> &restless = {});
  [[nodiscard]] const ChartData &data() const { return m_chart->data(); }
  [[nodiscard]] QString sentence() const;
  [[nodiscard]] bool isPredicting() const { return m_work.isBusy(); }
  [[nodiscard]] std::vector<Figure> exportable() const;

protected:
  void resizeEvent(QResizeEvent *event) override;

private:
  void draw();

  const ThemeHub &m_hub;
  ChartPanel *m_chart;
  ClampedLabel *m_words;
  EmptyState *m_empty;
  QStackedLayout *m_stack;
  [[nodiscard]] QString countSentence() const;

  std::vector<analysis::StalenessPoint> m_measured;
  std::uint64_t m_reads = 0, m_leftOut = 0; ///< in sight; those and the ones of restless times
  std::optional<QuorumDelays> m_quorum;
  std::int64_t m_untilNs = 0;
  std::vector<QPointF> m_predicted; ///< ms, share
  Background m_work;
};

} // namespace packetarium::ui
