// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/secure/key_canvas.h"

#include "ui/secure/security_words.h"
#include "ui/theme/icons.h"
#include "ui/widgets/format.h"
#include "ui/widgets/paint.h"

#include <QAccessible>
#include <QFontMetricsF>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>

#include <cmath>
#include <limits>

namespace packetarium::ui {
namespace {

constexpr double radius = 6;

QString whoHas(const KeyBox &box) {
  if (box.differs) return KeyCanvas::tr("the ends differ");
  if (box.client && box.server) return KeyCanvas::tr("both have it");
  if (box.client) return KeyCanvas::tr("client has it");
  return box.server ? KeyCanvas::tr("server has it") : QString();
}

} // namespace

KeyCanvas::KeyCanvas(const ThemeHub &hub, QWidget *parent) : QWidget(parent), m_hub(hub) {
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(tr("Schedule of keys"));
  connect(&hub, &ThemeHub::changed, this, [this] {
    updateGeometry();
    update();
  });
}

KeyMeasures KeyCanvas::measures(bool compact) const {
  const Typography &type = m_hub.typography();
  KeyMeasures m;
  m.columnMin = type.px(97);
  m.boxMax = type.px(190);
  m.boxHeight = type.px(compact ? 30 : 50);
  m.gapX = type.px(10);
  m.gapY = type.px(compact ? 8 : 16);
  m.margin = type.px(compact ? 4 : 8);
  return m;
}

void KeyCanvas::setTree(KeyTree tree) {
  const bool reshaped = tree.boxes.size() != m_tree.boxes.size() || tree.rows != m_tree.rows;
  m_tree = std::move(tree);
  if (m_current >= static_cast<int>(m_tree.boxes.size())) m_current = -1;
  if (reshaped) updateGeometry();
  update();
}

KeyLayout KeyCanvas::layoutAt(double width) const {
  return layoutKeys(m_tree, width, measures(m_compact));
}

void KeyCanvas::setCompact(bool compact) {
  if (compact == m_compact) return;
  m_compact = compact;
  updateGeometry();
  update();
}

int KeyCanvas::heightFor(bool compact) const {
  return static_cast<int>(std::ceil(layoutKeys(m_tree, 0, measures(compact)).size.height()));
}

QSize KeyCanvas::sizeHint() const { return layoutAt(0).size.toSize(); }

void KeyCanvas::setCurrent(int box) {
  if (box == m_current) return;
  m_current = box;
  if (box >= 0) {
    setAccessibleDescription(describe(m_tree.boxes[static_cast<std::size_t>(box)]));
    QAccessibleEvent told(this, QAccessible::DescriptionChanged);
    QAccessible::updateAccessibility(&told);
  }
  update();
}

void KeyCanvas::choose(int box) {
  if (box < 0) return;
  setCurrent(box);
  Q_EMIT chosen(box);
}

QString KeyCanvas::describe(const KeyBox &box) const {
  return dotted(
      {box.title, box.exists ? whoHas(box) : tr("does not exist yet"), box.detail, box.reference});
}

int KeyCanvas::boxAt(const QPointF &at) const {
  const KeyLayout layout = layoutAt(width());
  for (std::size_t i = 0; i < layout.boxes.size(); ++i)
    if (layout.boxes[i].contains(at)) return static_cast<int>(i);
  return -1;
}

/// The nearest box in the direction of an arrow key.
int KeyCanvas::neighbour(int key) const {
  const KeyLayout layout = layoutAt(width());
  if (layout.boxes.empty()) return -1;
  if (m_current < 0) return 0;
  const QPointF here = layout.boxes[static_cast<std::size_t>(m_current)].center();
  const bool across = key == Qt::Key_Left || key == Qt::Key_Right;
  const double way = key == Qt::Key_Left || key == Qt::Key_Up ? -1 : 1;
  int best = -1;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < layout.boxes.size(); ++i) {
    const QPointF d = layout.boxes[i].center() - here;
    const double ahead = way * (across ? d.x() : d.y());
    const double aside = std::abs(across ? d.y() : d.x());
    if (ahead < 1 || ahead + 3 * aside >= least) continue;
    least = ahead + 3 * aside;
    best = static_cast<int>(i);
  }
  return best;
}

void KeyCanvas::keyPressEvent(QKeyEvent *event) {
  switch (event->key()) {
  case Qt::Key_Left:
  case Qt::Key_Right:
  case Qt::Key_Up:
  case Qt::Key_Down: return choose(neighbour(event->key()));
  case Qt::Key_Home: return choose(m_tree.boxes.empty() ? -1 : 0);
  case Qt::Key_End: return choose(static_cast<int>(m_tree.boxes.size()) - 1);
  default: QWidget::keyPressEvent(event);
  }
}

