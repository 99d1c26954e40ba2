// SPDX-License-Identifier: GPL-3.0-or-later
// How the timeline looks.
#include "core/analysis/steps.h"
#include "ui/theme/icons.h"
#include "ui/timeline/timeline.h"
#include "ui/widgets/format.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>
#include <map>

namespace packetarium::ui {

void Timeline::paintEvent(QPaintEvent *) {
  QPainter painter(this);
  const Theme &theme = m_state.theme();
  painter.fillRect(rect(), theme.panel);
  painter.setPen(theme.line);
  painter.drawLine(0, 0, width(), 0);
  painter.setRenderHint(QPainter::Antialiasing);
  paintCaptions(painter);
  painter.save();
  painter.setClipRect(QRectF(m_axis.left - 8, 0, m_axis.width + 16, height()));
  paintPhases(painter);
  paintActivity(painter);
  paintClips(painter);
  paintFlags(painter);
  painter.restore();
  paintAxis(painter);
  paintCursor(painter);
  if (hasFocus()) {
    painter.setPen(QPen(theme.accent, 1));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(QRectF(rect()).adjusted(0.5, 1.5, -0.5, -0.5));
  }
}

void Timeline::paintCaptions(QPainter &painter) const {
  const Rows r = rows();
  const double left = m_state.typography().px(16);
  painter.setFont(m_state.typography().secondary());
  painter.setPen(m_state.theme().dim);
  const double wide = m_axis.left - left - 4;
  painter.drawText(QRectF(left, r.clips, wide, r.clipHeight), Qt::AlignVCenter | Qt::AlignLeft,
                   tr("Faults"));
  painter.drawText(QRectF(left, r.bars, wide, r.barsBottom - r.bars),
                   Qt::AlignVCenter | Qt::AlignLeft, tr("Activity"));
}

void Timeline::paintClips(QPainter &painter) const {
  const Theme &theme = m_state.theme();
  const Rows r = rows();
  const QFontMetricsF metrics(m_state.typography().tiny());
  painter.setFont(m_state.typography().tiny());
  if (m_clips.empty()) {
    const QString words = tr("none yet: right click a cable or a node");
    const double wide = metrics.horizontalAdvance(words);
    // Two places, one of which the cursor always leaves free.
    const double beyond = m_axis.left + 10 + wide + 12;
    const bool under = m_axis.x(m_state.now()) < beyond;
    painter.setPen(theme.dim);
    painter.drawText(
        QRectF(under ? beyond + 12 : m_axis.left + 10, r.clips, wide + 2, r.clipHeight),
        Qt::AlignVCenter, words);
  }
  for (const Clip &clip : m_clips) {
    const QRectF box = clipBox(clip);
    if (box.width() <= 0) continue;
    const bool order = clip.span.moment == FaultAction::Promote;
    const bool hard = !order && (clip.span.kind == ScriptClip::Kind::Cut ||
                                 clip.span.kind == ScriptClip::Kind::Crash);
    const QColor ink = hard ? theme.bad : order ? theme.accent : theme.warn;
    const bool chosen = clip.span.beginId == m_chosen;
    painter.setPen(chosen ? QPen(ink, 1.4) : QPen(Qt::NoPen));
    painter.setBrush(hard ? theme.badSoft : order ? theme.accentSoft : theme.warnSoft);
    painter.drawRoundedRect(chosen ? box.adjusted(0.7, 0.7, -0.7, -0.7) : box, 3, 3);
    painter.setPen(Qt::NoPen);
    painter.setBrush(ink);
    if (clip.span.from >= m_axis.from)
      painter.drawRoundedRect(QRectF(box.left(), box.top(), 2.5, box.height()), 1, 1);
    // A second bar where it ends; a fault that never ends has none, unless it can be grabbed there.
    const bool seenEnd = clip.span.to <= m_axis.to;
    if (!clip.span.open && seenEnd && box.width() > 6)
      painter.drawRoundedRect(QRectF(box.right() - 2.5, box.top(), 2.5, box.height()), 1, 1);
    if (clip.span.open && chosen)
      for (const double dy : {0.25, 0.5, 0.75})
        painter.drawEllipse(QPointF(box.right() - 4, box.top() + dy * box.height()), 1.1, 1.1);
    if (clip.span.moment) {
      const double side = box.height() - 3;
      paintIcon(painter, actionIcon(*clip.span.moment),
                QRectF(box.left() + 3.5, box.top() + 1.5, side, side), ink);
      continue;
    }
    const QRectF inner = box.adjusted(8, 0, -8, 0);
    if (inner.width() < 24) continue;
    painter.setPen(ink);
    painter.drawText(inner, Qt::AlignVCenter | Qt::AlignLeft,
                     metrics.elidedText(clip.text, Qt::ElideRight, inner.width()));
  }
  if (m_drag && m_drag->moved) {
    const Clip *clip = clipOf(m_drag->id);
    if (clip == nullptr) return;
    painter.setPen(QPen(theme.accent, 1, Qt::DashLine));
    for (const SimTime t : {clip->span.from, clip->span.to})
      if (t <= m_axis.to && t >= m_axis.from && (t == clip->span.from || !clip->span.open))
        painter.drawLine(QPointF(m_axis.x(t), r.clips), QPointF(m_axis.x(t), r.barsBottom));
  }
}

/// A tick where the story reached its next step, with the step's number where there is room.
void Timeline::paintPhases(QPainter &painter) const {
  const auto &stops = m_state.playback().phaseStops();
  if (stops.empty()) return;
  const Theme &theme = m_state.theme();
  const Rows r = rows();
  const auto &phases = m_state.chronicle().phases();
  const auto first = std::lower_bound(phases.begin(), phases.end(), m_axis.from,
                                      [](const auto &mark, SimTime t) { return mark.at < t; });
  painter.setFont(m_state.typography().tiny());
  const QFontMetricsF metrics(m_state.typography().tiny());
  double free = m_axis.left - 1e9;
  double lastTick = free;
  std::map<int, double> numbered; // step: where its number stands last
  for (auto mark = first; mark != phases.end() && mark->at <= m_axis.to; ++mark) {
    const auto stop = analysis::phaseStopOf(m_state.chronicle(), *mark, stops);
    if (!stop) continue;
    const double x = std::round(m_axis.x(mark->at)) + 0.5;
    if (x - lastTick >= 2) {
      painter.setPen(QPen(theme.line, 1));
      painter.drawLine(QPointF(x, r.bars - 2), QPointF(x, r.barsBottom));
      lastTick = x;
    }
    const auto &phase = m_state.scenario().phases[*stop];
    if (phase.step == 0) continue;
    const QString number = QString::number(phase.step);
    const double wide = metrics.horizontalAdvance(number);
    const double left = x - wide / 2;
    const bool flag =
        std::any_of(m_state.scenario().bookmarks.begin(), m_state.scenario().bookmarks.end(),
                    [&](const auto &b) {
                      return m_axis.x(b.at) > left - 11 && m_axis.x(b.at) < left + wide + 3;
                    });
    // A step that comes again and again has its number now and then: the others stay readable.
    const auto same = numbered.find(static_cast<int>(phase.step));
    if (left < free || flag || (same != numbered.end() && left - same->second < 120)) continue;
    numbered[static_cast<int>(phase.step)] = left;
    painter.setPen(theme.dim);
    painter.drawText(QPointF(left, r.bars - 4), number);
    free = left + wide + 4;
  }
}

void Timeline::paintActivity(QPainter &painter) const {
  const Theme &theme = m_state.theme();
  const Rows r = rows();
  const double full = r.barsBottom - r.bars;
  const double wide = m_axis.width / std::max<double>(1, static_cast<double>(m_activity.size()));
  const double cursor = m_axis.x(m_state.now());
  painter.setPen(Qt::NoPen);
  for (std::size_t i = 0; i < m_activity.size(); ++i) {
    const auto &column = m_activity[i];
    const double sum = column.sent + column.dropped;
    if (sum <= 0) continue;
    const double x = m_axis.left + static_cast<double>(i) * wide;
    // Square root: a lone packet is seen beside a burst.
    const double tall = std::max(2.0, full * std::sqrt(sum / m_busiest));
    const bool past = x <= cursor;
    const double bar = std::max(1.0, wide - 1);
    painter.setBrush(past ? mix(theme.accent, theme.panel, 0.85)
                          : mix(theme.faint, theme.panel, 0.55));
    painter.drawRect(QRectF(x, r.barsBottom - tall, bar, tall));
    const double bad = column.dropped / sum * tall;
    const double again = column.retransmitted / sum * tall;
    if (bad > 0) {
      painter.setBrush(past ? theme.bad : mix(theme.bad, theme.panel, 0.5));
      painter.drawRect(QRectF(x, r.barsBottom - tall, bar, std::max(2.0, bad)));
    }
    if (again > 0) {
      painter.setBrush(past ? theme.warn : mix(theme.warn, theme.panel, 0.5));
      painter.drawRect(QRectF(x, r.barsBottom - std::max(2.0, again), bar, std::max(2.0, again)));
    }
  }
  painter.setPen(QPen(theme.line, 1));
  painter.drawLine(QPointF(m_axis.left, r.barsBottom + 0.5),
                   QPointF(m_axis.left + m_axis.width, r.barsBottom + 0.5));
}

void Timeline::paintAxis(QPainter &painter) const {
  const Theme &theme = m_state.theme();
  const Rows r = rows();
  const QFontMetricsF metrics(m_state.typography().tiny());
  painter.setFont(m_state.typography().tiny());
  double free = 0;
  for (const SimTime tick : ticksOf(m_axis, m_state.typography().px(84))) {
    const double x = std::round(m_axis.x(tick)) + 0.5;
    const QString text = formatTimeShort(tick.ns());
    const double wide = metrics.horizontalAdvance(text);
    const double left = std::clamp(x - wide / 2, m_axis.left - 8, width() - wide - 4.0);
    painter.setPen(QPen(theme.line, 1));
    painter.drawLine(QPointF(x, r.barsBottom), QPointF(x, r.barsBottom + 3));
    if (left < free) continue;
    painter.setPen(theme.dim);
    painter.drawText(QRectF(left, r.axis, wide + 2, height() - r.axis - 2), Qt::AlignVCenter, text);
    free = left + wide + 10;
  }
}

void Timeline::paintFlags(QPainter &painter) const {
  const Theme &theme = m_state.theme();
  const Rows r = rows();
  std::vector<double> places;
  for (const scenario::Bookmark &bookmark : m_state.scenario().bookmarks)
    places.push_back(m_axis.x(bookmark.at));
  std::sort(places.begin(), places.end());
  double free = m_axis.left - 8;
  for (const double x : places) {
    // Of flags that would run into one another the first stands for all.
    if (x < free || x > m_axis.left + m_axis.width + 8) continue;
    free = x + 9;
    const double top = r.flags;
    QPainterPath flag;
    flag.addPolygon(
        QPolygonF({{x, top}, {x + 7, top}, {x + 7, top + 10}, {x + 3.5, top + 7}, {x, top + 10}}));
    flag.closeSubpath();
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.accent);
    painter.drawPath(flag);
  }
}

void Timeline::paintCursor(QPainter &painter) const {
  const Theme &theme = m_state.theme();
  const double right = m_axis.left + m_axis.width;
  const Rows r = rows();
  if (const auto pointed = m_state.pointedTime(); pointed && !m_scrubbing) {
    const double at = m_axis.x(*pointed);
    painter.setPen(QPen(theme.faint, 1, Qt::DotLine));
    if (at >= m_axis.left && at <= right)
      painter.drawLine(QPointF(at, r.clips), QPointF(at, r.barsBottom));
  }
  const double x = m_axis.x(m_state.now());
  if (x < m_axis.left - 1 || x > right + 1) return;
  painter.setPen(QPen(theme.accent, 1.6));
  painter.drawLine(QPointF(x, 8), QPointF(x, r.barsBottom + 1));
  QPainterPath handle;
  handle.addPolygon(QPolygonF({{x - 5, 1}, {x + 5, 1}, {x + 5, 7}, {x, 12}, {x - 5, 7}}));
  handle.closeSubpath();
  painter.setPen(QPen(theme.panel, 1));
  painter.setBrush(theme.accent);
  painter.drawPath(handle);
}

} // namespace packetarium::ui
