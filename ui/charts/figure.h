// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/charts/chart_data.h"
#include "ui/theme/theme.h"
#include "ui/theme/typography.h"

#include <QByteArray>
#include <QImage>
#include <QPainter>
#include <QSize>
#include <QString>

#include <functional>

namespace packetarium::ui {

// A picture for a slide or a paper: how to paint it in any size, and the figures it is made of.
struct Figure {
  QString id; // stem of an exported file
  QString title;
  // Paints all of it, ground and title too, into (0, 0) to the size.
  std::function<void(QPainter &, QSizeF, const Theme &, const Typography &)> paint;
  std::function<QByteArray()> csv;

  [[nodiscard]] QImage image(QSize pixels, const Theme &theme, const Typography &type) const;
};

[[nodiscard]] Figure figureOf(const ChartData &chart);

// The type of a slide of that size: at 400 px of height it is as in the window.
[[nodiscard]] Typography slideType(QSizeF size, const Typography &type);
// Fills the ground, writes the title and a remark at the right of it; gives what is left.
QRectF paintSlideFrame(QPainter &painter, QSizeF size, const QString &title, const QString &remark,
                       const Theme &theme, const Typography &big);

// One field of a CSV file: quoted where it must be (RFC 4180).
[[nodiscard]] QString csvField(const QString &text);

} // namespace packetarium::ui
