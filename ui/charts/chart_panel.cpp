// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/charts/chart_panel.h"

#include "ui/widgets/format.h"

#include <QContextMenuEvent>
#include <QFontMetricsF>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QTimer>

#include <algorithm>

namespace packetarium::ui {
namespace {

constexpr int shortestName = 28; // px; with less one cannot tell names apart

} // namespace

ChartPanel::ChartPanel(const ThemeHub &hub, QWidget *parent) : QWidget(parent), m_hub(hub) {
  setMouseTracking(true);
  connect(&hub, &ThemeHub::changed, this, [this] {
    m_stale = true;
    updateGeometry();
    update();
  });
}

void ChartPanel::setData(ChartData data) {
  const bool renamed = data.title != m_data.title || data.help != m_data.help;
  m_data = std::move(data);
  m_stale = true;
  if (renamed) {
    setAccessibleName(m_data.title);
    setToolTip(m_data.help + QLatin1Char('\n') + tr("Click to go to that moment."));
  }
  update();
}

void ChartPanel::setMoments(SimTime now, std::optional<SimTime> pointed) {
  if (now == m_now && pointed == m_pointed) return;
  m_now = now;
  m_pointed = pointed;
  update();
}

QSize ChartPanel::minimumSizeHint() const {
  const Typography &type = m_hub.typography();
  return {type.px(150), type.px(84)};
}

double ChartPanel::headHeight() const { return m_hub.typography().px(20); }

QRectF ChartPanel::plotRect() const { return m_picture.plotArea().translated(0, headHeight()); }

double ChartPanel::xOf(SimTime t) const {
  const QRectF area = plotRect();
  const double from = m_data.x(m_data.from), to = m_data.x(m_data.to);
  return area.left() + (m_data.x(t) - from) / (to - from) * area.width();
}

std::optional<SimTime> ChartPanel::timeAt(double x) const {
  const QRectF area = plotRect();
  if (area.isEmpty() || x < area.left() - 1 || x > area.right() + 1) return std::nullopt;
  const double share = std::clamp((x - area.left()) / area.width(), 0.0, 1.0);
  const double from = m_data.x(m_data.from), to = m_data.x(m_data.to);
  return m_data.time(from + share * (to - from));
}

// ---- painting ---------------------------------------------------------------------------------

void ChartPanel::draw() {
  m_stale = false;
  const QSize size(width(), std::max(1, height() - static_cast<int>(headHeight())));
  m_data.fitHeight(ChartPicture::stepsFor(size, m_hub.typography()));
  m_image = m_picture.plot(m_data, size, devicePixelRatioF(), m_hub.theme(), m_hub.typography());
  if (!m_isResized) return;
  // Qt Charts moves its axes only after the first picture of a new size.
  m_isResized = false;
  QTimer::singleShot(0, this, [this] {
    m_stale = true;
    update();
  });
}

void ChartPanel::paintEvent(QPaintEvent *) {
  if (m_stale) draw();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.drawImage(QPointF(0, headHeight()), m_image);
  paintHead(painter);
  paintCrosshair(painter);
}

void ChartPanel::paintHead(QPainter &painter) {
  const Theme &theme = m_hub.theme();
  const Typography &type = m_hub.typography();
  const QRectF head(0, 0, width() - type.px(4), headHeight());
  painter.setFont(type.name());
  painter.setPen(theme.text);
  const QFontMetricsF names(type.name());
  const QString title = names.elidedText(m_data.title, Qt::ElideRight, head.width());
  painter.drawText(head, Qt::AlignLeft | Qt::AlignVCenter, title);
  const double left = head.left() + names.horizontalAdvance(title) + type.px(12);
  paintLegend(painter, QRectF(left, 0, head.right() - left, head.height()));
}

// Names, values and the unit, from the right; as much of it as there is room for.
void ChartPanel::paintLegend(QPainter &painter, const QRectF &box) {
  const Theme &theme = m_hub.theme();
  const Typography &type = m_hub.typography();
  const QFontMetricsF metrics(type.tiny());
  struct Piece {
    QString text;
    QColor ink;
    bool isSwatch = false;
    double after = 0;
  };
  const double gap = type.px(10), inner = type.px(4), swatch = type.px(10);
  const auto pieces = [&](double nameRoom, bool withTime) {
    std::vector<Piece> out;
    const double at = m_data.x(readingTime());
    for (const ChartLine &line : m_data.lines) {
      const QColor hue = theme.series[line.colour % theme.series.size()];
      if (m_data.lines.size() > 1) out.push_back({{}, hue, true, inner});
      const QString name = metrics.elidedText(line.name, Qt::ElideMiddle, nameRoom);
      if (nameRoom > 0 && !name.isEmpty()) out.push_back({name, theme.dim, false, inner});
      const auto value = line.at(at);
      out.push_back({value ? formatNumber(*value) : QStringLiteral("–"), theme.text, false, gap});
    }
    if (!out.empty()) out.back().after = inner;
    out.push_back({m_data.unit, theme.dim, false, gap});
    if (const ChartBin *bin = m_pointed ? m_data.binAt(at) : nullptr)
      out.push_back(
          {QStringLiteral("%1 %2").arg(bin->count).arg(m_data.binUnit), theme.dim, false, gap});
    if (withTime && m_pointed)
      out.push_back({formatTimeShort(m_pointed->ns()), theme.dim, false, 0});
    out.back().after = 0;
    return out;
  };
  const auto widthOf = [&](const Piece &piece) {
    return (piece.isSwatch ? swatch : metrics.horizontalAdvance(piece.text)) + piece.after;
  };
  const auto total = [&](const std::vector<Piece> &all) {
    double sum = 0;
    for (const Piece &piece : all) sum += widthOf(piece);
    return sum;
  };
  const double whole = box.width();
  std::vector<Piece> all = pieces(whole, true);
  if (total(all) > whole) all = pieces(whole, false);
  if (total(all) > whole) {
    // Shortened names still tell the lines apart; without any one has to guess.
    const double spare = whole - total(pieces(0, false));
    const double each = spare / std::max<double>(1, double(m_data.lines.size())) - inner;
    all = pieces(each >= type.px(shortestName) ? each : 0, false);
  }
  if (total(all) > box.width()) all = {{m_data.unit, theme.dim, false, 0}};
  painter.setFont(type.tiny());
  double x = box.right() - total(all);
  for (const Piece &piece : all) {
    if (piece.isSwatch) {
      painter.setPen(QPen(piece.ink, 2));
      painter.drawLine(QPointF(x, box.center().y() + 0.5),
                       QPointF(x + swatch, box.center().y() + 0.5));
    } else {
      painter.setPen(piece.ink);
      painter.drawText(
          QRectF(x, box.top(), metrics.horizontalAdvance(piece.text) + 1, box.height()),
          Qt::AlignVCenter | Qt::AlignLeft, piece.text);
    }
    x += widthOf(piece);
  }
}

void ChartPanel::paintCrosshair(QPainter &painter) {
  const Theme &theme = m_hub.theme();
  const QRectF area = plotRect();
  const auto vertical = [&](SimTime t, const QPen &pen) {
    const double x = std::round(xOf(t)) + 0.5;
    if (x < area.left() - 1 || x > area.right() + 1) return false;
    painter.setPen(pen);
    painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
    return true;
  };
  vertical(m_now, QPen(theme.accent, 1, Qt::DashLine));
  if (!m_pointed || !vertical(*m_pointed, QPen(theme.dim, 1))) return;
  for (const ChartLine &line : m_data.lines) {
    const auto value = line.at(m_data.x(*m_pointed));
    if (!value || m_data.yMax <= 0) continue;
    const double y = area.bottom() - *value / m_data.yMax * area.height();
    painter.setPen(QPen(theme.panel, 1));
    painter.setBrush(theme.series[line.colour % theme.series.size()]);
    painter.drawEllipse(QPointF(xOf(*m_pointed), y), 3, 3);
  }
}

// ---- input ------------------------------------------------------------------------------------

void ChartPanel::resizeEvent(QResizeEvent *) {
  m_stale = true;
  m_isResized = true;
}

void ChartPanel::mouseMoveEvent(QMouseEvent *event) {
  const auto at = timeAt(event->position().x());
  setCursor(at ? Qt::CrossCursor : Qt::ArrowCursor);
  if (at)
    Q_EMIT pointed(*at);
  else
    Q_EMIT pointerLeft();
}

void ChartPanel::mousePressEvent(QMouseEvent *event) {
  if (event->button() != Qt::LeftButton) return event->ignore();
  if (const auto at = timeAt(event->position().x())) Q_EMIT chosen(*at);
}

void ChartPanel::leaveEvent(QEvent *) { Q_EMIT pointerLeft(); }

void ChartPanel::contextMenuEvent(QContextMenuEvent *event) {
  auto *menu = new QMenu(this);
  menu->setAttribute(Qt::WA_DeleteOnClose);
  connect(menu->addAction(tr("Export “%1” …").arg(m_data.title)), &QAction::triggered, this,
          &ChartPanel::exportWanted);
  menu->popup(event->globalPos());
}

} // namespace packetarium::ui
