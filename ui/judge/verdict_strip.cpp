// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/judge/verdict_strip.h"

#include "ui/judge/verdict_words.h"
#include "ui/theme/icons.h"
#include "ui/widgets/paint.h"

#include <QFontMetricsF>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace packetarium::ui {
namespace {

constexpr double side = 12, gapX = 4, gapY = 3, chipHeight = 19, glyph = 11, pad = 5, inner = 3;

QString titleOf(const analysis::Light &light) { return QString::fromStdString(light.title); }

bool isSameLight(const analysis::Light &a, const analysis::Light &b) {
  return a.title == b.title && a.verdict == b.verdict && a.record == b.record && a.why == b.why;
}

} // namespace

VerdictStrip::VerdictStrip(const ThemeHub &hub, QWidget *parent) : QWidget(parent), m_hub(hub) {
  QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setAccessibleName(tr("What the store has kept of its promises"));
  connect(&hub, &ThemeHub::changed, this, [this] {
    updateGeometry();
    update();
  });
}

void VerdictStrip::setLights(std::vector<analysis::Light> lights) {
  if (std::equal(lights.begin(), lights.end(), m_lights.begin(), m_lights.end(), isSameLight))
    return;
  m_lights = std::move(lights);
  if (m_current >= m_lights.size()) m_current = 0;
  if (m_hovered && *m_hovered >= m_lights.size()) m_hovered.reset();
  tell();
  updateGeometry();
  update();
}

void VerdictStrip::setOneLine(bool oneLine) {
  if (oneLine == m_oneLine) return;
  m_oneLine = oneLine;
  updateGeometry();
  update();
}

void VerdictStrip::setUpTo(trace::Sequence upTo) {
  if (upTo == m_upTo) return;
  const auto differs = [&](const analysis::Light &light) {
    return stateAt(light, upTo) != stateAt(light, m_upTo);
  };
  const bool changes = std::any_of(m_lights.begin(), m_lights.end(), differs);
  m_upTo = upTo;
  if (!changes) return;
  tell();
  update();
}

void VerdictStrip::setChosen(std::optional<std::size_t> light) {
  if (light == m_chosen) return;
  m_chosen = light;
  if (light) m_current = *light;
  update();
}

void VerdictStrip::tell() {
  QStringList lines;
  for (const analysis::Light &light : m_lights)
    lines << titleOf(light) + QStringLiteral(": ") + lookOf(stateAt(light, m_upTo)).word;
  const QString words = lines.join(QLatin1Char('\n'));
  if (words != accessibleDescription()) setAccessibleDescription(words);
}

std::vector<QRectF> VerdictStrip::boxes(double width) const {
  const Typography &type = m_hub.typography();
  const QFontMetricsF metrics(type.secondary());
  const double left = type.px(side), right = std::max(left + 1, width - left);
  const double bare = type.px(pad) * 2 + type.px(glyph);
  std::vector<double> widths;
  double all = -type.px(gapX);
  for (const analysis::Light &light : m_lights) {
    const double words = std::ceil(metrics.horizontalAdvance(titleOf(light)));
    widths.push_back(std::min(bare + type.px(inner) + words + 1, right - left));
    all += widths.back() + type.px(gapX);
  }
  // In one line the last of the kept promises have their sign alone.
  for (std::size_t i = m_lights.size(); m_oneLine && all > right - left && i-- > 0;) {
    if (stateAt(m_lights[i], m_upTo) == LightState::Broken) continue;
    all -= widths[i] - bare;
    widths[i] = bare;
  }
  std::vector<QRectF> out;
  double x = left, y = 0;
  for (const double wide : widths) {
    if (x > left && x + wide > right) {
      x = left;
      y += type.px(chipHeight) + type.px(gapY);
    }
    out.emplace_back(x, y, wide, type.px(chipHeight));
    x += wide + type.px(gapX);
  }
  return out;
}

int VerdictStrip::heightForWidth(int width) const {
  const auto all = boxes(width);
  return all.empty() ? 0 : static_cast<int>(std::ceil(all.back().bottom())) + 1;
}

