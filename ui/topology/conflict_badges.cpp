// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/conflict_badges.h"

#include "ui/topology/edit_actions.h"
#include "ui/widgets/caption_card.h"
#include "ui/widgets/format.h"

#include <QKeyEvent>
#include <QPushButton>

#include <algorithm>

namespace packetarium::ui {
namespace {

constexpr double reach = 12; // from the badge's middle: a target of 24 px
constexpr int leaveMs = 350; // so that the pointer can walk from the badge to the card
constexpr double shownFromEdge = 12;

} // namespace

ConflictBadges::ConflictBadges(ViewState &state, EditActions &edits, QWidget &canvas)
    : QObject(&canvas),
      m_state(state),
      m_edits(edits),
      m_card(new CaptionCard(state.hub(), &canvas)) {
  m_card->setObjectName(QStringLiteral("conflictCard"));
  m_card->setCardWidth(300);
  m_card->setClosable(true);
  m_card->hide();
  m_card->installEventFilter(this);
  m_leaving.setSingleShot(true);
  m_leaving.setInterval(leaveMs);
  connect(&m_leaving, &QTimer::timeout, this, &ConflictBadges::close);
  connect(m_card, &CaptionCard::closed, this, &ConflictBadges::close);
  connect(m_card, &CaptionCard::buttonClicked, this, [this] {
    if (!m_open) return;
    const auto found = of(*m_open);
    if (!found.empty()) m_edits.cure(found.front());
  });
  connect(&state, &ViewState::rebuilt, this, &ConflictBadges::refresh);
  refresh();
}

void ConflictBadges::refresh() {
  m_byNode.clear();
  for (scenario::Conflict &conflict : scenario::conflicts(m_state.scenario())) {
    const NodeIndex node = m_state.built().node(conflict.node);
    if (node.valid()) m_byNode[node.value].push_back(std::move(conflict));
  }
  if (!m_open) return;
  if (m_byNode.contains(*m_open))
    open(*m_open, m_pinned);
  else
    close();
}

std::vector<scenario::Conflict> ConflictBadges::of(std::uint32_t node) const {
  const auto found = m_byNode.find(node);
  return found == m_byNode.end() ? std::vector<scenario::Conflict>{} : found->second;
}

QPointF ConflictBadges::centreOf(const QRectF &tile, double zoom) const {
  const double inset = 3 * std::min(zoom, 1.0);
  return {tile.left() + inset, tile.top() + inset};
}

std::optional<std::uint32_t> ConflictBadges::badgeAt(QPointF point,
                                                     const CanvasScene &scene) const {
  if (m_suppressed) return std::nullopt;
  for (const auto &[node, conflicts] : m_byNode) {
    if (node >= scene.tiles().size()) continue;
    const QPointF d = centreOf(scene.tiles()[node], scene.zoom()) - point;
    if (std::max(std::abs(d.x()), std::abs(d.y())) <= reach) return node;
  }
  return std::nullopt;
}

void ConflictBadges::paint(QPainter &painter, const CanvasScene &scene) const {
  if (m_suppressed) return;
  const Theme &theme = m_state.theme();
  for (const auto &[node, conflicts] : m_byNode) {
    if (node >= scene.tiles().size()) continue;
    const QRectF &tile = scene.tiles()[node];
    const double r = std::clamp(tile.width() / 48, 0.55, 1.2) * 8.5;
    const QPointF at = centreOf(tile, scene.zoom());
    painter.setPen(QPen(theme.canvas, 2));
    painter.setBrush(theme.warn);
    painter.drawEllipse(at, r, r);
    if (tile.width() < shownFromEdge) continue;
    painter.setPen(QPen(theme.onAccent, std::max(1.4, r * 0.24), Qt::SolidLine, Qt::RoundCap));
    painter.drawLine(at + QPointF(0, -r * 0.5), at + QPointF(0, r * 0.1));
    painter.drawPoint(at + QPointF(0, r * 0.52));
  }
}

void ConflictBadges::pointAt(std::optional<std::uint32_t> node) {
  if (!node) {
    if (m_open && !m_pinned && !m_leaving.isActive()) m_leaving.start();
    return;
  }
  m_leaving.stop();
  if (m_open != node) open(*node, false);
}

void ConflictBadges::toggle(std::uint32_t node) {
  if (m_open == node && m_pinned)
    close();
  else
    open(node, true);
}

void ConflictBadges::open(std::uint32_t node, bool pinned) {
  const auto found = of(node);
  if (found.empty()) return;
  m_open = node;
  m_pinned = pinned;
  m_leaving.stop();
  m_card->setEyebrow(found.size() == 1 ? tr("This cannot work")
                                       : tr("This cannot work, 1 of %1").arg(found.size()));
  const QString sentence = QString::fromStdString(found.front().sentence);
  m_card->setTitle(withWholePrefixes(sentence));
  m_card->setAccessibleName(sentence);
  m_card->clearButtons();
  m_card->addButton(QString::fromStdString(found.front().cure), true);
  m_card->button(0)->setToolTip(tr("Mends it; can be undone (Ctrl+Z)"));
  m_card->show();
  Q_EMIT changed();
}

bool ConflictBadges::close() {
  if (!m_open) return false;
  m_open.reset();
  m_pinned = false;
  m_leaving.stop();
  // Who had walked to the button is back on the canvas.
  const QWidget *focused = m_card->window()->focusWidget();
  if (m_card->isAncestorOf(focused)) m_card->parentWidget()->setFocus();
  m_card->hide();
  Q_EMIT changed();
  return true;
}

QRect ConflictBadges::frame() const {
  return m_card->isHidden() ? QRect()
                            : m_card->geometry().marginsRemoved(FloatingCard::shadowMargins());
}

void ConflictBadges::setSuppressed(bool suppressed) {
  m_suppressed = suppressed;
  if (suppressed) close();
}

// Beside the badge, above the tile if there is room, so that the node stays in sight.
void ConflictBadges::place(const CanvasScene &scene, const QRectF &viewport) {
  if (!m_open || *m_open >= scene.tiles().size()) return;
  const QMargins shadow = FloatingCard::shadowMargins();
  const QSize size = m_card->sizeHint();
  const QSizeF seen = size.shrunkBy(shadow);
  const QRectF &tile = scene.tiles()[*m_open];
  QPointF at(tile.left() - 8, tile.top() - 16 - seen.height());
  if (at.y() < viewport.top() + 8) at = QPointF(tile.right() + 16, tile.top());
  at.setX(std::clamp(at.x(), viewport.left() + 8,
                     std::max(viewport.left() + 8, viewport.right() - 8 - seen.width())));
  at.setY(std::clamp(at.y(), viewport.top() + 8,
                     std::max(viewport.top() + 8, viewport.bottom() - 8 - seen.height())));
  m_card->setGeometry(QRect(at.toPoint() - QPoint(shadow.left(), shadow.top()), size));
  m_card->raise();
}

bool ConflictBadges::eventFilter(QObject *watched, QEvent *event) {
  if (event->type() == QEvent::Enter) m_leaving.stop();
  if (event->type() == QEvent::Leave && m_open && !m_pinned) m_leaving.start();
  if (event->type() == QEvent::KeyPress && static_cast<QKeyEvent *>(event)->key() == Qt::Key_Escape)
    return close();
  return QObject::eventFilter(watched, event);
}

} // namespace packetarium::ui
