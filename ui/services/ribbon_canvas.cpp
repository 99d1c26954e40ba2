// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/ribbon_canvas.h"

#include "ui/services/service_words.h"
#include "ui/timeline/axis_paint.h"
#include "ui/widgets/format.h"
#include "ui/widgets/paint.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace packetarium::ui {
namespace {

constexpr double pad = 12;

// The health at the instant; Unknown outside of the ribbon.
analysis::ServiceHealth healthAt(const analysis::ServiceReport &report, SimTime t) {
  for (const analysis::RibbonPart &part : report.ribbon)
    if (t >= part.from && t < part.to) return part.health;
  return analysis::ServiceHealth::Unknown;
}

} // namespace

RibbonCanvas::RibbonCanvas(const ThemeHub &hub, QWidget *parent) : QWidget(parent), m_hub(hub) {
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setAccessibleName(tr("Uptime of each service"));
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  connect(&hub, &ThemeHub::changed, this, [this] {
    updateGeometry();
    update();
  });
}

KeyHelpGroup RibbonCanvas::keyHelp() {
  return {tr("In the uptime ribbons"),
          {{tr("Choose another service"), {Qt::Key_Up, Qt::Key_Down}, {}},
           {tr("Go to the change before or after"),
            {Qt::CTRL | Qt::Key_Left, Qt::CTRL | Qt::Key_Right},
            {}}}};
}

void RibbonCanvas::setReports(std::vector<analysis::ServiceReport> reports,
                              std::vector<analysis::ServiceReport> seen, SimTime from, SimTime to) {
  const bool resized = reports.size() != m_reports.size();
  m_reports = std::move(reports);
  m_seen = std::move(seen);
  m_from = from;
  m_to = to;
  if (m_current >= m_reports.size()) m_current = 0;
  if (resized) updateGeometry();
  tell();
  update();
}

void RibbonCanvas::setMoments(SimTime now, std::optional<SimTime> pointed) {
  if (now == m_now && pointed == m_pointed) return;
  m_now = now;
  m_pointed = pointed;
  update();
}

void RibbonCanvas::setCurrent(std::size_t service) {
  if (service >= m_reports.size() || service == m_current) return;
  m_current = service;
  tell();
  update();
}

void RibbonCanvas::tell() {
  const QString words =
      m_current < m_reports.size() ? serviceWords(m_reports[m_current]) : QString();
  if (words != accessibleDescription()) setAccessibleDescription(words);
}

void RibbonCanvas::choose(std::size_t service) {
  if (service >= m_reports.size() || service == m_current) return;
  setCurrent(service);
  Q_EMIT currentChanged();
}

QSize RibbonCanvas::sizeHint() const {
  const Typography &type = m_hub.typography();
  return {type.px(480), static_cast<int>(ribbonsHeight(m_reports.size(), type)) + type.px(4)};
}

QSize RibbonCanvas::minimumSizeHint() const {
  return {m_hub.typography().px(200), sizeHint().height()};
}

RibbonLayout RibbonCanvas::ribbonLayout() const {
  const Typography &type = m_hub.typography();
  const double side = type.px(pad);
  return layoutRibbons(QRectF(side, type.px(2), std::max(10.0, width() - 2 * side),
                              ribbonsHeight(m_reports.size(), type)),
                       m_reports.size(), m_from, m_to, m_reports, type);
}

std::optional<std::size_t> RibbonCanvas::rowAt(QPointF point) const {
  const RibbonLayout layout = ribbonLayout();
  for (std::size_t i = 0; i < m_reports.size(); ++i) {
    const QRectF row = layout.row(i);
    if (point.y() >= row.top() && point.y() < row.bottom()) return i;
  }
  return std::nullopt;
}

std::optional<SimTime> RibbonCanvas::timeAt(QPointF point) const {
  return ribbonLayout().axis.under(point.x());
}

// ---- painting ---------------------------------------------------------------------------------

void RibbonCanvas::paintEvent(QPaintEvent *) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const Theme &theme = m_hub.theme();
  const Typography &type = m_hub.typography();
  const RibbonLayout layout = ribbonLayout();
  if (m_reports.size() > 1 && m_current < m_reports.size()) {
    const QRectF row = layout.row(m_current).adjusted(-type.px(6), 1, type.px(6), -1);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.selection);
    painter.drawRoundedRect(row, 4, 4);
  }
  paintRibbons(painter, layout, m_reports, m_seen, m_now, theme, type);
  paintMoments(painter, layout.axis, m_now, m_pointed, layout.top, layout.axisTop, theme);
  if (hasFocus() && m_current < m_reports.size())
    paintFocusRing(painter, layout.row(m_current).adjusted(-type.px(6), 0, type.px(6), 0), 4,
                   theme);
}

// ---- input ------------------------------------------------------------------------------------

bool RibbonCanvas::event(QEvent *event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  auto *help = static_cast<QHelpEvent *>(event);
  const auto row = rowAt(help->pos());
  if (!row) {
    QToolTip::hideText();
    return true;
  }
  QString text;
  if (const auto t = timeAt(help->pos()))
    text = tr("%1: %2\nClick to go there.\n\n")
               .arg(formatTimeShort(t->ns()), healthWord(healthAt(m_seen[*row], *t)));
  QToolTip::showText(help->globalPos(), text + serviceWords(m_reports[*row]), this);
  return true;
}

void RibbonCanvas::mouseMoveEvent(QMouseEvent *event) {
  const auto at = timeAt(event->position());
  setCursor(at && rowAt(event->position()) ? Qt::CrossCursor : Qt::ArrowCursor);
  if (at)
    Q_EMIT pointed(*at);
  else
    Q_EMIT pointerLeft();
  if (at && (event->buttons() & Qt::LeftButton)) Q_EMIT chosen(*at);
}

void RibbonCanvas::mousePressEvent(QMouseEvent *event) {
  if (event->button() != Qt::LeftButton) return event->ignore();
  if (const auto row = rowAt(event->position())) choose(*row);
  if (const auto at = timeAt(event->position())) Q_EMIT chosen(*at);
}

void RibbonCanvas::leaveEvent(QEvent *) { Q_EMIT pointerLeft(); }

// To where a ribbon's health changes next: from there on one sees why.
void RibbonCanvas::jump(bool forward) {
  if (m_current >= m_reports.size()) return;
  std::optional<SimTime> best;
  for (const analysis::RibbonPart &part : m_seen[m_current].ribbon) {
    if (forward && part.from > m_now && (!best || part.from < *best)) best = part.from;
    if (!forward && part.from < m_now) best = part.from;
  }
  if (best) Q_EMIT chosen(*best);
}

void RibbonCanvas::keyPressEvent(QKeyEvent *event) {
  const bool ctrl = event->modifiers().testFlag(Qt::ControlModifier);
  if (event->key() == Qt::Key_Up && m_current > 0) return choose(m_current - 1);
  if (event->key() == Qt::Key_Down) return choose(m_current + 1);
  if (event->key() == Qt::Key_Left && ctrl) return jump(false);
  if (event->key() == Qt::Key_Right && ctrl) return jump(true);
  QWidget::keyPressEvent(event); // without Ctrl they step through the run
}

} // namespace packetarium::ui
