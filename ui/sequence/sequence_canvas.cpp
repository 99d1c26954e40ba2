// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/sequence/sequence_canvas.h"

#include "core/analysis/steps.h"
#include "ui/layers/layer_paint.h"
#include "ui/widgets/format.h"

#include <QAccessible>
#include <QApplication>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QScrollBar>
#include <QToolTip>

#include <algorithm>
#include <cmath>
#include <utility>

namespace packetarium::ui {
namespace {

constexpr double nearPx = 6; // a pointer this near to an arrow is on it

double distanceTo(const QLineF &line, QPointF point) {
  const QPointF d = line.p2() - line.p1();
  const double length = QPointF::dotProduct(d, d);
  const double share =
      length > 0 ? std::clamp(QPointF::dotProduct(point - line.p1(), d) / length, 0.0, 1.0) : 0;
  return QLineF(line.p1() + share * d, point).length();
}

// What the node was from the instant on; null: it is in no Raft cluster.
const RoleSpan *roleAt(const std::vector<RoleSpan> &roles, std::uint32_t node, SimTime at) {
  for (const RoleSpan &span : roles)
    if (span.node == node && span.from <= at && at < span.to) return &span;
  return nullptr;
}

} // namespace

SequenceCanvas::SequenceCanvas(ViewState &state, QWidget *parent)
    : QAbstractScrollArea(parent), m_state(state) {
  setFrameShape(QFrame::NoFrame);
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(tr("Sequence diagram"));
  viewport()->setMouseTracking(true);
  viewport()->setAutoFillBackground(false);
  verticalScrollBar()->setSingleStep(24);
  connect(verticalScrollBar(), &QScrollBar::valueChanged, this, &SequenceCanvas::scrollBarMoved);

  connect(&state, &ViewState::frameChanged, this, &SequenceCanvas::refresh);
  connect(&state, &ViewState::traceGrown, this, [this] {
    m_window.traceChanged(m_state);
    refresh();
  });
  connect(&state, &ViewState::truncated, this, [this] { m_window.invalidate(); });
  connect(&state, &ViewState::rebuilt, this, [this] {
    m_window.clear();
    m_layout = {};
    m_pxPerMs = 0;
    m_now = {};
    setFollowing(true);
    refresh();
  });
  connect(&state, &ViewState::selectionChanged, this, [this] {
    if (const auto shape = selectedShape(); shape && isVisible()) ensureInSight(*shape);
    announce();
    viewport()->update();
  });
  connect(&state, &ViewState::hoveredChanged, viewport(), qOverload<>(&QWidget::update));
  connect(&state.hub(), &ThemeHub::changed, this, [this] {
    m_stale = true;
    refresh();
  });
}

void SequenceCanvas::setChoice(const LadderChoice &choice) {
  if (choice == m_choice) return;
  m_choice = choice;
  refresh();
}

void SequenceCanvas::setZoom(double zoom) {
  zoom = std::clamp(zoom, zoomMin, zoomMax);
  if (zoom == m_zoom) return;
  m_zoom = zoom;
  m_stale = true;
  refresh();
  Q_EMIT zoomChanged();
}

void SequenceCanvas::setFollowing(bool following) {
  if (following == m_following) return;
  m_following = following;
  if (following) scrollToNow();
  Q_EMIT followingChanged();
}

// ---- keeping up -------------------------------------------------------------------------------

void SequenceCanvas::refresh() {
  if (!isVisible()) return;
  const SimTime before = m_now;
  m_now = m_state.frame().cursor.at;
  const bool rebuilt = m_window.refresh(m_state, m_choice);
  if (rebuilt || m_stale) relayout();
  // A step or a jump is made to see what is there.
  if (m_now != before && !m_state.playback().isPlaying() && !m_following) setFollowing(true);
  updateBars();
  const bool empty = isSilent();
  if (std::exchange(m_toldEmpty, empty) != empty) Q_EMIT emptyChanged();
  viewport()->update();
}

void SequenceCanvas::relayout() {
  const SimTime top = m_layout.scale().at(verticalScrollBar()->value());
  m_pxPerMs = LadderLayout::pxPerMsFor(m_window.ladder(), m_pxPerMs);
  m_roles = roleSpans(m_state.facts(), m_window.ladder().from, m_window.ladder().to);
  m_layout = LadderLayout(m_window, markTexts(), m_choice.allHops,
                          {static_cast<double>(viewport()->width()), m_zoom}, m_state.typography(),
                          m_pxPerMs);
  m_stale = false;
  if (m_following) return;
  m_scrolling = true;
  updateBars();
  verticalScrollBar()->setValue(static_cast<int>(std::lround(m_layout.scale().y(top))));
  m_scrolling = false;
}

std::vector<LadderMarkText> SequenceCanvas::markTexts() const {
  std::vector<LadderMarkText> texts;
  const auto &stops = m_state.playback().phaseStops();
  const auto &phases = m_state.scenario().phases;
  const auto &known = m_state.chronicle().phases();
  for (const analysis::LadderMark &mark : m_window.ladder().marks) {
    LadderMarkText text;
    const QString words = QString::fromStdString(mark.text);
    switch (mark.kind) {
    case trace::RecordKind::Phase: {
      const auto it = std::lower_bound(
          known.begin(), known.end(), mark.sequence,
          [](const analysis::PhaseMark &p, trace::Sequence s) { return p.sequence < s; });
      if (it == known.end() || it->sequence != mark.sequence) break;
      const auto stop = analysis::phaseStopOf(m_state.chronicle(), *it, stops);
      if (!stop || *stop >= phases.size()) break;
      text.text = QString::fromStdString(phases[*stop].title);
      if (phases[*stop].step > 0)
        text.text = QStringLiteral("%1  %2").arg(phases[*stop].step).arg(text.text);
      break;
    }
    case trace::RecordKind::NodeState:
      text.text = QStringLiteral("%1: %2").arg(m_state.nodeName(mark.node), words);
      text.isFault = true;
      break;
    case trace::RecordKind::Fact:
      if (const RoleSpan *span = roleAt(m_roles, mark.node, mark.at);
          span != nullptr && mark.text.starts_with(span->role)) {
        // That a member follows is the rule, and its spine says it.
        if (span->role == "follower") break;
        text.text = tr("%1: %2, term %3")
                        .arg(m_state.nodeName(mark.node), QString::fromStdString(span->role))
                        .arg(span->term);
        break;
      }
      text.text = QStringLiteral("%1: %2").arg(m_state.nodeName(mark.node), words);
      break;
    case trace::RecordKind::LinkState:
    case trace::RecordKind::LinkChanged:
    case trace::RecordKind::NodeChanged:
      text.text = words;
      text.isFault = true;
      break;
    case trace::RecordKind::RequestEnded:
      if (mark.text == trace::name(trace::RequestOutcome::Ok)) break;
      text.text = tr("%1: request failed, %2").arg(m_state.nodeName(mark.node), words);
      text.isFault = true;
      break;
    default: break;
    }
    texts.push_back(std::move(text));
  }
  return texts;
}

std::size_t SequenceCanvas::visibleArrows() const {
  const auto &arrows = m_window.ladder().arrows;
  const auto end = std::partition_point(arrows.begin(), arrows.end(),
                                        [&](const auto &a) { return a.sentAt <= m_now; });
  return static_cast<std::size_t>(end - arrows.begin());
}

bool SequenceCanvas::isSilent() const {
  return visibleArrows() == 0 && !m_window.isCut() && m_window.ladder().pendingSlots.empty();
}

// ---- scrolling --------------------------------------------------------------------------------

double SequenceCanvas::headHeight() const { return m_state.typography().px(28); }
double SequenceCanvas::footHeight() const { return m_state.typography().px(24); }

QPointF SequenceCanvas::origin() const {
  return {-static_cast<double>(horizontalScrollBar()->value()),
          headHeight() + m_state.typography().px(14) - verticalScrollBar()->value()};
}

void SequenceCanvas::updateBars() {
  const double paper = nowY() + headHeight() + m_state.typography().px(14) + footHeight();
  const int height = viewport()->height();
  m_scrolling = true;
  verticalScrollBar()->setPageStep(height);
  verticalScrollBar()->setRange(0, std::max(0, static_cast<int>(std::ceil(paper)) - height));
  horizontalScrollBar()->setPageStep(viewport()->width());
  horizontalScrollBar()->setRange(
      0, std::max(0, static_cast<int>(m_layout.width()) - viewport()->width()));
  m_scrolling = false;
  if (m_following) scrollToNow();
}

void SequenceCanvas::scrollToNow() {
  m_scrolling = true;
  verticalScrollBar()->setValue(verticalScrollBar()->maximum());
  m_scrolling = false;
}

void SequenceCanvas::scrollBarMoved() {
  if (m_scrolling) return;
  setFollowing(verticalScrollBar()->value() >= verticalScrollBar()->maximum() - 2);
  if (verticalScrollBar()->value() == 0 && m_window.reachBack()) refresh();
}

void SequenceCanvas::scrollContentsBy(int, int) { viewport()->update(); }

void SequenceCanvas::resizeEvent(QResizeEvent *event) {
  QAbstractScrollArea::resizeEvent(event);
  m_stale = true;
  refresh();
}

void SequenceCanvas::showEvent(QShowEvent *event) {
  QAbstractScrollArea::showEvent(event);
  m_stale = true;
  refresh();
}

// ---- arrows -----------------------------------------------------------------------------------

std::optional<std::size_t> SequenceCanvas::selectedShape() const {
  const Selection &selection = m_state.selection();
  if (!selection.isPacket()) return std::nullopt;
  const auto &arrows = m_window.ladder().arrows;
  const auto &shapes = m_layout.arrows();
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    const analysis::LadderArrow &a = arrows[shapes[i].arrow];
    if (a.firstSent == selection.record || (selection.origin != 0 && a.origin == selection.origin))
      return i;
  }
  return std::nullopt;
}

