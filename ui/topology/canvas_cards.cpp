// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/canvas_cards.h"

#include "core/analysis/why.h"
#include "ui/widgets/caption_card.h"
#include "ui/widgets/format.h"

#include <QPushButton>
#include <QUndoStack>

#include <algorithm>

namespace packetarium::ui {
namespace {

constexpr std::size_t causesShown = 8;
constexpr double compactBelow = 380;

double coveredTiles(const QRectF &box, const CanvasScene &scene) {
  double sum = 0;
  for (const QRectF &tile : scene.tiles()) {
    const QRectF common = tile.adjusted(-16, -8, 16, 40) & box;
    sum += common.width() * common.height();
  }
  for (const QLineF &line : scene.lines())
    if (box.contains(line.center())) sum += 100;
  return sum;
}

} // namespace

CanvasCards::CanvasCards(ViewState &state, FaultActions &actions, QWidget &canvas)
    : QObject(&canvas),
      m_state(state),
      m_actions(actions),
      m_canvas(canvas),
      m_hint(new CaptionCard(state.hub(), &canvas)),
      m_why(new CaptionCard(state.hub(), &canvas)) {
  m_hint->setClosable(true);
  m_hint->setCardWidth(300);
  m_why->setClosable(true);
  for (CaptionCard *card : {m_hint, m_why}) card->hide();
  connect(m_hint, &CaptionCard::closed, this, [this] {
    m_hintWanted = false;
    refresh();
  });
  connect(m_hint, &CaptionCard::buttonClicked, this, [this] { m_actions.toggle(hintTarget()); });
  connect(m_why, &CaptionCard::closed, this, [this] {
    m_whyWanted = false;
    refresh();
  });
  connect(m_why, &CaptionCard::linkActivated, this, [this](const QString &href) {
    if (href == QLatin1String("chain")) {
      m_wholeChain = !m_wholeChain;
      fillWhy();
      refresh();
    } else {
      m_state.playback().pause();
      m_state.playback().seekToRecord(href.toULongLong());
    }
  });
  connect(&state, &ViewState::rebuilt, this, &CanvasCards::onRebuilt);
  connect(&state.document().undoStack(), &QUndoStack::indexChanged, this,
          &CanvasCards::onChangeMade);
  connect(&state, &ViewState::selectionChanged, this, &CanvasCards::onSelection);
  onRebuilt();
}

void CanvasCards::onRebuilt() {
  const scenario::Scenario &scenario = m_state.scenario();
  if (scenario.id == m_scenarioId) return;
  m_scenarioId = scenario.id;
  m_hintWanted = !scenario.card.hint.text.empty();
  m_hint->setTitle(QString::fromStdString(scenario.card.hint.text));
  fillHint();
  refresh();
}

// On a low canvas the card is its sentence alone, so that it covers little.
void CanvasCards::fillHint() {
  m_hint->setEyebrow(m_compact ? QString() : tr("Try this"));
  m_hint->clearButtons();
  // A hint may ask for something else than a cut; then it only points.
  const Selection target = hintTarget();
  const bool cut = target.kind == Selection::Kind::Link &&
                   QString::fromStdString(m_state.scenario().card.hint.text).startsWith(tr("Cut"));
  const QString what = m_actions.toggleText(target);
  if (!cut || m_compact || what.isEmpty()) return;
  m_hint->addButton(what, true);
  m_hint->button(0)->setToolTip(tr("Select it and press F to do the same"));
}

// Whoever cut a cable has understood; the hint has done its work.
void CanvasCards::onChangeMade(int index) {
  if (index == 0) return;
  m_hintWanted = false;
  refresh();
}

Selection CanvasCards::hintTarget() const {
  if (!m_hintWanted) return {};
  const scenario::Hint &hint = m_state.scenario().card.hint;
  const LinkIndex link = m_state.built().link(hint.link);
  if (link.valid()) return Selection::ofLink(link);
  const NodeIndex node = m_state.built().node(hint.node);
  if (node.valid()) return Selection::ofNode(node);
  return {};
}

void CanvasCards::onSelection() {
  const Selection &selection = m_state.selection();
  const trace::Record *record =
      selection.isPacket() ? m_state.trace().record(selection.record) : nullptr;
  m_whyWanted = record != nullptr && record->kind == trace::RecordKind::FrameDropped;
  m_wholeChain = false;
  if (m_whyWanted) fillWhy();
  refresh();
}

void CanvasCards::fillWhy() {
  const analysis::Why why =
      analysis::whyOf(m_state.trace(), m_state.network(), m_state.selection().record);
  m_why->setTitle(QString::fromStdString(why.question));
  QString text = QString::fromStdString(why.answer).toHtmlEscaped();
  const QString accent = m_state.theme().accent.name();
  const auto link = [&](const QString &href, const QString &words) {
    return QStringLiteral("<a href=\"%1\" style=\"color:%2;text-decoration:none\">%3</a>")
        .arg(href, accent, words);
  };
  if (m_wholeChain) {
    const std::size_t count = std::min(why.chain.size(), causesShown);
    for (std::size_t i = 0; i < count; ++i) {
      const analysis::WhyStep &step = why.chain[i];
      text += QStringLiteral("<p style=\"margin:6px 0 0 0\">%1&nbsp; %2</p>")
                  .arg(link(QString::number(step.sequence), formatTimeShort(step.at.ns())),
                       QString::fromStdString(step.sentence).toHtmlEscaped());
    }
    if (why.chain.size() > count)
      text += tr("<p style=\"margin:6px 0 0 0\">and %n earlier</p>", nullptr,
                 static_cast<int>(why.chain.size() - count));
  }
  const int causes = static_cast<int>(why.chain.size());
  if (causes > 1)
    text += QStringLiteral("<p style=\"margin:6px 0 0 0\">%1</p>")
                .arg(link(QStringLiteral("chain"),
                          m_wholeChain ? tr("Hide the causes")
                                       : tr("Show the chain of %1 causes").arg(causes)));
  m_why->setText(text);
}

void CanvasCards::refresh() {
  // Who had walked to a card that goes is back on the canvas, not at the first button there is.
  const QWidget *focused = m_canvas.window()->focusWidget();
  const bool inCard = m_hint->isAncestorOf(focused) || m_why->isAncestorOf(focused);
  m_why->setVisible(m_whyWanted && !m_suppressed);
  m_hint->setVisible(m_hintWanted && !m_whyWanted && !m_suppressed);
  if (inCard && m_hint->isHidden() && m_why->isHidden()) m_canvas.setFocus();
  Q_EMIT changed();
}

void CanvasCards::setSuppressed(bool suppressed) {
  m_suppressed = suppressed;
  refresh();
}

QRect CanvasCards::frame() const {
  const CaptionCard *card = m_why->isHidden() ? m_hint : m_why;
  if (card->isHidden()) return {};
  return card->geometry().marginsRemoved(FloatingCard::shadowMargins());
}

void CanvasCards::place(const CanvasScene &scene, const QRectF &viewport) {
  const bool compact = viewport.height() < compactBelow;
  if (compact != m_compact) {
    m_compact = compact;
    fillHint();
  }
  CaptionCard *card = m_why->isHidden() ? m_hint : m_why;
  if (card->isHidden()) return;
  const QMargins shadow = FloatingCard::shadowMargins();
  const QSize size = card->sizeHint();
  const QSizeF seen = size.shrunkBy(shadow);
  constexpr double inset = 16;
  const double right = viewport.right() - inset - seen.width();
  const double bottom = viewport.bottom() - inset - seen.height();
  const QPointF corners[] = {{viewport.left() + inset, bottom},
                             {right, bottom},
                             {viewport.left() + inset, viewport.top() + inset},
                             {(viewport.left() + right) / 2, bottom}};
  QPointF best = corners[0];
  double least = 1e18;
  for (const QPointF &corner : corners) {
    const double cost = coveredTiles(QRectF(corner, seen), scene);
    if (cost >= least) continue;
    least = cost;
    best = corner;
  }
  card->setGeometry(QRect(best.toPoint() - QPoint(shadow.left(), shadow.top()), size));
  card->raise();
}

} // namespace packetarium::ui
