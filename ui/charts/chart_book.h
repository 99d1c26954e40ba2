// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/metrics.h"
#include "ui/charts/chart_data.h"
#include "ui/playback/view_state.h"

#include <QObject>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace packetarium::ui {

// Collects the figures of the run as it grows, and makes charts of them. A chart is there when the
// run has figures for it, whether or not they lie in the stretch that is asked for.
class ChartBook : public QObject {
  Q_OBJECT
public:
  explicit ChartBook(ViewState &state, QObject *parent = nullptr);

  // All charts over [from, to] of the axis with points up to `until`, for plots so many pixels
  // wide.
  [[nodiscard]] std::vector<ChartData> charts(SimTime from, SimTime to, SimTime until,
                                              std::size_t pixels) const;
  [[nodiscard]] const analysis::MetricsCollector &metrics() const { return *m_metrics; }

Q_SIGNALS:
  void changed();

private:
  struct Span {
    SimTime from, to, until;
    std::size_t pixels;
  };
  struct Series {
    std::string entity;
    const analysis::TimeSeries *points;
  };
  // Connections of one node that follow one another, drawn as one line.
  struct Track {
    std::string node;
    std::vector<const analysis::TimeSeries *> parts;
    std::size_t weight = 0, longest = 0; // points in all, and of the longest part
  };
  void renew();
  [[nodiscard]] std::vector<Series> seriesOf(std::string_view metric) const;
  [[nodiscard]] std::vector<Track> tracksOf(std::string_view metric) const;
  [[nodiscard]] QString nodeName(const std::string &id) const;
  [[nodiscard]] QString directionName(const std::string &entity) const;
  [[nodiscard]] std::optional<ChartData> latency(const Span &span) const;
  [[nodiscard]] std::optional<ChartData> roundTrip(const Span &span) const;
  [[nodiscard]] std::optional<ChartData> throughput(const Span &span) const;
  [[nodiscard]] std::optional<ChartData> queues(const Span &span) const;
  [[nodiscard]] std::optional<ChartData> windows(const Span &span) const;
  [[nodiscard]] std::optional<ChartData> voice(const Span &span) const;
  [[nodiscard]] std::optional<ChartData> replication(const Span &span,
                                                     std::string_view metric) const;
  [[nodiscard]] std::optional<ChartData> losses(const Span &span) const;
  [[nodiscard]] ChartLine trackLine(const Track &track, const ChartData &chart, const Span &span,
                                    double factor) const;

  ViewState &m_state;
  std::optional<analysis::MetricsCollector> m_metrics;
  Duration m_interval;
};

} // namespace packetarium::ui
