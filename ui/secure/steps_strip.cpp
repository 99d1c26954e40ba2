// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/secure/steps_strip.h"

#include "ui/widgets/format.h"
#include "ui/widgets/paint.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>

namespace packetarium::ui {
namespace {

constexpr double stepHeight = 76, stepMin = 88, stepGap = 6, stepRadius = 6;

} // namespace

StepsStrip::StepsStrip(const ThemeHub &hub, QWidget *parent) : QWidget(parent), m_hub(hub) {
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(tr("Steps of the handshake"));
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  connect(&hub, &ThemeHub::changed, this, [this] {
    updateGeometry();
    update();
  });
}

void StepsStrip::setSteps(std::vector<CourseStep> steps) {
  const int before = current();
  const auto passed = [](const CourseStep &s) { return s.when.known(); };
  const auto had = std::count_if(m_steps.begin(), m_steps.end(), passed);
  const auto has = std::count_if(steps.begin(), steps.end(), passed);
  if (had != has) m_chosenNumber = 0; // the run goes on: it leads again
  m_steps = std::move(steps);
  const int now = current();
  setAccessibleDescription(now < 0 ? QString() : m_steps[static_cast<std::size_t>(now)].title);
  if (before != now || had != has) Q_EMIT currentChanged();
  update();
}

int StepsStrip::current() const {
  int last = -1;
  for (std::size_t i = 0; i < m_steps.size(); ++i) {
    if (m_steps[i].number == m_chosenNumber) return static_cast<int>(i);
    if (m_steps[i].when.known()) last = static_cast<int>(i);
  }
  return last;
}

std::vector<QRectF> StepsStrip::boxes(double width) const {
  std::vector<QRectF> out;
  if (m_steps.empty()) return out;
  const double gap = m_hub.typography().px(stepGap);
  const auto count = static_cast<double>(m_steps.size());
  const double wide =
      std::max<double>((width - gap * (count - 1)) / count, m_hub.typography().px(stepMin));
  for (std::size_t i = 0; i < m_steps.size(); ++i)
    out.emplace_back(static_cast<double>(i) * (wide + gap) + 0.5, 0.5, wide - 1,
                     m_hub.typography().px(stepHeight) - 1);
  return out;
}

QSize StepsStrip::sizeHint() const {
  const Typography &type = m_hub.typography();
  return {type.px(8 * (stepMin + stepGap)), type.px(stepHeight)};
}

QSize StepsStrip::minimumSizeHint() const { return sizeHint(); }

void StepsStrip::choose(int step) {
  if (step < 0 || step >= static_cast<int>(m_steps.size())) return;
  const CourseStep &chosen = m_steps[static_cast<std::size_t>(step)];
  m_chosenNumber = chosen.number;
  const trace::Sequence record = chosen.when.sequence;
  Q_EMIT currentChanged();
  update();
  if (record != 0) Q_EMIT seekWanted(record);
}

void StepsStrip::mousePressEvent(QMouseEvent *event) {
  const auto all = boxes(width());
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].contains(event->position())) return choose(static_cast<int>(i));
}

void StepsStrip::keyPressEvent(QKeyEvent *event) {
  if (event->key() == Qt::Key_Left) return choose(std::max(0, current() - 1));
  if (event->key() == Qt::Key_Right) return choose(current() + 1);
  QWidget::keyPressEvent(event);
}

void StepsStrip::paintStep(QPainter &painter, const QRectF &box, const CourseStep &step,
                           bool lit) const {
  const Theme &theme = m_hub.theme();
  const Typography &type = m_hub.typography();
  const bool passed = step.when.known();
  paintFrame(painter, box, stepRadius, passed ? theme.accentSoft : theme.panel,
             lit ? theme.accent : theme.line, lit ? 2 : 1);
  const double pad = type.px(8);
  const QRectF inner = box.adjusted(pad, type.px(6), -pad, -type.px(5));
  const double badge = type.px(16);
  const QRectF round(inner.left(), inner.top(), badge, badge);
  painter.setPen(Qt::NoPen);
  painter.setBrush(passed ? theme.accent : theme.well);
  painter.drawEllipse(round);
  painter.setFont(type.tiny());
  painter.setPen(passed ? theme.onAccent : theme.dim);
  painter.drawText(round, Qt::AlignCenter, QString::number(step.number));
  painter.setFont(type.secondary());
  painter.setPen(passed ? theme.text : theme.dim);
  painter.drawText(QRectF(inner.left(), round.bottom() + type.px(2), inner.width(), type.px(28)),
                   Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap, step.title);
  if (!passed) return;
  painter.setFont(type.monoSmall());
  painter.setPen(theme.dim);
  painter.drawText(QRectF(inner.left(), inner.bottom() - type.px(14), inner.width(), type.px(14)),
                   Qt::AlignLeft | Qt::AlignVCenter, formatTimeShort(step.when.at.ns()));
}

void StepsStrip::paintEvent(QPaintEvent *) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const auto all = boxes(width());
  for (std::size_t i = 0; i < all.size(); ++i)
    paintStep(painter, all[i], m_steps[i], static_cast<int>(i) == current());
  const int now = current();
  if (hasFocus() && now >= 0)
    paintFocusRing(painter, all[static_cast<std::size_t>(now)], stepRadius, m_hub.theme());
}

} // namespace packetarium::ui
