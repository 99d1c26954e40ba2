// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/canvas.h"

#include "ui/widgets/empty_state.h"
#include "ui/widgets/floating_card.h"
#include "ui/widgets/format.h"
#include "ui/widgets/icon_button.h"

#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace packetarium::ui {
namespace {

constexpr double fitZoomMax = 1.35;
constexpr double closeZoomMax = 2.0;
constexpr double captionRoom = 168; // below the picture, in presenter mode

} // namespace

Canvas::Canvas(ViewState &state, FaultActions &actions, QWidget *parent)
    : QWidget(parent),
      m_state(state),
      m_actions(actions),
      m_cards(new CanvasCards(state, actions, *this)),
      m_edits(new EditActions(state, this)),
      m_badges(new ConflictBadges(state, *m_edits, *this)),
      m_editor(new InPlaceEditor(state.hub(), this)),
      m_zoomCard(new FloatingCard(state.hub(), this)),
      m_empty(new EmptyState(state.hub(), "pointer",
                             tr("Drag a device here, or pick one in the palette with Enter.\n"
                                "Or open an example on the left."),
                             this)),
      m_tags(new HeldTags(state, this)),
      m_linkTool(state),
      m_knife(state) {
  setObjectName(QStringLiteral("canvas"));
  setMouseTracking(true);
  setAcceptDrops(true);
  setFocusPolicy(Qt::StrongFocus);
  setAttribute(Qt::WA_OpaquePaintEvent);
  setMinimumSize(320, 180);
  setAccessibleName(tr("Topology"));
  m_empty->setAttribute(Qt::WA_TransparentForMouseEvents);
  m_empty->lower();
  makeButtons();
  connectParts();
  rebuildModel();
  fit();
}

void Canvas::makeButtons() {
  auto *column = new QVBoxLayout(m_zoomCard);
  column->setContentsMargins(FloatingCard::shadowMargins() + QMargins(3, 3, 3, 3));
  column->setSpacing(2);
  const auto add = [&](std::string_view icon, const QString &label, const QString &tip) {
    auto *button =
        new IconButton(m_state.hub(), icon, label, IconButton::Variant::Flat, m_zoomCard);
    button->setToolTip(tip);
    column->addWidget(button);
    return button;
  };
  connect(add("plus", tr("Zoom in"), tr("Zoom in (Ctrl++)")), &QToolButton::clicked, this,
          &Canvas::zoomIn);
  connect(add("minus", tr("Zoom out"), tr("Zoom out (Ctrl+-)")), &QToolButton::clicked, this,
          &Canvas::zoomOut);
  connect(add("fit", tr("Show everything"), tr("Show everything (Ctrl+0)")), &QToolButton::clicked,
          this, &Canvas::fit);
  m_captionButton =
      add("info", tr("Delay and rate of every link"), tr("Delay and rate of every link (Ctrl+L)"));
  m_captionButton->setCheckable(true);
  connect(m_captionButton, &QToolButton::toggled, this, &Canvas::setCaptions);
  m_knifeButton = add("partition", tr("Partition with a knife stroke"),
                      tr("Partition with a knife stroke: cuts all the cables it crosses (K)"));
  m_knifeButton->setCheckable(true);
  connect(m_knifeButton, &QToolButton::clicked, this, &Canvas::takeKnife);
}