QSize VerdictStrip::sizeHint() const {
  const int wide = m_hub.typography().px(420);
  return {wide, heightForWidth(width() > 0 ? width() : wide)};
}

QSize VerdictStrip::minimumSizeHint() const { return {m_hub.typography().px(120), 0}; }

std::optional<std::size_t> VerdictStrip::lightAt(QPointF point) const {
  const auto all = boxes(width());
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].contains(point)) return i;
  return std::nullopt;
}

void VerdictStrip::paintEvent(QPaintEvent *) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const Theme &theme = m_hub.theme();
  const Typography &type = m_hub.typography();
  const auto all = boxes(width());
  const QFontMetricsF metrics(type.secondary());
  painter.setFont(type.secondary());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const QRectF &box = all[i];
    const LightState state = stateAt(m_lights[i], m_upTo);
    const LightLook look = lookOf(state);
    const bool broken = state == LightState::Broken, kept = state == LightState::Kept;
    const QColor ink = broken ? theme.bad : kept ? theme.good : theme.dim;
    const QColor ground = m_hovered == i || m_chosen == i ? theme.hover
                          : broken                        ? theme.badSoft
                                                          : theme.panel;
    const bool marked = broken || m_chosen == i;
    const QColor line = m_chosen == i ? theme.accent : broken ? theme.bad : theme.line;
    paintFrame(painter, box, box.height() / 2, ground, line, marked ? 1.4 : 1.0);
    const double high = type.px(glyph);
    const QRectF sign(box.left() + type.px(pad), box.center().y() - high / 2, high, high);
    paintIcon(painter, look.icon, sign, ink);
    painter.setPen(broken ? theme.bad : kept ? theme.text : theme.dim);
    const QRectF words(sign.right() + type.px(inner), box.top(),
                       box.right() - type.px(pad) - sign.right() - type.px(inner) + 1,
                       box.height());
    if (words.width() > high)
      painter.drawText(words, Qt::AlignLeft | Qt::AlignVCenter,
                       metrics.elidedText(titleOf(m_lights[i]), Qt::ElideRight, words.width()));
    if (hasFocus() && m_current == i) paintFocusRing(painter, box, box.height() / 2, theme);
  }
}

// ---- input ------------------------------------------------------------------------------------

bool VerdictStrip::event(QEvent *event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  auto *help = static_cast<QHelpEvent *>(event);
  if (const auto light = lightAt(help->pos()))
    QToolTip::showText(
        help->globalPos(),
        lightWords(m_lights[*light], m_upTo) + QLatin1Char('\n') + tr("Click to see why."), this);
  else
    QToolTip::hideText();
  return true;
}

void VerdictStrip::mouseMoveEvent(QMouseEvent *event) {
  const auto light = lightAt(event->position());
  setCursor(light ? Qt::PointingHandCursor : Qt::ArrowCursor);
  if (light == m_hovered) return;
  m_hovered = light;
  update();
}

void VerdictStrip::mousePressEvent(QMouseEvent *event) {
  if (event->button() != Qt::LeftButton) return event->ignore();
  const auto light = lightAt(event->position());
  if (!light) return;
  m_current = *light;
  update();
  Q_EMIT chosen(static_cast<int>(*light));
}

void VerdictStrip::leaveEvent(QEvent *) {
  m_hovered.reset();
  update();
}

void VerdictStrip::move(int by) {
  if (m_lights.empty()) return;
  const auto last = static_cast<int>(m_lights.size()) - 1;
  m_current = static_cast<std::size_t>(std::clamp(static_cast<int>(m_current) + by, 0, last));
  update();
}

void VerdictStrip::keyPressEvent(QKeyEvent *event) {
  switch (event->key()) {
  case Qt::Key_Up: return move(-1);
  case Qt::Key_Down: return move(1);
  case Qt::Key_Return:
  case Qt::Key_Enter:
    if (m_current < m_lights.size()) Q_EMIT chosen(static_cast<int>(m_current));
    return;
  default: QWidget::keyPressEvent(event); // left and right step through the run
  }
}

} // namespace packetarium::ui
