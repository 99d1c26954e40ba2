// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/judge/history_canvas.h"

#include "ui/judge/verdict_words.h"
#include "ui/timeline/axis_paint.h"
#include "ui/widgets/format.h"
#include "ui/widgets/paint.h"

#include <QApplication>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace packetarium::ui {
namespace {

constexpr double canvasPad = 12, keyHeight = 18;

} // namespace

HistoryCanvas::HistoryCanvas(const ThemeHub &hub, QWidget *parent) : QWidget(parent), m_hub(hub) {
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setAccessibleName(tr("What each client did"));
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
  connect(&hub, &ThemeHub::changed, this, [this] {
    updateGeometry();
    update();
  });
}

KeyHelpGroup HistoryCanvas::keyHelp() {
  return {tr("In the history"),
          {{tr("Choose the operation before or after"),
            {Qt::CTRL | Qt::Key_Left, Qt::CTRL | Qt::Key_Right},
            {}},
           {tr("Choose one of another client"), {Qt::Key_Up, Qt::Key_Down}, {}},
           {tr("Go to where it returned"), {Qt::Key_Return}, {}},
           {tr("Zoom"), {Qt::CTRL | Qt::Key_Up, Qt::CTRL | Qt::Key_Down}, tr("wheel")},
           {tr("See all of it"), {Qt::Key_Asterisk}, {}}}};
}

// ---- what is shown ----------------------------------------------------------------------------

void HistoryCanvas::setShown(HistoryShown shown, SimTime end) {
  const bool another = m_shown.judged == nullptr || shown.judged == nullptr ||
                       m_shown.judged->service != shown.judged->service;
  const bool resized = shown.rows.size() != m_shown.rows.size();
  m_shown = std::move(shown);
  const std::size_t count =
      m_shown.judged == nullptr ? 0 : m_shown.judged->history.operations.size();
  if (m_marks.chosen && (another || *m_marks.chosen >= count)) setChosen(std::nullopt);
  if (m_marks.hovered && *m_marks.hovered >= count) m_marks.hovered.reset();
  // An order holds places of a history that may have changed.
  if (std::any_of(m_marks.prefix.begin(), m_marks.prefix.end(),
                  [&](std::size_t o) { return o >= count; }))
    m_marks.prefix.clear();
  m_axis.end = std::max(end, SimTime::zero() + Duration::ms(10));
  if (another) m_spanByUser = false;
  chooseSpan();
  if (resized) updateGeometry();
  tell();
  update();
}

void HistoryCanvas::setEnd(SimTime end) {
  m_axis.end = std::max(end, SimTime::zero() + Duration::ms(10));
  chooseSpan();
  update();
}

// As much as one can read, and the cursor in it, until somebody chooses.
void HistoryCanvas::chooseSpan() {
  if (m_shown.judged == nullptr) return;
  if (m_spanByUser) {
    m_axis.setSpan(m_axis.from, m_axis.to);
    return;
  }
  const Duration span = readableSpan(m_shown.judged->history, m_shown.rows, m_axis.end,
                                     std::max(100.0, historyLayout().axis.width));
  if (m_axis.to <= m_axis.from || std::abs(m_axis.span().toSeconds() / span.toSeconds() - 1) > 0.2)
    m_axis.setSpan(m_now - span / 2, m_now - span / 2 + span);
  follow();
}

void HistoryCanvas::follow() {
  if (m_axis.to > m_axis.from && m_axis.follow(m_now)) update();
}

void HistoryCanvas::setMoments(SimTime now, trace::Sequence seenUpTo,
                               std::optional<SimTime> pointed) {
  if (now == m_now && pointed == m_pointed && seenUpTo == m_marks.upTo) return;
  const bool moved = now != m_now;
  m_now = now;
  m_marks.upTo = seenUpTo;
  m_pointed = pointed;
  if (moved && !m_pressed) follow();
  update();
}

void HistoryCanvas::setChosen(std::optional<std::size_t> operation) {
  if (operation == m_marks.chosen) return;
  m_marks.chosen = operation;
  m_marks.prefix.clear();
  tell();
  update();
}

void HistoryCanvas::setPrefix(std::vector<std::size_t> prefix) {
  m_marks.prefix = std::move(prefix);
  update();
}

