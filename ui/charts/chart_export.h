// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/chart_data.h"
#include "ui/theme/theme.h"
#include "ui/theme/typography.h"

#include <QSize>
#include <QString>
#include <QStringList>

#include <vector>

namespace packetarium::ui {

inline constexpr QSize slideSize{1600, 900};

// Writes each chart as ID.png into the folder, which exists; gives the files, or none and a
// message.
QStringList writeCharts(const std::vector<ChartData> &charts, const QString &folder, QSize pixels,
                        const Theme &theme, const Typography &type, QString *message);
// Writes one chart to a file; an empty answer means that it is written.
[[nodiscard]] QString writeChart(const ChartData &chart, const QString &file, QSize pixels,
                                 const Theme &theme, const Typography &type);

} // namespace packetarium::ui
