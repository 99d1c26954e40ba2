// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/theme.h"
#include "ui/theme/typography.h"
#include "ui/timeline/time_axis.h"

#include <QPainter>

#include <optional>

// What every picture over time paints alike: its scale, and the instants that are looked at.
namespace packetarium::ui {

// A line at each round instant from top to a little below bottom, and below that its time where
// there is room. pixelsMin: between two of them.
void paintAxis(QPainter &painter, const TimeAxis &axis, double top, double bottom, double pixelsMin,
               const Theme &theme, const Typography &type);

// Lines from top to bottom where the run stands, and where somebody points.
void paintMoments(QPainter &painter, const TimeAxis &axis, SimTime now,
                  std::optional<SimTime> pointed, double top, double bottom, const Theme &theme);

} // namespace packetarium::ui
