// SPDX-License-Identifier: GPL-3.0-or-later
// Faults on the timeline, and what a person does to them.
#include "ui/forms/property_form.h"
#include "ui/timeline/timeline.h"
#include "ui/widgets/format.h"
#include "ui/widgets/menus.h"

#include <QKeyEvent>
#include <QMenu>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace packetarium::ui {
namespace {

constexpr double endReach = 4;    // to either side of an end
constexpr double dragFrom = 4;    // pixels after which a press is a drag
constexpr double snapReach = 7;   // to bookmarks and the cursor
constexpr double tickPixels = 84; // as the axis is labelled

} // namespace

void Timeline::refreshClips() {
  m_clips.clear();
  std::vector<SimTime> rowEnds;
  const scenario::Scenario &scenario = m_state.scenario();
  std::vector<Clip> folded;
  for (ScriptClip &span : clipsOf(scenario)) {
    const auto with = std::find_if(folded.begin(), folded.end(), [&](const Clip &clip) {
      return belongTogether(clip.span, span);
    });
    if (with != folded.end())
      with->all.push_back(std::move(span));
    else
      folded.push_back({span, 0, {}, {span}});
  }
  for (Clip &clip : folded) {
    clip.text = textOf(clip);
    const auto row = std::find_if(rowEnds.begin(), rowEnds.end(),
                                  [&](SimTime until) { return until <= clip.span.from; });
    clip.row = static_cast<int>(row - rowEnds.begin());
    if (row == rowEnds.end())
      rowEnds.push_back(clip.span.to);
    else
      *row = clip.span.to;
    clip.row = std::min(clip.row, clipRowsMax - 1);
    m_clips.push_back(std::move(clip));
  }
  if (m_drag) m_drag.reset(); // the document changed under it
  if (clipOf(m_chosen) == nullptr) m_chosen.clear();
  const int count = std::clamp(static_cast<int>(rowEnds.size()), 1, clipRowsMax);
  if (count != m_clipRows) {
    m_clipRows = count;
    updateGeometry();
  }
  update();
}

std::vector<std::string> Timeline::Clip::ids() const {
  std::vector<std::string> found;
  for (const ScriptClip &clip : all) found.push_back(clip.beginId);
  return found;
}

QString Timeline::textOf(const Clip &clip) const {
  const ScriptClip &span = clip.span;
  const QString text = clipsLabel(m_state.scenario(), clip.all);
  return span.open || span.moment ? text
                                  : text + tr(", back at %1").arg(formatTimeShort(span.to.ns()));
}

Timeline::Clip *Timeline::clipOf(const std::string &beginId) {
  for (Clip &clip : m_clips)
    if (!beginId.empty() && clip.span.beginId == beginId) return &clip;
  return nullptr;
}

const Timeline::Clip *Timeline::clipOf(const std::string &beginId) const {
  return const_cast<Timeline *>(this)->clipOf(beginId);
}

QRectF Timeline::clipBox(const Clip &clip) const {
  const Rows r = rows();
  const double right = m_axis.left + m_axis.width;
  const double from = std::clamp(m_axis.x(clip.span.from), m_axis.left, right);
  const double to = std::clamp(m_axis.x(clip.span.to), m_axis.left, right);
  const double y = r.clips + clip.row * m_state.typography().px(17);
  const bool seen = clip.span.from <= m_axis.to && clip.span.to >= m_axis.from;
  // What passes at once has room for its icon.
  const double least = clip.span.moment ? r.clipHeight + 2 : 3.0;
  return {from, y, seen ? std::max(to - from, least) : 0.0, r.clipHeight};
}

QRectF Timeline::boxOf(const std::string &beginId) const {
  const Clip *clip = clipOf(beginId);
  return clip != nullptr ? clipBox(*clip) : QRectF();
}

