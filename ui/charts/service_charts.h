// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/chronicle.h"
#include "ui/charts/chart_data.h"

#include <vector>

namespace packetarium::ui {

// What clients asked of each service and what they got, over [from, to] with requests known at
// `until`: load asked against load answered, and where there are several services the latency of
// each. A service with too few requests for a line has no chart; of many services the busiest have.
std::vector<ChartData> serviceCharts(const analysis::Chronicle &chronicle, SimTime from, SimTime to,
                                     SimTime until, std::size_t pixels);

// The value that so large a share of them do not exceed (nearest rank); sorts them partly. values
// is not empty.
double percentile(std::vector<double> &values, double share);
// Requests that a percentile of a live chart is taken of.
inline constexpr std::size_t trailingRequests = 50;

} // namespace packetarium::ui
