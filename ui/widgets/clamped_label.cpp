// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/clamped_label.h"

#include "ui/theme/theme_hub.h"

#include <QFontMetrics>
#include <QPainter>
#include <QTextLayout>

#include <algorithm>

namespace packetarium::ui {

ClampedLabel::ClampedLabel(const ThemeHub &hub, QWidget *parent) : QWidget(parent), m_hub(hub) {
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  connect(&hub, &ThemeHub::changed, this, [this] {
    updateGeometry();
    explain();
    update();
  });
}

void ClampedLabel::setText(const QString &text, const QString &reference) {
  if (text == m_text && reference == m_reference) return;
  m_text = text;
  m_reference = reference;
  setAccessibleName(whole());
  explain();
  update();
}

void ClampedLabel::setMaximumLines(int lines) {
  if (lines == m_lines) return;
  m_lines = lines;
  updateGeometry();
  explain();
  update();
}

QString ClampedLabel::whole() const {
  return m_reference.isEmpty() ? m_text : m_text + QStringLiteral("  ") + m_reference;
}

QStringList ClampedLabel::lines(int width) const {
  const QString all = whole();
  const QFont font = m_hub.typography().body();
  QTextLayout layout(all, font);
  QStringList out;
  layout.beginLayout();
  for (QTextLine line = layout.createLine(); line.isValid(); line = layout.createLine()) {
    line.setLineWidth(std::max(1, width));
    if (out.size() + 1 == m_lines) {
      out << QFontMetrics(font).elidedText(all.mid(line.textStart()), Qt::ElideRight, width);
      break;
    }
    out << all.mid(line.textStart(), line.textLength()).trimmed();
  }
  layout.endLayout();
  return out;
}

QSize ClampedLabel::sizeHint() const {
  const int line = QFontMetrics(m_hub.typography().body()).height();
  return {m_hub.typography().px(240), m_lines * line};
}

QSize ClampedLabel::minimumSizeHint() const {
  return {m_hub.typography().px(40), sizeHint().height()};
}

void ClampedLabel::explain() {
  const QStringList shown = lines(width());
  const bool cut = !shown.isEmpty() && shown.back().endsWith(QChar(0x2026));
  setToolTip(cut ? QStringLiteral("<p>%1</p>").arg(whole().toHtmlEscaped()) : QString());
}

void ClampedLabel::resizeEvent(QResizeEvent *event) {
  QWidget::resizeEvent(event);
  explain();
}

void ClampedLabel::paintEvent(QPaintEvent *) {
  const Theme &theme = m_hub.theme();
  QPainter painter(this);
  painter.setFont(m_hub.typography().body());
  const QFontMetrics metrics(painter.font());
  int y = 0;
  for (const QString &line : lines(width())) {
    QString words = line;
    const bool ends = !m_reference.isEmpty() && words.endsWith(m_reference);
    if (ends) words.chop(m_reference.size());
    painter.setPen(theme.text);
    painter.drawText(0, y + metrics.ascent(), words);
    if (ends) {
      painter.setPen(theme.accent);
      painter.drawText(metrics.horizontalAdvance(words), y + metrics.ascent(), m_reference);
    }
    y += metrics.height();
  }
}

} // namespace packetarium::ui