const Timeline::Clip *Timeline::clipAt(QPointF point) const {
  const auto hit = [&](const Clip &clip) {
    const QRectF box = clipBox(clip);
    return box.width() > 0 && box.adjusted(-endReach, -1, endReach, 1).contains(point);
  };
  // Of clips that touch, the chosen one is meant.
  if (const Clip *chosen = clipOf(m_chosen); chosen != nullptr && hit(*chosen)) return chosen;
  for (const Clip &clip : m_clips)
    if (hit(clip)) return &clip;
  return nullptr;
}

QString Timeline::clipToolTip(const Clip &clip) const {
  const ScriptClip &span = clip.span;
  const QString from = formatTimeShort(span.from.ns());
  const QString what = clipsLabel(m_state.scenario(), clip.all);
  if (span.moment) return tr("%1\nat %2").arg(what, from);
  if (span.open) return tr("%1\nfrom %2 to the end of the run").arg(what, from);
  return tr("%1\nfrom %2 to %3, for %4")
      .arg(what, from, formatTimeShort(span.to.ns()), formatDuration((span.to - span.from).ns()));
}

Timeline::Grip Timeline::gripAt(const Clip &clip, QPointF point) const {
  if (clip.span.moment) return Grip::Body;
  const QRectF box = clipBox(clip);
  // A narrow clip keeps a middle to be moved by; its ends reach outwards all the same.
  const double inwards = std::min(endReach, box.width() / 4);
  const bool beginSeen = clip.span.from >= m_axis.from;
  const bool endSeen = clip.span.open || clip.span.to <= m_axis.to;
  if (beginSeen && point.x() <= box.left() + inwards) return Grip::Begin;
  if (endSeen && point.x() >= box.right() - (clip.span.open ? 2 * endReach : inwards))
    return Grip::End;
  return Grip::Body;
}

QCursor Timeline::cursorAt(QPointF point) const {
  if (const Clip *clip = clipAt(point))
    return gripAt(*clip, point) == Grip::Body ? Qt::OpenHandCursor : Qt::SizeHorCursor;
  return bookmarkAt(point) != nullptr ? Qt::PointingHandCursor : Qt::ArrowCursor;
}

void Timeline::selectTarget(const ScriptClip &clip) {
  if (const NodeIndex node = m_state.built().node(clip.target); node.valid())
    m_state.select(Selection::ofNode(node));
  else if (const LinkIndex link = m_state.built().link(clip.target); link.valid())
    m_state.select(Selection::ofLink(link));
}

void Timeline::chooseClip(const std::string &beginId) {
  if (m_chosen == beginId) return;
  m_chosen = clipOf(beginId) != nullptr ? beginId : std::string();
  if (const Clip *clip = clipOf(m_chosen)) setAccessibleDescription(clipToolTip(*clip));
  update();
}

// ---- dragging ---------------------------------------------------------------------------------

bool Timeline::grabClip(QPointF point) {
  const Clip *clip = clipAt(point);
  if (clip == nullptr) return false;
  const std::string id = clip->span.beginId;
  Drag drag;
  drag.id = id;
  drag.grip = gripAt(*clip, point);
  drag.before = clip->span;
  drag.pressed = point;
  const SimTime held = drag.grip == Grip::End ? clip->span.to : clip->span.from;
  // The end of a clip that never ends lies where the pointer takes it.
  const bool far = drag.grip == Grip::End && clip->span.open;
  drag.offset = far ? Duration{} : held - m_axis.at(point.x());
  chooseClip(id);
  selectTarget(drag.before);
  if (clipOf(id) == nullptr) return true;
  m_drag = std::move(drag);
  return true;
}

Duration Timeline::snapUnit() const {
  const std::vector<SimTime> ticks = ticksOf(m_axis, m_state.typography().px(tickPixels));
  if (ticks.size() < 2) return Duration::ns(1);
  return Duration::ns(std::max<std::int64_t>((ticks[1] - ticks[0]).ns() / 10, 1));
}

