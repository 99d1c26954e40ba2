// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/chart_picture.h"

#include "ui/charts/figure.h"
#include "ui/widgets/format.h"

#include <QAreaSeries>
#include <QChart>
#include <QCoreApplication>
#include <QFontMetricsF>
#include <QGraphicsLayout>
#include <QGraphicsScene>
#include <QLineSeries>
#include <QPainter>
#include <QValueAxis>

#include <algorithm>
#include <cmath>

namespace packetarium::ui {
namespace {

// Digits that a step of the axis needs behind the point.
int decimalsOf(double step) {
  int decimals = 0;
  while (decimals < 6 && std::abs(step - std::round(step)) > step * 1e-6) {
    step *= 10;
    ++decimals;
  }
  return decimals;
}

constexpr double barsShare = 0.3; // of the plot's height, for the tallest bar

double plotX(const ChartData &data, const QRectF &area, double x) {
  const double from = data.x(data.from), to = data.x(data.to);
  return area.left() + (x - from) / (to - from) * area.width();
}

// Faint bars on the ground of the plot, each with its count where there is room for it.
void paintBars(QPainter &painter, const QRectF &area, const ChartData &data, const Theme &theme,
               const Typography &type) {
  std::size_t most = 1;
  for (const ChartBin &bin : data.bins) most = std::max(most, bin.count);
  QColor ground = theme.dim;
  ground.setAlphaF(0.18F);
  const QFontMetricsF metrics(type.tiny());
  painter.setFont(type.tiny());
  for (const ChartBin &bin : data.bins) {
    if (bin.count == 0) continue;
    const double left = plotX(data, area, bin.from) + 1, right = plotX(data, area, bin.to) - 1;
    const double height =
        barsShare * area.height() * static_cast<double>(bin.count) / static_cast<double>(most);
    painter.fillRect(QRectF(left, area.bottom() - height, right - left, height), ground);
    const QString count = QString::number(bin.count);
    if (metrics.horizontalAdvance(count) + 2 > right - left) continue;
    painter.setPen(theme.dim);
    painter.drawText(QRectF(left, area.bottom() - metrics.height(), right - left, metrics.height()),
                     Qt::AlignCenter, count);
  }
}

// From the least to the most that the measured value may stand for.
void paintWhiskers(QPainter &painter, const QRectF &area, const ChartData &data, const Theme &theme,
                   const Typography &type) {
  if (data.lines.empty() || data.yMax <= 0) return;
  const QColor &hue = theme.series[data.lines.front().colour % theme.series.size()];
  const double half = type.px(3);
  for (const ChartBin &bin : data.bins) {
    if (bin.count == 0) continue;
    const double x = plotX(data, area, (bin.from + bin.to) / 2);
    const auto y = [&](double value) {
      return area.bottom() - std::min(value / data.yMax, 1.0) * area.height();
    };
    painter.setPen(QPen(hue, 1));
    painter.drawLine(QPointF(x, y(bin.low)), QPointF(x, y(bin.high)));
    for (const double end : {bin.low, bin.high})
      painter.drawLine(QPointF(x - half, y(end)), QPointF(x + half, y(end)));
    for (const QPointF &p : data.lines.front().points) {
      if (p.x() < bin.from || p.x() >= bin.to) continue;
      painter.setPen(Qt::NoPen);
      painter.setBrush(hue);
      painter.drawEllipse(QPointF(x, y(p.y())), half, half);
    }
  }
}

double timeStep(const ChartData &data, double width, double labelWidth) {
  const double span = data.x(data.to) - data.x(data.from);
  const double labels = std::clamp(width / (labelWidth * 2.2), 1.0, 8.0);
  return roundStep(span / labels * 0.999);
}

} // namespace

struct ChartPicture::Scene {
  QGraphicsScene scene;
  QChart *chart = new QChart; // the scene's
  QValueAxis *x = new QValueAxis(chart), *y = new QValueAxis(chart);
  struct Line {
    QLineSeries *line = nullptr;
    QLineSeries *ground = nullptr;
    QAreaSeries *area = nullptr;
    std::size_t colour = 0;
  };
  std::vector<Line> lines;
  QRectF area;

