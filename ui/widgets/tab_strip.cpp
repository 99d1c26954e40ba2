// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/tab_strip.h"

#include "ui/theme/theme_hub.h"
#include "ui/widgets/paint.h"

#include <QFontMetrics>
#include <QPainter>

namespace packetarium::ui {

TabStrip::TabStrip(const ThemeHub &hub, QWidget *parent) : QTabBar(parent), m_hub(hub) {
  setAccessibleName(tr("Tabs"));
  setDrawBase(false);
  setExpanding(false);
  setUsesScrollButtons(true);
  setElideMode(Qt::ElideNone);
  setFocusPolicy(Qt::TabFocus);
  setMouseTracking(true);
  setAttribute(Qt::WA_Hover);
  connect(&hub, &ThemeHub::changed, this, [this] {
    // The tab bar keeps its own copy of the sizes until its font or icon size changes.
    setFont(m_hub.typography().name());
    updateGeometry();
    update();
  });
  setFont(hub.typography().name());
}

QSize TabStrip::tabSizeHint(int index) const {
  const Typography &type = m_hub.typography();
  const QFontMetrics metrics(type.name()); // as wide as when it is chosen: nothing shifts
  return {metrics.size(Qt::TextShowMnemonic, tabText(index)).width() + 2 * type.px(11),
          metrics.height() + 2 * type.px(8)};
}

QSize TabStrip::minimumTabSizeHint(int index) const { return tabSizeHint(index); }

void TabStrip::paintEvent(QPaintEvent *) {
  QPainter painter(this);
  painter.fillRect(QRect(0, height() - 1, width(), 1), m_hub.theme().line);
  for (int index = 0; index < count(); ++index)
    if (isTabVisible(index)) paintTab(painter, index);
}

void TabStrip::paintTab(QPainter &painter, int index) const {
  const Theme &theme = m_hub.theme();
  const Typography &type = m_hub.typography();
  const QRect box = tabRect(index);
  const bool chosen = index == currentIndex();
  const bool over = underMouse() && box.contains(mapFromGlobal(QCursor::pos()));
  const bool enabled = isTabEnabled(index) && isEnabled();
  if (chosen) {
    const int inset = type.px(4);
    painter.fillRect(QRect(box.left() + inset, height() - 2, box.width() - 2 * inset, 2),
                     theme.accent);
  }
  if (chosen && hasFocus())
    paintFocusRing(painter, QRectF(box).adjusted(2, 3, -2, -4), type.px(5), theme);
  painter.setFont(chosen ? type.name() : type.body());
  painter.setPen(chosen ? theme.accent : over ? theme.text : theme.dim);
  painter.setOpacity(enabled ? 1.0 : 0.55);
  painter.drawText(box, Qt::AlignCenter | Qt::TextShowMnemonic, tabText(index));
  painter.setOpacity(1.0);
}

} // namespace packetarium::ui
