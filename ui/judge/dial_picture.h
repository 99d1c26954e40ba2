// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/figure.h"
#include "ui/judge/dial_words.h"
#include "ui/timeline/time_axis.h"

#include <QPainter>
#include <QRectF>

#include <optional>
#include <string>
#include <vector>

namespace packetarium::ui {

/// Where the table of the dial stands: a column for each design.
struct DialTableLayout {
  QRectF head;                 ///< of the names of the designs
  std::vector<QRectF> lines;   ///< one for each DialLine, whole width
  double label = 0;            ///< width of what is compared
  QString sides;               ///< the order of the parts of a cell, above what is compared
  std::vector<QRectF> columns; ///< whole height
  double bottom = 0;
};
/// line: px of one line that is no heading, before scaling.
constexpr double dialLineHeight = 19, dialLineLeast = 15;
double dialTableHeight(const std::vector<DialLine> &lines, const Typography &type,
                       double line = dialLineHeight);
DialTableLayout layoutDialTable(const QRectF &box, const std::vector<DialLine> &lines,
                                std::size_t designs, const Typography &type,
                                double line = dialLineHeight);
/// chosen: a design's column to stand out.
void paintDialTable(QPainter &painter, const DialTableLayout &layout,
                    const std::vector<DialLine> &lines,
                    const std::vector<experiments::Design> &designs,
                    std::optional<std::size_t> chosen, const Theme &theme, const Typography &type);

/// What befell each design, over one axis of time: a lane for each side of the cut.
struct DialLane {
  std::size_t row = 0; ///< index into the rows
  QString name;        ///< of the side
  std::vector<experiments::Spell> spells;
  bool first = false; ///< of its design: its name stands above
};
struct DialAxisLayout {
  DialDensity density = DialDensity::Full;
  QRectF names;
  TimeAxis axis;
  std::vector<DialLane> lanes;
  std::vector<QRectF> boxes; ///< of the lanes, from the names to the right edge
  double top = 0, axisTop = 0;
};
[[nodiscard]] std::vector<DialLane> dialLanes(const std::vector<experiments::DialRow> &rows);
/// Dense: the names of the designs stand beside their lanes, not above.
double dialAxisHeight(const std::vector<DialLane> &lanes, const Typography &type,
                      DialDensity density = DialDensity::Full);
DialAxisLayout layoutDialAxis(const QRectF &box, std::vector<DialLane> lanes, SimTime end,
                              const Typography &type, DialDensity density = DialDensity::Full);
void paintDialAxis(QPainter &painter, const DialAxisLayout &layout,
                   const std::vector<experiments::DialRow> &rows, const Theme &theme,
                   const Typography &type);
/// What the spells' looks mean, in one line.
void paintDialKey(QPainter &painter, const QRectF &line, const Theme &theme,
                  const Typography &type);
[[nodiscard]] QString spellWords(const experiments::Spell &spell);

/// The table, and the axis, as pictures for a slide; both with the same CSV.
std::vector<Figure> dialFigures(const std::vector<experiments::DialRow> &rows, SimTime end);

} // namespace packetarium::ui
