// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/canvas.h"

#include "core/wire/dissect.h"
#include "ui/topology/link_path.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/floating_card.h"
#include "ui/widgets/format.h"
#include "ui/widgets/icon_button.h"

#include <QFocusEvent>
#include <QFontMetricsF>
#include <QPainter>
#include <QPainterPath>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace packetarium::ui {
namespace {

constexpr double fitZoomMax = 1.35;
constexpr qsizetype labelsKept = 5000;
constexpr double captionRoom = 168; // below the picture, in presenter mode
constexpr double hintReach = 34;    // length of the arrow at what the hint means

double widthOf(std::uint64_t rateBps) {
  return std::clamp(
      1.0 + 0.35 * std::log10(std::max<double>(static_cast<double>(rateBps), 1e5) / 1e5), 1.0, 3.6);
}

quint64 mixKey(quint64 key, quint64 value) {
  return (key ^ value) * 0x9E3779B97F4A7C15ULL + (key >> 29);
}

// Changes whenever something does that the static layer shows.
quint64 keyOf(const analysis::Frame &frame) {
  quint64 key = frame.nodes.size();
  for (const auto health : frame.nodes) key = mixKey(key, static_cast<quint64>(health));
  for (const analysis::LinkView &link : frame.links) {
    key = mixKey(key, link.up);
    key = mixKey(key, link.rateBps);
    key = mixKey(key, static_cast<quint64>(link.delay.ns()));
    key = mixKey(key, static_cast<quint64>(link.loss * 1e9));
  }
  return key;
}

// When the link went down for good, as seen from the record; none when it was never up.
std::optional<SimTime> cutSince(const analysis::Chronicle &chronicle, std::uint32_t link,
                                trace::Sequence upTo) {
  const auto &changes = chronicle.changes();
  for (auto it = changes.rbegin(); it != changes.rend(); ++it) {
    if (it->sequence > upTo || it->record.link != link) continue;
    if (it->record.kind == trace::RecordKind::LinkState && it->record.detail == 0)
      return it->record.at;
  }
  return std::nullopt;
}

} // namespace

