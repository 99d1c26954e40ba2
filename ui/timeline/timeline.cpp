// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/timeline/timeline.h"

#include "ui/widgets/format.h"

#include <QAccessible>
#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QToolTip>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace packetarium::ui {
namespace {

constexpr int activityIntervalMs = 120;
constexpr double columnPixels = 4;
/// The first view shows about so many records: one story's worth, not the whole hour.
constexpr trace::Sequence openingRecords = 260;

/// When the run first falls silent for much longer than it has spoken; else when enough was said.
SimTime firstStoryEnd(const trace::Trace &trace, SimTime end) {
  constexpr trace::Sequence storyRecords = 40;
  SimTime last;
  for (trace::Sequence s = 1; s <= openingRecords; ++s) {
    const trace::Record *record = trace.record(s);
    if (record == nullptr) return s == 1 ? end : last;
    if (s > storyRecords && (record->at - last).ns() > 2 * last.ns()) return last;
    last = record->at;
  }
  return last;
}

} // namespace

Timeline::Timeline(ViewState &state, QWidget *parent) : QWidget(parent), m_state(state) {
  setObjectName(QStringLiteral("timeline"));
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(tr("Timeline"));
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  m_activityTimer.setSingleShot(true);
  m_activityTimer.setInterval(activityIntervalMs);
  connect(&m_activityTimer, &QTimer::timeout, this, &Timeline::refreshActivity);
  connect(&state, &ViewState::rebuilt, this, &Timeline::onRebuilt);
  connect(&state, &ViewState::traceGrown, this, &Timeline::onGrown);
  connect(&state, &ViewState::truncated, this, [this] {
    onGrown();
    m_awaiting = true;
  });
  connect(&state, &ViewState::documentChanged, this, [this](ChangeEvent event) {
    if (event.opened) startAnew();
    refreshClips();
  });
  connect(&state, &ViewState::cursorChanged, this, &Timeline::onCursor);
  connect(&state, &ViewState::pointedTimeChanged, this, qOverload<>(&Timeline::update));
  connect(&state.playback(), &Playback::stateChanged, this, &Timeline::widenWhereSilent);
  connect(&state.hub(), &ThemeHub::changed, this, [this] {
    updateGeometry();
    layOut();
  });
  onRebuilt();
}

void Timeline::startAnew() {
  m_spanChosen = false;
  m_axis.showAll();
}

/// An edit runs the scenario anew; whoever looks at a part of it goes on looking at that part.
void Timeline::onRebuilt() {
  m_axis.end = std::max(m_state.playback().end(), SimTime::fromNs(TimeAxis::spanNsMin));
  if (m_spanChosen)
    m_axis.setSpan(m_axis.from, m_axis.to);
  else
    m_axis.showAll();
  m_activity.clear();
  refreshClips();
  layOut();
}

void Timeline::onGrown() {
  m_awaiting = false;
  if (!m_spanChosen) chooseSpan();
  if (!m_activityTimer.isActive()) m_activityTimer.start();
}

/// Once enough of the run is known: its first story, with a little of what follows.
void Timeline::chooseSpan() {
  const trace::Trace &trace = m_state.trace();
  if (trace.lastSequence() < openingRecords && !m_state.playback().runEnded()) return;
  m_spanChosen = true;
  SimTime until = firstStoryEnd(trace, m_axis.end);
  for (const Clip &clip : m_clips) until = std::max(until, clip.span.from);
  const SimTime near = until + (until - SimTime::zero()) / 2;
  for (const scenario::Bookmark &bookmark : m_state.scenario().bookmarks)
    if (bookmark.at <= near) until = std::max(until, bookmark.at);
  const SimTime now = m_state.now();
  until = std::max(until + (until - SimTime::zero()) / 8, now + (now - SimTime::zero()) / 20);
  m_axis.setSpan(SimTime::zero(), std::min(until, m_axis.end));
  update();
}

