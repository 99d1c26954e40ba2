// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/figure.h"

#include "ui/charts/chart_picture.h"

#include <QFontMetricsF>

#include <algorithm>
#include <utility>

namespace packetarium::ui {
namespace {

// "time (s),series,value (ms)": each line of a chart has instants of its own.
QByteArray chartCsv(const ChartData &chart) {
  QString out = QStringLiteral("time_%1,series,value,unit\n").arg(chart.timeUnit);
  for (const ChartLine &line : chart.lines) {
    const QString name = csvField(line.name.isEmpty() ? chart.title : line.name);
    for (const QPointF &p : line.points)
      out += QStringLiteral("%1,%2,%3,%4\n")
                 .arg(QString::number(p.x(), 'g', 12), name, QString::number(p.y(), 'g', 9),
                      csvField(chart.unit));
  }
  for (const ChartBin &bin : chart.bins)
    out += QStringLiteral("%1,%2,%3,%2\n")
               .arg(QString::number((bin.from + bin.to) / 2, 'g', 12), csvField(chart.binUnit))
               .arg(bin.count);
  return out.toUtf8();
}

} // namespace

QString csvField(const QString &text) {
  if (!text.contains(u',') && !text.contains(u'"') && !text.contains(u'\n')) return text;
  QString inner = text;
  return QLatin1Char('"') + inner.replace(QLatin1String("\""), QLatin1String("\"\"")) +
         QLatin1Char('"');
}

QImage Figure::image(QSize pixels, const Theme &theme, const Typography &type) const {
  QImage image(pixels, QImage::Format_RGB32);
  QPainter painter(&image);
  paint(painter, QSizeF(pixels), theme, type);
  return image;
}

Figure figureOf(const ChartData &chart) {
  Figure figure;
  figure.id = chart.id;
  figure.title = chart.title;
  figure.paint = [chart](QPainter &painter, QSizeF size, const Theme &theme,
                         const Typography &type) {
    ChartPicture::paintSlide(painter, size, chart, theme, type);
  };
  figure.csv = [chart] { return chartCsv(chart); };
  return figure;
}

Typography slideType(QSizeF size, const Typography &type) {
  return type.scaledTo(std::min(size.height() / 400.0, size.width() / 560.0));
}

QRectF paintSlideFrame(QPainter &painter, QSizeF size, const QString &title, const QString &remark,
                       const Theme &theme, const Typography &big) {
  painter.setRenderHint(QPainter::Antialiasing);
  painter.fillRect(QRectF(QPointF(0, 0), size), theme.panel);
  const double margin = big.px(20);
  const QRectF frame = QRectF(QPointF(0, 0), size).adjusted(margin, margin, -margin, -margin);
  const QFontMetricsF metrics(big.title());
  const QRectF line(frame.left(), frame.top(), frame.width(), metrics.height());
  painter.setFont(big.title());
  painter.setPen(theme.text);
  painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter,
                   metrics.elidedText(title, Qt::ElideRight, line.width()));
  const double room = line.width() - metrics.horizontalAdvance(title) - big.px(16);
  const QFontMetricsF small(big.secondary());
  painter.setFont(big.secondary());
  painter.setPen(theme.dim);
  if (room > small.averageCharWidth() * 8)
    painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter,
                     small.elidedText(remark, Qt::ElideRight, room));
  return frame.adjusted(0, metrics.height() + big.px(8), 0, 0);
}

} // namespace packetarium::ui