Canvas::Canvas(ViewState &state, FaultActions &actions, QWidget *parent)
    : QWidget(parent),
      m_state(state),
      m_actions(actions),
      m_cards(new CanvasCards(state, actions, *this)),
      m_zoomCard(new FloatingCard(state.hub(), this)),
      m_empty(new EmptyState(state.hub(), "open",
                             tr("Choose an example on the left, or open a scenario file."), this)) {
  setObjectName(QStringLiteral("canvas"));
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setAttribute(Qt::WA_OpaquePaintEvent);
  setMinimumSize(320, 180);
  setAccessibleName(tr("Topology"));

  auto *column = new QVBoxLayout(m_zoomCard);
  column->setContentsMargins(FloatingCard::shadowMargins() + QMargins(3, 3, 3, 3));
  column->setSpacing(2);
  const auto add = [&](std::string_view icon, const QString &label, const QString &tip) {
    auto *button = new IconButton(state.hub(), icon, label, IconButton::Variant::Flat, m_zoomCard);
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
  m_empty->hide();

  connect(&state, &ViewState::rebuilt, this, &Canvas::rebuildModel);
  connect(&state, &ViewState::documentChanged, this, &Canvas::onDocumentChanged);
  connect(&state, &ViewState::truncated, this, [this] { m_labels.clear(); });
  connect(&state, &ViewState::frameChanged, this, &Canvas::onFrame);
  connect(&state, &ViewState::selectionChanged, this, &Canvas::onSelection);
  connect(&state, &ViewState::hoveredChanged, this, qOverload<>(&QWidget::update));
  connect(&state.hub(), &ThemeHub::changed, this, &Canvas::invalidate);
  connect(m_cards, &CanvasCards::changed, this, [this] {
    placeOverlays();
    invalidate();
  });
  rebuildModel();
}

void Canvas::rebuildModel() {
  m_labels.clear();
  m_drag = Drag::None;
  m_scene.setModel(canvasModelOf(m_state.scenario(), m_state.network()));
  m_lookKey = 0;
  refreshLook();
  m_empty->setVisible(m_scene.model().nodes.empty());
  if (m_autoFit) fit();
  invalidate();
}

void Canvas::onDocumentChanged(ChangeEvent event) {
  if (event.opened) m_autoFit = true;
  if (event.kind == ChangeKind::Structure) return; // rebuilt follows
  m_scene.setModel(canvasModelOf(m_state.scenario(), m_state.network()));
  invalidate();
}

void Canvas::onFrame() {
  refreshLook();
  update();
}

void Canvas::refreshLook() {
  const analysis::Frame &frame = m_state.frame();
  const quint64 key = mixKey(keyOf(frame), m_captions) | 1;
  if (key == m_lookKey) return;
  const CanvasModel &model = m_scene.model();
  if (frame.nodes.size() != model.nodes.size() || frame.links.size() != model.links.size()) return;
  m_lookKey = key;
  m_look.captions = m_captions;
  m_look.nodes.assign(model.nodes.size(), {});
  m_look.links.assign(model.links.size(), {});
  for (std::size_t i = 0; i < model.nodes.size(); ++i) m_look.nodes[i].health = frame.nodes[i];
  for (std::size_t i = 0; i < model.links.size(); ++i) {
    const analysis::LinkView &link = frame.links[i];
    CanvasLook::Link &look = m_look.links[i];
    look.up = link.up;
    look.width = widthOf(link.rateBps);
    look.caption = formatDuration(link.delay.ns()) + QStringLiteral(" · ") +
                   formatBitRate(static_cast<double>(link.rateBps));
    if (!link.up) {
      const auto since =
          cutSince(m_state.chronicle(), static_cast<std::uint32_t>(i), frame.cursor.upTo);
      look.condition = since ? tr("cut at %1").arg(formatTimeShort(since->ns())) : tr("cut");
      for (const std::uint32_t end : {model.links[i].a, model.links[i].b})
        m_look.nodes[end].degraded = true;
    } else if (link.loss > 0) {
      look.condition = tr("%1 loss").arg(formatPercent(link.loss));
    }
  }
  invalidate();
}

void Canvas::invalidate() {
  m_staticStale = true;
  update();
}

QRectF Canvas::viewport() const { return QRectF(rect()); }

void Canvas::fit() {
  m_autoFit = true;
  const bool buttons = !m_bare;
  const QRectF inner = viewport().adjusted(24, 20, buttons ? -64 : -24, -16 - m_stageInset);
  const auto fitted = [&](const QRectF &room) {
    CanvasTransform transform;
    transform.fit(m_scene.model().bounds(), room, fitZoomMax);
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
  if (m_autoFit) fit();
}

void Canvas::setOnStage(bool onStage) {
  m_stageInset = onStage ? m_state.typography().px(captionRoom) : 0;
  m_cards->setSuppressed(onStage);
  m_zoomCard->setVisible(!onStage);
  invalidate();
}

void Canvas::focusInEvent(QFocusEvent *event) {
  m_focusByKeyboard =
      event->reason() == Qt::TabFocusReason || event->reason() == Qt::BacktabFocusReason;
  QWidget::focusInEvent(event);
  update();
}

void Canvas::placeOverlays() {
  const QSize size = m_zoomCard->sizeHint();
  m_zoomCard->setGeometry(QRect(QPoint(width() - size.width() - 2, 4), size));
  m_empty->setGeometry(rect());
  m_cards->place(m_scene, viewport().adjusted(0, 0, -52, 0));
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

// ---- painting ---------------------------------------------------------------------------------

void Canvas::ensureStatic() {
  const double dpr = devicePixelRatioF();
  const QSize device = (QSizeF(size()) * dpr).toSize();
  if (!m_staticStale && m_static.size() == device) return;
  if (m_static.size() != device) m_static = QPixmap(device);
  m_static.setDevicePixelRatio(dpr);
  m_staticStale = false;
  std::vector<QRectF> keepFree;
  if (!m_zoomCard->isHidden()) keepFree.emplace_back(m_zoomCard->geometry());
  if (const QRect card = m_cards->frame(); !card.isEmpty()) keepFree.emplace_back(card);
  m_hintRing = hintRing();
  if (!m_hintRing.isEmpty()) keepFree.push_back(m_hintRing.adjusted(-2, -2, 2, 2));
  QPainter painter(&m_static);
  painter.setRenderHint(QPainter::TextAntialiasing);
  m_staticLayer.paint(painter, m_scene, m_look, m_state.theme(), m_state.typography(), viewport(),
                      keepFree);
  painter.end();
  if (!m_hintRing.isEmpty()) aimHint();
}

void Canvas::paintEvent(QPaintEvent *) {
  QPainter painter(this);
  if (m_look.nodes.size() != m_scene.tiles().size() ||
      m_look.links.size() != m_scene.lines().size()) {
    painter.fillRect(rect(), m_state.theme().canvas);
    return;
  }
  ensureStatic();
  painter.drawPixmap(0, 0, m_static);
  painter.setRenderHint(QPainter::Antialiasing);
  paintSelection(painter);
  const Selection &selection = m_state.selection();
  LiveContext context{m_state.theme(), m_state.typography(), viewport(), devicePixelRatioF()};
  context.selectedOrigin = selection.isPacket() ? selection.origin : 0;
  context.selectedRecord = selection.isPacket() ? selection.record : 0;
  context.hoveredRecord = m_state.hovered().isPacket() ? m_state.hovered().record : 0;
  context.label = [this](PacketId id) { return packetLabel(id); };
  context.originOf = [this](PacketId id) {
    const wire::Packet *packet = m_state.trace().packet(id);
    return packet != nullptr ? packet->origin : PacketId{0};
  };
  m_liveLayer.paint(painter, m_scene, m_state.frame(), falling(), m_staticLayer.placer(), context);
  paintHoveredLink(painter);
  paintHintPointer(painter);
  if (hasFocus() && m_focusByKeyboard && m_state.selection().isNone()) {
    painter.setPen(QPen(m_state.theme().accent, 1));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(viewport().adjusted(0.5, 0.5, -0.5, -0.5));
  }
}

void Canvas::paintSelection(QPainter &painter) const {
  const Theme &theme = m_state.theme();
  const auto ring = [&](std::uint32_t node, const QPen &pen) {
    if (node >= m_scene.tiles().size()) return;
    const double grow = 4.5;
    const QRectF box = m_scene.tiles()[node].adjusted(-grow, -grow, grow, grow);
    const double radius = CanvasScene::tileRadius * m_scene.zoom() + grow;
    painter.setPen(pen);
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(box, radius, radius);
  };
  const auto glow = [&](std::uint32_t link, double width, double alpha) {
    if (link >= m_scene.lines().size()) return;
    QColor colour = theme.accent;
    colour.setAlphaF(static_cast<float>(alpha));
    painter.setPen(QPen(colour, width, Qt::SolidLine, Qt::RoundCap));
    painter.drawLine(m_scene.lines()[link]);
  };
  const Selection &hovered = m_state.hovered();
  if (hovered.kind == Selection::Kind::Node) ring(hovered.node.value, QPen(theme.faint, 1.2));
  if (hovered.kind == Selection::Kind::Link) glow(hovered.link.value, 7, 0.18);
  const Selection &selection = m_state.selection();
  QPen dotted(theme.accent, 1.8);
  dotted.setDashPattern({1.6, 1.4});
  if (selection.kind == Selection::Kind::Node) ring(selection.node.value, dotted);
  if (selection.kind == Selection::Kind::Link) glow(selection.link.value, 8, 0.35);
}

// What a link can do and does, beside it while it is pointed at or chosen.
void Canvas::paintHoveredLink(QPainter &painter) {
  if (m_captions) return;
  const Selection &hovered = m_state.hovered();
  const Selection &what = hovered.kind == Selection::Kind::Link ? hovered : m_state.selection();
  if (what.kind != Selection::Kind::Link || what.link.value >= m_scene.lines().size()) return;
  const QString text = m_look.links[what.link.value].caption;
  const QFontMetricsF metrics(m_state.typography().secondary());
  const QSizeF size(std::ceil(metrics.horizontalAdvance(text)) + 12, metrics.height() + 6);
  const auto places = placesAlong(m_scene.lines()[what.link.value], size, 8);
  const auto place = m_staticLayer.placer().find(places);
  if (!place) return;
  const Theme &theme = m_state.theme();
  painter.setPen(QPen(theme.line, 1));
  painter.setBrush(theme.panel);
  painter.drawRoundedRect(places[*place], 5, 5);
  painter.setFont(m_state.typography().secondary());
  painter.setPen(theme.text);
  painter.drawText(places[*place], Qt::AlignCenter, text);
}

// A ring around what the hint means, and a short arrow to it from where nothing is in the way.
void Canvas::paintHintPointer(QPainter &painter) const {
  if (m_hintRing.isEmpty()) return;
  const QPointF at = m_hintRing.center();
  const double radius = m_hintRing.width() / 2;
  QPen pen(m_state.theme().accent, 1.6);
  pen.setDashPattern({3, 3});
  painter.setPen(pen);
  painter.setBrush(Qt::NoBrush);
  painter.drawEllipse(m_hintRing);
  const QPointF way = m_hintWay;
  const QPointF side(-way.y(), way.x());
  const QPointF tip = at + way * (radius + 4);
  painter.setPen(QPen(m_state.theme().accent, 2, Qt::SolidLine, Qt::RoundCap));
  painter.drawLine(tip, at + way * (radius + hintReach));
  painter.drawLine(tip, tip + way * 7 + side * 5);
  painter.drawLine(tip, tip + way * 7 - side * 5);
}

QRectF Canvas::hintRing() const {
  const Selection target = m_cards->hintTarget();
  if (target.isNone() || m_cards->frame().isEmpty() || m_bare) return {};
  const QPointF at = centreOf(target);
  const double radius =
      target.kind == Selection::Kind::Node ? 36 * std::max(m_scene.zoom(), 0.5) : 13;
  return {at.x() - radius, at.y() - radius, 2 * radius, 2 * radius};
}

// The way from the ring outwards along which the arrow lies: towards the card, if that is free.
void Canvas::aimHint() {
  constexpr int directions = 24;
  const QPointF at = m_hintRing.center();
  const double radius = m_hintRing.width() / 2;
  const QPointF card = QRectF(m_cards->frame()).center();
  const double wanted = std::atan2(card.y() - at.y(), card.x() - at.x());
  const LabelPlacer &placer = m_staticLayer.placer();
  double least = 1e9;
  QRectF taken;
  for (int i = 0; i < directions; ++i) {
    const double turn = (i % 2 == 0 ? 1 : -1) * ((i + 1) / 2) * 2 * M_PI / directions;
    const QPointF way(std::cos(wanted + turn), std::sin(wanted + turn));
    const QRectF room = QRectF(at + way * (radius + 4), at + way * (radius + hintReach))
                            .normalized()
                            .adjusted(-5, -5, 5, 5);
    const double cost =
        std::abs(turn) * 8 + placer.crossing(room) + (placer.isFree(room) ? 0 : 1000);
    if (cost >= least) continue;
    least = cost;
    m_hintWay = way;
    taken = room;
  }
  m_staticLayer.block(taken);
}

std::vector<FallingPacket> Canvas::falling() const {
  const analysis::Frame &frame = m_state.frame();
  const Playback &playback = m_state.playback();
  const double now = playback.presentationAt(frame.cursor.at);
  return m_scene.falling(
      frame, [&](Duration age) { return now - playback.presentationAt(frame.cursor.at - age); });
}

QString Canvas::packetLabel(PacketId id) {
  const auto known = m_labels.constFind(id);
  if (known != m_labels.constEnd()) return *known;
  const wire::Packet *packet = m_state.trace().packet(id);
  if (packet == nullptr) return {};
  if (m_labels.size() > labelsKept) m_labels.clear();
  return *m_labels.insert(id, QString::fromStdString(wire::shortLabel(*packet)));
}

} // namespace packetarium::ui