void SequenceCanvas::selectShape(std::size_t shape) {
  m_state.selectRecord(m_window.ladder().arrows[m_layout.arrows()[shape].arrow].firstSent);
}

void SequenceCanvas::ensureInSight(std::size_t shape) {
  const ArrowShape &arrow = m_layout.arrows()[shape];
  if (m_window.ladder().arrows[arrow.arrow].sentAt > m_now) return;
  const double top = headHeight() + m_state.typography().px(14);
  const double from = arrow.points.front().y() + top;
  const double to = std::min(arrow.points.back().y(), nowY()) + top;
  const int value = verticalScrollBar()->value();
  const int height = viewport()->height();
  const double margin = headHeight() + m_state.typography().px(14);
  if (from - margin < value)
    verticalScrollBar()->setValue(static_cast<int>(from - margin));
  else if (to + footHeight() > value + height)
    verticalScrollBar()->setValue(static_cast<int>(to + footHeight()) - height);
}

void SequenceCanvas::walk(int steps) {
  const auto &shapes = m_layout.arrows();
  const auto &arrows = m_window.ladder().arrows;
  int last = static_cast<int>(shapes.size()) - 1;
  while (last >= 0 && arrows[shapes[static_cast<std::size_t>(last)].arrow].sentAt > m_now) --last;
  if (last < 0) return;
  const auto selected = selectedShape();
  int next = selected ? static_cast<int>(*selected) + steps : last;
  next = std::clamp(next, 0, last);
  selectShape(static_cast<std::size_t>(next));
}