SimTime Timeline::snapped(SimTime t, Qt::KeyboardModifiers modifiers) const {
  if (modifiers.testFlag(Qt::ShiftModifier)) return t;
  const double x = m_axis.x(t);
  double nearest = snapReach;
  std::optional<SimTime> mark;
  const auto consider = [&](SimTime at) {
    if (std::abs(m_axis.x(at) - x) >= nearest) return;
    nearest = std::abs(m_axis.x(at) - x);
    mark = at;
  };
  consider(m_state.now());
  for (const scenario::Bookmark &bookmark : m_state.scenario().bookmarks) consider(bookmark.at);
  if (mark) return *mark;
  const std::int64_t unit = snapUnit().ns();
  return SimTime::fromNs((t.ns() + unit / 2) / unit * unit);
}

void Timeline::dragClip(QPointF point, Qt::KeyboardModifiers modifiers) {
  Clip *clip = clipOf(m_drag->id);
  if (clip == nullptr) return m_drag.reset();
  if (!m_drag->moved && std::abs(point.x() - m_drag->pressed.x()) < dragFrom) return;
  m_drag->moved = true;
  setCursor(m_drag->grip == Grip::Body ? Qt::ClosedHandCursor : Qt::SizeHorCursor);
  const ScriptClip &before = m_drag->before;
  const SimTime wanted =
      snapped(std::max(m_axis.at(point.x()) + m_drag->offset, SimTime::zero()), modifiers);
  ScriptClip &span = clip->span;
  span = before;
  switch (m_drag->grip) {
  case Grip::Body:
    span.from = movedBegin(before, wanted);
    if (!before.open && !before.endShared) span.to = before.to + (span.from - before.from);
    break;
  case Grip::Begin: span.from = stretchedBegin(before, wanted); break;
  case Grip::End:
    span.to = stretchedEnd(before, wanted);
    span.open = false;
    break;
  }
  clip->text = textOf(*clip);
  // Above the strip, so that it hides nothing of it.
  QToolTip::showText(mapToGlobal(QPoint(static_cast<int>(point.x()) - 40, -80)), clipToolTip(*clip),
                     this);
  update();
}

void Timeline::dropClip() {
  const Drag drag = *m_drag;
  const Clip *clip = clipOf(drag.id);
  m_drag.reset();
  setCursor(Qt::ArrowCursor);
  if (clip == nullptr || !drag.moved) return;
  const ScriptClip wanted = clip->span;
  const std::vector<std::string> ids = clip->ids();
  Document &document = m_state.document();
  switch (drag.grip) {
  case Grip::Body: report(moveClips(document, ids, wanted.from)); break;
  case Grip::Begin: report(stretchBegins(document, ids, wanted.from)); break;
  case Grip::End: report(stretchEnds(document, ids, wanted.to)); break;
  }
  QToolTip::hideText();
  refreshClips(); // where nothing changed, back to where it was
}

void Timeline::cancelDrag() {
  m_drag.reset();
  QToolTip::hideText();
  setCursor(Qt::ArrowCursor);
  refreshClips();
}

void Timeline::report(const Status &status) {
  if (!status.ok()) Q_EMIT failed(sentenceOf(status));
}

// ---- keys -------------------------------------------------------------------------------------

KeyHelpGroup Timeline::keyHelp() {
  const auto sideways = [](Qt::KeyboardModifiers with) {
    return QList<QKeySequence>{with | Qt::Key_Left, with | Qt::Key_Right};
  };
  return {tr("On the timeline"),
          {{tr("Previous, next fault"), {Qt::Key_Up, Qt::Key_Down}, {}},
           {tr("Move the chosen fault"), sideways(Qt::ControlModifier), {}},
           {tr("Move its end"), sideways(Qt::ControlModifier | Qt::ShiftModifier), {}},
           {tr("Remove it"), {Qt::Key_Delete, Qt::Key_Backspace}, {}},
           {tr("Choose none; give up a drag"), {Qt::Key_Escape}, {}},
           {tr("Drag without snapping"), {}, tr("Shift+drag")},
           {tr("More or less of the run"), {}, tr("Wheel")}}};
}

