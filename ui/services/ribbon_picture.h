// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/services.h"
#include "ui/charts/figure.h"
#include "ui/timeline/time_axis.h"

#include <QPainter>
#include <QRectF>

#include <vector>

namespace packetarium::ui {

/// A stretch of a ribbon as it is drawn, in pixels.
struct RibbonPiece {
  double left = 0, right = 0;
  analysis::ServiceHealth health = analysis::ServiceHealth::Unknown;
  bool operator==(const RibbonPiece &) const = default;
};
/// The parts on the axis, neighbours merged: never more than one a pixel, and where several share
/// a pixel the worst of them is seen.
std::vector<RibbonPiece> ribbonPieces(const std::vector<analysis::RibbonPart> &parts,
                                      const TimeAxis &axis);

/// Where things stand in a picture of ribbons; all in pixels of the painter.
struct RibbonLayout {
  QRectF names;                ///< left of the bars
  TimeAxis axis;               ///< of the bars
  double top = 0;              ///< of the first row
  double rowHeight = 24;       ///< from one row to the next
  double barHeight = 14;       ///< in the middle of a row
  double axisTop = 0;          ///< of the numbers below
  std::vector<QRectF> columns; ///< right of the bars; as wide as a row, without its height
  QRectF row(std::size_t i) const;
  QRectF bar(std::size_t i) const;
};
enum class RibbonColumn { Availability, Requests, Percentiles, Rates };
/// Columns that have room come first: availability, requests, percentiles, rates.
RibbonLayout layoutRibbons(const QRectF &box, std::size_t rows, SimTime from, SimTime to,
                           const std::vector<analysis::ServiceReport> &reports,
                           const Typography &type);
double ribbonsHeight(std::size_t rows, const Typography &type);

/// The colour of a stretch; its shape tells the same: a degraded one is half as high and striped,
/// one that is down is crossed.
QColor healthColour(analysis::ServiceHealth health, const Theme &theme);
void paintRibbon(QPainter &painter, const std::vector<RibbonPiece> &pieces, const QRectF &bar,
                 const Theme &theme, const Typography &type);
/// Numbers and marks of time below the bars.
void paintTimes(QPainter &painter, const RibbonLayout &layout, const Theme &theme,
                const Typography &type);
/// Names, ribbons, times and columns; not the marks of what is chosen. seen: the same services as
/// known later, for their ribbons; what lies after `now` is drawn pale.
void paintRibbons(QPainter &painter, const RibbonLayout &layout,
                  const std::vector<analysis::ServiceReport> &reports,
                  const std::vector<analysis::ServiceReport> &seen, SimTime now, const Theme &theme,
                  const Typography &type);

/// All services as a picture for a slide, from `from` to `to`.
Figure uptimeFigure(std::vector<analysis::ServiceReport> reports, SimTime from, SimTime to);

} // namespace packetarium::ui
