// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/judge/dial_boards.h"

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

constexpr double boardPad = 12, boardKey = 20, columnMin = 74, labelMin = 110;
constexpr std::size_t sideFigures = 4; // lines in front whose parts are sides

} // namespace

// ---- the table --------------------------------------------------------------------------------

DialTable::DialTable(const ThemeHub &hub, QWidget *parent) : QWidget(parent), m_hub(hub) {
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(tr("What each design gave up"));
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  connect(&hub, &ThemeHub::changed, this, &DialTable::makeLines);
}

void DialTable::setRows(const std::vector<experiments::DialRow> &rows) {
  m_rows = rows;
  m_designs = designsOf(rows);
  if (m_current >= m_designs.size()) m_current = 0;
  makeLines();
}

void DialTable::setRoom(int height) {
  if (height == m_room) return;
  m_room = height;
  makeLines();
}

void DialTable::makeLines() {
  const Typography &type = m_hub.typography();
  const double room = m_room - type.px(4);
  m_density = DialDensity::Full;
  m_line = dialLineHeight;
  m_lines = dialLines(m_rows);
  if (m_room > 0 && dialTableHeight(m_lines, type) > room) {
    m_density = DialDensity::Dense;
    m_lines = dialLines(m_rows, m_density);
    while (m_line > dialLineLeast && dialTableHeight(m_lines, type, m_line) > room) m_line -= 1;
  }
  tell();
  updateGeometry();
  update();
}

void DialTable::setCurrent(std::size_t design) {
  if (design >= m_designs.size() || design == m_current) return;
  m_current = design;
  tell();
  update();
}

void DialTable::choose(std::size_t design) {
  if (design >= m_designs.size() || design == m_current) return;
  setCurrent(design);
  Q_EMIT currentChanged();
}

void DialTable::tell() {
  QStringList words;
  if (m_current < m_designs.size()) {
    words << designTitle(m_designs[m_current]) + QStringLiteral(". ") +
                 designSentence(m_designs[m_current]);
    for (const DialLine &line : dialLines(m_rows)) // in full, whatever there is room to draw
      words << (line.heading || m_current >= line.cells.size()
                    ? line.label
                    : line.label + QStringLiteral(": ") + line.cells[m_current].text);
  }
  setAccessibleDescription(words.join(QLatin1Char('\n')));
}

QSize DialTable::sizeHint() const {
  const Typography &type = m_hub.typography();
  return {type.px(460), static_cast<int>(dialTableHeight(m_lines, type, m_line)) + type.px(4)};
}

QSize DialTable::minimumSizeHint() const {
  const Typography &type = m_hub.typography();
  const auto columns = static_cast<double>(std::max<std::size_t>(1, m_designs.size()));
  return {type.px(labelMin + columnMin * columns), sizeHint().height()};
}

DialTableLayout DialTable::tableLayout() const {
  const Typography &type = m_hub.typography();
  const double side = type.px(boardPad);
  DialTableLayout out =
      layoutDialTable(QRectF(side, type.px(2), std::max(10.0, width() - 2 * side), height()),
                      m_lines, m_designs.size(), type, m_line);
  if (m_density == DialDensity::Dense) out.sides = dialSides(m_rows);
  return out;
}

void DialTable::paintEvent(QPaintEvent *) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const DialTableLayout layout = tableLayout();
  paintDialTable(painter, layout, m_lines, m_designs, m_current, m_hub.theme(), m_hub.typography());
  if (hasFocus() && m_current < layout.columns.size())
    paintFocusRing(painter, layout.columns[m_current].adjusted(2, 0, -2, 2), 5, m_hub.theme());
}

bool DialTable::event(QEvent *event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  auto *help = static_cast<QHelpEvent *>(event);
  const DialTableLayout layout = tableLayout();
  QStringList words;
  for (std::size_t i = 0; i < layout.lines.size(); ++i)
    if (layout.lines[i].contains(help->pos()) && !m_lines[i].heading) {
      words << m_lines[i].label + QStringLiteral(": ") + m_lines[i].help;
      if (!m_lines[i].parts.empty() && i < sideFigures)
        words << tr("While the network is cut, %1").arg(layout.sides);
    }
  for (std::size_t c = 0; c < layout.columns.size(); ++c)
    if (layout.columns[c].contains(help->pos()))
      words << designTitle(m_designs[c]) + QStringLiteral(": ") + designSentence(m_designs[c]);
  if (words.isEmpty())
    QToolTip::hideText();
  else
    QToolTip::showText(help->globalPos(), words.join(QLatin1Char('\n')), this);
  return true;
}

void DialTable::mousePressEvent(QMouseEvent *event) {
  if (event->button() != Qt::LeftButton) return event->ignore();
  const DialTableLayout layout = tableLayout();
  for (std::size_t c = 0; c < layout.columns.size(); ++c)
    if (layout.columns[c].contains(event->position())) choose(c);
}