bool Timeline::isClipKey(const QKeyEvent &event) const {
  const bool plain = (event.modifiers() & ~Qt::KeypadModifier) == Qt::NoModifier;
  switch (event.key()) {
  case Qt::Key_Up:
  case Qt::Key_Down: return plain && !m_clips.empty();
  case Qt::Key_Delete:
  case Qt::Key_Backspace: return plain && !m_chosen.empty();
  case Qt::Key_Escape: return plain && (m_drag || !m_chosen.empty());
  case Qt::Key_Left:
  case Qt::Key_Right: return !m_chosen.empty() && event.modifiers().testFlag(Qt::ControlModifier);
  default: return false;
  }
}

void Timeline::keyPressEvent(QKeyEvent *event) {
  if (!isClipKey(*event)) return QWidget::keyPressEvent(event);
  const bool stretch = event->modifiers().testFlag(Qt::ShiftModifier);
  switch (event->key()) {
  case Qt::Key_Up: return stepChoice(-1);
  case Qt::Key_Down: return stepChoice(1);
  case Qt::Key_Left: return nudge(-1, stretch);
  case Qt::Key_Right: return nudge(1, stretch);
  case Qt::Key_Escape: return m_drag ? cancelDrag() : chooseClip({});
  default: return removeChosen();
  }
}

void Timeline::stepChoice(int by) {
  if (m_clips.empty() || m_drag) return;
  const auto at = std::find_if(m_clips.begin(), m_clips.end(),
                               [this](const Clip &clip) { return clip.span.beginId == m_chosen; });
  const int count = static_cast<int>(m_clips.size());
  int next = by > 0 ? 0 : count - 1;
  if (at != m_clips.end()) next = (static_cast<int>(at - m_clips.begin()) + by + count) % count;
  const ScriptClip clip = m_clips[static_cast<std::size_t>(next)].span;
  chooseClip(clip.beginId);
  selectTarget(clip);
}

void Timeline::nudge(int steps, bool stretch) {
  const Clip *clip = clipOf(m_chosen);
  if (clip == nullptr || m_drag) return;
  const std::string id = m_chosen;
  const Duration by = snapUnit() * steps;
  const int mergeId = mergeIdOf(stretch ? "clip-stretch" : "clip-move", {id});
  Document &document = m_state.document();
  if (stretch)
    report(stretchEnds(document, clip->ids(), clip->span.to + by, mergeId));
  else
    report(
        moveClips(document, clip->ids(), std::max(clip->span.from + by, SimTime::zero()), mergeId));
  if (const Clip *now = clipOf(id)) setAccessibleDescription(clipToolTip(*now));
}

void Timeline::removeChosen() {
  const Clip *clip = clipOf(m_chosen);
  const std::vector<std::string> ids = clip != nullptr ? clip->ids() : std::vector{m_chosen};
  if (m_drag) cancelDrag();
  report(removeClips(m_state.document(), ids));
}

void Timeline::fillClipMenu(QMenu &menu, const Clip &clip) {
  menu.setToolTipsVisible(true);
  const ScriptClip span = clip.span;
  const std::vector<std::string> ids = clip.ids();
  addHeading(menu, clipsLabel(m_state.scenario(), clip.all), m_state.theme());
  QAction *go = menu.addAction(tr("Go to where it begins"));
  connect(go, &QAction::triggered, this, [this, span] { m_state.playback().seek(span.from); });
  const SimTime now = m_state.now();
  if (!span.moment && now > span.from && now <= span.latest && now != span.to) {
    QAction *end = menu.addAction(tr("End it at %1").arg(formatTimeShort(now.ns())));
    end->setToolTip(tr("At the cursor"));
    connect(end, &QAction::triggered, this,
            [this, ids, now] { report(stretchEnds(m_state.document(), ids, now)); });
  }
  QAction *remove = menu.addAction(tr("Remove"));
  remove->setShortcut(QKeySequence(Qt::Key_Delete));
  remove->setShortcutContext(Qt::WidgetShortcut);
  connect(remove, &QAction::triggered, this,
          [this, ids] { report(removeClips(m_state.document(), ids)); });
}

} // namespace packetarium::ui