void HistoryCanvas::reveal(SimTime t) {
  const Duration margin = m_axis.span() / 10;
  if (t >= m_axis.from + margin && t <= m_axis.to - margin) return;
  const SimTime from = t - m_axis.span() / 2;
  m_axis.setSpan(from, from + m_axis.span());
  m_spanByUser = true; // it stays in sight until the cursor moves
  update();
}

void HistoryCanvas::showAll() {
  m_spanByUser = true;
  m_axis.showAll();
  update();
}

void HistoryCanvas::zoom(double factor) {
  const TimeAxis axis = historyLayout().axis;
  m_axis.left = axis.left;
  m_axis.width = axis.width;
  m_axis.zoomAt(axis.left + axis.width / 2, factor);
  m_spanByUser = true;
  update();
}

QString HistoryCanvas::wordsOf(std::size_t operation) const {
  QString words = operationWords(m_shown.judged->history.operations[operation]);
  const auto *mark = markOf(*m_shown.judged, operation);
  if (const QString fresh = freshnessWords(mark); !fresh.isEmpty())
    words += QLatin1Char('\n') + fresh;
  if (mark != nullptr && mark->missed)
    words += QLatin1Char('\n') + tr("It missed: %1")
                                     .arg(QString::fromStdString(judge::text(
                                         m_shown.judged->history.operations[*mark->missed])));
  return words;
}

void HistoryCanvas::tell() {
  QString words;
  if (m_marks.chosen && m_shown.judged != nullptr)
    words = wordsOf(*m_marks.chosen);
  else if (m_shown.judged != nullptr)
    words = tr("%1 operations of %2 clients")
                .arg(m_shown.judged->history.operations.size())
                .arg(m_shown.rows.size());
  if (words != accessibleDescription()) setAccessibleDescription(words);
}

// ---- geometry ---------------------------------------------------------------------------------

QSize HistoryCanvas::sizeHint() const {
  return {m_hub.typography().px(480), minimumSizeHint().height()};
}

QSize HistoryCanvas::minimumSizeHint() const {
  const Typography &type = m_hub.typography();
  const double high = historyHeight(m_shown.rows.size(), type) + type.px(4);
  return {type.px(240), static_cast<int>(high)};
}

HistoryLayout HistoryCanvas::historyLayout() const {
  const Typography &type = m_hub.typography();
  const double side = type.px(canvasPad);
  const int foot = hasKey() ? type.px(keyHeight) : 0;
  return layoutHistory(QRectF(side, type.px(1), std::max(10.0, width() - 2 * side),
                              std::max(10.0, double(height() - foot - 2))),
                       m_shown.rows, m_axis, type);
}

// What the looks mean is said where all rows have room beside it.
bool HistoryCanvas::hasKey() const {
  return height() >= minimumSizeHint().height() + m_hub.typography().px(keyHeight);
}

QRectF HistoryCanvas::boxOf(std::size_t operation) const {
  const HistoryLayout layout = historyLayout();
  for (std::size_t i = 0; i < m_shown.rows.size(); ++i)
    for (const HistoryBar &bar : barsOf(layout, i, m_shown, m_marks.upTo))
      if (bar.operation == operation) return bar.box;
  return {};
}

std::optional<std::size_t> HistoryCanvas::operationAt(QPointF point) const {
  const HistoryLayout layout = historyLayout();
  for (std::size_t i = 0; i < m_shown.rows.size(); ++i) {
    const QRectF row = layout.row(i);
    if (point.y() < row.top() || point.y() >= row.bottom()) continue;
    std::optional<std::size_t> best;
    double nearest = 4; // px: a thin bar can be hit
    for (const HistoryBar &bar : barsOf(layout, i, m_shown, m_marks.upTo)) {
      const double off = std::max({0.0, bar.box.left() - point.x(), point.x() - bar.box.right()});
      if (off >= nearest) continue;
      nearest = off;
      best = bar.operation;
    }
    return best;
  }
  return std::nullopt;
}

std::optional<SimTime> HistoryCanvas::timeAt(QPointF point) const {
  return historyLayout().axis.under(point.x());
}

// ---- painting ---------------------------------------------------------------------------------