  Scene() {
    scene.addItem(chart);
    chart->setBackgroundVisible(false);
    chart->legend()->hide();
    chart->setMargins({});
    chart->layout()->setContentsMargins(0, 0, 0, 0);
    chart->addAxis(x, Qt::AlignBottom);
    chart->addAxis(y, Qt::AlignLeft);
    for (QValueAxis *axis : {x, y}) axis->setTickType(QValueAxis::TicksDynamic);
    x->setGridLineVisible(false);
    y->setLineVisible(false);
  }

  void fit(const ChartData &data) {
    const bool same = lines.size() == data.lines.size() &&
                      std::equal(lines.begin(), lines.end(), data.lines.begin(),
                                 [](const Line &a, const auto &b) {
                                   return (a.area != nullptr) == b.filled && a.colour == b.colour;
                                 });
    if (!same) {
      chart->removeAllSeries();
      lines.clear();
      for (const ChartLine &wanted : data.lines) lines.push_back(makeLine(wanted));
    }
    for (std::size_t i = 0; i < lines.size(); ++i) {
      lines[i].line->replace(data.lines[i].points);
      if (lines[i].ground == nullptr) continue;
      lines[i].ground->replace(data.lines[i].points);
    }
  }

  Line makeLine(const ChartLine &wanted) {
    Line line;
    line.colour = wanted.colour;
    const auto attach = [&](QAbstractSeries *series) {
      chart->addSeries(series);
      series->attachAxis(x);
      series->attachAxis(y);
    };
    if (wanted.filled) {
      line.ground = new QLineSeries;
      line.area = new QAreaSeries(line.ground);
      line.ground->setParent(line.area);
      attach(line.area);
    }
    line.line = new QLineSeries;
    attach(line.line);
    return line;
  }

  void dress(const ChartData &data, const Theme &theme, const Typography &type, double lineWidth) {
    for (const Line &line : lines) {
      const QColor &colour = theme.series[line.colour % theme.series.size()];
      QPen pen(colour, lineWidth);
      pen.setJoinStyle(Qt::RoundJoin);
      line.line->setPen(pen);
      if (line.area == nullptr) continue;
      QColor ground = colour;
      ground.setAlphaF(0.16F);
      line.area->setPen(Qt::NoPen);
      line.area->setBrush(ground);
    }
    for (QValueAxis *axis : {x, y}) {
      axis->setLabelsFont(type.tiny());
      axis->setLabelsColor(theme.dim);
      axis->setGridLinePen(QPen(theme.line, 1));
      axis->setLinePen(QPen(theme.line, 1));
    }
    x->setRange(data.x(data.from), data.x(data.to));
    y->setRange(0, data.yMax);
    y->setTickAnchor(0);
    y->setTickInterval(data.yStep);
    y->setLabelFormat(QStringLiteral("%.%1f").arg(decimalsOf(data.yStep)));
  }

