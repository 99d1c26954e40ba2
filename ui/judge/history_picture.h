// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/figure.h"
#include "ui/judge/history_layout.h"

#include <QPainter>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace packetarium::ui {

/// What a picture of a history shows.
struct HistoryShown {
  std::shared_ptr<const Judgement> all; ///< keeps judged alive
  const ServiceJudgement *judged = nullptr;
  std::vector<HistoryRow> rows;
  std::vector<HistoryBand> bands;
  std::vector<EffectPoint> points; ///< of a legal order of what is in sight, by key
  std::set<std::size_t> offending; ///< operations that break a promise
  bool oneKey = false;             ///< labels need not say it
};
/// key: none for all.
HistoryShown historyShown(std::shared_ptr<const Judgement> all, const std::string &service,
                          const std::optional<std::string> &key);
/// Bars of operations that may be seen at the record and matter most win a shared place.
std::vector<HistoryBar> barsOf(const HistoryLayout &layout, std::size_t row,
                               const HistoryShown &shown, trace::Sequence upTo);

struct HistoryMarks {
  trace::Sequence upTo = 0;           ///< what was invoked later is not drawn; 0: all is
  std::optional<SimTime> now;         ///< what comes later is pale
  std::optional<std::size_t> hovered; ///< an operation
  std::optional<std::size_t> chosen;
  /// The longest legal order that ends with the chosen one: numbered and joined, the rest is pale.
  std::vector<std::size_t> prefix;
};
void paintHistory(QPainter &painter, const HistoryLayout &layout, const HistoryShown &shown,
                  const HistoryMarks &marks, const Theme &theme, const Typography &type);
/// The scale below the rows alone.
void paintHistoryTimes(QPainter &painter, const HistoryLayout &layout, const Theme &theme,
                       const Typography &type);
/// What the bars' looks mean, in one line.
void paintHistoryKey(QPainter &painter, const QRectF &line, const Theme &theme,
                     const Typography &type);
[[nodiscard]] QColor operationColour(judge::OperationKind kind, const Theme &theme);

/// The whole history as a picture for a slide, and as CSV: "process,f,key,argument,expected,result,
/// outcome,invoked_s,returned_s,freshness,stale_by_ms,versions_behind".
Figure historyFigure(HistoryShown shown, SimTime from, SimTime to);
QByteArray historyCsv(const ServiceJudgement &judged);

} // namespace packetarium::ui