std::optional<std::size_t> SequenceCanvas::arrowAt(const QPointF &viewportPoint) const {
  if (viewportPoint.y() < headHeight()) return std::nullopt;
  const QPointF at = viewportPoint - origin();
  std::optional<std::size_t> found;
  double nearest = nearPx;
  const auto &shapes = m_layout.arrows();
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    const ArrowShape &shape = shapes[i];
    if (m_window.ladder().arrows[shape.arrow].sentAt > m_now) break;
    if (shape.points.front().y() > at.y() + 40 && shape.points.back().y() > at.y() + 40) continue;
    const bool onWords =
        shape.label.isShown() && shape.label.outline().containsPoint(at, Qt::OddEvenFill);
    if (onWords) return i;
    for (std::size_t p = 1; p < shape.points.size(); ++p) {
      const double distance = distanceTo({shape.points[p - 1], shape.points[p]}, at);
      if (distance >= nearest) continue;
      nearest = distance;
      found = i;
    }
  }
  return found;
}

std::optional<QPointF> SequenceCanvas::placeOf(std::size_t arrow) const {
  for (const ArrowShape &shape : m_layout.arrows()) {
    if (shape.arrow != arrow) continue;
    if (m_window.ladder().arrows[arrow].sentAt > m_now) return std::nullopt;
    return (shape.points.front() + shape.points.back()) / 2 + origin();
  }
  return std::nullopt;
}