void DialTable::keyPressEvent(QKeyEvent *event) {
  if (event->key() == Qt::Key_Up && m_current > 0) return choose(m_current - 1);
  if (event->key() == Qt::Key_Down) return choose(m_current + 1);
  QWidget::keyPressEvent(event); // left and right step through the run
}

// ---- the axis ---------------------------------------------------------------------------------

DialAxis::DialAxis(const ThemeHub &hub, QWidget *parent) : QWidget(parent), m_hub(hub) {
  setMouseTracking(true);
  setAccessibleName(tr("What befell each design, and when"));
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  connect(&hub, &ThemeHub::changed, this, &DialAxis::fitRoom);
}

void DialAxis::setRoom(int height) {
  if (height == m_room) return;
  m_room = height;
  fitRoom();
}

void DialAxis::fitRoom() {
  const Typography &type = m_hub.typography();
  const bool fits = m_room <= 0 || dialAxisHeight(m_lanes, type) + type.px(boardKey + 6) <= m_room;
  m_density = fits ? DialDensity::Full : DialDensity::Dense;
  updateGeometry();
  update();
}

void DialAxis::setRows(std::vector<experiments::DialRow> rows, SimTime end) {
  m_rows = std::move(rows);
  m_lanes = dialLanes(m_rows);
  m_end = end;
  QStringList words;
  for (const DialLane &lane : m_lanes) {
    QStringList spells;
    for (const experiments::Spell &spell : lane.spells)
      if (spells.size() < 40) spells << spellWords(spell);
    words << designTitle(m_rows[lane.row].design) + QStringLiteral(", ") + lane.name +
                 QStringLiteral(": ") + spells.join(QStringLiteral("; "));
  }
  setAccessibleDescription(words.join(QLatin1Char('\n')));
  fitRoom();
}

void DialAxis::setMoments(SimTime now, std::optional<SimTime> pointed) {
  if (now == m_now && pointed == m_pointed) return;
  m_now = now;
  m_pointed = pointed;
  update();
}

QSize DialAxis::sizeHint() const {
  const Typography &type = m_hub.typography();
  return {type.px(420),
          static_cast<int>(dialAxisHeight(m_lanes, type, m_density)) + type.px(boardKey)};
}

QSize DialAxis::minimumSizeHint() const {
  return {m_hub.typography().px(220), sizeHint().height()};
}

DialAxisLayout DialAxis::axisLayout() const {
  const Typography &type = m_hub.typography();
  const double side = type.px(boardPad);
  return layoutDialAxis(QRectF(side, type.px(2), std::max(10.0, width() - 2 * side),
                               dialAxisHeight(m_lanes, type, m_density)),
                        m_lanes, m_end, type, m_density);
}

std::optional<SimTime> DialAxis::timeAt(QPointF point) const {
  const DialAxisLayout layout = axisLayout();
  if (point.y() > layout.axisTop + 12) return std::nullopt;
  return layout.axis.under(point.x());
}

void DialAxis::paintEvent(QPaintEvent *) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const Theme &theme = m_hub.theme();
  const Typography &type = m_hub.typography();
  const DialAxisLayout layout = axisLayout();
  paintDialAxis(painter, layout, m_rows, theme, type);
  paintMoments(painter, layout.axis, m_now, m_pointed, layout.top, layout.axisTop, theme);
  paintDialKey(painter,
               QRectF(type.px(boardPad), layout.axisTop + type.px(18), width() - 2 * boardPad,
                      type.px(boardKey)),
               theme, type);
}

bool DialAxis::event(QEvent *event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  auto *help = static_cast<QHelpEvent *>(event);
  const DialAxisLayout layout = axisLayout();
  const auto t = timeAt(help->pos());
  QStringList words;
  for (std::size_t i = 0; t && i < layout.lanes.size(); ++i) {
    if (!layout.boxes[i].contains(help->pos())) continue;
    words << designTitle(m_rows[layout.lanes[i].row].design) + QStringLiteral(", ") +
                 layout.lanes[i].name;
    const Duration near = Duration::ns(static_cast<std::int64_t>(layout.axis.nsPerPixel() * 2));
    for (const experiments::Spell &spell : layout.lanes[i].spells)
      if (*t + near >= spell.from && *t - near <= spell.to && words.size() < 8)
        words << spellWords(spell);
  }
  if (words.isEmpty())
    QToolTip::hideText();
  else
    QToolTip::showText(help->globalPos(), words.join(QLatin1Char('\n')), this);
  return true;
}

void DialAxis::mouseMoveEvent(QMouseEvent *event) {
  const auto t = timeAt(event->position());
  setCursor(t ? Qt::CrossCursor : Qt::ArrowCursor);
  if (t)
    Q_EMIT pointed(*t);
  else
    Q_EMIT pointerLeft();
}

void DialAxis::mousePressEvent(QMouseEvent *event) {
  if (event->button() != Qt::LeftButton) return event->ignore();
  if (const auto t = timeAt(event->position())) Q_EMIT chosen(*t);
}

void DialAxis::leaveEvent(QEvent *) { Q_EMIT pointerLeft(); }

} // namespace packetarium::ui
