// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/icon_button.h"

#include "ui/theme/icons.h"
#include "ui/theme/theme_hub.h"
#include "ui/widgets/paint.h"

#include <QKeyEvent>
#include <QPainter>

namespace packetarium::ui {

IconButton::IconButton(const ThemeHub &hub, std::string_view icon, const QString &label,
                       Variant variant, QWidget *parent)
    : QToolButton(parent), m_hub(hub), m_icon(icon), m_variant(variant) {
  Q_ASSERT_X(hasIcon(icon), "IconButton", m_icon.c_str());
  setFocusPolicy(Qt::TabFocus);
  setAttribute(Qt::WA_Hover);
  setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
  setLabel(label);
  connect(&hub, &ThemeHub::changed, this, [this] {
    updateGeometry();
    update();
  });
}

void IconButton::setIconName(std::string_view icon) {
  Q_ASSERT_X(hasIcon(icon), "IconButton", std::string(icon).c_str());
  m_icon = icon;
  update();
}

void IconButton::setLabel(const QString &label) {
  setAccessibleName(label);
  setToolTip(label);
}

void IconButton::setEdge(int px) {
  m_edge = px;
  updateGeometry();
}

QSize IconButton::sizeHint() const {
  const Typography &type = m_hub.typography();
  return {type.px(m_variant == Variant::Primary ? m_edge * 1.5 : m_edge), type.px(m_edge)};
}

bool IconButton::event(QEvent *event) {
  // Space plays and pauses the run elsewhere; on a focused button it presses the button.
  if (event->type() == QEvent::ShortcutOverride &&
      static_cast<QKeyEvent *>(event)->key() == Qt::Key_Space) {
    event->accept();
    return true;
  }
  return QToolButton::event(event);
}

QColor IconButton::fillColour() const {
  const Theme &theme = m_hub.theme();
  const bool over = isEnabled() && underMouse();
  if (m_variant == Variant::Primary) {
    if (!isEnabled()) return theme.line;
    return isDown() || over ? mix(theme.text, theme.accent, isDown() ? 0.2 : 0.1) : theme.accent;
  }
  if (isDown()) return theme.press;
  if (isChecked()) return theme.accentSoft;
  if (over) return theme.hover;
  return m_variant == Variant::Framed ? theme.well : QColor(Qt::transparent);
}

QColor IconButton::glyphColour() const {
  const Theme &theme = m_hub.theme();
  if (!isEnabled()) return theme.faint;
  if (m_variant == Variant::Primary) return theme.onAccent;
  return isChecked() ? theme.accent : theme.text;
}

void IconButton::paintEvent(QPaintEvent *) {
  const Theme &theme = m_hub.theme();
  const Typography &type = m_hub.typography();
  const double radius = type.px(6);
  QPainter painter(this);
  const QColor frame = m_variant == Variant::Framed ? theme.line : QColor(Qt::transparent);
  paintFrame(painter, rect(), radius, fillColour(), frame);
  const int glyph = type.px(m_edge >= 28 ? 18 : m_edge * 0.62);
  const QRect box(rect().center().x() - (glyph - 1) / 2, rect().center().y() - (glyph - 1) / 2,
                  glyph, glyph);
  painter.drawPixmap(box, iconPixmap(m_icon, glyph, devicePixelRatioF(), glyphColour()));
  if (!hasFocus()) return;
  if (m_variant == Variant::Primary)
    paintFrame(painter, rect(), radius, Qt::transparent, theme.text, 2.0);
  else
    paintFocusRing(painter, rect(), radius, theme);
}

} // namespace packetarium::ui