void Timeline::refreshActivity() {
  const auto columns = static_cast<std::size_t>(std::max(1.0, m_axis.width / columnPixels));
  m_activity = analysis::activityOf(m_state.trace(), m_axis.from, m_axis.to, columns);
  float most = 1;
  for (const auto &column : m_activity) most = std::max(most, column.sent + column.dropped);
  m_busiest = most;
  update();
}

void Timeline::onCursor() {
  const bool playing = m_state.playback().isPlaying();
  if (!m_scrubbing && !m_drag && m_spanChosen &&
      (playing || m_axis.x(m_state.now()) < m_axis.left ||
       m_axis.x(m_state.now()) > m_axis.left + m_axis.width) &&
      m_axis.follow(m_state.now()))
    refreshActivity();
  widenWhereSilent();
  if (!playing) setAccessibleDescription(tr("Time %1").arg(formatTime(m_state.now().ns())));
  update();
}

void Timeline::showAll() {
  m_spanChosen = true;
  m_axis.showAll();
  refreshActivity();
}

void Timeline::zoomIn() {
  m_spanChosen = true;
  m_axis.zoomAt(m_axis.x(m_state.now()), 1.6);
  refreshActivity();
}

void Timeline::zoomOut() {
  m_spanChosen = true;
  m_axis.zoomAt(m_axis.x(m_state.now()), 1 / 1.6);
  refreshActivity();
}

/// Who stops in a long silence sees what lies about it rather than an empty strip.
void Timeline::widenWhereSilent() {
  if (m_state.playback().isPlaying() || m_scrubbing || m_drag || !m_spanChosen || m_awaiting)
    return;
  const SimTime known = m_state.trace().knownUntil();
  if (known < std::min(m_axis.to, m_axis.end) && !m_state.playback().runEnded()) return;
  refreshActivity();
  const auto silent = [&] {
    return std::all_of(m_activity.begin(), m_activity.end(),
                       [](const auto &column) { return column.sent + column.dropped <= 0; });
  };
  constexpr int most = 12;
  for (int i = 0; i < most && silent() && m_axis.to - m_axis.from < m_axis.end - SimTime::zero();
       ++i) {
    m_axis.zoomAt(m_axis.x(m_state.now()), 0.5);
    refreshActivity();
  }
}

QSize Timeline::sizeHint() const {
  const Typography &type = m_state.typography();
  return {800, type.px(8 + 4 + 14 + 30 + 18) + m_clipRows * type.px(17)};
}

QSize Timeline::minimumSizeHint() const { return {320, sizeHint().height()}; }

Timeline::Rows Timeline::rows() const {
  const Typography &type = m_state.typography();
  Rows r;
  r.clips = type.px(8);
  r.clipHeight = type.px(15);
  r.flags = r.clips + m_clipRows * type.px(17) + type.px(2);
  r.bars = r.flags + type.px(14);
  r.axis = height() - type.px(17);
  r.barsBottom = r.axis - type.px(3);
  return r;
}

void Timeline::layOut() {
  const Typography &type = m_state.typography();
  m_axis.left = type.px(76);
  m_axis.width = std::max(10.0, width() - m_axis.left - type.px(16));
  refreshActivity();
}

void Timeline::resizeEvent(QResizeEvent *) { layOut(); }

const scenario::Bookmark *Timeline::bookmarkAt(QPointF point) const {
  const Rows r = rows();
  if (point.y() < r.flags - 2 || point.y() > r.bars) return nullptr;
  for (const scenario::Bookmark &bookmark : m_state.scenario().bookmarks)
    if (std::abs(m_axis.x(bookmark.at) + 3 - point.x()) <= 7) return &bookmark;
  return nullptr;
}

