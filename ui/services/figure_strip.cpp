// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/figure_strip.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QStringList>

#include <algorithm>
#include <cmath>

namespace packetarium::ui {
namespace {

constexpr double side = 12, gapX = 18, gapY = 4, captionHeight = 14, valueHeight = 16;

} // namespace

FigureStrip::FigureStrip(const ThemeHub &hub, QWidget *parent) : QWidget(parent), m_hub(hub) {
  QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
  setAccessibleName(tr("Figures of the service"));
  connect(&hub, &ThemeHub::changed, this, [this] {
    updateGeometry();
    update();
  });
}

void FigureStrip::setCells(std::vector<FigureCell> cells) {
  if (cells == m_cells) return;
  m_cells = std::move(cells);
  QStringList lines;
  for (const FigureCell &cell : m_cells) lines << cell.caption + QStringLiteral(": ") + cell.value;
  setAccessibleDescription(lines.join(QLatin1Char('\n')));
  updateGeometry();
  update();
}

std::vector<QRectF> FigureStrip::boxes(double width) const {
  const Typography &type = m_hub.typography();
  const QFontMetricsF tiny(type.tiny()), body(type.body());
  const double left = type.px(side), right = std::max(left + 1, width - left);
  const double high = type.px(captionHeight) + type.px(valueHeight);
  std::vector<QRectF> out;
  double x = left, y = 0;
  for (const FigureCell &cell : m_cells) {
    const double wanted =
        std::max(tiny.horizontalAdvance(cell.caption), body.horizontalAdvance(cell.value));
    const double wide = std::min(std::ceil(wanted) + 1, right - left);
    if (x > left && x + wide > right) {
      x = left;
      y += high + type.px(gapY);
    }
    out.emplace_back(x, y, wide, high);
    x += wide + type.px(gapX);
  }
  return out;
}

int FigureStrip::heightForWidth(int width) const {
  const auto all = boxes(width);
  return all.empty() ? 0 : static_cast<int>(std::ceil(all.back().bottom())) + 2;
}

QSize FigureStrip::sizeHint() const {
  const int wide = m_hub.typography().px(420);
  return {wide, heightForWidth(width() > 0 ? width() : wide)};
}

QSize FigureStrip::minimumSizeHint() const { return {m_hub.typography().px(120), 0}; }

void FigureStrip::paintEvent(QPaintEvent *) {
  QPainter painter(this);
  const Theme &theme = m_hub.theme();
  const Typography &type = m_hub.typography();
  const auto all = boxes(width());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const FigureCell &cell = m_cells[i];
    const QRectF caption(all[i].left(), all[i].top(), all[i].width(), type.px(captionHeight));
    const QRectF value(all[i].left(), caption.bottom(), all[i].width(), type.px(valueHeight));
    painter.setFont(type.tiny());
    painter.setPen(theme.dim);
    painter.drawText(caption, Qt::AlignLeft | Qt::AlignVCenter, cell.caption);
    painter.setFont(type.body());
    using Ink = FigureCell::Ink;
    painter.setPen(cell.ink == Ink::Good   ? theme.good
                   : cell.ink == Ink::Warn ? theme.warn
                   : cell.ink == Ink::Bad  ? theme.bad
                                           : theme.text);
    painter.drawText(
        value, Qt::AlignLeft | Qt::AlignVCenter,
        QFontMetricsF(type.body()).elidedText(cell.value, Qt::ElideRight, value.width()));
  }
}

} // namespace packetarium::ui
