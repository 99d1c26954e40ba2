// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/transport/socket.h"
#include "ui/layers/layer_paint.h"
#include "ui/sequence/sequence_canvas.h"
#include "ui/theme/icons.h"
#include "ui/widgets/format.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QScrollBar>

#include <algorithm>
#include <cmath>
#include <utility>

namespace packetarium::ui {

struct SequenceCanvas::Sheet {
  const Theme &theme;
  const Typography &type;
  double top, bottom; // what is in sight, in heights of the paper
  double now;
  QFontMetricsF tiny;
};

namespace {

void paintHead(QPainter &painter, QPointF from, QPointF tip, const QColor &colour, double size) {
  const QLineF line(from, tip);
  if (line.length() < 1) return;
  const QPointF along = (tip - from) / line.length();
  const QPointF across(-along.y(), along.x());
  painter.setPen(Qt::NoPen);
  painter.setBrush(colour);
  painter.drawPolygon(QPolygonF{tip, tip - along * size + across * size * 0.45,
                                tip - along * size - across * size * 0.45});
}

void paintCross(QPainter &painter, QPointF at, const QColor &colour, double arm) {
  painter.setPen(QPen(colour, 1.8, Qt::SolidLine, Qt::RoundCap));
  painter.drawLine(at + QPointF(-arm, -arm), at + QPointF(arm, arm));
  painter.drawLine(at + QPointF(-arm, arm), at + QPointF(arm, -arm));
}

QColor stateColour(const Theme &theme, std::uint8_t state) {
  using transport::TcpState;
  switch (static_cast<TcpState>(state)) {
  case TcpState::Established: return theme.good;
  case TcpState::SynSent:
  case TcpState::SynReceived:
  case TcpState::Listen: return theme.dim;
  default: return theme.warn;
  }
}

} // namespace

void SequenceCanvas::paintEvent(QPaintEvent *) {
  QPainter painter(viewport());
  const Theme &theme = m_state.theme();
  const Typography &type = m_state.typography();
  painter.fillRect(viewport()->rect(), theme.panel);
  painter.setRenderHint(QPainter::Antialiasing);
  const QPointF at = origin();
  const Sheet sheet{theme,
                    type,
                    headHeight() - at.y(),
                    viewport()->height() - at.y(),
                    nowY(),
                    QFontMetricsF(type.tiny())};
  painter.save();
  painter.translate(at);
  paintPaper(painter, sheet);
  painter.restore();
  paintHeads(painter, sheet);
}

void SequenceCanvas::paintPaper(QPainter &painter, const Sheet &sheet) const {
  paintLifelines(painter, sheet);
  paintRoles(painter, sheet);
  paintStates(painter, sheet);
  paintKeys(painter, sheet);
  paintBreaks(painter, sheet);
  paintMarks(painter, sheet);
  const auto &arrows = m_window.ladder().arrows;
  std::vector<const ArrowShape *> inSight;
  for (const ArrowShape &shape : m_layout.arrows()) {
    if (arrows[shape.arrow].sentAt > m_now) break;
    const double from = shape.points.front().y(), to = shape.points.back().y();
    if (to < sheet.top - 20 || from > sheet.bottom + 20) continue;
    inSight.push_back(&shape);
  }
  for (const ArrowShape *shape : inSight) paintArrow(painter, sheet, *shape);
  for (const ArrowShape *shape : inSight) paintArrowWords(painter, sheet, *shape);
  paintTerms(painter, sheet);
  paintMarkWords(painter, sheet);
  paintStateWords(painter, sheet);
  paintTimes(painter, sheet);
  paintNow(painter, sheet);
  paintNowWords(painter, sheet);
}

void SequenceCanvas::paintLifelines(QPainter &painter, const Sheet &sheet) const {
  painter.setPen(QPen(sheet.theme.line, 1));
  const double to = std::min(sheet.bottom, sheet.now + sheet.type.px(10));
  for (const double x : m_layout.columns())
    painter.drawLine(QPointF(x + 0.5, sheet.top), QPointF(x + 0.5, to));
}

// A spine in the colour of the term: full for who leads, hatched for who stands, thin for who
// follows, none for who is down.
void SequenceCanvas::paintRoles(QPainter &painter, const Sheet &sheet) const {
  for (const RoleSpan &span : m_roles) {
    const auto x = m_layout.xOf(span.node);
    if (!x || span.from > m_now || span.role == "down" || span.term == 0) continue;
    const double from = std::max(m_layout.scale().y(span.from), sheet.top);
    const double end = span.to == SimTime::max() ? sheet.now : m_layout.scale().y(span.to);
    const double to = std::min({end, sheet.now, sheet.bottom});
    if (to <= from) continue;
    const QColor &hue = sheet.theme.term(span.term);
    const bool leads = span.role == "leader";
    const bool stands = !leads && span.role.find("candidate") != std::string::npos;
    const double wide = sheet.type.px(leads || stands ? 9 : 5);
    const QRectF box(*x + 0.5 - wide / 2, from, wide, to - from);
    painter.fillRect(box, mix(hue, sheet.theme.panel, leads ? 0.75 : stands ? 0.2 : 0.35));
    if (stands) painter.fillRect(box, QBrush(hue, Qt::BDiagPattern));
  }
}

// The number of the term where it begins, and at the top of the paper for what began above it.
void SequenceCanvas::paintTerms(QPainter &painter, const Sheet &sheet) const {
  QFont font = sheet.type.tiny();
  font.setWeight(QFont::DemiBold);
  painter.setFont(font);
  const QFontMetricsF metrics(font);
  const RoleSpan *before = nullptr;
  for (const RoleSpan &span : m_roles) {
    const RoleSpan *last = std::exchange(before, &span);
    const auto x = m_layout.xOf(span.node);
    if (!x || span.from > m_now || span.role == "down" || span.term == 0) continue;
    const double start = m_layout.scale().y(span.from);
    const double end = span.to == SimTime::max() ? sheet.now : m_layout.scale().y(span.to);
    const double high = metrics.height();
    const bool above = start < sheet.top;
    // A member that only takes another role keeps its number.
    const bool same = last != nullptr && last->node == span.node && last->term == span.term &&
                      last->role != "down" && !above;
    const double y = std::max(start, sheet.top + 2);
    if (same || y + high > std::min(end, sheet.bottom) + high / 2) continue;
    const QString number = QString::number(span.term);
    const double wide = std::max(high, metrics.horizontalAdvance(number) + 6);
    const QRectF box(*x + 0.5 - wide / 2, y, wide, high);
    painter.setPen(QPen(sheet.theme.panel, 1));
    painter.setBrush(sheet.theme.term(span.term));
    painter.drawRoundedRect(box, 4, 4);
    painter.setPen(sheet.theme.onTerm);
    painter.drawText(box, Qt::AlignCenter, number);
  }
}

void SequenceCanvas::paintStates(QPainter &painter, const Sheet &sheet) const {
  for (const StateShape &shape : m_layout.states()) {
    const double from = std::max(shape.fromY, sheet.top);
    const double to = std::min({shape.toY, sheet.now, sheet.bottom});
    if (shape.from > m_now || to <= from) continue;
    const auto state = m_window.ladder().states[shape.state].state;
    if (state == static_cast<std::uint8_t>(transport::TcpState::Listen)) continue;
    QColor colour = stateColour(sheet.theme, state);
    painter.setPen(QPen(colour, 3, Qt::SolidLine, Qt::FlatCap));
    painter.drawLine(QPointF(shape.x + 0.5, from), QPointF(shape.x + 0.5, to));
  }
}

// From the lock on, this end encrypts: pale with keys for the handshake, full with those for data.
void SequenceCanvas::paintKeys(QPainter &painter, const Sheet &sheet) const {
  const double size = sheet.type.px(9);
  for (const KeyShape &shape : m_layout.keys()) {
    const double from = std::max(shape.fromY, sheet.top);
    const double to = std::min({shape.toY, sheet.now, sheet.bottom});
    if (shape.from > m_now || to < from) continue;
    QColor colour = sheet.theme.tls;
    if (shape.brief) colour.setAlphaF(0.45F);
    painter.setPen(QPen(colour, 2, Qt::SolidLine, Qt::FlatCap));
    painter.drawLine(QPointF(shape.x, from), QPointF(shape.x, to));
    if (shape.first && shape.fromY >= sheet.top)
      paintIcon(painter, "lock", QRectF(shape.x - size / 2, shape.fromY - size - 1, size, size),
                sheet.theme.tls);
  }
}

// Stand in the gutters beside the outermost lifelines; further in only where there is room.
void SequenceCanvas::paintStateWords(QPainter &painter, const Sheet &sheet) const {
  painter.setFont(sheet.type.tiny());
  const double height = sheet.tiny.height();
  const auto &columns = m_layout.columns();
  if (columns.empty()) return;
  std::vector<QRectF> taken{nowBox(sheet)};
  std::vector<std::pair<QRectF, QString>> said;
  const auto listens = [&](const StateShape &shape) {
    return m_window.ladder().states[shape.state].state ==
           static_cast<std::uint8_t>(transport::TcpState::Listen);
  };
  const auto inSight = [&](const StateShape &shape) {
    return shape.from <= m_now && shape.fromY <= sheet.bottom &&
           std::min({shape.toY, sheet.now, sheet.bottom}) >= sheet.top;
  };
  // That a server listens is worth a word while nothing else is to be said there.
  const auto isSpokenFor = [&](double x) {
    return std::any_of(m_layout.states().begin(), m_layout.states().end(), [&](const auto &s) {
      return std::abs(s.x - x) < 16 && !listens(s) && inSight(s);
    });
  };
  for (const StateShape &shape : m_layout.states()) {
    if (!inSight(shape) || (listens(shape) && isSpokenFor(shape.x))) continue;
    const double from = std::max(shape.fromY, sheet.top);
    const double to = std::min({shape.toY, sheet.now, sheet.bottom});
    const bool last = std::abs(shape.x - columns.back()) < 16;
    if (!shape.toTheLeft && !last) continue; // between lifelines the arrows have their words
    const double width = sheet.tiny.horizontalAdvance(shape.text) + 2;
    const double middle = std::max(from + height / 2, (from + to) / 2);
    QRectF box(0, middle - height / 2, width, height);
    // Half a word tells nothing: a scroll away there is all of it.
    const double edge = viewport()->width() - origin().x();
    if (!shape.toTheLeft && shape.x + sheet.type.px(8) + width > edge) continue;
    if (shape.toTheLeft)
      box.moveRight(shape.x - sheet.type.px(8));
    else
      box.moveLeft(shape.x + sheet.type.px(8));
    const double above = (sheet.now - sheet.type.px(2) - box.bottom()) / height;
    const double below = (sheet.now + sheet.type.px(3) - box.top()) / height;
    // The same state of another connection beside it need not be said again.
    const bool told = std::any_of(said.begin(), said.end(), [&](const auto &s) {
      return s.second == shape.text && std::abs(s.first.x() - box.x()) < 16 &&
             std::abs(s.first.y() - box.y()) < 3 * height;
    });
    if (told) continue;
    for (const double nudge : {0.0, 0.4, -0.4, 0.8, -0.8, above, below}) {
      const QRectF tried = box.translated(0, nudge * height);
      // The line of now does not cross words out.
      if (tried.top() < sheet.now + 1 && tried.bottom() > sheet.now - 1) continue;
      const bool free = std::none_of(taken.begin(), taken.end(),
                                     [&](const QRectF &r) { return r.intersects(tried); });
      if (!free || tried.bottom() > sheet.now + 2 * height) continue;
      taken.push_back(tried);
      said.emplace_back(tried, shape.text);
      painter.setPen(stateColour(sheet.theme, m_window.ladder().states[shape.state].state));
      painter.drawText(tried, Qt::AlignCenter, shape.text);
      break;
    }
  }
}

void SequenceCanvas::paintBreaks(QPainter &painter, const Sheet &sheet) const {
  const auto &columns = m_layout.columns();
  if (columns.empty()) return;
  painter.setFont(sheet.type.tiny());
  const double half = sheet.type.px(7);
  for (const TimeScale::Break &gap : m_layout.scale().breaks()) {
    const double y = (gap.fromY + gap.toY) / 2;
    if (gap.to > m_now || y < sheet.top - 20 || y > sheet.bottom + 20) continue;
    // The lifelines are dotted across what was left out.
    for (const double x : columns) {
      painter.setPen(QPen(sheet.theme.panel, 4));
      painter.drawLine(QPointF(x + 0.5, y - half), QPointF(x + 0.5, y + half));
      painter.setPen(QPen(sheet.theme.faint, 1.5, Qt::DotLine));
      painter.drawLine(QPointF(x + 0.5, y - half), QPointF(x + 0.5, y + half));
    }
    const QString text = QStringLiteral("… %1 …").arg(formatDuration((gap.to - gap.from).ns()));
    painter.setPen(sheet.theme.dim);
    painter.drawText(
        QRectF(0, y - sheet.tiny.height() / 2, m_layout.timesRight(), sheet.tiny.height()),
        Qt::AlignVCenter | Qt::AlignRight, text);
  }
}

void SequenceCanvas::paintMarks(QPainter &painter, const Sheet &sheet) const {
  const auto &columns = m_layout.columns();
  if (columns.empty()) return;
  for (const MarkShape &shape : m_layout.marks()) {
    if (m_window.ladder().marks[shape.mark].at > m_now) break;
    if (shape.y < sheet.top - 20 || shape.y > sheet.bottom + 20) continue;
    if (shape.label.isShown()) {
      painter.setPen(QPen(shape.isFault ? sheet.theme.bad : sheet.theme.line, 1, Qt::DashLine));
      painter.drawLine(QPointF(columns.front(), shape.y), QPointF(columns.back(), shape.y));
    }
    if (!std::isfinite(shape.x)) continue;
    painter.setPen(QPen(sheet.theme.panel, 1));
    painter.setBrush(shape.isFault ? sheet.theme.bad : sheet.theme.dim);
    const double r = sheet.type.px(3);
    painter.drawPolygon(QPolygonF(QList<QPointF>{{shape.x, shape.y - r},
                                                 {shape.x + r, shape.y},
                                                 {shape.x, shape.y + r},
                                                 {shape.x - r, shape.y}}));
  }
}

void SequenceCanvas::paintMarkWords(QPainter &painter, const Sheet &sheet) const {
  for (const MarkShape &shape : m_layout.marks()) {
    if (m_window.ladder().marks[shape.mark].at > m_now) break;
    if (!shape.label.isShown() || shape.y < sheet.top - 20 || shape.y > sheet.bottom + 20) continue;
    paintWords(painter, sheet, shape.label, shape.isFault ? sheet.theme.bad : sheet.theme.dim);
  }
}

// On a ground of their own, which lets a line below show through faintly. What the names of the
// lifelines would cut in half is left out.
void SequenceCanvas::paintWords(QPainter &painter, const Sheet &sheet, const LadderLabel &label,
                                const QColor &ink) const {
  if (label.outline().boundingRect().top() < sheet.top) return;
  painter.save();
  painter.setFont(sheet.type.tiny());
  painter.translate(label.centre);
  painter.rotate(label.angle);
  const QRectF box(-label.width / 2, -label.height / 2, label.width, label.height);
  QColor ground = sheet.theme.panel;
  ground.setAlphaF(0.85F);
  painter.fillRect(box.adjusted(1, 1, -1, -1), ground);
  painter.setPen(ink);
  QRectF words = box;
  if (label.locked) {
    const double size = sheet.type.px(9);
    words.setLeft(box.left() + sheet.type.px(11));
    paintIcon(painter, "lock", QRectF(box.left() + sheet.type.px(3), -size / 2, size, size), ink);
  }
  painter.drawText(words, Qt::AlignCenter, label.text);
  painter.restore();
}

void SequenceCanvas::paintArrow(QPainter &painter, const Sheet &sheet,
                                const ArrowShape &shape) const {
  const analysis::LadderArrow &a = m_window.ladder().arrows[shape.arrow];
  const bool ended = a.end != analysis::ArrowEnd::UnderWay && a.endedAt <= m_now;
  const std::vector<QPointF> points = ended ? shape.points : pointsUpTo(shape.points, sheet.now);
  const Selection &chosen = m_state.selection();
  const Selection &hovered = m_state.hovered();
  const auto is = [&](const Selection &s) {
    return s.isPacket() && (s.record == a.firstSent || (s.origin != 0 && s.origin == a.origin));
  };
  const QColor hue = protocolClassColour(sheet.theme, a.protocol);
  const QPolygonF line(QList<QPointF>(points.begin(), points.end()));
  painter.setBrush(Qt::NoBrush);
  if (is(chosen) || is(hovered)) {
    QColor glow = is(chosen) ? sheet.theme.accentSoft : sheet.theme.hover;
    painter.setPen(QPen(glow, sheet.type.px(is(chosen) ? 9 : 7), Qt::SolidLine, Qt::RoundCap));
    painter.drawPolyline(line);
  }
  const bool fine = m_layout.isDense();
  QPen pen(hue, is(chosen) ? 2.2 : fine ? 1.0 : 1.4, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin);
  if (a.retransmission) pen.setDashPattern({5, 3});
  painter.setPen(pen);
  painter.drawPolyline(line);
  for (std::size_t i = 1; i + 1 < points.size(); ++i) {
    painter.setPen(Qt::NoPen);
    painter.setBrush(hue);
    painter.drawEllipse(points[i], 2.2, 2.2);
  }
  if (points.size() < 2) return;
  const QPointF tip = points.back();
  if (!ended) {
    painter.setPen(QPen(sheet.theme.panel, 1));
    painter.setBrush(hue);
    painter.drawRoundedRect(QRectF(tip.x() - 4, tip.y() - 3, 8, 6), 2, 2);
  } else if (shape.lost) {
    paintCross(painter, tip, sheet.theme.bad, sheet.type.px(4));
  } else {
    paintHead(painter, points[points.size() - 2], tip, hue, sheet.type.px(fine ? 5 : 7));
  }
}

void SequenceCanvas::paintArrowWords(QPainter &painter, const Sheet &sheet,
                                     const ArrowShape &shape) const {
  const analysis::LadderArrow &a = m_window.ladder().arrows[shape.arrow];
  const bool ended = a.end != analysis::ArrowEnd::UnderWay && a.endedAt <= m_now;
  if (isTold(shape))
    paintWords(painter, sheet, shape.label, protocolClassColour(sheet.theme, a.protocol));
  if (shape.reason.isShown() && ended) paintWords(painter, sheet, shape.reason, sheet.theme.bad);
}

void SequenceCanvas::paintTimes(QPainter &painter, const Sheet &sheet) const {
  QFont font = sheet.type.monoSmall();
  font.setPixelSize(sheet.type.tiny().pixelSize());
  painter.setFont(font);
  painter.setPen(sheet.theme.dim);
  const double height = sheet.tiny.height();
  for (const SimTime at : m_layout.times()) {
    if (at > m_now) break;
    const double y = m_layout.scale().y(at);
    if (y - height / 2 < sheet.top || y > sheet.bottom + height) continue;
    painter.drawText(QRectF(0, y - height / 2, m_layout.timesRight(), height),
                     Qt::AlignVCenter | Qt::AlignRight, formatTimeShort(at.ns()));
  }
}

void SequenceCanvas::paintNow(QPainter &painter, const Sheet &sheet) const {
  if (m_layout.columns().empty()) return;
  const double y = std::round(sheet.now) + 0.5;
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.setPen(QPen(sheet.theme.accent, 1, Qt::DashLine));
  painter.drawLine(QPointF(m_layout.timesRight() + sheet.type.px(8), y),
                   QPointF(m_layout.width() - sheet.type.px(8), y));
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setFont(sheet.type.tiny());
  painter.setPen(sheet.theme.accent);
  painter.drawText(nowBox(sheet), Qt::AlignCenter, tr("now"));
}

/// Of the word at the end of the line of now: below it, since states stand above.
QRectF SequenceCanvas::nowBox(const Sheet &sheet) const {
  const double width = sheet.tiny.horizontalAdvance(tr("now")) + 2;
  return {m_layout.width() - sheet.type.px(10) - width, sheet.now + sheet.type.px(3), width,
          sheet.tiny.height()};
}

void SequenceCanvas::paintNowWords(QPainter &painter, const Sheet &sheet) const {
  for (const NowWords &words : wordsAtNow()) {
    const auto &arrow = m_window.ladder().arrows[m_layout.arrows()[words.shape].arrow];
    paintWords(painter, sheet, words.label, protocolClassColour(sheet.theme, arrow.protocol));
  }
}

void SequenceCanvas::paintHeads(QPainter &painter, const Sheet &sheet) const {
  const double height = headHeight();
  painter.fillRect(QRectF(0, 0, viewport()->width(), height), sheet.theme.panel);
  QFont small = sheet.type.tiny();
  small.setWeight(QFont::DemiBold);
  const auto &nodes = m_window.lifelines();
  const auto &columns = m_layout.columns();
  const auto &health = m_state.frame().nodes;
  const double dx = origin().x();
  const double room = m_layout.columnGap() - sheet.type.px(4);
  for (std::size_t i = 0; i < columns.size() && i < nodes.size(); ++i) {
    const QString name = m_state.nodeName(nodes[i]);
    QStringList forms{name};
    QColor ink = sheet.theme.text;
    if (nodes[i] < health.size() && health[nodes[i]] != trace::NodeHealth::Up) {
      const std::string_view state = trace::name(health[nodes[i]]);
      forms = {name + QStringLiteral(" · ") +
                   QString::fromUtf8(state.data(), qsizetype(state.size())),
               QStringLiteral("× ") + name};
      ink = sheet.theme.bad;
    }
    // The longest form that fits; the shortest is cut if it must be.
    QString words;
    for (const QString &form : forms)
      for (const QFont &font : {sheet.type.name(), small}) {
        if (!words.isEmpty()) break;
        const QFontMetricsF metrics(font);
        const bool last = form == forms.back() && font == small;
        if (!last && metrics.horizontalAdvance(form) > room) continue;
        painter.setFont(font);
        words = metrics.elidedText(form, Qt::ElideRight, room);
      }
    painter.setPen(ink);
    painter.drawText(QRectF(columns[i] + dx - room / 2, 0, room, height), Qt::AlignCenter, words);
  }
  if (!m_window.isCut() || verticalScrollBar()->value() > sheet.type.px(40)) return;
  painter.setFont(sheet.type.tiny());
  painter.setPen(sheet.theme.dim);
  painter.drawText(QRectF(sheet.type.px(8), 0, m_layout.timesRight(), height),
                   Qt::AlignVCenter | Qt::AlignLeft, tr("… earlier"));
}

} // namespace packetarium::ui
