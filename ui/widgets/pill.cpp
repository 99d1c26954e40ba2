// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/icons.h"
#include "ui/theme/theme_hub.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/paint.h"

#include <QFontMetrics>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <utility>

namespace packetarium::ui {

namespace {

constexpr double padding = 10;
constexpr double iconEdge = 13;
constexpr double iconGap = 5;

} // namespace

Pill::Pill(const ThemeHub &hub, const QString &text, Tone tone, std::string_view icon,
           QWidget *parent)
    : QWidget(parent), m_hub(hub), m_tone(tone) {
  setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
  setAttribute(Qt::WA_Hover);
  connect(&hub, &ThemeHub::changed, this, [this] {
    updateGeometry();
    update();
  });
  setIconName(icon);
  setText(text);
}

void Pill::setText(const QString &text) {
  m_text = text;
  setAccessibleName(text);
  updateGeometry();
  update();
}

void Pill::setTone(Tone tone) {
  m_tone = tone;
  m_hue = nullptr;
  update();
}

void Pill::setIconName(std::string_view icon) {
  Q_ASSERT_X(icon.empty() || hasIcon(icon), "Pill", std::string(icon).c_str());
  m_icon = icon;
  updateGeometry();
  update();
}

void Pill::setVariant(Variant variant) {
  m_variant = variant;
  update();
}

void Pill::setHue(std::function<QColor(const Theme &)> hue) {
  m_hue = std::move(hue);
  update();
}

void Pill::setClickable(bool clickable) {
  m_clickable = clickable;
  setFocusPolicy(clickable ? Qt::TabFocus : Qt::NoFocus);
  setCursor(clickable ? Qt::PointingHandCursor : Qt::ArrowCursor);
}

QColor Pill::ink() const {
  const Theme &theme = m_hub.theme();
  if (m_hue) return m_hue(theme);
  switch (m_tone) {
  case Tone::Neutral: return theme.dim;
  case Tone::Accent: return theme.accent;
  case Tone::Good: return theme.good;
  case Tone::Warn: return theme.warn;
  case Tone::Bad: return theme.bad;
  }
  return theme.text;
}

QSize Pill::sizeHint() const {
  const Typography &type = m_hub.typography();
  const QFontMetrics metrics(type.name());
  const int icon = m_icon.empty() ? 0 : type.px(iconEdge) + type.px(iconGap);
  return {metrics.horizontalAdvance(m_text) + icon + 2 * type.px(padding),
          std::max(metrics.height() + type.px(6), type.px(24))};
}

void Pill::paintEvent(QPaintEvent *) {
  const Theme &theme = m_hub.theme();
  const Typography &type = m_hub.typography();
  const QColor colour = ink();
  // The tint is a share of the hue in the panel, as theme's own: text on it keeps its contrast.
  const QColor tint = mix(colour, theme.panel, theme.isDark() ? 0.12 : 0.08);
  const bool filled = m_variant == Variant::Tint || (m_clickable && underMouse());
  QPainter painter(this);
  paintFrame(painter, rect(), height() / 2.0, filled ? tint : QColor(Qt::transparent),
             m_variant == Variant::Outline ? colour : QColor(Qt::transparent), 1.2);
  if (hasFocus()) paintFrame(painter, rect(), height() / 2.0, Qt::transparent, colour, 2.4);
  QRect inner = rect().adjusted(type.px(padding), 0, -type.px(padding), 0);
  if (!m_icon.empty()) {
    const int edge = type.px(iconEdge);
    const int x = isRightToLeft() ? inner.right() - edge + 1 : inner.left();
    const QRect box(x, (height() - edge) / 2, edge, edge);
    painter.drawPixmap(box, iconPixmap(m_icon, edge, devicePixelRatioF(), colour));
    const int taken = edge + type.px(iconGap);
    inner.adjust(isRightToLeft() ? 0 : taken, 0, isRightToLeft() ? -taken : 0, 0);
  }
  QFont font = type.body();
  font.setWeight(QFont::Medium);
  painter.setFont(font);
  painter.setPen(colour);
  painter.drawText(inner, Qt::AlignCenter, m_text);
}

void Pill::mouseReleaseEvent(QMouseEvent *event) {
  if (m_clickable && event->button() == Qt::LeftButton && rect().contains(event->pos()))
    Q_EMIT clicked();
  else
    QWidget::mouseReleaseEvent(event);
}

void Pill::keyPressEvent(QKeyEvent *event) {
  const int key = event->key();
  if (m_clickable && (key == Qt::Key_Space || key == Qt::Key_Return || key == Qt::Key_Enter))
    Q_EMIT clicked();
  else
    QWidget::keyPressEvent(event);
}

} // namespace packetarium::ui