// Words wait until the packet has come as far as they stand.
bool SequenceCanvas::isTold(const ArrowShape &shape) const {
  const analysis::LadderArrow &a = m_window.ladder().arrows[shape.arrow];
  const bool ended = a.end != analysis::ArrowEnd::UnderWay && a.endedAt <= m_now;
  return shape.label.isShown() &&
         (ended || shape.label.outline().boundingRect().bottom() <= nowY());
}

std::vector<SequenceCanvas::NowWords> SequenceCanvas::wordsAtNow() const {
  std::vector<NowWords> out;
  const auto &columns = m_layout.columns();
  if (columns.empty()) return out;
  const QFontMetricsF metrics(m_state.typography().tiny());
  const auto &arrows = m_window.ladder().arrows;
  const auto &shapes = m_layout.arrows();
  const auto chosen = selectedShape();
  const auto add = [&](std::size_t i) {
    const ArrowShape &shape = shapes[i];
    const analysis::LadderArrow &a = arrows[shape.arrow];
    const bool ended = a.end != analysis::ArrowEnd::UnderWay && a.endedAt <= m_now;
    if (ended || shape.words.isEmpty() || isTold(shape)) return;
    NowWords words;
    words.shape = i;
    words.label.text = shape.words;
    words.label.width = metrics.horizontalAdvance(shape.words) + m_state.typography().px(6);
    words.label.height = metrics.height();
    const double half = words.label.width / 2;
    const double left = columns.front() + half;
    const double x = pointsUpTo(shape.points, nowY()).back().x();
    words.label.centre = {std::clamp(x, left, std::max(left, columns.back() - half)),
                          nowY() + m_state.typography().px(6) + words.label.height / 2};
    const bool free = std::none_of(out.begin(), out.end(), [&](const NowWords &w) {
      return std::abs(w.label.centre.x() - words.label.centre.x()) <
             half + w.label.width / 2 + m_state.typography().px(4);
    });
    if (free) out.push_back(std::move(words));
  };
  if (chosen && arrows[shapes[*chosen].arrow].sentAt <= m_now) add(*chosen);
  for (std::size_t i = 0; i < shapes.size() && arrows[shapes[i].arrow].sentAt <= m_now; ++i) add(i);
  return out;
}

QString SequenceCanvas::describe(const analysis::LadderArrow &a) const {
  QStringList lines;
  lines << QString::fromStdString(a.label) +
               (a.encrypted ? tr("  (only its ends can read it)") : QString()) +
               (a.retransmission ? tr("  (sent again)") : QString());
  lines << tr("%1 to %2 · %3, %4")
               .arg(m_state.nodeName(a.fromNode), m_state.nodeName(a.toNode),
                    protocolClassName(a.protocol), formatBytes(a.frameBytes));
  const QString sent = tr("Sent at %1").arg(formatTimeShort(a.sentAt.ns()));
  const QString took = formatDuration((std::min(a.endedAt, m_now) - a.sentAt).ns());
  if (a.end == analysis::ArrowEnd::UnderWay || a.endedAt > m_now)
    lines << tr("%1, under way for %2").arg(sent, took);
  else if (a.end == analysis::ArrowEnd::Delivered)
    lines << tr("%1, took %2").arg(sent, took);
  else {
    lines << tr("%1, lost after %2").arg(sent, took);
    const std::string_view why = trace::sentence(a.reason);
    lines << QString::fromUtf8(why.data(), static_cast<qsizetype>(why.size()));
  }
  return lines.join(QLatin1Char('\n'));
}

/// The keys whose band is under the pointer, with those for what this end receives.
QString SequenceCanvas::describeKeys(const QPointF &viewportPoint) const {
  if (viewportPoint.y() < headHeight()) return {};
  const QPointF at = viewportPoint - origin();
  const auto &all = m_window.ladder().keys;
  for (const KeyShape &shape : m_layout.keys()) {
    if (std::abs(shape.x - at.x()) > 3 || at.y() < shape.fromY - m_state.typography().px(10) ||
        at.y() > std::min(shape.toY, nowY()) || shape.from > m_now)
      continue;
    const analysis::LadderKeys &writes = all[shape.keys];
    const auto text = [](const std::string &s) { return QString::fromStdString(s); };
    QStringList lines{tr("%1 encrypts what it sends, from %2 on")
                          .arg(m_state.nodeName(writes.node), formatTimeShort(writes.from.ns())),
                      tr("Key: %1, %2").arg(text(writes.name), text(writes.cipher))};
    const SimTime when = m_layout.scale().at(std::max(at.y(), shape.fromY));
    for (const analysis::LadderKeys &reads : all)
      if (!reads.writes && reads.node == writes.node && reads.socket == writes.socket &&
          reads.from <= when && when <= reads.to)
        lines << tr("It reads with: %1, %2").arg(text(reads.name), text(reads.cipher));
    return lines.join(QLatin1Char('\n'));
  }
  return {};
}