void KeyCanvas::mousePressEvent(QMouseEvent *event) { choose(boxAt(event->position())); }

bool KeyCanvas::event(QEvent *event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  const auto *help = static_cast<QHelpEvent *>(event);
  const int box = boxAt(help->pos());
  if (box < 0)
    QToolTip::hideText();
  else
    QToolTip::showText(help->globalPos(), describe(m_tree.boxes[static_cast<std::size_t>(box)]),
                       this);
  return true;
}

void KeyCanvas::paintEdge(QPainter &painter, const QRectF &from, const QRectF &to,
                          bool exists) const {
  const Theme &theme = m_hub.theme();
  painter.setPen(QPen(exists ? theme.dim : theme.line, exists ? 1.4 : 1.0));
  painter.setBrush(Qt::NoBrush);
  QPainterPath path;
  if (std::abs(from.top() - to.top()) < 1) {
    path.moveTo(from.right(), from.center().y());
    path.lineTo(to.left(), to.center().y());
  } else {
    const double middle = (from.bottom() + to.top()) / 2;
    path.moveTo(from.center().x(), from.bottom());
    path.lineTo(from.center().x(), middle);
    path.lineTo(to.center().x(), middle);
    path.lineTo(to.center().x(), to.top());
  }
  painter.drawPath(path);
}

void KeyCanvas::paintBox(QPainter &painter, const QRectF &rect, const KeyBox &box, bool lit) const {
  const Theme &theme = m_hub.theme();
  const Typography &type = m_hub.typography();
  // What protects nothing by itself has no hue.
  const QColor hue = box.differs       ? theme.bad
                     : box.key.empty() ? theme.text
                                       : keyColour(theme, box.key);
  const QColor fill =
      box.exists ? mix(hue, theme.panel, theme.isDark() ? 0.16 : 0.09) : theme.panel;
  paintFrame(painter, rect, radius, fill,
             !box.exists ? theme.line
             : lit       ? hue
                         : mix(hue, theme.panel, 0.55),
             lit ? 2 : 1);
  const double pad = type.px(m_compact ? 4 : 6);
  QRectF inner = rect.adjusted(pad, type.px(m_compact ? 1 : 3), -pad, -type.px(m_compact ? 1 : 3));
  const bool both = box.client && box.server;
  if (box.exists && !box.value.isEmpty() && !m_compact) {
    const QRectF low(inner.left(), inner.bottom() - type.px(14), inner.width(), type.px(14));
    painter.setFont(type.tiny());
    painter.setPen(theme.dim);
    const QFontMetricsF tiny(type.tiny());
    const QString who = both         ? QString()
                        : box.client ? tr("client")
                        : box.server ? tr("server")
                                     : QString();
    const double right = who.isEmpty() ? 0 : tiny.horizontalAdvance(who) + type.px(4);
    painter.drawText(low, Qt::AlignRight | Qt::AlignVCenter, who);
    painter.setFont(type.monoSmall());
    const QFontMetricsF mono(type.monoSmall());
    const int room =
        static_cast<int>((low.width() - right) / mono.horizontalAdvance(QLatin1Char('0')));
    painter.drawText(low, Qt::AlignLeft | Qt::AlignVCenter,
                     shortHex(box.value, std::max(1, (room - 1) / 3)));
    inner.setBottom(low.top());
  }
  painter.setFont(m_compact ? type.tiny() : type.secondary());
  painter.setPen(box.exists ? theme.text : theme.dim);
  painter.drawText(inner, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextWordWrap, box.title);
}

void KeyCanvas::paintEvent(QPaintEvent *) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const KeyLayout layout = layoutAt(width());
  for (std::size_t i = 0; i < layout.boxes.size(); ++i)
    for (const int parent : m_tree.boxes[i].parents)
      paintEdge(painter, layout.boxes[static_cast<std::size_t>(parent)], layout.boxes[i],
                m_tree.boxes[i].exists);
  for (std::size_t i = 0; i < layout.boxes.size(); ++i)
    paintBox(painter, layout.boxes[i], m_tree.boxes[i], static_cast<int>(i) == m_current);
  if (hasFocus() && m_current >= 0)
    paintFocusRing(painter,
                   layout.boxes[static_cast<std::size_t>(m_current)].adjusted(-3, -3, 3, 3),
                   radius + 3, m_hub.theme());
}

} // namespace packetarium::ui
