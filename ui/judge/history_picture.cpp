// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/judge/history_picture.h"

#include "ui/judge/verdict_words.h"
#include "ui/timeline/axis_paint.h"
#include "ui/widgets/format.h"

#include <QCoreApplication>
#include <QFontMetricsF>
#include <QPainterPath>

#include <algorithm>
#include <array>
#include <cmath>

namespace packetarium::ui {
namespace {

QString historyTr(const char *text) { return QCoreApplication::translate("Judge", text); }

bool isStale(const HistoryShown &shown, std::size_t operation) {
  const auto *mark = markOf(*shown.judged, operation);
  return mark != nullptr && mark->freshness == analysis::Freshness::Stale;
}

QColor veilOver(const Theme &theme) {
  QColor colour = theme.panel;
  colour.setAlphaF(0.62F);
  return colour;
}

// Slanted strokes, cut by hand: SVG files know no clip.
void paintHatch(QPainter &painter, const QRectF &box, const QColor &ink) {
  painter.setPen(QPen(ink, 1));
  const double h = box.height();
  for (double x = std::floor((box.left() - h) / 5) * 5; x < box.right(); x += 5) {
    const double from = std::max(x, box.left()), to = std::min(x + h, box.right());
    if (to > from)
      painter.drawLine(QPointF(from, box.bottom() - (from - x)),
                       QPointF(to, box.bottom() - (to - x)));
  }
}

void paintBands(QPainter &painter, const HistoryLayout &layout, const HistoryShown &shown,
                const Theme &theme, const Typography &type) {
  const TimeAxis &axis = layout.axis;
  const double right = axis.left + axis.width, bottom = layout.axisTop;
  const QFontMetricsF metrics(type.tiny());
  painter.setFont(type.tiny());
  double taken = axis.left;
  for (const HistoryBand &band : shown.bands) {
    if (band.to <= axis.from || band.from >= axis.to) continue;
    const double from = std::max(axis.left, axis.x(band.from));
    const double to = std::min(right, std::max(axis.x(band.to), from + 2));
    const QColor ink = band.hard ? theme.bad : theme.warn;
    QColor ground = band.hard ? theme.badSoft : theme.warnSoft;
    ground.setAlphaF(0.55F);
    painter.fillRect(QRectF(from, layout.bands, to - from, bottom - layout.bands), ground);
    painter.setPen(QPen(ink, 1, Qt::DotLine));
    for (const double x : {from, to})
      if (x > axis.left && x < right)
        painter.drawLine(QPointF(x, layout.bands), QPointF(x, bottom));
    const double left = std::max(from + type.px(4), taken);
    const double room = right - left - type.px(2);
    if (room < type.px(30)) continue;
    const QString words = metrics.elidedText(band.label, Qt::ElideRight, room);
    painter.setPen(ink);
    painter.drawText(QRectF(left, layout.bands, room, layout.top - layout.bands),
                     Qt::AlignLeft | Qt::AlignVCenter, words);
    taken = left + metrics.horizontalAdvance(words) + type.px(10);
  }
}

// One bar without its words.
void paintBar(QPainter &painter, const HistoryBar &bar, const HistoryShown &shown,
              const HistoryMarks &marks, const Theme &theme) {
  const judge::Operation &o = shown.judged->history.operations[bar.operation];
  const bool stale = isStale(shown, bar.operation);
  const bool bad = shown.offending.count(bar.operation) != 0;
  const QColor hue = operationColour(o.kind, theme);
  const QColor line = bad ? theme.bad : stale ? theme.warn : hue;
  const bool refused = o.outcome == judge::Outcome::Fail;
  const bool doubtful = o.outcome == judge::Outcome::Info;
  const bool lit = marks.hovered == bar.operation || marks.chosen == bar.operation;
  const QRectF box = bar.box.adjusted(0.5, 0.5, -0.5, -0.5);
  const double radius = std::min({3.0, box.width() / 2, box.height() / 2});
  painter.setBrush(refused ? theme.panel : mix(hue, theme.panel, lit ? 0.42 : 0.24));
  painter.setPen(
      QPen(line, bad || lit ? 1.8 : 1, refused || doubtful ? Qt::DashLine : Qt::SolidLine));
  if (bar.box.width() < 5 && !refused) painter.setBrush(line);
  painter.drawRoundedRect(box, radius, radius);
  if (stale && box.width() >= 6) paintHatch(painter, box.adjusted(1, 1, -1, -1), theme.warn);
  if (bar.count > 1 && box.width() >= 3) {
    painter.setPen(QPen(line, 1));
    painter.drawLine(QPointF(box.left(), box.bottom() + 2), QPointF(box.right(), box.bottom() + 2));
  }
  if (refused && box.width() >= 10) {
    const QPointF c(box.left() + 7, box.center().y());
    painter.setPen(QPen(theme.bad, 1.5));
    painter.drawLine(c + QPointF(-2.5, -2.5), c + QPointF(2.5, 2.5));
    painter.drawLine(c + QPointF(-2.5, 2.5), c + QPointF(2.5, -2.5));
  }
  if (bar.open) { // it goes on: three dots instead of an end
    painter.setPen(Qt::NoPen);
    painter.setBrush(line);
    for (const double dx : {4.0, 8.0, 12.0})
      if (box.width() > 20)
        painter.drawEllipse(QPointF(box.right() - dx, box.center().y()), 1.1, 1.1);
  }
}

// Its words within the bar, or in the free room behind it.
void paintBarWords(QPainter &painter, const HistoryLayout &layout, const HistoryBar &whole,
                   const HistoryShown &shown, const Theme &theme, const Typography &type) {
  if (whole.count > 1) return;
  HistoryBar bar = whole; // what of it is in sight
  bar.box.setLeft(std::max(bar.box.left(), layout.axis.left));
  const judge::Operation &o = shown.judged->history.operations[bar.operation];
  const QFontMetricsF metrics(type.tiny());
  const double pad = type.px(4);
  const double lead = o.outcome == judge::Outcome::Fail && bar.box.width() >= 10 ? type.px(9) : 0;
  const double inside = bar.box.width() - 2 * pad - lead - (bar.open ? type.px(12) : 0);
  const double behind = bar.free - 2 * pad;
  for (const LabelSize size : {LabelSize::Full, LabelSize::Short}) {
    if (shown.oneKey && size == LabelSize::Full) continue;
    const QString words = operationLabel(o, size);
    const double wide = metrics.horizontalAdvance(words) + 1;
    const bool within = wide <= inside;
    if (!within && wide > behind) continue;
    const double left = within ? bar.box.left() + pad + lead : bar.box.right() + pad;
    const QRectF box(left, bar.box.top(), wide, bar.box.height());
    if (within && isStale(shown, bar.operation)) // a plate, so that the hatch leaves them legible
      painter.fillRect(box.adjusted(-2, 2, 2, -2),
                       mix(operationColour(o.kind, theme), theme.panel, 0.24));
    painter.setFont(type.tiny());
    const bool bad = shown.offending.count(bar.operation) != 0;
    painter.setPen(within ? theme.text : bad ? theme.bad : theme.dim);
    painter.drawText(box, Qt::AlignLeft | Qt::AlignVCenter, words);
    return;
  }
}

void paintDiamond(QPainter &painter, QPointF at, double r, const QColor &fill, const QColor &line) {
  painter.setPen(QPen(line, 1));
  painter.setBrush(fill);
  painter.drawPolygon(QPolygonF(
      {at + QPointF(0, -r), at + QPointF(r, 0), at + QPointF(0, r), at + QPointF(-r, 0)}));
}

// Which row an operation stands in, and where on the axis.
class PointPlaces {
public:
  PointPlaces(const HistoryLayout &layout, const HistoryShown &shown)
      : m_layout(layout), m_rows(shown.judged->history.operations.size(), none) {
    for (std::size_t r = 0; r < shown.rows.size(); ++r)
      for (const std::size_t o : shown.rows[r].operations) m_rows[o] = r;
  }
  std::optional<QPointF> of(const EffectPoint &point) const {
    const std::size_t row = m_rows[point.operation];
    if (row == none) return std::nullopt;
    return QPointF(m_layout.axis.x(point.at), m_layout.row(row).center().y());
  }

private:
  static constexpr std::size_t none = ~std::size_t{0};
  const HistoryLayout &m_layout;
  std::vector<std::size_t> m_rows;
};

void paintPoints(QPainter &painter, const HistoryLayout &layout, const HistoryShown &shown,
                 const HistoryMarks &marks, const Theme &theme) {
  const PointPlaces places(layout, shown);
  const double right = layout.axis.left + layout.axis.width;
  const double reach = layout.barHeight / 2 + 2;
  double last = -1e9;
  for (const EffectPoint &point : shown.points) {
    const judge::Operation &o = shown.judged->history.operations[point.operation];
    if (marks.upTo != 0 && o.invokeRecord > marks.upTo) continue;
    const auto at = places.of(point);
    if (!at || at->x() < layout.axis.left - 1 || at->x() > right + 1) continue;
    if (std::abs(at->x() - last) < 1 && shown.points.size() > 400) continue;
    last = at->x();
    painter.setPen(QPen(theme.text, 1.4));
    painter.drawLine(*at - QPointF(0, reach), *at + QPointF(0, reach));
  }
}

// The order as a path from effect to effect, numbered.
void paintPrefix(QPainter &painter, const HistoryLayout &layout, const HistoryShown &shown,
                 const std::vector<std::size_t> &prefix, const Theme &theme,
                 const Typography &type) {
  const PointPlaces places(layout, shown);
  const double left = layout.axis.left - 40, right = layout.axis.left + layout.axis.width + 40;
  QPolygonF path;
  std::vector<int> numbers;
  int number = 0;
  for (const EffectPoint &point : effectPoints(shown.judged->history, prefix)) {
    ++number;
    const auto at = places.of(point);
    if (!at || at->x() < left || at->x() > right) continue;
    path << *at;
    numbers.push_back(number);
  }
  painter.save();
  painter.setClipRect(
      QRectF(layout.axis.left, layout.bands, layout.axis.width, layout.axisTop - layout.bands));
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(theme.accent, 1.6, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
  painter.drawPolyline(path);
  const QFontMetricsF metrics(type.tiny());
  painter.setFont(type.tiny());
  double free = -1e9;
  for (qsizetype i = 0; i < path.size(); ++i) {
    paintDiamond(painter, path[i], 4, theme.accent, theme.panel);
    const QString words = QString::number(numbers[static_cast<std::size_t>(i)]);
    const double wide = metrics.horizontalAdvance(words);
    if (path[i].x() - wide / 2 < free) continue;
    const QRectF box(path[i].x() - wide / 2 - 2, path[i].y() - layout.rowHeight / 2 - 1, wide + 4,
                     metrics.ascent());
    painter.fillRect(box, theme.panel);
    painter.setPen(theme.accent);
    painter.drawText(box, Qt::AlignCenter, words);
    free = path[i].x() + wide / 2 + type.px(4);
  }
  painter.restore();
}

} // namespace

void paintHistoryTimes(QPainter &painter, const HistoryLayout &layout, const Theme &theme,
                       const Typography &type) {
  paintAxis(painter, layout.axis, layout.top, layout.axisTop, type.px(80), theme, type);
}

namespace {

void paintNames(QPainter &painter, const HistoryLayout &layout, const HistoryShown &shown,
                const Theme &theme, const Typography &type) {
  const QFontMetricsF metrics(type.secondary());
  painter.setFont(type.secondary());
  for (std::size_t i = 0; i < shown.rows.size(); ++i) {
    const QRectF row = layout.row(i);
    painter.setPen(QPen(theme.line, 1));
    painter.drawLine(QPointF(layout.axis.left, row.bottom() + 0.5),
                     QPointF(row.right(), row.bottom() + 0.5));
    painter.setPen(theme.text);
    painter.drawText(QRectF(layout.names.left(), row.top(), layout.names.width(), row.height()),
                     Qt::AlignLeft | Qt::AlignVCenter,
                     metrics.elidedText(shown.rows[i].name, Qt::ElideMiddle, layout.names.width()));
  }
}

} // namespace

QColor operationColour(judge::OperationKind kind, const Theme &theme) {
  switch (kind) {
  case judge::OperationKind::Write: return theme.tcp;
  case judge::OperationKind::Read: return theme.ip;
  case judge::OperationKind::Cas: return theme.tls;
  case judge::OperationKind::Append: break;
  }
  return theme.cluster;
}

HistoryShown historyShown(std::shared_ptr<const Judgement> all, const std::string &service,
                          const std::optional<std::string> &key) {
  HistoryShown shown;
  shown.all = std::move(all);
  shown.judged = shown.all->find(service);
  if (shown.judged == nullptr) return shown;
  shown.rows = historyRows(shown.judged->history, key);
  for (const judge::KeyVerdict &verdict : shown.judged->linearizability.keys) {
    if (key && verdict.key != *key) continue;
    if (verdict.verdict == judge::Verdict::Unknown) continue;
    const auto points = effectPoints(shown.judged->history, verdict.order);
    shown.points.insert(shown.points.end(), points.begin(), points.end());
    if (verdict.offending) shown.offending.insert(*verdict.offending);
  }
  for (const analysis::Light &light : shown.judged->lights)
    if (light.verdict == judge::Verdict::False && light.offending)
      shown.offending.insert(*light.offending);
  shown.oneKey = key.has_value() || judge::byKey(shown.judged->history).size() < 2;
  return shown;
}

std::vector<HistoryBar> barsOf(const HistoryLayout &layout, std::size_t row,
                               const HistoryShown &shown, trace::Sequence upTo) {
  return historyBars(layout, row, shown.rows[row], shown.judged->history, upTo,
                     [&](std::size_t operation) {
                       if (shown.offending.count(operation) != 0) return 3;
                       if (isStale(shown, operation)) return 2;
                       const auto &o = shown.judged->history.operations[operation];
                       return o.outcome == judge::Outcome::Ok ? 0 : 1;
                     });
}

void paintHistory(QPainter &painter, const HistoryLayout &layout, const HistoryShown &shown,
                  const HistoryMarks &marks, const Theme &theme, const Typography &type) {
  if (shown.judged == nullptr) return;
  paintHistoryTimes(painter, layout, theme, type);
  paintBands(painter, layout, shown, theme, type);
  paintNames(painter, layout, shown, theme, type);
  const QRectF plot(layout.axis.left, layout.bands, layout.axis.width,
                    layout.axisTop - layout.bands);
  painter.save();
  painter.setClipRect(plot);
  std::vector<bool> within(shown.judged->history.operations.size(), marks.prefix.empty());
  for (const std::size_t o : marks.prefix) within[o] = true;
  for (std::size_t i = 0; i < shown.rows.size(); ++i)
    for (const HistoryBar &bar : barsOf(layout, i, shown, marks.upTo)) {
      painter.setOpacity(within[bar.operation] || marks.chosen == bar.operation ? 1 : 0.35);
      paintBar(painter, bar, shown, marks, theme);
      paintBarWords(painter, layout, bar, shown, theme, type);
    }
  painter.setOpacity(1);
  if (marks.prefix.empty()) paintPoints(painter, layout, shown, marks, theme);
  painter.restore();
  if (!marks.prefix.empty()) paintPrefix(painter, layout, shown, marks.prefix, theme, type);
  if (marks.now && *marks.now < layout.axis.to) {
    const double x = std::max(layout.axis.left, std::round(layout.axis.x(*marks.now)));
    painter.fillRect(QRectF(x, layout.top, plot.right() - x, layout.axisTop - layout.top),
                     veilOver(theme));
  }
}

void paintHistoryKey(QPainter &painter, const QRectF &line, const Theme &theme,
                     const Typography &type) {
  const QFontMetricsF metrics(type.tiny());
  const double high = std::min(line.height() - 4, double(type.px(10))), wide = type.px(16);
  double x = line.left();
  painter.setFont(type.tiny());
  struct Sign {
    QString words;
    std::function<void(const QRectF &)> paint;
  };
  const auto bar = [&](const QColor &hue) {
    return [&painter, &theme, hue](const QRectF &box) {
      painter.setPen(QPen(hue, 1));
      painter.setBrush(mix(hue, theme.panel, 0.24));
      painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2);
    };
  };
  using Kind = judge::OperationKind;
  const std::array<Sign, 6> signs{
      Sign{historyTr("write"), bar(operationColour(Kind::Write, theme))},
      Sign{historyTr("read"), bar(operationColour(Kind::Read, theme))},
      Sign{historyTr("stale"),
           [&](const QRectF &box) {
             bar(theme.warn)(box);
             paintHatch(painter, box, theme.warn);
           }},
      Sign{historyTr("refused or in doubt"),
           [&](const QRectF &box) {
             painter.setPen(QPen(theme.text, 1, Qt::DashLine));
             painter.setBrush(Qt::NoBrush);
             painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2);
           }},
      Sign{historyTr("breaks a promise"),
           [&](const QRectF &box) {
             painter.setPen(QPen(theme.bad, 1.8));
             painter.setBrush(theme.badSoft);
             painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 2, 2);
           }},
      Sign{historyTr("took effect, in a legal order"), [&](const QRectF &box) {
             painter.setPen(QPen(theme.text, 1.4));
             painter.drawLine(QPointF(box.center().x(), box.top() - 1),
                              QPointF(box.center().x(), box.bottom() + 1));
           }}};
  for (const Sign &sign : signs) {
    const double room = metrics.horizontalAdvance(sign.words) + 1;
    if (x + wide + type.px(4) + room > line.right()) return;
    sign.paint(QRectF(x, line.center().y() - high / 2, wide, high));
    x += wide + type.px(4);
    painter.setPen(theme.dim);
    painter.drawText(QRectF(x, line.top(), room, line.height()), Qt::AlignVCenter, sign.words);
    x += room + type.px(12);
  }
}