void Canvas::connectParts() {
  connect(&m_state, &ViewState::rebuilt, this, &Canvas::rebuildModel);
  connect(&m_state, &ViewState::documentChanged, this, &Canvas::onDocumentChanged);
  connect(&m_state, &ViewState::truncated, this, [this] { m_labels.clear(); });
  connect(&m_state, &ViewState::frameChanged, this, &Canvas::onFrame);
  connect(&m_state, &ViewState::selectionChanged, this, &Canvas::onSelection);
  connect(&m_state, &ViewState::markedChanged, this, &Canvas::onSelection);
  connect(&m_state, &ViewState::hoveredChanged, this, qOverload<>(&QWidget::update));
  connect(&m_state.hub(), &ThemeHub::changed, this, &Canvas::invalidate);
  connect(m_cards, &CanvasCards::changed, this, [this] {
    placeOverlays();
    invalidate();
  });
  connect(m_tags, &HeldTags::moved, this, qOverload<>(&QWidget::update));
  connect(m_badges, &ConflictBadges::changed, this, [this] {
    placeOverlays();
    update();
  });
  m_edgeScroll.setInterval(16);
  connect(&m_edgeScroll, &QTimer::timeout, this, &Canvas::scrollAtEdge);
  m_edits->setPointer([this] { return pointer(); });
  connect(m_edits, &EditActions::failed, &m_actions, &FaultActions::failed);
  connect(m_edits, &EditActions::done, &m_actions, &FaultActions::done);
  connect(m_edits, &EditActions::zoomRequested, this, &Canvas::zoomToMarked);
  connect(m_edits, &EditActions::linkRequested, this,
          [this](const QString &from) { beginLink(from.toStdString()); });
  connect(m_edits, &EditActions::renameRequested, this,
          [this](const QString &node) { editName(node.toStdString()); });
  connect(m_edits, &EditActions::noteEditRequested, this,
          [this](const QString &note) { editNote(note.toStdString()); });
  connect(m_editor, &InPlaceEditor::committed, this, &Canvas::onCommitted);
  connect(m_editor, &InPlaceEditor::closed, this, &Canvas::refreshEmpty);
}

// The view stays where it is: an edit by hand never moves the ground under the pointer.
void Canvas::rebuildModel() {
  m_labels.clear();
  m_handleNode.reset();
  m_scene.setModel(canvasModelOf(m_state.scenario(), m_state.network()));
  abandon();
  m_lookKey = 0;
  refreshLook();
  refreshEmpty();
  placeOverlays();
  invalidate();
}

void Canvas::refreshEmpty() {
  m_empty->setVisible(m_scene.model().nodes.empty() && m_scene.model().notes.empty() && !m_bare);
}

void Canvas::onDocumentChanged(ChangeEvent event) {
  if (event.opened) m_editor->dismiss();
  if (event.kind != ChangeKind::Structure) { // else rebuilt came before
    m_scene.setModel(canvasModelOf(m_state.scenario(), m_state.network()));
    abandon();
    refreshEmpty();
  }
  if (event.opened) fit();
  placeOverlays();
  invalidate();
}

void Canvas::onFrame() {
  refreshLook();
  update();
}

void Canvas::invalidate() {
  m_staticStale = true;
  update();
}

QRectF Canvas::viewport() const { return QRectF(rect()); }

void Canvas::fit() {
  m_autoFit = true;
  const bool buttons = !m_bare;
  if (m_scene.model().nodes.empty() && m_scene.model().notes.empty())
    return setTransform({1, viewport().center()}, false);
  const QRectF inner = viewport().adjusted(24, 20, buttons ? -64 : -24, -16 - m_stageInset);
  const auto fitted = [&](const QRectF &room) {
    CanvasTransform transform;
    QRectF bounds = m_scene.model().bounds();
    transform.fit(bounds, room, fitZoomMax);
    // Letters do not grow with the zoom: how much of the plane a note takes is known only now.
    for (int pass = 0; pass < 2 && !m_scene.model().notes.empty(); ++pass) {
      for (const CanvasModel::Note &note : m_scene.model().notes)
        bounds |=
            QRectF(note.at, noteBox(note, transform, m_state.typography()).size() / transform.zoom);
      transform.fit(bounds, room, fitZoomMax);
    }
    return transform;
  };
  setTransform(fitted(inner), false);
  if (!isCoveredByCard()) return;
  // Where the card would lie on the picture, the picture makes room above it or beside it: so much
  // as is needed, and the way that leaves the picture largest.
  const QSizeF card = m_cards->frame().size() + QSizeF(16, 16);
  CanvasTransform best = fitted(inner.adjusted(0, 0, 0, -card.height()));
  const CanvasTransform beside = fitted(inner.adjusted(card.width(), 0, 0, 0));
  if (beside.zoom > best.zoom) best = beside;
  for (const double share : {0.75, 0.5, 0.25})
    for (const QRectF &room : {inner.adjusted(0, 0, 0, -card.height() * share),
                               inner.adjusted(card.width() * share, 0, 0, 0)}) {
      const CanvasTransform tried = fitted(room);
      if (tried.zoom < best.zoom) continue;
      setTransform(tried, false);
      if (!isCoveredByCard()) best = tried;
    }
  setTransform(best, false);
}