void HistoryCanvas::paintEvent(QPaintEvent *) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const Theme &theme = m_hub.theme();
  const Typography &type = m_hub.typography();
  const HistoryLayout layout = historyLayout();
  if (m_shown.rows.empty()) {
    painter.setFont(type.secondary());
    painter.setPen(theme.dim);
    painter.drawText(QRectF(rect()).adjusted(type.px(canvasPad), 0, -type.px(canvasPad), 0),
                     Qt::AlignCenter | Qt::TextWordWrap,
                     tr("No client has asked this store: what is judged is what its members "
                        "promise one another."));
    return;
  }
  HistoryMarks marks = m_marks;
  marks.now = m_now;
  if (m_marks.chosen) {
    for (std::size_t i = 0; i < m_shown.rows.size(); ++i)
      if (m_shown.rows[i].has(*m_marks.chosen)) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme.selection);
        painter.drawRoundedRect(layout.row(i).adjusted(-type.px(6), 1, type.px(6), 0), 4, 4);
      }
  }
  paintHistory(painter, layout, m_shown, marks, theme, type);
  paintMoments(painter, layout.axis, m_now, m_pointed, layout.top, layout.axisTop, theme);
  const double key = type.px(keyHeight);
  if (hasKey())
    paintHistoryKey(painter, QRectF(layout.axis.left, height() - key - 1, layout.axis.width, key),
                    theme, type);
  paintPinnedTimes(painter, layout);
  if (!hasFocus()) return;
  const QRectF box = m_marks.chosen ? boxOf(*m_marks.chosen) : QRectF();
  if (box.isEmpty())
    paintFocusRing(painter, QRectF(rect()).adjusted(2, 0, -2, 0), 4, theme);
  else
    paintFocusRing(painter, box.adjusted(-3, -3, 3, 3), 5, theme);
}

// Where rows are scrolled out of sight below, the times stand at the foot of what is in sight.
void HistoryCanvas::paintPinnedTimes(QPainter &painter, const HistoryLayout &layout) const {
  const Typography &type = m_hub.typography();
  const double high = type.px(keyHeight), foot = visibleRegion().boundingRect().bottom() + 1;
  if (foot < high || layout.axisTop + high <= foot + 1) return;
  HistoryLayout pinned = layout;
  pinned.top = pinned.axisTop = foot - high;
  painter.fillRect(QRectF(0, pinned.top, width(), high), m_hub.theme().panel);
  paintHistoryTimes(painter, pinned, m_hub.theme(), type);
}

void HistoryCanvas::resizeEvent(QResizeEvent *) { chooseSpan(); }

// ---- input ------------------------------------------------------------------------------------

bool HistoryCanvas::event(QEvent *event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  auto *help = static_cast<QHelpEvent *>(event);
  if (const auto operation = operationAt(help->pos()))
    QToolTip::showText(help->globalPos(), wordsOf(*operation), this);
  else
    QToolTip::hideText();
  return true;
}

void HistoryCanvas::setHovered(std::optional<std::size_t> operation) {
  if (operation == m_marks.hovered) return;
  m_marks.hovered = operation;
  update();
}

void HistoryCanvas::mouseMoveEvent(QMouseEvent *event) {
  const QPointF at = event->position();
  if (m_pressed && (event->buttons() & Qt::LeftButton)) {
    const double by = at.x() - m_pressed->x() - m_panned;
    if (m_panned == 0 && std::abs(by) < QApplication::startDragDistance()) return;
    const TimeAxis axis = historyLayout().axis;
    m_axis.left = axis.left;
    m_axis.width = axis.width;
    m_axis.panBy(-by);
    m_panned += by;
    m_spanByUser = true;
    setCursor(Qt::ClosedHandCursor);
    return update();
  }
  const auto operation = operationAt(at);
  setHovered(operation);
  const auto t = timeAt(at);
  setCursor(operation ? Qt::PointingHandCursor : t ? Qt::CrossCursor : Qt::ArrowCursor);
  if (t)
    Q_EMIT pointed(*t);
  else
    Q_EMIT pointerLeft();
}

void HistoryCanvas::mousePressEvent(QMouseEvent *event) {
  if (event->button() != Qt::LeftButton) return event->ignore();
  m_pressed = event->position();
  m_panned = 0;
}

