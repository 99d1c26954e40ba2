// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/labels.h"

#include "ui/theme/theme_hub.h"
#include "ui/widgets/format.h"

#include <QEvent>
#include <QFontMetrics>
#include <QHelpEvent>
#include <QPainter>
#include <QStyle>
#include <QToolTip>

#include <algorithm>

namespace packetarium::ui {

namespace {

QFont fontFor(TextRole role, const Typography &type) {
  switch (role) {
  case TextRole::Name: return type.name();
  case TextRole::Secondary: return type.secondary();
  case TextRole::Tiny: return type.tiny();
  case TextRole::Section: return type.section();
  case TextRole::Title: return type.title();
  case TextRole::Headline: return type.headline();
  case TextRole::Mono: return type.mono();
  default: return type.body();
  }
}

QColor inkFor(TextRole role, const Theme &theme) {
  switch (role) {
  case TextRole::Secondary:
  case TextRole::Tiny:
  case TextRole::Section: return theme.dim;
  case TextRole::Good: return theme.good;
  case TextRole::Warn: return theme.warn;
  case TextRole::Bad: return theme.bad;
  default: return theme.text;
  }
}

// What all of these do when theme or type scale change.
void follow(const ThemeHub &hub, QWidget *widget) {
  QObject::connect(&hub, &ThemeHub::changed, widget, [widget] {
    widget->updateGeometry();
    widget->update();
  });
}

} // namespace

ElidedLabel::ElidedLabel(const ThemeHub &hub, const QString &text, TextRole role, QWidget *parent)
    : QWidget(parent), m_hub(hub), m_role(role) {
  setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
  follow(hub, this);
  setText(text);
}

void ElidedLabel::setText(const QString &text) {
  m_text = text;
  setAccessibleName(text);
  updateGeometry();
  update();
}

void ElidedLabel::setRole(TextRole role) {
  m_role = role;
  updateGeometry();
  update();
}

void ElidedLabel::setElideMode(Qt::TextElideMode mode) {
  m_elide = mode;
  update();
}

void ElidedLabel::setAlignment(Qt::Alignment alignment) {
  m_alignment = alignment;
  update();
}

bool ElidedLabel::isElided() const {
  const QFontMetrics metrics(fontFor(m_role, m_hub.typography()));
  return metrics.horizontalAdvance(m_text) > width();
}

QSize ElidedLabel::sizeHint() const {
  const QFontMetrics metrics(fontFor(m_role, m_hub.typography()));
  return {metrics.horizontalAdvance(m_text) + 1, metrics.height()};
}

QSize ElidedLabel::minimumSizeHint() const {
  const QFontMetrics metrics(fontFor(m_role, m_hub.typography()));
  return {metrics.horizontalAdvance(QStringLiteral("M\u2026")), metrics.height()};
}

bool ElidedLabel::event(QEvent *event) {
  if (event->type() == QEvent::ToolTip && toolTip().isEmpty() && isElided()) {
    QToolTip::showText(static_cast<QHelpEvent *>(event)->globalPos(), m_text, this);
    return true;
  }
  return QWidget::event(event);
}

void ElidedLabel::paintEvent(QPaintEvent *) {
  QPainter painter(this);
  const QFont font = fontFor(m_role, m_hub.typography());
  painter.setFont(font);
  painter.setPen(inkFor(m_role, m_hub.theme()));
  if (!isEnabled()) painter.setOpacity(0.55);
  const QString shown = QFontMetrics(font).elidedText(m_text, m_elide, width());
  painter.drawText(
      rect(), static_cast<int>(QStyle::visualAlignment(layoutDirection(), m_alignment)), shown);
}

SectionHeader::SectionHeader(const ThemeHub &hub, const QString &title, const QString &remark,
                             QWidget *parent)
    : QWidget(parent), m_hub(hub), m_title(title), m_remark(remark) {
  setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
  follow(hub, this);
  announce();
}

void SectionHeader::setTitle(const QString &title) {
  m_title = title;
  announce();
}

void SectionHeader::setRemark(const QString &remark) {
  m_remark = remark;
  announce();
}

void SectionHeader::announce() {
  setAccessibleName(m_title);
  setAccessibleDescription(m_remark);
  updateGeometry();
  update();
}

QSize SectionHeader::sizeHint() const {
  const Typography &type = m_hub.typography();
  const int title = QFontMetrics(type.section()).horizontalAdvance(m_title);
  const int remark = QFontMetrics(type.secondary()).horizontalAdvance(m_remark);
  const int between = m_remark.isEmpty() ? 0 : type.px(16);
  return {title + between + remark + 2,
          std::max(QFontMetrics(type.secondary()).height(), type.px(16))};
}

QSize SectionHeader::minimumSizeHint() const {
  const Typography &type = m_hub.typography();
  return {QFontMetrics(type.section()).horizontalAdvance(m_title), sizeHint().height()};
}

void SectionHeader::paintEvent(QPaintEvent *) {
  const Typography &type = m_hub.typography();
  QPainter painter(this);
  painter.setPen(m_hub.theme().dim);
  painter.setFont(type.section());
  const bool mirrored = isRightToLeft();
  const int nearEdge = mirrored ? Qt::AlignRight : Qt::AlignLeft;
  const int farEdge = mirrored ? Qt::AlignLeft : Qt::AlignRight;
  painter.drawText(rect(), nearEdge | Qt::AlignVCenter, m_title);
  const QFontMetrics metrics(type.secondary());
  const int room = width() - QFontMetrics(type.section()).horizontalAdvance(m_title) - type.px(16);
  if (room <= 0) return;
  painter.setFont(type.secondary());
  painter.drawText(rect(), farEdge | Qt::AlignVCenter,
                   metrics.elidedText(m_remark, Qt::ElideRight, room));
}

TimeLabel::TimeLabel(const ThemeHub &hub, QWidget *parent) : QWidget(parent), m_hub(hub) {
  setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
  follow(hub, this);
  setTimeNs(0);
}

void TimeLabel::setTimeNs(std::int64_t timeNs) {
  const bool wider = formatTime(timeNs).size() != formatTime(m_timeNs).size();
  m_timeNs = timeNs;
  setAccessibleName(formatTimeShort(timeNs));
  if (wider) updateGeometry();
  update();
}

QSize TimeLabel::sizeHint() const {
  const QFontMetrics metrics(m_hub.typography().mono());
  // Room for the longest time below an hour, so that the tool bar never shifts in one.
  const QString longest = QStringLiteral("59:59.999 999 999");
  const QString now = formatTime(m_timeNs);
  return {std::max(metrics.horizontalAdvance(longest), metrics.horizontalAdvance(now)) + 1,
          metrics.height()};
}

void TimeLabel::paintEvent(QPaintEvent *) {
  QPainter painter(this);
  QFont font = m_hub.typography().mono();
  font.setWeight(QFont::Medium);
  painter.setFont(font);
  painter.setPen(m_hub.theme().text);
  painter.drawText(rect(), Qt::AlignVCenter | (isRightToLeft() ? Qt::AlignRight : Qt::AlignLeft),
                   formatTime(m_timeNs));
}

} // namespace packetarium::ui