bool Canvas::isCoveredByCard() const {
  const QRectF card = m_cards->frame();
  return !card.isEmpty() &&
         std::any_of(m_scene.tiles().begin(), m_scene.tiles().end(), [&](const QRectF &tile) {
           return card.intersects(tile.adjusted(-16, -8, 16, 48));
         });
}

void Canvas::setTransform(const CanvasTransform &transform, bool byHand) {
  if (byHand) m_autoFit = false;
  m_scene.setTransform(transform);
  placeOverlays();
  invalidate();
}

void Canvas::zoomIn() {
  CanvasTransform t = m_scene.transform();
  t.zoomAt(viewport().center(), 1.25);
  setTransform(t, true);
}

void Canvas::zoomOut() {
  CanvasTransform t = m_scene.transform();
  t.zoomAt(viewport().center(), 0.8);
  setTransform(t, true);
}

QRectF Canvas::boundsOf(const std::vector<std::string> &ids) const {
  CanvasModel shown;
  const auto take = [&](std::uint32_t node) { shown.nodes.push_back(m_scene.model().nodes[node]); };
  for (const std::string &id : ids) {
    if (const NodeIndex node = m_state.built().node(id); node.valid()) take(node.value);
    if (const LinkIndex link = m_state.built().link(id); link.valid()) {
      take(m_scene.model().links[link.value].a);
      take(m_scene.model().links[link.value].b);
    }
    if (const auto note = noteIndex(id)) shown.notes.push_back(m_scene.model().notes[*note]);
  }
  return shown.bounds();
}

void Canvas::zoomToMarked() {
  const QRectF bounds = boundsOf(m_state.marked());
  if (bounds.isEmpty()) return fit();
  CanvasTransform transform;
  transform.fit(bounds, viewport().adjusted(24, 20, -64, -16 - m_stageInset), closeZoomMax);
  setTransform(transform, true);
}

void Canvas::reveal(const std::string &id) {
  const QRectF bounds = boundsOf({id});
  if (bounds.isEmpty()) return;
  CanvasTransform t = m_scene.transform();
  const QRectF shown(t.toScreen(bounds.topLeft()), t.toScreen(bounds.bottomRight()));
  const QRectF room = viewport().adjusted(8, 8, -60, -8);
  if (room.contains(shown) || (room.intersects(shown) && room.width() < shown.width())) return;
  t.origin += room.center() - shown.center();
  setTransform(t, true);
}

void Canvas::setCaptions(bool on) {
  if (on == m_captions) return;
  m_captions = on;
  m_captionButton->setChecked(on);
  refreshLook();
  Q_EMIT captionsChanged(on);
}

void Canvas::setBare(bool bare) {
  m_bare = bare;
  m_zoomCard->setVisible(!bare);
  m_cards->setSuppressed(bare);
  m_badges->setSuppressed(bare);
  refreshEmpty();
  if (m_autoFit) fit();
}

void Canvas::setOnStage(bool onStage) {
  m_stageInset = onStage ? m_state.typography().px(captionRoom) : 0;
  m_onStage = onStage;
  m_cards->setSuppressed(onStage);
  m_zoomCard->setVisible(!onStage);
  invalidate();
}

void Canvas::placeOverlays() {
  const QSize size = m_zoomCard->sizeHint();
  m_zoomCard->setGeometry(QRect(QPoint(width() - size.width() - 2, 4), size));
  m_empty->setGeometry(rect());
  m_cards->place(m_scene, viewport().adjusted(0, 0, -52, 0));
  m_badges->place(m_scene, viewport().adjusted(0, 0, -52, 0));
  placeEditor();
}

void Canvas::resizeEvent(QResizeEvent *event) {
  QWidget::resizeEvent(event);
  if (m_autoFit) fit();
  placeOverlays();
  invalidate();
}

void Canvas::showEvent(QShowEvent *event) {
  QWidget::showEvent(event);
  if (m_autoFit) fit();
}

QPoint Canvas::centreOf(const Selection &what) const {
  if (what.kind == Selection::Kind::Node && what.node.value < m_scene.tiles().size())
    return m_scene.tiles()[what.node.value].center().toPoint();
  if (what.kind == Selection::Kind::Link && what.link.value < m_scene.lines().size())
    return m_scene.lines()[what.link.value].center().toPoint();
  return {};
}

} // namespace packetarium::ui