// ---- export -----------------------------------------------------------------------------------

QByteArray historyCsv(const ServiceJudgement &judged) {
  QString out =
      QStringLiteral("process,f,key,argument,expected,result,outcome,invoked_s,returned_s,"
                     "freshness,stale_by_ms,versions_behind\n");
  const auto text = [](const judge::Value &value) {
    return value ? csvField(QString::fromStdString(*value)) : QString();
  };
  const auto view = [](std::string_view name) {
    return QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
  };
  for (std::size_t i = 0; i < judged.history.operations.size(); ++i) {
    const judge::Operation &o = judged.history.operations[i];
    QStringList fields{csvField(QString::fromStdString(o.process)),
                       view(judge::name(o.kind)),
                       csvField(QString::fromStdString(o.key)),
                       text(o.argument),
                       text(o.expected),
                       text(o.result),
                       view(judge::name(o.outcome)),
                       QString::number(o.invoked.toSeconds(), 'f', 9),
                       o.returned ? QString::number(o.returned->toSeconds(), 'f', 9) : QString()};
    const auto *mark = markOf(judged, i);
    const bool stale = mark != nullptr && mark->freshness == analysis::Freshness::Stale;
    fields << (mark == nullptr ? QString() : view(analysis::name(mark->freshness)))
           << (stale ? QString::number(mark->staleBy.toMs(), 'f', 6) : QString())
           << (stale ? QString::number(mark->versionsBehind) : QString());
    out += fields.join(QLatin1Char(',')) + QLatin1Char('\n');
  }
  return out.toUtf8();
}

Figure historyFigure(HistoryShown shown, SimTime from, SimTime to) {
  Figure figure;
  figure.id = QStringLiteral("history");
  figure.title = historyTr("What clients did, and what they saw");
  figure.csv = [shown] { return historyCsv(*shown.judged); };
  figure.paint = [shown = std::move(shown), from, to, title = figure.title](
                     QPainter &painter, QSizeF size, const Theme &theme, const Typography &type) {
    const Typography big = slideType(size, type);
    const QRectF frame = paintSlideFrame(painter, size, title,
                                         QString::fromStdString(shown.judged->service), theme, big);
    const double key = QFontMetricsF(big.tiny()).height() + big.px(6);
    TimeAxis axis;
    axis.end = axis.to = std::max(to, from + Duration::us(1));
    axis.from = from;
    const HistoryLayout layout =
        layoutHistory(frame.adjusted(0, 0, 0, -key), shown.rows, axis, big);
    paintHistory(painter, layout, shown, {}, theme, big);
    paintHistoryKey(painter, QRectF(frame.left(), frame.bottom() - key, frame.width(), key), theme,
                    big);
  };
  return figure;
}

} // namespace packetarium::ui