void SequenceCanvas::announce() {
  const auto shape = selectedShape();
  if (!shape) return;
  setAccessibleDescription(describe(m_window.ladder().arrows[m_layout.arrows()[*shape].arrow]));
  if (!hasFocus()) return;
  QAccessibleEvent event(this, QAccessible::DescriptionChanged);
  QAccessible::updateAccessibility(&event);
}

// ---- input ------------------------------------------------------------------------------------

bool SequenceCanvas::viewportEvent(QEvent *event) {
  if (event->type() == QEvent::ToolTip) {
    auto *help = static_cast<QHelpEvent *>(event);
    const auto shape = arrowAt(help->pos());
    if (shape)
      QToolTip::showText(help->globalPos(),
                         describe(m_window.ladder().arrows[m_layout.arrows()[*shape].arrow]),
                         viewport());
    else if (const QString keys = describeKeys(help->pos()); !keys.isEmpty())
      QToolTip::showText(help->globalPos(), keys, viewport());
    else
      QToolTip::hideText();
    return true;
  }
  if (event->type() == QEvent::Leave && m_state.hovered().isPacket()) m_state.hover({});
  return QAbstractScrollArea::viewportEvent(event);
}

void SequenceCanvas::mousePressEvent(QMouseEvent *event) {
  if (event->button() != Qt::LeftButton) return event->ignore();
  if (const auto shape = arrowAt(event->position()))
    selectShape(*shape);
  else if (m_state.selection().isPacket())
    m_state.clearSelection();
}

void SequenceCanvas::mouseDoubleClickEvent(QMouseEvent *event) {
  const auto shape = arrowAt(event->position());
  if (!shape) return event->ignore();
  selectShape(*shape);
  m_state.playback().seekToRecord(
      m_window.ladder().arrows[m_layout.arrows()[*shape].arrow].firstSent);
}

void SequenceCanvas::mouseMoveEvent(QMouseEvent *event) {
  const auto shape = arrowAt(event->position());
  viewport()->setCursor(shape ? Qt::PointingHandCursor : Qt::ArrowCursor);
  if (shape)
    m_state.hover(
        m_state.packetOf(m_window.ladder().arrows[m_layout.arrows()[*shape].arrow].firstSent));
  else if (m_state.hovered().isPacket())
    m_state.hover({});
}

void SequenceCanvas::wheelEvent(QWheelEvent *event) {
  if (!(event->modifiers() & Qt::ControlModifier)) return QAbstractScrollArea::wheelEvent(event);
  setZoom(m_zoom * std::pow(1.2, event->angleDelta().y() / 120.0));
  event->accept();
}

KeyHelpGroup SequenceCanvas::keyHelp() {
  return {tr("In the sequence"),
          {{tr("Previous, next message"), {Qt::Key_Up, Qt::Key_Down}, {}},
           {tr("Go to when it was sent"), {Qt::Key_Return}, {}},
           {tr("More or less room for time"), {}, tr("Ctrl+wheel")}}};
}

void SequenceCanvas::keyPressEvent(QKeyEvent *event) {
  constexpr int many = 1 << 20;
  switch (event->key()) {
  case Qt::Key_Up: return walk(-1);
  case Qt::Key_Down: return walk(1);
  case Qt::Key_PageUp: return walk(-10);
  case Qt::Key_PageDown: return walk(10);
  case Qt::Key_Home: return walk(-many);
  case Qt::Key_End: return walk(many);
  case Qt::Key_Return:
  case Qt::Key_Enter:
    if (const auto shape = selectedShape())
      m_state.playback().seekToRecord(
          m_window.ladder().arrows[m_layout.arrows()[*shape].arrow].firstSent);
    return;
  default: event->ignore(); // not the scroll area's: left and right step the simulation
  }
}

} // namespace packetarium::ui
