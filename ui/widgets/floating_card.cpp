// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/floating_card.h"

#include "ui/theme/theme_hub.h"
#include "ui/widgets/paint.h"

#include <QMouseEvent>
#include <QPainter>

namespace packetarium::ui {

namespace {

// Rings of falling strength read as a soft shadow at a fraction of a blur's cost.
void paintShadow(QPainter &painter, const QRectF &frame, double radius, const QColor &tone) {
  constexpr int reach = 10;
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setBrush(Qt::NoBrush);
  for (int ring = 1; ring <= reach; ++ring) {
    const double left = 1.0 - static_cast<double>(ring) / (reach + 1);
    QColor colour = tone;
    colour.setAlphaF(static_cast<float>(tone.alphaF() * left * left * 0.6));
    painter.setPen(QPen(colour, 1.5));
    const double out = ring - 0.5;
    painter.drawRoundedRect(frame.adjusted(-out, -out, out, out).translated(0, 2), radius + out,
                            radius + out);
  }
  painter.restore();
}

} // namespace

FloatingCard::FloatingCard(const ThemeHub &hub, QWidget *parent) : QWidget(parent), m_hub(hub) {
  connect(&hub, &ThemeHub::changed, this, qOverload<>(&QWidget::update));
}

QMargins FloatingCard::shadowMargins() { return {12, 10, 12, 14}; }

void FloatingCard::paintEvent(QPaintEvent *) {
  const Theme &theme = m_hub.theme();
  QPainter painter(this);
  const QRectF frame = QRectF(rect()).marginsRemoved(QMarginsF(shadowMargins()));
  const double radius = m_hub.typography().px(10);
  paintShadow(painter, frame, radius, theme.shadow);
  paintFrame(painter, frame, radius, theme.panel, mix(theme.faint, theme.line, 0.3));
}

void FloatingCard::mousePressEvent(QMouseEvent *event) { event->accept(); }
void FloatingCard::mouseReleaseEvent(QMouseEvent *event) { event->accept(); }

} // namespace packetarium::ui
