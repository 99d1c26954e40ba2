// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/waterfall_picture.h"

#include "ui/services/service_words.h"
#include "ui/widgets/format.h"

#include <QCoreApplication>
#include <QFontMetricsF>

#include <algorithm>
#include <cmath>

namespace packetarium::ui {
namespace {

constexpr double headHeight = 22, sumHeight = 20, gap = 10, textMin = 100;

QString words(const char *text) { return QCoreApplication::translate("Services", text); }

bool hasRow(const analysis::OutageStep &step) { return step.to > step.from || step.record != 0; }

double share(const analysis::Outage &outage, SimTime t) {
  const double whole = outage.length().toSeconds();
  return whole > 0 ? std::clamp((t - outage.from).toSeconds() / whole, 0.0, 1.0) : 0;
}

QString headText(const analysis::Outage &outage, int number) {
  const QString what = outageWords(outage);
  return number > 0 ? QStringLiteral("%1. %2").arg(number).arg(what) : what;
}

QString failedText(const analysis::Outage &outage) {
  if (outage.failedRequests == 0) return {};
  return outage.failedRequests == 1
             ? words("1 request failed")
             : words("%1 requests failed")
                   .arg(formatCount(static_cast<std::int64_t>(outage.failedRequests)));
}

// What happened at the step's end, where the bar leaves more room.
void paintStepText(QPainter &painter, const WaterfallLayout &layout,
                   const WaterfallLayout::Row &row, const QString &text, const Theme &theme,
                   const Typography &type) {
  const double pad = type.px(6);
  const double before = row.bar.left() - layout.bars.left() - pad;
  const double after = layout.bars.right() - row.bar.right() - pad;
  if (std::max(before, after) < type.px(textMin)) return;
  const QFontMetricsF metrics(type.tiny());
  const bool isAfter = after >= std::min(before, metrics.horizontalAdvance(text));
  const QRectF box = isAfter ? QRectF(row.bar.right() + pad, row.box.top(), after, row.box.height())
                             : QRectF(layout.bars.left(), row.box.top(), before, row.box.height());
  painter.setFont(type.tiny());
  painter.setPen(theme.dim);
  painter.drawText(box, (isAfter ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter,
                   metrics.elidedText(text, Qt::ElideRight, box.width()));
}

void paintHead(QPainter &painter, const WaterfallLayout &layout, const analysis::Outage &outage,
               int number, const Theme &theme, const Typography &type) {
  const QString failed = failedText(outage);
  const QFontMetricsF small(type.secondary()), names(type.name());
  const QString text = headText(outage, number);
  double room = layout.head.width();
  const double failedWide = small.horizontalAdvance(failed);
  if (room - failedWide - type.px(16) > type.px(220) && !failed.isEmpty()) {
    painter.setFont(type.secondary());
    painter.setPen(theme.dim);
    painter.drawText(layout.head, Qt::AlignRight | Qt::AlignVCenter, failed);
    room -= failedWide + type.px(16);
  }
  painter.setFont(type.name());
  painter.setPen(outage.open ? theme.bad : theme.text);
  painter.drawText(QRectF(layout.head.topLeft(), QSizeF(room, layout.head.height())),
                   Qt::AlignLeft | Qt::AlignVCenter, names.elidedText(text, Qt::ElideRight, room));
}

void paintSum(QPainter &painter, const WaterfallLayout &layout, const analysis::Outage &outage,
              const Theme &theme, const Typography &type) {
  painter.setPen(QPen(theme.line, 1));
  const double y = std::round(layout.sum.top()) + 0.5;
  painter.drawLine(QPointF(layout.sum.left(), y), QPointF(layout.sum.right(), y));
  painter.setFont(type.name());
  painter.setPen(outage.open ? theme.bad : theme.text);
  painter.drawText(layout.sum, Qt::AlignLeft | Qt::AlignVCenter,
                   outage.open ? words("Still down") : words("Together"));
  painter.setFont(type.monoSmall());
  painter.drawText(layout.sum, Qt::AlignRight | Qt::AlignVCenter, exactMs(exactLength(outage)));
}

} // namespace

double waterfallHeight(const analysis::Outage &outage, const Typography &type) {
  const auto rows = std::count_if(outage.steps.begin(), outage.steps.end(), hasRow);
  return type.px(headHeight) + static_cast<double>(rows) * type.px(20) + type.px(sumHeight);
}

WaterfallLayout layoutWaterfall(const analysis::Outage &outage, const QRectF &box,
                                const Typography &type, double rowHeight) {
  WaterfallLayout out;
  const QFontMetricsF small(type.secondary()), mono(type.monoSmall());
  out.figures = std::ceil(mono.horizontalAdvance(exactMs(exactLength(outage)))) + type.px(2);
  for (const analysis::OutageStep &step : outage.steps)
    out.labels = std::max(out.labels, std::ceil(small.horizontalAdvance(partName(step.part))));
  out.labels += type.px(2);
  out.head = QRectF(box.left(), box.top(), box.width(), type.px(headHeight));
  const double left = std::round(box.left() + out.labels + type.px(gap));
  const double right = std::max(left + 1, std::floor(box.right() - out.figures - type.px(gap)));
  double y = out.head.bottom();
  const double high = type.px(rowHeight), bar = std::round(high * 0.6);
  const auto x = [&](SimTime t) { return std::round(left + share(outage, t) * (right - left)); };
  for (std::size_t i = 0; i < outage.steps.size(); ++i) {
    const analysis::OutageStep &step = outage.steps[i];
    if (!hasRow(step)) continue;
    const double from = x(step.from), to = x(step.to);
    out.rows.push_back({i, QRectF(box.left(), y, box.width(), high),
                        QRectF(from, std::round(y + (high - bar) / 2), to - from, bar)});
    y += high;
  }
  out.bars = QRectF(left, out.head.bottom(), right - left, y - out.head.bottom());
  out.sum = QRectF(box.left(), y, box.width(), type.px(sumHeight));
  out.whole = QRectF(box.topLeft(), QPointF(box.right(), out.sum.bottom()));
  return out;
}

QColor partColour(analysis::OutagePart part, const Theme &theme) {
  if (part == analysis::OutagePart::Unnoticed) return theme.dim;
  return theme.series[(static_cast<std::size_t>(part) - 1) % theme.series.size()];
}

void paintWaterfall(QPainter &painter, const WaterfallLayout &layout,
                    const analysis::Outage &outage, const WaterfallMarks &marks, const Theme &theme,
                    const Typography &type) {
  paintHead(painter, layout, outage, marks.number, theme, type);
  const std::vector<Duration> lengths = exactSteps(outage);
  for (std::size_t i = 0; i < layout.rows.size(); ++i) {
    const WaterfallLayout::Row &row = layout.rows[i];
    const analysis::OutageStep &step = outage.steps[row.step];
    if (marks.lit == row.step) painter.fillRect(row.box, theme.hover);
    painter.setFont(type.secondary());
    painter.setPen(theme.text);
    painter.drawText(row.box, Qt::AlignLeft | Qt::AlignVCenter, partName(step.part));
    painter.setFont(type.monoSmall());
    painter.drawText(row.box, Qt::AlignRight | Qt::AlignVCenter, exactMs(lengths[row.step]));
    QRectF bar = row.bar;
    if (bar.width() < 2) bar.setWidth(2); // so that one sees where it is
    const QColor hue = partColour(step.part, theme);
    if (marks.now && step.from >= *marks.now && bar.width() > 3) {
      painter.setPen(QPen(hue, 1, Qt::DashLine));
      painter.drawRect(bar.adjusted(0.5, 0.5, -0.5, -0.5));
    } else {
      painter.fillRect(bar, hue);
    }
    if (i + 1 < layout.rows.size()) { // a hair leads the eye to where the next one begins
      const double x = std::round(row.bar.right()) - 0.5;
      painter.setPen(QPen(theme.faint, 1));
      painter.drawLine(QPointF(x, row.bar.bottom()), QPointF(x, layout.rows[i + 1].bar.top()));
    }
    paintStepText(painter, layout, row, withShortDurations(QString::fromStdString(step.text)),
                  theme, type);
  }
  paintSum(painter, layout, outage, theme, type);
}

// ---- export -----------------------------------------------------------------------------------

Figure waterfallFigure(analysis::Outage outage, int number) {
  Figure figure;
  const QString service = QString::fromStdString(outage.service);
  figure.id = QStringLiteral("outage-%1-%2").arg(service).arg(number);
  for (QChar &c : figure.id)
    if (!c.isLetterOrNumber() && c != u'-' && c != u'.') c = u'_';
  figure.title = words("%1: anatomy of outage %2").arg(service).arg(number);
  figure.csv = [outage] { return QByteArray::fromStdString(analysis::outagesCsv({outage})); };
  figure.paint = [outage = std::move(outage), title = figure.title](
                     QPainter &painter, QSizeF size, const Theme &theme, const Typography &type) {
    const Typography big = slideType(size, type);
    const QRectF frame = paintSlideFrame(painter, size, title, {}, theme, big);
    const double axis = QFontMetricsF(big.tiny()).height() + big.px(6);
    const auto rows = std::max<std::ptrdiff_t>(
        1, std::count_if(outage.steps.begin(), outage.steps.end(), hasRow));
    const double room = frame.height() - axis - big.px(headHeight) - big.px(sumHeight);
    const double rowHeight = std::clamp(room / static_cast<double>(rows) / big.scale(), 12.0, 60.0);
    const WaterfallLayout layout = layoutWaterfall(outage, frame, big, rowHeight);
    paintWaterfall(painter, layout, outage, {}, theme, big);
    // The sum says how long the bars' room is; this says what it is.
    painter.setFont(big.tiny());
    painter.setPen(theme.dim);
    painter.drawText(QRectF(frame.left(), layout.sum.bottom(), frame.width(), axis),
                     Qt::AlignRight | Qt::AlignBottom, words("simulated time (ms)"));
    painter.drawText(
        QRectF(layout.bars.left(), layout.sum.top(), layout.bars.width(), layout.sum.height()),
        Qt::AlignLeft | Qt::AlignVCenter, formatTimeShort(outage.from.ns()));
    painter.drawText(
        QRectF(layout.bars.left(), layout.sum.top(), layout.bars.width(), layout.sum.height()),
        Qt::AlignRight | Qt::AlignVCenter, formatTimeShort(outage.to.ns()));
  };
  return figure;
}

} // namespace packetarium::ui
