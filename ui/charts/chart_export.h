// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/figure.h"

#include <QSize>
#include <QString>
#include <QStringList>

#include <vector>

namespace packetarium::ui {

inline constexpr QSize slideSize{1600, 900};

// Writes the figure as the file's ending says: PNG or SVG in that size, or CSV with what it is made
// of. An empty answer means that it is written.
[[nodiscard]] QString writeFigure(const Figure &figure, const QString &file, QSize pixels,
                                  const Theme &theme, const Typography &type);
// Writes each one as ID.FORMAT ("png", "svg", "csv") into the folder, which exists; gives the
// files, or none and a message.
QStringList writeFigures(const std::vector<Figure> &figures, const QString &folder,
                         const QString &format, QSize pixels, const Theme &theme,
                         const Typography &type, QString *message);
[[nodiscard]] std::vector<Figure> figuresOf(const std::vector<ChartData> &charts);

} // namespace packetarium::ui
