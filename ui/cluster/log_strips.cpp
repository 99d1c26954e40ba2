// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/cluster/log_strips.h"

#include "ui/cluster/role_words.h"

#include <QAccessible>
#include <QHelpEvent>
#include <QMouseEvent>
#include <QToolTip>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>
#include <limits>

namespace packetarium::ui {
namespace {

constexpr double cellWide = 64, cellNarrow = 28; // at scale 1
constexpr double rowHigh = 34, wasteHigh = 20, headHigh = 20, legendHigh = 24, markHigh = 11;
constexpr double rowPad = 5; // above and below the cells

// It is in the snapshot, and its cell is folded away with the others.
bool isFolded(const LogRow &row, const analysis::LogEntryView &entry) {
  return !entry.thrownAway && entry.index <= row.snapshotIndex;
}

} // namespace

LogStrips::LogStrips(const ThemeHub &hub, QWidget *parent) : QWidget(parent), m_hub(hub) {
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setAccessibleName(tr("Replicated logs"));
  connect(&hub, &ThemeHub::changed, this, [this] {
    updateGeometry();
    update();
  });
}

void LogStrips::setRows(std::vector<LogRow> rows) {
  const int before = sizeHint().height();
  const std::uint64_t newest = columns().most;
  m_rows = std::move(rows);
  const auto gone = [this](const std::optional<LogCell> &cell) {
    return cell &&
           (cell->row >= m_rows.size() || cell->entry >= m_rows[cell->row].log.entries.size());
  };
  if (gone(m_current)) m_current.reset();
  if (gone(m_hovered)) m_hovered.reset();
  // What is looked back at stays where it is while the logs grow.
  if (m_back > 0) scrollBy(static_cast<int>(columns().most) - static_cast<int>(newest));
  if (sizeHint().height() != before) updateGeometry();
  update();
}

LogStrips::Columns LogStrips::columns() const {
  const Typography &type = m_hub.typography();
  Columns c;
  c.least = std::numeric_limits<std::uint64_t>::max();
  for (const LogRow &row : m_rows) {
    c.most = std::max(c.most, row.snapshotIndex);
    for (const analysis::LogEntryView &entry : row.log.entries) {
      c.least = std::min(c.least, entry.index);
      c.most = std::max(c.most, entry.index);
    }
  }
  c.left = type.px(150);
  c.width = std::max(40.0, width() - c.left - type.px(92));
  c.least = std::min(c.least, std::max<std::uint64_t>(c.most, 1));
  if (c.most == 0) return c;
  const double count = static_cast<double>(c.most - c.least + 1);
  c.cell = std::clamp<double>(std::floor(c.width / count), type.px(cellNarrow), type.px(cellWide));
  const auto fit = static_cast<std::uint64_t>(std::max(1.0, std::floor(c.width / c.cell)));
  const auto back = static_cast<std::uint64_t>(std::max(m_back, 0));
  c.last = c.most - std::min(back, c.most - c.least);
  c.first = c.last + 1 > fit + c.least ? c.last + 1 - fit : c.least;
  c.last = std::min(c.most, c.first + fit - 1);
  return c;
}

void LogStrips::scrollBy(int columnsBack) {
  const Columns c = columns();
  const std::uint64_t seen = c.last - c.first + 1;
  const std::uint64_t all = c.most - c.least + 1;
  const int most = all > seen ? static_cast<int>(all - seen) : 0;
  m_back = std::clamp(m_back + columnsBack, 0, most);
  update();
}

double LogStrips::height(const LogRow &row) const {
  const bool waste = std::any_of(row.log.entries.begin(), row.log.entries.end(),
                                 [](const auto &entry) { return entry.thrownAway; });
  const double marks = row.progress ? markHigh : 0;
  return m_hub.typography().px((waste ? rowHigh + wasteHigh : rowHigh) + marks);
}

double LogStrips::top(std::size_t row) const {
  double y = m_hub.typography().px(headHigh);
  for (std::size_t i = 0; i < row && i < m_rows.size(); ++i) y += height(m_rows[i]);
  return y;
}

QSize LogStrips::sizeHint() const {
  return {m_hub.typography().px(480),
          static_cast<int>(std::ceil(top(m_rows.size()))) + m_hub.typography().px(legendHigh)};
}

QRectF LogStrips::boxOf(const LogCell &cell) const {
  if (cell.row >= m_rows.size() || cell.entry >= m_rows[cell.row].log.entries.size()) return {};
  const Columns c = columns();
  const analysis::LogEntryView &entry = m_rows[cell.row].log.entries[cell.entry];
  if (entry.index < c.first || entry.index > c.last) return {};
  if (isFolded(m_rows[cell.row], entry)) return {};
  const Typography &type = m_hub.typography();
  const double x = c.left + static_cast<double>(entry.index - c.first) * c.cell;
  double y = top(cell.row) + type.px(rowPad);
  double high = type.px(rowHigh - 2 * rowPad);
  if (entry.thrownAway) {
    y += high + type.px(4) + (m_rows[cell.row].progress ? type.px(markHigh) : 0);
    high = type.px(wasteHigh - 4);
  }
  return {x + 1.5, y, c.cell - 3, high};
}

std::optional<double> LogStrips::leftOf(std::uint64_t index) const {
  const Columns c = columns();
  if (index < c.first || index > c.last + 1) return std::nullopt;
  return c.left + static_cast<double>(index - c.first) * c.cell;
}

bool LogStrips::isRaft() const {
  return std::any_of(m_rows.begin(), m_rows.end(), [](const LogRow &row) { return row.raft; });
}

QRectF LogStrips::snapshotBox(std::size_t row) const {
  if (row >= m_rows.size() || m_rows[row].snapshotIndex == 0) return {};
  const Columns c = columns();
  const std::uint64_t to = std::min(m_rows[row].snapshotIndex, c.last);
  if (to < c.first) return {};
  const Typography &type = m_hub.typography();
  const double right = c.left + static_cast<double>(to - c.first + 1) * c.cell;
  return {c.left + 1.5, top(row) + type.px(rowPad), right - c.left - 3,
          double(type.px(rowHigh - 2 * rowPad))};
}

std::optional<QPointF> LogStrips::matchMark(std::size_t row) const {
  const LogRow &shown = m_rows[row];
  if (!shown.progress || shown.progress->match == 0) return std::nullopt;
  const auto x = leftOf(shown.progress->match + 1);
  if (!x) return std::nullopt;
  const Columns c = columns();
  return QPointF(*x - c.cell / 2, top(row) + m_hub.typography().px(rowHigh - rowPad + 1));
}

std::optional<QPointF> LogStrips::nextMark(std::size_t row) const {
  const LogRow &shown = m_rows[row];
  if (!shown.progress) return std::nullopt;
  const auto x = leftOf(shown.progress->next);
  if (!x) return std::nullopt;
  return QPointF(*x, top(row) + m_hub.typography().px(rowHigh - rowPad + 1));
}

std::optional<LogCell> LogStrips::cellAt(QPointF at) const {
  const auto row = rowAt(at);
  if (!row) return std::nullopt;
  for (std::size_t i = m_rows[*row].log.entries.size(); i-- > 0;)
    if (boxOf({*row, i}).adjusted(-1.5, -2, 1.5, 2).contains(at)) return LogCell{*row, i};
  return std::nullopt;
}

std::optional<std::size_t> LogStrips::rowAt(QPointF at) const {
  for (std::size_t i = 0; i < m_rows.size(); ++i)
    if (at.y() >= top(i) && at.y() < top(i) + height(m_rows[i])) return i;
  return std::nullopt;
}

QString LogStrips::describe(const LogCell &cell) const {
  const LogRow &row = m_rows[cell.row];
  const analysis::LogEntryView &entry = row.log.entries[cell.entry];
  QString text = (row.raft ? tr("%1, index %2, term %3: %4") : tr("%1, index %2, epoch %3: %4"))
                     .arg(row.name)
                     .arg(entry.index)
                     .arg(entry.epoch)
                     .arg(QString::fromStdString(entry.operation));
  const auto add = [&text](const QString &line) { text += QStringLiteral("\n") + line; };
  if (entry.thrownAway)
    add(tr("Thrown away: it was here and was cut off"));
  else
    add(entry.committed ? tr("Committed, as far as this node knows")
                        : tr("Not committed here yet"));
  if (entry.acknowledged) add(tr("Its client was told that it is done"));
  if (entry.divergent) add(tr("Differs from what the serving member holds at this index"));
  add(tr("Click: go to when it was written"));
  return text;
}

QString LogStrips::describeRow(std::size_t index) const {
  const LogRow &row = m_rows[index];
  if (!row.raft) return {};
  QStringList lines{tr("%1: committed up to %2, applied up to %3")
                        .arg(row.name)
                        .arg(row.log.committed)
                        .arg(row.applied)};
  if (row.snapshotIndex > 0)
    lines << tr("Its snapshot holds everything up to %1, of term %2")
                 .arg(row.snapshotIndex)
                 .arg(row.snapshotTerm);
  if (row.progress)
    lines << tr("The leader sends it %1 next (nextIndex) and knows that it has all up to %2 "
                "(matchIndex)")
                 .arg(row.progress->next)
                 .arg(row.progress->match);
  return lines.join(u'\n');
}

// ---- by hand ----------------------------------------------------------------------------------

void LogStrips::setCurrent(std::optional<LogCell> cell) {
  if (cell == m_current) return;
  m_current = cell;
  if (cell) {
    const std::uint64_t index = m_rows[cell->row].log.entries[cell->entry].index;
    const Columns c = columns();
    if (index < c.first) scrollBy(static_cast<int>(c.first - index));
    if (index > c.last) scrollBy(-static_cast<int>(index - c.last));
    setAccessibleDescription(describe(*cell).replace(u'\n', QStringLiteral(", ")));
    QAccessibleEvent told(this, QAccessible::DescriptionChanged);
    QAccessible::updateAccessibility(&told);
  }
  update();
}

std::optional<LogCell> LogStrips::neighbour(int key) const {
  if (m_rows.empty()) return std::nullopt;
  if (!m_current) {
    for (std::size_t row = 0; row < m_rows.size(); ++row)
      if (!m_rows[row].log.entries.empty()) return LogCell{row, m_rows[row].log.entries.size() - 1};
    return std::nullopt;
  }
  const auto &entries = m_rows[m_current->row].log.entries;
  LogCell next = *m_current;
  if (key == Qt::Key_Left && next.entry > 0) --next.entry;
  if (key == Qt::Key_Right && next.entry + 1 < entries.size()) ++next.entry;
  if (key != Qt::Key_Up && key != Qt::Key_Down) return next;
  const std::uint64_t index = entries[next.entry].index;
  for (std::size_t row = next.row; key == Qt::Key_Up ? row > 0 : row + 1 < m_rows.size();) {
    key == Qt::Key_Up ? --row : ++row;
    const auto &there = m_rows[row].log.entries;
    for (std::size_t i = 0; i < there.size(); ++i)
      if (there[i].index == index) return LogCell{row, i};
  }
  return next;
}

void LogStrips::keyPressEvent(QKeyEvent *event) {
  switch (event->key()) {
  case Qt::Key_Left:
  case Qt::Key_Right:
  case Qt::Key_Up:
  case Qt::Key_Down: return setCurrent(neighbour(event->key()));
  case Qt::Key_Return:
  case Qt::Key_Enter:
    if (m_current) Q_EMIT recordChosen(m_rows[m_current->row].log.entries[m_current->entry].record);
    return;
  default: QWidget::keyPressEvent(event);
  }
}

void LogStrips::mousePressEvent(QMouseEvent *event) {
  if (event->button() != Qt::LeftButton) return;
  if (const auto cell = cellAt(event->position())) {
    setCurrent(cell);
    Q_EMIT recordChosen(m_rows[cell->row].log.entries[cell->entry].record);
  } else if (const auto row = rowAt(event->position())) {
    // At the right edge: to what was thrown away.
    const auto &entries = m_rows[*row].log.entries;
    const auto waste = std::find_if(entries.begin(), entries.end(),
                                    [](const auto &entry) { return entry.thrownAway; });
    if (event->position().x() > columns().left + columns().width && waste != entries.end())
      return setCurrent(LogCell{*row, static_cast<std::size_t>(waste - entries.begin())});
    Q_EMIT nodeChosen(m_rows[*row].log.node);
  }
}

void LogStrips::mouseMoveEvent(QMouseEvent *event) {
  const auto cell = cellAt(event->position());
  const bool name = rowAt(event->position()) && event->position().x() < columns().left;
  setCursor(cell || name ? Qt::PointingHandCursor : Qt::ArrowCursor);
  if (cell == m_hovered) return;
  m_hovered = cell;
  update();
}

void LogStrips::leaveEvent(QEvent *) {
  m_hovered.reset();
  update();
}

// Only sideways or with Shift: up and down is the page's.
void LogStrips::wheelEvent(QWheelEvent *event) {
  const QPoint turned = event->angleDelta();
  const bool shift = event->modifiers().testFlag(Qt::ShiftModifier);
  const int along = turned.x() != 0 ? turned.x() : shift ? turned.y() : 0;
  if (along == 0) return event->ignore();
  scrollBy(along > 0 ? 3 : -3);
  event->accept();
}

bool LogStrips::event(QEvent *event) {
  if (event->type() == QEvent::ShortcutOverride) {
    const int key = static_cast<QKeyEvent *>(event)->key();
    const bool plain = static_cast<QKeyEvent *>(event)->modifiers() == Qt::NoModifier;
    if (plain && m_current && (key == Qt::Key_Left || key == Qt::Key_Right)) {
      event->accept();
      return true;
    }
  }
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  const auto *help = static_cast<QHelpEvent *>(event);
  const auto cell = cellAt(help->pos());
  const auto row = rowAt(help->pos());
  const QString text = cell ? describe(*cell) : row ? describeRow(*row) : QString();
  if (!text.isEmpty())
    QToolTip::showText(help->globalPos(), text, this);
  else
    QToolTip::hideText();
  return true;
}

} // namespace packetarium::ui