QString Timeline::toolTipAt(QPointF point) const {
  if (const Clip *clip = clipAt(point)) return clipToolTip(*clip);
  if (const scenario::Bookmark *bookmark = bookmarkAt(point))
    return QString::fromStdString(bookmark->title) + u'\n' + formatTimeShort(bookmark->at.ns());
  if (point.x() < m_axis.left) return {};
  QString text = formatTimeShort(m_axis.at(point.x()).ns());
  const auto column =
      static_cast<std::size_t>(std::max(0.0, (point.x() - m_axis.left) / m_axis.width) *
                               static_cast<double>(m_activity.size()));
  if (column < m_activity.size()) {
    const auto &a = m_activity[column];
    text += tr("\n%1 frames sent").arg(formatNumber(std::round(a.sent)));
    if (a.dropped > 0) text += tr(", %1 dropped").arg(formatNumber(std::round(a.dropped)));
    if (a.retransmitted > 0)
      text += tr(", %1 sent again").arg(formatNumber(std::round(a.retransmitted)));
  }
  return text;
}

bool Timeline::event(QEvent *event) {
  if (event->type() == QEvent::ToolTip) {
    auto *help = static_cast<QHelpEvent *>(event);
    const QString text = toolTipAt(help->pos());
    if (text.isEmpty())
      QToolTip::hideText();
    else
      QToolTip::showText(help->globalPos(), text, this);
    return true;
  }
  if (event->type() == QEvent::ShortcutOverride && isClipKey(*static_cast<QKeyEvent *>(event))) {
    event->accept();
    return true;
  }
  return QWidget::event(event);
}

void Timeline::mousePressEvent(QMouseEvent *event) {
  const QPointF at = event->position();
  if (event->button() == Qt::MiddleButton) {
    m_panFrom = at.x();
    return;
  }
  if (event->button() != Qt::LeftButton) return;
  if (m_drag) return;
  if (grabClip(at)) return;
  chooseClip({});
  if (const scenario::Bookmark *bookmark = bookmarkAt(at)) {
    m_state.playback().seek(bookmark->at);
    return;
  }
  m_scrubbing = true;
  m_state.playback().seek(m_axis.at(at.x()));
}

void Timeline::mouseMoveEvent(QMouseEvent *event) {
  const double x = event->position().x();
  const bool onAxis = x >= m_axis.left && x <= m_axis.left + m_axis.width;
  m_state.pointTo(onAxis ? std::optional(m_axis.at(x)) : std::nullopt);
  if (m_drag) return dragClip(event->position(), event->modifiers());
  if (m_scrubbing) m_state.playback().seek(m_axis.at(x));
  if (m_panFrom) {
    m_axis.panBy(*m_panFrom - x);
    m_panFrom = x;
    m_spanChosen = true;
    refreshActivity();
  }
  setCursor(cursorAt(event->position()));
  update();
}

void Timeline::mouseReleaseEvent(QMouseEvent *event) {
  if (m_drag && event->button() == Qt::LeftButton) dropClip();
  m_scrubbing = false;
  m_panFrom.reset();
}

void Timeline::mouseDoubleClickEvent(QMouseEvent *event) {
  if (event->position().x() < m_axis.left) showAll();
}

void Timeline::leaveEvent(QEvent *) { m_state.pointTo(std::nullopt); }

void Timeline::wheelEvent(QWheelEvent *event) {
  const QPoint angle = event->angleDelta();
  m_spanChosen = true;
  if (event->modifiers().testFlag(Qt::ShiftModifier) || angle.x() != 0)
    m_axis.panBy(-(angle.x() + angle.y()) * 0.6);
  else
    m_axis.zoomAt(event->position().x(), std::pow(1.2, angle.y() / 120.0));
  refreshActivity();
  event->accept();
}

void Timeline::contextMenuEvent(QContextMenuEvent *event) {
  auto *menu = new QMenu(this);
  menu->setAttribute(Qt::WA_DeleteOnClose);
  if (const Clip *clip = clipAt(event->pos())) {
    chooseClip(clip->span.beginId);
    fillClipMenu(*menu, *clip);
    menu->addSeparator();
  }
  menu->addAction(tr("Show the whole run"), this, &Timeline::showAll);
  menu->addAction(tr("Zoom in"), this, &Timeline::zoomIn);
  menu->addAction(tr("Zoom out"), this, &Timeline::zoomOut);
  menu->popup(event->globalPos());
}

} // namespace packetarium::ui
