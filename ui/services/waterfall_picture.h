// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/outages.h"
#include "ui/charts/figure.h"

#include <QPainter>
#include <QRectF>

#include <optional>
#include <vector>

namespace packetarium::ui {

/// Where the anatomy of one outage is drawn: a line that says what happened, a row with a bar for
/// each of its steps, and the sum. Steps that took no time and that no record tells of have no row.
struct WaterfallLayout {
  struct Row {
    std::size_t step = 0; ///< index into Outage::steps
    QRectF box, bar;      ///< bars of rows that follow one another meet
  };
  QRectF head;
  std::vector<Row> rows;
  QRectF sum;
  QRectF bars; ///< room of all bars; from its left to its right is the whole outage
  double labels = 0, figures = 0; ///< widths left and right of the bars
  QRectF whole;
};
WaterfallLayout layoutWaterfall(const analysis::Outage &outage, const QRectF &box,
                                const Typography &type, double rowHeight = 20);
double waterfallHeight(const analysis::Outage &outage, const Typography &type);

/// The hue of a step's bar; its name stands beside it.
QColor partColour(analysis::OutagePart part, const Theme &theme);
struct WaterfallMarks {
  int number = 0;                 ///< from 1, of the outages of its service; 0: none is said
  std::optional<std::size_t> lit; ///< a step to stand out
  std::optional<SimTime> now;     ///< what begins later is drawn hollow
};
void paintWaterfall(QPainter &painter, const WaterfallLayout &layout,
                    const analysis::Outage &outage, const WaterfallMarks &marks, const Theme &theme,
                    const Typography &type);

/// The anatomy as a picture for a slide. number: as above.
Figure waterfallFigure(analysis::Outage outage, int number);

} // namespace packetarium::ui
