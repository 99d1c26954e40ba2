// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/ribbon_picture.h"

#include "ui/services/service_words.h"
#include "ui/timeline/axis_paint.h"
#include "ui/widgets/format.h"

#include <QCoreApplication>
#include <QFontMetricsF>

#include <algorithm>
#include <array>
#include <cmath>

namespace packetarium::ui {
namespace {

using analysis::ServiceHealth;

constexpr double nameMin = 48, nameMax = 120, barMin = 150, gap = 12;
constexpr std::array columnHeads{QT_TRANSLATE_NOOP("Services", "available"),
                                 QT_TRANSLATE_NOOP("Services", "requests"),
                                 QT_TRANSLATE_NOOP("Services", "p50 · p95 · p99"),
                                 QT_TRANSLATE_NOOP("Services", "asked, answered /s")};

QString columnText(const analysis::ServiceReport &r, std::size_t column) {
  if (r.ribbon.empty()) return column == 0 ? QStringLiteral("–") : QString();
  if (!r.isKnown() && column == 0) return QStringLiteral("–");
  switch (static_cast<RibbonColumn>(column)) {
  case RibbonColumn::Availability:
    return r.byTime.share >= 1 ? formatPercent(1) : availabilityWords(r.byTime);
  case RibbonColumn::Requests: return requestWords(r);
  case RibbonColumn::Percentiles: return percentileWords(r);
  case RibbonColumn::Rates: break;
  }
  return formatNumber(r.offeredPerSecond) + QStringLiteral(", ") + formatNumber(r.servedPerSecond);
}

QString columnHead(std::size_t column) {
  return QCoreApplication::translate("Services", columnHeads[column]);
}

QColor availabilityColour(const analysis::ServiceReport &r, const Theme &theme) {
  if (r.down > Duration()) return theme.bad;
  if (r.degraded > Duration()) return theme.warn;
  return theme.text;
}

// Cut by hand: SVG files know no clip.
void paintStripes(QPainter &painter, const QRectF &box, const QColor &ink, bool crossed) {
  painter.setPen(QPen(ink, 1));
  const double step = std::max(7.0, std::round(box.height() / 3)), h = box.height();
  // Fixed to the ground, so that they hold still while the stretch grows.
  for (double x = std::floor((box.left() - h) / step) * step; x < box.right(); x += step) {
    const double from = std::max(x, box.left()), to = std::min(x + h, box.right());
    if (to <= from) continue;
    painter.drawLine(QPointF(from, box.bottom() - (from - x)),
                     QPointF(to, box.bottom() - (to - x)));
    if (crossed)
      painter.drawLine(QPointF(from, box.top() + (from - x)), QPointF(to, box.top() + (to - x)));
  }
}

// Over what is still to come.
QColor veil(const Theme &theme) {
  QColor colour = theme.panel;
  colour.setAlphaF(0.62F);
  return colour;
}

void paintWord(QPainter &painter, const QRectF &box, const QString &word, const QColor &ink,
               const QColor &ground, const Typography &type) {
  const QFontMetricsF metrics(type.tiny());
  const double wide = metrics.horizontalAdvance(word);
  const double pad = type.px(4);
  if (box.width() < wide + 3 * pad || box.height() < metrics.ascent()) return;
  const double high = std::min(box.height(), metrics.height() + pad);
  const QRectF plate(box.center().x() - wide / 2 - pad, box.center().y() - high / 2, wide + 2 * pad,
                     high);
  painter.fillRect(plate, ground);
  painter.setFont(type.tiny());
  painter.setPen(ink);
  painter.drawText(plate, Qt::AlignCenter, word);
}

} // namespace

// ---- geometry ---------------------------------------------------------------------------------

std::vector<RibbonPiece> ribbonPieces(const std::vector<analysis::RibbonPart> &parts,
                                      const TimeAxis &axis) {
  const double right = axis.left + axis.width;
  std::vector<RibbonPiece> out;
  const auto put = [&](double from, double to, ServiceHealth health) {
    if (to <= from) return;
    if (!out.empty() && out.back().health == health && out.back().right >= from - 1e-6)
      out.back().right = to;
    else
      out.push_back({from, to, health});
  };
  for (const analysis::RibbonPart &part : parts) {
    double from = std::round(std::clamp(axis.x(part.from), axis.left, right));
    double to = std::round(std::clamp(axis.x(part.to), axis.left, right));
    if (part.to <= axis.from || part.from >= axis.to) continue;
    const double free = out.empty() ? axis.left : out.back().right;
    if (to > free) {
      put(std::max(from, free), to, part.health);
      continue;
    }
    // Shorter than a pixel: what is worse than the pixel it lies in takes that pixel.
    if (part.health == ServiceHealth::Up || part.health == ServiceHealth::Unknown) continue;
    if (out.empty()) {
      put(from, std::min(from + 1, right), part.health);
    } else if (part.health > out.back().health) {
      const double cut = std::max(out.back().left, out.back().right - 1);
      const double end = out.back().right;
      out.back().right = cut;
      if (out.back().right <= out.back().left) out.pop_back();
      put(cut, end, part.health);
    }
  }
  return out;
}

QRectF RibbonLayout::row(std::size_t i) const {
  const double right = columns.empty() ? axis.left + axis.width : columns.back().right();
  return {names.left(), top + static_cast<double>(i) * rowHeight, right - names.left(), rowHeight};
}

QRectF RibbonLayout::bar(std::size_t i) const {
  const QRectF r = row(i);
  return {axis.left, std::round(r.center().y() - barHeight / 2), axis.width, barHeight};
}

double ribbonsHeight(std::size_t rows, const Typography &type) {
  return type.px(16) + static_cast<double>(rows) * type.px(24) + type.px(20);
}

RibbonLayout layoutRibbons(const QRectF &box, std::size_t rows, SimTime from, SimTime to,
                           const std::vector<analysis::ServiceReport> &reports,
                           const Typography &type) {
  RibbonLayout out;
  const QFontMetricsF names(type.name()), small(type.secondary()), tiny(type.tiny());
  double nameWide = type.px(nameMin);
  for (const auto &r : reports)
    nameWide = std::max(nameWide, names.horizontalAdvance(QString::fromStdString(r.name)) + 2);
  nameWide = std::min(nameWide, std::min<double>(type.px(nameMax), box.width() * 0.25));
  out.names = QRectF(box.left(), box.top(), nameWide, box.height());
  const double left = std::round(out.names.right() + type.px(gap));
  double room = box.right() - left;
  std::vector<double> widths;
  for (std::size_t c = 0; c < columnHeads.size(); ++c) {
    double wide = tiny.horizontalAdvance(columnHead(c));
    for (const auto &r : reports)
      wide = std::max(wide, (c == 0 ? names : small).horizontalAdvance(columnText(r, c)));
    wide = std::ceil(wide) + 2 + type.px(gap);
    if (room - wide < type.px(c == 0 ? barMin / 2 : 2 * barMin)) break;
    room -= wide;
    widths.push_back(wide);
  }
  double x = left + room;
  for (const double wide : widths) {
    out.columns.emplace_back(x + type.px(gap), box.top(), wide - type.px(gap), box.height());
    x += wide;
  }
  out.top = box.top() + type.px(16);
  const double below = type.px(20);
  out.rowHeight = type.px(24);
  if (rows > 0) // a picture for a slide has taller rows, where there is room
    out.rowHeight = std::clamp((box.height() - type.px(16) - below) / static_cast<double>(rows),
                               double(type.px(18)), double(type.px(84)));
  out.barHeight = std::round(out.rowHeight * 0.6);
  out.axisTop = out.top + out.rowHeight * static_cast<double>(rows) + type.px(2);
  out.axis.from = from;
  out.axis.to = std::max(to, from + Duration::us(1));
  out.axis.end = out.axis.to;
  out.axis.left = left;
  out.axis.width = std::max(1.0, std::floor(room));
  return out;
}

// ---- painting ---------------------------------------------------------------------------------

QColor healthColour(ServiceHealth health, const Theme &theme) {
  switch (health) {
  case ServiceHealth::Up: return theme.good;
  case ServiceHealth::Degraded: return theme.warn;
  case ServiceHealth::Down: return theme.bad;
  case ServiceHealth::Unknown: break;
  }
  return theme.line;
}

void paintRibbon(QPainter &painter, const std::vector<RibbonPiece> &pieces, const QRectF &bar,
                 const Theme &theme, const Typography &type) {
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.fillRect(bar, theme.well);
  painter.fillRect(QRectF(bar.left(), bar.bottom() - 1, bar.width(), 1), theme.line);
  for (const RibbonPiece &piece : pieces) {
    QRectF box(piece.left, bar.top(), piece.right - piece.left, bar.height());
    const QColor fill = healthColour(piece.health, theme);
    if (piece.health == ServiceHealth::Unknown) continue; // the ground says it
    if (piece.health == ServiceHealth::Degraded)
      box.setTop(bar.top() + std::round(bar.height() / 2));
    painter.fillRect(box, fill);
    if (piece.health == ServiceHealth::Up) continue;
    const bool isDown = piece.health == ServiceHealth::Down;
    painter.setRenderHint(QPainter::Antialiasing);
    if (box.width() >= 4) paintStripes(painter, box, mix(theme.panel, fill, 0.35), isDown);
    if (isDown) paintWord(painter, box, healthWord(piece.health), theme.onAccent, fill, type);
    painter.setRenderHint(QPainter::Antialiasing, false);
  }
  painter.restore();
}

void paintRibbons(QPainter &painter, const RibbonLayout &layout,
                  const std::vector<analysis::ServiceReport> &reports,
                  const std::vector<analysis::ServiceReport> &seen, SimTime now, const Theme &theme,
                  const Typography &type) {
  const double present = std::round(layout.axis.x(now));
  painter.setFont(type.tiny());
  painter.setPen(theme.dim);
  for (std::size_t c = 0; c < layout.columns.size(); ++c) {
    const QRectF &column = layout.columns[c];
    painter.drawText(QRectF(column.left(), layout.names.top(), column.width(), type.px(16)),
                     Qt::AlignRight | Qt::AlignVCenter, columnHead(c));
  }
  const QFontMetricsF names(type.name());
  for (std::size_t i = 0; i < reports.size(); ++i) {
    const QRectF row = layout.row(i);
    const analysis::ServiceReport &r = reports[i];
    painter.setFont(type.name());
    painter.setPen(theme.text);
    painter.drawText(
        QRectF(layout.names.left(), row.top(), layout.names.width(), row.height()),
        Qt::AlignLeft | Qt::AlignVCenter,
        names.elidedText(QString::fromStdString(r.name), Qt::ElideMiddle, layout.names.width()));
    const auto pieces = ribbonPieces(seen[i].ribbon, layout.axis);
    paintRibbon(painter, pieces, layout.bar(i), theme, type);
    if (!pieces.empty() && present < pieces.back().right)
      painter.fillRect(QRectF(QPointF(present, layout.bar(i).top()),
                              QPointF(pieces.back().right, layout.bar(i).bottom())),
                       veil(theme));
    for (std::size_t c = 0; c < layout.columns.size(); ++c) {
      painter.setFont(c == 0 ? type.name() : type.secondary());
      painter.setPen(c == 0 ? availabilityColour(r, theme) : theme.text);
      painter.drawText(
          QRectF(layout.columns[c].left(), row.top(), layout.columns[c].width(), row.height()),
          Qt::AlignRight | Qt::AlignVCenter, columnText(r, c));
    }
  }
  paintAxis(painter, layout.axis, layout.axisTop, layout.axisTop, type.px(72), theme, type);
}

// ---- export -----------------------------------------------------------------------------------

namespace {

void paintKey(QPainter &painter, const QRectF &line, const Theme &theme, const Typography &big) {
  const QFontMetricsF metrics(big.secondary());
  double x = line.left();
  for (const auto health : {ServiceHealth::Up, ServiceHealth::Degraded, ServiceHealth::Down}) {
    const QRectF swatch(x, line.top() + line.height() * 0.15, big.px(26), line.height() * 0.7);
    paintRibbon(painter, {{swatch.left(), swatch.right(), health}}, swatch, theme, big);
    x = swatch.right() + big.px(6);
    painter.setFont(big.secondary());
    painter.setPen(theme.text);
    const QString word = healthWord(health);
    painter.drawText(QRectF(x, line.top(), metrics.horizontalAdvance(word) + 1, line.height()),
                     Qt::AlignVCenter, word);
    x += metrics.horizontalAdvance(word) + big.px(18);
  }
  const QString unit = QCoreApplication::translate("Services", "simulated time (s)");
  painter.setPen(theme.dim);
  painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter, unit);
}

} // namespace

Figure uptimeFigure(std::vector<analysis::ServiceReport> reports, SimTime from, SimTime to) {
  Figure figure;
  figure.id = QStringLiteral("uptime");
  figure.title = QCoreApplication::translate("Services", "Uptime, as clients saw it");
  figure.csv = [reports] { return QByteArray::fromStdString(analysis::servicesCsv(reports)); };
  figure.paint = [reports = std::move(reports), from, to, title = figure.title](
                     QPainter &painter, QSizeF size, const Theme &theme, const Typography &type) {
    const Typography big = slideType(size, type);
    QRectF frame = paintSlideFrame(painter, size, title, {}, theme, big);
    const double key = QFontMetricsF(big.secondary()).height() + big.px(4);
    const RibbonLayout layout = layoutRibbons(frame.adjusted(0, 0, 0, -key - big.px(8)),
                                              reports.size(), from, to, reports, big);
    paintRibbons(painter, layout, reports, reports, to, theme, big);
    const double keyTop = std::min(layout.axisTop + big.px(30), frame.bottom() - key);
    paintKey(painter, QRectF(frame.left(), keyTop, frame.width(), key), theme, big);
  };
  return figure;
}

} // namespace packetarium::ui