void HistoryCanvas::mouseReleaseEvent(QMouseEvent *event) {
  if (event->button() != Qt::LeftButton || !m_pressed) return event->ignore();
  m_pressed.reset();
  if (m_panned != 0) return setCursor(Qt::CrossCursor);
  const auto operation = operationAt(event->position());
  setChosen(operation);
  Q_EMIT chosen(operation ? static_cast<int>(*operation) : -1);
  if (operation) return;
  if (const auto t = timeAt(event->position())) Q_EMIT timeChosen(*t);
}

void HistoryCanvas::mouseDoubleClickEvent(QMouseEvent *event) {
  if (const auto operation = operationAt(event->position())) Q_EMIT goTo(int(*operation));
}

void HistoryCanvas::leaveEvent(QEvent *) {
  setHovered(std::nullopt);
  Q_EMIT pointerLeft();
}

void HistoryCanvas::wheelEvent(QWheelEvent *event) {
  const QPoint angle = event->angleDelta();
  const TimeAxis axis = historyLayout().axis;
  m_axis.left = axis.left;
  m_axis.width = axis.width;
  if (event->modifiers().testFlag(Qt::ShiftModifier) || angle.x() != 0)
    m_axis.panBy(-(angle.x() + angle.y()) * 0.6);
  else
    m_axis.zoomAt(event->position().x(), std::pow(1.2, angle.y() / 120.0));
  m_spanByUser = true;
  event->accept();
  update();
}

// From operation to operation of a process; in another one to what is nearest in time.
void HistoryCanvas::walk(int rows, int operations) {
  if (m_shown.rows.empty()) return;
  const auto &all = m_shown.judged->history.operations;
  std::size_t row = 0, place = 0;
  bool found = false;
  for (std::size_t r = 0; r < m_shown.rows.size() && m_marks.chosen; ++r)
    for (std::size_t i = 0; i < m_shown.rows[r].operations.size(); ++i)
      if (m_shown.rows[r].operations[i] == *m_marks.chosen) {
        row = r;
        place = i;
        found = true;
      }
  if (found && rows != 0) {
    const auto last = static_cast<int>(m_shown.rows.size()) - 1;
    row = static_cast<std::size_t>(std::clamp(static_cast<int>(row) + rows, 0, last));
  }
  const auto &list = m_shown.rows[row].operations;
  if (!found || rows != 0) {
    const SimTime near = found ? all[*m_marks.chosen].invoked : m_now;
    const auto after =
        std::lower_bound(list.begin(), list.end(), near,
                         [&](std::size_t o, SimTime t) { return all[o].invoked < t; });
    place = after == list.end() ? list.size() - 1 : static_cast<std::size_t>(after - list.begin());
  } else {
    const auto last = static_cast<int>(list.size()) - 1;
    place = static_cast<std::size_t>(std::clamp(static_cast<int>(place) + operations, 0, last));
  }
  const judge::Operation &o = all[list[place]];
  if (m_marks.upTo != 0 && o.invokeRecord > m_marks.upTo) return; // nobody has seen it yet
  setChosen(list[place]);
  reveal(o.invoked);
  Q_EMIT chosen(static_cast<int>(list[place]));
}

void HistoryCanvas::keyPressEvent(QKeyEvent *event) {
  const bool ctrl = event->modifiers().testFlag(Qt::ControlModifier);
  switch (event->key()) {
  case Qt::Key_Up: return ctrl ? zoom(1.5) : walk(-1, 0);
  case Qt::Key_Down: return ctrl ? zoom(1 / 1.5) : walk(1, 0);
  case Qt::Key_Left:
    if (ctrl) return walk(0, -1);
    break;
  case Qt::Key_Right:
    if (ctrl) return walk(0, 1);
    break;
  case Qt::Key_Asterisk: return showAll();
  case Qt::Key_Return:
  case Qt::Key_Enter:
    if (m_marks.chosen) Q_EMIT goTo(static_cast<int>(*m_marks.chosen));
    return;
  default: break;
  }
  QWidget::keyPressEvent(event); // without Ctrl they step through the run
}

} // namespace packetarium::ui