  // Lays the plot out by hand, so that charts beside one another stand on one line.
  void place(const ChartData &data, QSizeF size, const Typography &type) {
    const QFontMetricsF metrics(type.tiny());
    const QString widest = QString::number(data.yMax, 'f', decimalsOf(data.yStep));
    const double left =
        std::max<double>(metrics.horizontalAdvance(widest) + type.px(18), type.px(36));
    const double bottom = metrics.height() + type.px(8);
    const double top = metrics.height() / 2;
    // The last label is written with the decimals of the step, and the step depends on its width.
    QString last = QString::number(data.x(data.to)) + QLatin1Char(' ') + data.timeUnit;
    double step = timeStep(data, size.width() - left, metrics.horizontalAdvance(last));
    last =
        QString::number(data.x(data.to), 'f', decimalsOf(step)) + QLatin1Char(' ') + data.timeUnit;
    const double right = metrics.horizontalAdvance(last) / 2 + type.px(3);
    area = QRectF(left, top, std::max(10.0, size.width() - left - right),
                  std::max(10.0, size.height() - top - bottom));
    step = timeStep(data, area.width(), metrics.horizontalAdvance(last));
    x->setTickAnchor(0);
    x->setTickInterval(step);
    x->setLabelFormat(QStringLiteral("%.%1f ").arg(decimalsOf(step)) + data.timeUnit);
    chart->resize(size);
    scene.setSceneRect(QRectF(QPointF(0, 0), size));
    chart->setPlotArea(area);
    chart->layout()->activate();
  }
};

ChartPicture::ChartPicture() = default;
ChartPicture::~ChartPicture() = default;
ChartPicture::ChartPicture(ChartPicture &&) noexcept = default;
ChartPicture &ChartPicture::operator=(ChartPicture &&) noexcept = default;

int ChartPicture::stepsFor(QSize size, const Typography &type) {
  // Qt Charts leaves a margin about each label, and writes "…" where it has no room for it.
  const double line = QFontMetricsF(type.tiny()).height();
  const double label = line + 11;
  return std::clamp(static_cast<int>((size.height() - 1.5 * line - type.px(8)) / label), 1, 5);
}

QRectF ChartPicture::plotArea() const { return m_scene ? m_scene->area : QRectF(); }

void ChartPicture::render(QPainter &painter, const QRectF &box, const ChartData &data,
                          const Theme &theme, const Typography &type) {
  if (!m_scene) m_scene = std::make_unique<Scene>();
  m_scene->fit(data);
  m_scene->dress(data, theme, type, 1.5 * type.scale());
  m_scene->place(data, box.size(), type);
  const QRectF area = m_scene->area.translated(box.topLeft());
  paintBars(painter, area, data, theme, type);
  m_scene->scene.render(&painter, box, QRectF(QPointF(0, 0), box.size()));
  paintWhiskers(painter, area, data, theme, type);
}

QImage ChartPicture::plot(const ChartData &data, QSize size, double dpr, const Theme &theme,
                          const Typography &type) {
  QImage image(size * dpr, QImage::Format_ARGB32_Premultiplied);
  image.setDevicePixelRatio(dpr);
  image.fill(Qt::transparent);
  QPainter painter(&image);
  painter.setRenderHint(QPainter::Antialiasing);
  render(painter, QRectF(QPointF(0, 0), QSizeF(size)), data, theme, type);
  return image;
}

QImage ChartPicture::slide(const ChartData &data, QSize pixels, const Theme &theme,
                           const Typography &type) {
  QImage image(pixels, QImage::Format_RGB32);
  QPainter painter(&image);
  paintSlide(painter, QSizeF(pixels), data, theme, type);
  return image;
}

void ChartPicture::paintSlide(QPainter &painter, QSizeF size, const ChartData &data,
                              const Theme &theme, const Typography &type) {
  const Typography big = slideType(size, type);
  paintSlideFrame(painter, size, data.title, {}, theme, big);
  const double margin = big.px(20);
  const QRectF frame = QRectF(QPointF(0, 0), size).adjusted(margin, margin, -margin, -margin);
  const double titleHeight = QFontMetricsF(big.title()).height();
  // The legend, from the right.
  painter.setFont(big.secondary());
  const QFontMetricsF metrics(big.secondary());
  double right = frame.right();
  for (auto line = data.lines.rbegin(); line != data.lines.rend(); ++line) {
    if (line->name.isEmpty()) continue;
    const double width = metrics.horizontalAdvance(line->name);
    painter.setPen(theme.text);
    painter.drawText(QRectF(right - width, frame.top(), width + 1, titleHeight),
                     Qt::AlignVCenter | Qt::AlignLeft, line->name);
    right -= width + big.px(6);
    painter.setPen(QPen(theme.series[line->colour % theme.series.size()], big.px(2)));
    const double y = frame.top() + titleHeight / 2;
    painter.drawLine(QPointF(right - big.px(14), y), QPointF(right, y));
    right -= big.px(14) + big.px(16);
  }
  // The names of the axes stand at their ends.
  const double axisHeight = metrics.height();
  const double plotTop = frame.top() + titleHeight + big.px(6) + axisHeight + big.px(2);
  painter.setPen(theme.dim);
  painter.drawText(
      QRectF(frame.left(), plotTop - axisHeight - big.px(2), frame.width(), axisHeight),
      Qt::AlignLeft | Qt::AlignVCenter, data.unit);
  const double plotBottom = frame.bottom() - axisHeight;
  painter.drawText(QRectF(frame.left(), plotBottom, frame.width(), axisHeight),
                   Qt::AlignRight | Qt::AlignVCenter,
                   QCoreApplication::translate("Chart", "simulated time (%1)").arg(data.timeUnit));
  const QRectF plot(QPointF(frame.left(), plotTop),
                    QSizeF(std::floor(frame.width()), std::floor(plotBottom - plotTop)));
  if (plot.height() <= 10 || plot.width() <= 10) return;
  ChartPicture picture;
  ChartData fitted = data;
  fitted.fitHeight(stepsFor(plot.size().toSize(), big));
  picture.render(painter, plot, fitted, theme, big);
}

} // namespace packetarium::ui
