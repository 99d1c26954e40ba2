// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/outage_board.h"

#include "ui/services/service_words.h"
#include "ui/widgets/format.h"
#include "ui/widgets/paint.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>

namespace packetarium::ui {
namespace {

constexpr double side = 12, between = 14;

} // namespace

OutageBoard::OutageBoard(const ThemeHub &hub, QWidget *parent) : QWidget(parent), m_hub(hub) {
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setAccessibleName(tr("Outages and where their time went"));
  connect(&hub, &ThemeHub::changed, this, [this] {
    updateGeometry();
    update();
  });
}

void OutageBoard::setOutages(std::vector<analysis::Outage> outages) {
  m_outages = std::move(outages);
  const auto all = places();
  const auto isThere = [&](const std::optional<Place> &p) {
    return p && std::find(all.begin(), all.end(), *p) != all.end();
  };
  if (!isThere(m_hovered)) m_hovered.reset();
  setCurrent(isThere(m_current) ? m_current : std::nullopt);
  updateGeometry();
  update();
}

void OutageBoard::setNow(SimTime now) {
  if (m_now == now) return;
  m_now = now;
  update();
}

QSize OutageBoard::sizeHint() const {
  const Typography &type = m_hub.typography();
  double high = type.px(4);
  for (const analysis::Outage &outage : m_outages)
    high += waterfallHeight(outage, type) + type.px(between);
  return {type.px(360), static_cast<int>(high)};
}

QSize OutageBoard::minimumSizeHint() const {
  return {m_hub.typography().px(220), sizeHint().height()};
}

std::vector<WaterfallLayout> OutageBoard::layouts() const {
  const Typography &type = m_hub.typography();
  std::vector<WaterfallLayout> out;
  double y = type.px(4);
  const double wide = std::max(10.0, width() - 2.0 * type.px(side));
  for (const analysis::Outage &outage : m_outages) {
    out.push_back(layoutWaterfall(outage, QRectF(type.px(side), y, wide, 0), type));
    y = out.back().whole.bottom() + type.px(between);
  }
  return out;
}

std::vector<OutageBoard::Place> OutageBoard::places() const {
  std::vector<Place> out;
  const auto all = layouts();
  for (std::size_t i = 0; i < all.size(); ++i)
    for (const WaterfallLayout::Row &row : all[i].rows) out.push_back({i, row.step});
  return out;
}

std::optional<OutageBoard::Place> OutageBoard::placeAt(QPointF point) const {
  const auto all = layouts();
  for (std::size_t i = 0; i < all.size(); ++i)
    for (const WaterfallLayout::Row &row : all[i].rows)
      if (row.box.contains(point)) return Place{i, row.step};
  return std::nullopt;
}

QString OutageBoard::wordsOf(Place place) const {
  const analysis::Outage &outage = m_outages[place.outage];
  const analysis::OutageStep &step = outage.steps[place.step];
  QString text =
      partName(step.part) + QStringLiteral(", ") + exactMs(exactSteps(outage)[place.step]);
  text += QLatin1Char('\n') + partSentence(step.part);
  if (!step.text.empty())
    text += QLatin1Char('\n') + tr("Its end, at %1: %2")
                                    .arg(formatTimeShort(step.to.ns()),
                                         withShortDurations(QString::fromStdString(step.text)));
  return text;
}

void OutageBoard::setCurrent(std::optional<Place> place) {
  m_current = place;
  const QString words =
      place ? outageWords(m_outages[place->outage]) + QLatin1Char('\n') + wordsOf(*place)
      : m_outages.empty() ? QString()
                          : outageWords(m_outages.back());
  if (words != accessibleDescription()) setAccessibleDescription(words);
  update();
}

// ---- painting ---------------------------------------------------------------------------------

void OutageBoard::paintEvent(QPaintEvent *) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const Theme &theme = m_hub.theme();
  const auto all = layouts();
  for (std::size_t i = 0; i < all.size(); ++i) {
    WaterfallMarks marks{static_cast<int>(i) + 1, std::nullopt, m_now};
    if (m_hovered && m_hovered->outage == i) marks.lit = m_hovered->step;
    paintWaterfall(painter, all[i], m_outages[i], marks, theme, m_hub.typography());
    if (!hasFocus() || !m_current || m_current->outage != i) continue;
    for (const WaterfallLayout::Row &row : all[i].rows)
      if (row.step == m_current->step)
        paintFocusRing(painter, row.box.adjusted(-4, 0, 4, 0), 4, theme);
  }
}

// ---- input ------------------------------------------------------------------------------------

bool OutageBoard::event(QEvent *event) {
  if (event->type() == QEvent::ShortcutOverride) {
    const int key = static_cast<QKeyEvent *>(event)->key();
    if (key == Qt::Key_Home || key == Qt::Key_End) { // of the list, not of the run
      event->accept();
      return true;
    }
  }
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  auto *help = static_cast<QHelpEvent *>(event);
  if (const auto place = placeAt(help->pos()))
    QToolTip::showText(help->globalPos(), wordsOf(*place), this);
  else
    QToolTip::hideText();
  return true;
}

void OutageBoard::mouseMoveEvent(QMouseEvent *event) {
  const auto place = placeAt(event->position());
  setCursor(place ? Qt::PointingHandCursor : Qt::ArrowCursor);
  if (place == m_hovered) return;
  m_hovered = place;
  update();
}

void OutageBoard::leaveEvent(QEvent *) {
  m_hovered.reset();
  update();
}

void OutageBoard::mousePressEvent(QMouseEvent *event) {
  if (event->button() != Qt::LeftButton) return event->ignore();
  if (const auto place = placeAt(event->position())) {
    setCurrent(place);
    return goTo(*place);
  }
  const auto all = layouts();
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].head.contains(event->position())) {
      if (m_outages[i].fault) return Q_EMIT recordWanted(*m_outages[i].fault);
      return Q_EMIT instantWanted(m_outages[i].from);
    }
}

void OutageBoard::goTo(Place place) {
  const analysis::OutageStep &step = m_outages[place.outage].steps[place.step];
  if (step.record != 0) return Q_EMIT recordWanted(step.record);
  Q_EMIT instantWanted(step.to);
}

void OutageBoard::move(int by) {
  const auto all = places();
  if (all.empty()) return;
  const auto last = static_cast<std::ptrdiff_t>(all.size()) - 1;
  std::ptrdiff_t at = by > 0 ? 0 : last;
  if (m_current) {
    at = std::find(all.begin(), all.end(), *m_current) - all.begin();
    at = std::clamp<std::ptrdiff_t>(at + by, 0, last);
  }
  setCurrent(all[static_cast<std::size_t>(at)]);
  for (const WaterfallLayout::Row &row : layouts()[m_current->outage].rows)
    if (row.step == m_current->step) Q_EMIT placeShown(row.box);
}

void OutageBoard::keyPressEvent(QKeyEvent *event) {
  switch (event->key()) {
  case Qt::Key_Up: return move(-1);
  case Qt::Key_Down: return move(1);
  case Qt::Key_Home: m_current.reset(); return move(1);
  case Qt::Key_End: m_current.reset(); return move(-1);
  case Qt::Key_Return:
  case Qt::Key_Enter:
    if (m_current) goTo(*m_current);
    return;
  default: QWidget::keyPressEvent(event);
  }
}

} // namespace packetarium::ui
