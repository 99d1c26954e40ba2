// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/judge/judgement.h"
#include "ui/theme/typography.h"
#include "ui/timeline/time_axis.h"

#include <QRectF>
#include <QString>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace packetarium::ui {

/// What one client did, in order.
struct HistoryRow {
  std::string process;                 ///< its first
  QString name;                        ///< for people
  std::vector<std::size_t> operations; ///< ascending
  [[nodiscard]] bool has(std::size_t operation) const;
};
/// A row for each process that has anything to do with the key (none: all keys), in the order in
/// which they began. A client that goes on as another process, because it does not know what came
/// of its last operation, stays in its row.
std::vector<HistoryRow> historyRows(const judge::History &history,
                                    const std::optional<std::string> &key);

/// A fault drawn behind.
struct HistoryBand {
  SimTime from, to;
  QString label;
  bool hard = false; ///< somebody is not there or not reached; else only worse than usual
  bool operator==(const HistoryBand &) const = default;
};

/// Where an operation took effect, if there is an order of all that explains what was seen.
struct EffectPoint {
  std::size_t operation = 0;
  SimTime at;
};
/// Instants for a legal order: none before the one in front of it, each between its operation's
/// invocation and return, and as near to the middle of what is left as can be.
std::vector<EffectPoint> effectPoints(const judge::History &history,
                                      const std::vector<std::size_t> &order);

/// Where things stand in a picture of a history; all in pixels of the painter.
struct HistoryLayout {
  QRectF names; ///< left of the bars
  TimeAxis axis;
  double bands = 0; ///< top of the names of faults
  double top = 0, rowHeight = 24, barHeight = 16;
  std::size_t rows = 0;
  double axisTop = 0;
  [[nodiscard]] QRectF row(std::size_t i) const;
};
constexpr double historyRowMin = 14, historyRowMax = 34;
double historyHeight(std::size_t rows, const Typography &type);
/// axis: from, to and end are taken from it.
HistoryLayout layoutHistory(const QRectF &box, const std::vector<HistoryRow> &rows,
                            const TimeAxis &axis, const Typography &type);

/// An operation as it is drawn, or several that share a few pixels.
struct HistoryBar {
  QRectF box;
  std::size_t operation = 0; ///< of several the one that matters most
  std::size_t count = 1;
  double free = 0;   ///< pixels up to the next bar of the row, or to the edge
  bool open = false; ///< it has not returned: it goes on
};
/// Those of a row that are in sight, left to right: at most one for each two pixels. What was
/// invoked after the record is left out. matters: of several that share a place the greatest is
/// shown.
std::vector<HistoryBar> historyBars(const HistoryLayout &layout, std::size_t rowIndex,
                                    const HistoryRow &row, const judge::History &history,
                                    trace::Sequence upTo,
                                    const std::function<int(std::size_t)> &matters);

/// The stretch of a run in which operations can be read at that width: all of it when they are few.
Duration readableSpan(const judge::History &history, const std::vector<HistoryRow> &rows,
                      SimTime end, double pixels);

} // namespace packetarium::ui
