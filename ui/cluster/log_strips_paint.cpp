// SPDX-License-Identifier: GPL-3.0-or-later
// How the strips of replicated logs look.
#include "ui/cluster/log_strips.h"
#include "ui/cluster/role_words.h"
#include "ui/theme/icons.h"
#include "ui/widgets/paint.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <set>

namespace packetarium::ui {
namespace {

constexpr double textFrom = 34; // narrower cells hold no words

QColor epochColour(const Theme &theme, std::uint64_t epoch) { return theme.term(epoch); }

// Three shapes by turns, so that neighbouring epochs differ without their colour.
QPainterPath epochShape(const QRectF &box, std::uint64_t epoch) {
  QPainterPath path;
  const double cut = std::min({6.0, box.height() / 3, box.width() / 3});
  switch (epoch % 3) {
  case 1: path.addRoundedRect(box, 3, 3); break;
  case 2: {
    const double radius = std::min(box.height() / 2.2, box.width() / 3.2);
    path.addRoundedRect(box, radius, radius);
    break;
  }
  default:
    path.moveTo(box.left() + cut, box.top());
    path.lineTo(box.right(), box.top());
    path.lineTo(box.right(), box.bottom() - cut);
    path.lineTo(box.right() - cut, box.bottom());
    path.lineTo(box.left(), box.bottom());
    path.lineTo(box.left(), box.top() + cut);
    path.closeSubpath();
  }
  return path;
}

void paintTick(QPainter &painter, const QRectF &box, const QColor &ink) {
  painter.setPen(QPen(ink, 1.8, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
  painter.setBrush(Qt::NoBrush);
  const QPointF at(box.right() - 10, box.top() + 7);
  painter.drawPolyline(QPolygonF({at, at + QPointF(2.4, 2.6), at + QPointF(7, -3)}));
}

// "write cart 17" is "cart 17": all in a log are writes, unless it says otherwise.
QString wordsOf(const std::string &operation) {
  const QString text = QString::fromStdString(operation);
  return text.startsWith(QStringLiteral("write ")) ? text.mid(6) : text;
}

} // namespace

void LogStrips::paintEvent(QPaintEvent *) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const Columns c = columns();
  paintHead(painter, c);
  for (std::size_t row = 0; row < m_rows.size(); ++row) paintRow(painter, c, row);
  paintLegend(painter);
  if (hasFocus() && m_current)
    paintFocusRing(painter, boxOf(*m_current).adjusted(-3, -3, 3, 3), 5, m_hub.theme());
}

void LogStrips::paintHead(QPainter &painter, const Columns &c) const {
  const Theme &theme = m_hub.theme();
  const Typography &type = m_hub.typography();
  const double high = type.px(20);
  painter.setFont(type.tiny());
  painter.setPen(theme.dim);
  painter.drawText(QRectF(0, 0, c.left, high), Qt::AlignLeft | Qt::AlignVCenter, tr("Index"));
  const std::uint64_t every = c.cell >= type.px(26) ? 1 : 5;
  for (std::uint64_t i = c.first; c.most > 0 && i <= c.last; ++i)
    if (i % every == 0 || i == c.first)
      painter.drawText(
          QRectF(c.left + static_cast<double>(i - c.first) * c.cell - 10, 0, c.cell + 20, high),
          Qt::AlignCenter, QString::number(i));
  if (c.first > c.least)
    painter.drawText(QRectF(c.left - type.px(46), 0, type.px(34), high),
                     Qt::AlignRight | Qt::AlignVCenter, tr("‹ %1").arg(c.first - c.least));
  painter.setPen(QPen(theme.line, 1));
  painter.drawLine(QPointF(0, high - 0.5), QPointF(width(), high - 0.5));
}

void LogStrips::paintRow(QPainter &painter, const Columns &c, std::size_t index) const {
  const Theme &theme = m_hub.theme();
  const Typography &type = m_hub.typography();
  const LogRow &row = m_rows[index];
  const double y = top(index), high = height(row), first = type.px(34);
  const RoleLook look = roleLook(row.role.toStdString());
  const double side = type.px(16);
  const QColor ink = row.down ? theme.bad : roleColour(theme, look.rank);
  paintIcon(painter, row.down ? "crash" : look.icon,
            QRectF(type.px(2), y + (first - side) / 2, side, side), ink);
  const QRectF words(type.px(26), y, c.left - type.px(34), first);
  painter.setFont(type.name());
  painter.setPen(theme.text);
  painter.drawText(words.adjusted(0, type.px(2), 0, 0), Qt::AlignLeft | Qt::AlignTop,
                   QFontMetricsF(type.name()).elidedText(row.name, Qt::ElideRight, words.width()));
  std::uint64_t epoch = row.term;
  for (const auto &entry : row.log.entries)
    if (!entry.thrownAway && !row.raft) epoch = entry.epoch;
  QString role = row.down ? tr("down") : row.role;
  const QString age = (row.raft ? tr("term %1") : tr("epoch %1")).arg(epoch);
  if (epoch > 0) role = role.isEmpty() ? age : tr("%1 · %2").arg(role, age);
  painter.setFont(type.tiny());
  painter.setPen(row.down ? theme.bad : theme.dim);
  painter.drawText(words.adjusted(0, 0, 0, -type.px(2)), Qt::AlignLeft | Qt::AlignBottom, role);

  paintSnapshot(painter, index);
  for (std::size_t i = 0; i < row.log.entries.size(); ++i) {
    const LogCell cell{index, i};
    const QRectF box = boxOf(cell);
    if (!box.isEmpty())
      paintCell(painter, box, row.log.entries[i], m_hovered == cell || m_current == cell);
  }
  if (row.raft) paintReach(painter, c, index);
  paintProgress(painter, index);
  const bool leads = look.rank == RoleRank::Leads;
  const QString lag = row.log.lag > 0 ? tr("%1 behind").arg(row.log.lag)
                      : leads         ? tr("leads")
                                      : tr("in step");
  painter.setFont(type.secondary());
  painter.setPen(row.log.lag > 0 ? theme.warn : theme.dim);
  painter.drawText(QRectF(width() - type.px(88), y, type.px(86), first),
                   Qt::AlignRight | Qt::AlignVCenter, lag);
  const auto waste = std::count_if(row.log.entries.begin(), row.log.entries.end(),
                                   [](const auto &entry) { return entry.thrownAway; });
  if (waste > 0) {
    painter.setFont(type.tiny());
    painter.setPen(theme.bad);
    painter.drawText(QRectF(width() - type.px(88), y + first - 4, type.px(86), high - first),
                     Qt::AlignRight | Qt::AlignVCenter, tr("%1 thrown away").arg(waste));
  }
  painter.setPen(QPen(theme.line, 1));
  painter.drawLine(QPointF(0, y + high - 0.5), QPointF(width(), y + high - 0.5));
}

// What a snapshot took in: one block with a fold, in the colour of its last term.
void LogStrips::paintSnapshot(QPainter &painter, std::size_t index) const {
  const QRectF box = snapshotBox(index);
  if (box.isEmpty()) return;
  const Theme &theme = m_hub.theme();
  const Typography &type = m_hub.typography();
  const LogRow &row = m_rows[index];
  const QColor hue = epochColour(theme, row.snapshotTerm);
  painter.setPen(QPen(hue, 1.2));
  painter.setBrush(mix(hue, theme.panel, 0.14));
  painter.drawRoundedRect(box, 3, 3);
  for (const double fold : {5.0, 9.0})
    painter.drawLine(QPointF(box.right() - fold, box.top()),
                     QPointF(box.right() - fold, box.bottom()));
  painter.setFont(type.tiny());
  painter.setPen(theme.text);
  const QFontMetricsF metrics(type.tiny());
  const QRectF inner = box.adjusted(5, 0, -12, 0);
  for (const QString &words :
       {tr("snapshot up to %1 · term %2").arg(row.snapshotIndex).arg(row.snapshotTerm),
        tr("up to %1").arg(row.snapshotIndex)}) {
    if (metrics.horizontalAdvance(words) > inner.width()) continue;
    painter.drawText(inner, Qt::AlignLeft | Qt::AlignVCenter, words);
    break;
  }
}

// Up to where its log is committed (whole) and applied (dotted).
void LogStrips::paintReach(QPainter &painter, const Columns &c, std::size_t index) const {
  const Theme &theme = m_hub.theme();
  const Typography &type = m_hub.typography();
  const LogRow &row = m_rows[index];
  const double from = top(index) + 1, to = top(index) + type.px(34) - 1;
  const auto line = [&](std::uint64_t upTo, const QPen &pen, double aside) {
    if (upTo == 0 || upTo < c.first || upTo > c.last) return;
    const auto x = leftOf(upTo + 1);
    if (!x) return;
    painter.setPen(pen);
    painter.drawLine(QPointF(*x + aside, from), QPointF(*x + aside, to));
  };
  line(row.log.committed, QPen(theme.good, 2), 0);
  QPen dotted(theme.good, 2, Qt::SolidLine, Qt::FlatCap);
  dotted.setDashPattern({1, 1.2});
  line(row.applied, dotted, row.applied == row.log.committed ? -3.5 : 0);
}

// A full mark below what the leader knows to be there, an empty one before what it sends next.
void LogStrips::paintProgress(QPainter &painter, std::size_t index) const {
  const Theme &theme = m_hub.theme();
  const double size = m_hub.typography().px(4);
  const auto mark = [&](const std::optional<QPointF> &at, bool full) {
    if (!at) return;
    painter.setPen(QPen(theme.accent, 1.3, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(full ? QBrush(theme.accent) : QBrush(theme.panel));
    painter.drawPolygon(
        QPolygonF({*at, *at + QPointF(size, size * 1.7), *at + QPointF(-size, size * 1.7)}));
  };
  mark(matchMark(index), true);
  mark(nextMark(index), false);
}

void LogStrips::paintCell(QPainter &painter, const QRectF &box, const analysis::LogEntryView &entry,
                          bool lit) const {
  const Theme &theme = m_hub.theme();
  const Typography &type = m_hub.typography();
  const QColor hue = entry.thrownAway ? theme.bad : epochColour(theme, entry.epoch);
  const QPainterPath shape = epochShape(box, entry.epoch);
  const double share = entry.committed && !entry.thrownAway ? (theme.isDark() ? 0.42 : 0.30) : 0.08;
  QPen pen(hue, lit ? 2.2 : 1.2);
  if (!entry.committed || entry.thrownAway) pen.setDashPattern({2.5, 2});
  painter.setPen(pen);
  painter.setBrush(mix(hue, theme.panel, share));
  painter.drawPath(shape);
  if (entry.divergent && !entry.thrownAway) {
    QColor hatch = theme.bad;
    hatch.setAlphaF(0.75F);
    painter.setPen(Qt::NoPen);
    painter.setBrush(QBrush(hatch, Qt::BDiagPattern));
    painter.drawPath(shape);
  }
  if (box.width() >= type.px(textFrom)) {
    painter.setFont(type.tiny());
    const QFontMetricsF metrics(type.tiny());
    const QRectF inner = box.adjusted(5, 0, entry.acknowledged ? -11 : -4, 0);
    const QString words =
        metrics.elidedText(wordsOf(entry.operation), Qt::ElideRight, inner.width());
    if (entry.divergent && !entry.thrownAway) { // the words stay readable over the hatching
      painter.setPen(Qt::NoPen);
      painter.setBrush(mix(hue, theme.panel, share));
      painter.drawRoundedRect(QRectF(inner.left() - 2, box.center().y() - metrics.height() / 2,
                                     metrics.horizontalAdvance(words) + 4, metrics.height()),
                              2, 2);
    }
    painter.setPen(entry.thrownAway ? theme.dim : theme.text);
    painter.drawText(inner, Qt::AlignLeft | Qt::AlignVCenter, words);
  }
  if (entry.acknowledged) paintTick(painter, box, entry.thrownAway ? theme.bad : theme.text);
  if (entry.thrownAway) {
    painter.setPen(QPen(theme.bad, 1.4));
    painter.drawLine(QPointF(box.left() - 1, box.center().y()),
                     QPointF(box.right() + 1, box.center().y()));
  }
}

void LogStrips::paintLegend(QPainter &painter) const {
  const Theme &theme = m_hub.theme();
  const Typography &type = m_hub.typography();
  const QFontMetricsF metrics(type.tiny());
  double x = type.px(2);
  const double y = top(m_rows.size()) + type.px(8), high = type.px(12);
  const auto add = [&](const QString &words, const analysis::LogEntryView &entry) {
    paintCell(painter, QRectF(x, y, type.px(20), high), entry, false);
    x += type.px(26);
    painter.setFont(type.tiny());
    painter.setPen(theme.dim);
    painter.drawText(QRectF(x, y - 2, metrics.horizontalAdvance(words) + 2, high + 4),
                     Qt::AlignVCenter, words);
    x += metrics.horizontalAdvance(words) + type.px(16);
  };
  analysis::LogEntryView entry;
  entry.epoch = 1;
  add(tr("written"), entry);
  entry.committed = true;
  add(tr("committed"), entry);
  entry.acknowledged = true;
  add(tr("acknowledged"), entry);
  entry.acknowledged = false;
  entry.divergent = true;
  add(tr("differs"), entry);
  entry.divergent = entry.committed = false;
  entry.thrownAway = true;
  add(tr("thrown away"), entry);
  painter.setFont(type.tiny());
  painter.setPen(theme.dim);
  if (isRaft()) return paintTerms(painter, x);
  painter.drawText(QRectF(x, y - 2, std::max(0.0, width() - x), high + 4), Qt::AlignVCenter,
                   tr("colour and shape: epoch"));
}

// The lines and marks of Raft, then the terms that are in sight; what has no room is left out.
void LogStrips::paintTerms(QPainter &painter, double x) const {
  const Theme &theme = m_hub.theme();
  const Typography &type = m_hub.typography();
  const QFontMetricsF metrics(type.tiny());
  const double y = top(m_rows.size()) + type.px(8), high = type.px(12);
  const auto fits = [&](const QString &words, double sign) {
    return x + sign + metrics.horizontalAdvance(words) <= width();
  };
  const auto say = [&](const QString &words, double sign) {
    painter.setPen(theme.dim);
    painter.drawText(QRectF(x + sign, y - 2, metrics.horizontalAdvance(words) + 2, high + 4),
                     Qt::AlignVCenter, words);
    x += sign + metrics.horizontalAdvance(words) + type.px(14);
  };
  const double sign = type.px(13), small = type.px(4);
  std::set<std::uint64_t> terms;
  for (const LogRow &row : m_rows) {
    if (row.term > 0) terms.insert(row.term);
    for (const auto &entry : row.log.entries) terms.insert(entry.epoch);
  }
  for (const std::uint64_t term : terms) {
    const QString words = tr("term %1").arg(term);
    if (!fits(words, sign + 4)) return;
    const QRectF box(x, y + 1, sign, high - 2);
    painter.setPen(QPen(epochColour(theme, term), 1.2));
    painter.setBrush(mix(epochColour(theme, term), theme.panel, theme.isDark() ? 0.42 : 0.30));
    painter.drawPath(epochShape(box, term));
    say(words, sign + 4);
  }
  for (const bool full : {true, false}) {
    const QString words = full ? tr("matchIndex") : tr("nextIndex");
    if (!fits(words, sign)) return;
    painter.setPen(QPen(theme.accent, 1.3));
    painter.setBrush(full ? QBrush(theme.accent) : QBrush(theme.panel));
    const QPointF tip(x + small, y + 2);
    painter.drawPolygon(
        QPolygonF({tip, tip + QPointF(small, small * 1.7), tip + QPointF(-small, small * 1.7)}));
    say(words, sign);
  }
  for (const bool applied : {false, true}) {
    const QString words = applied ? tr("applied up to") : tr("committed up to");
    if (!fits(words, sign)) return;
    QPen pen(theme.good, 2, Qt::SolidLine, Qt::FlatCap);
    if (applied) pen.setDashPattern({1, 1.2});
    painter.setPen(pen);
    painter.drawLine(QPointF(x + 4, y - 1), QPointF(x + 4, y + high + 1));
    say(words, sign);
  }
}

} // namespace packetarium::ui
