// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/tower_pair.h"

#include "ui/layers/layer_paint.h"

#include <QMouseEvent>
#include <QPainter>

#include <algorithm>

namespace packetarium::ui {

TowerPair::TowerPair(ViewState &state, QWidget *parent) : QWidget(parent), m_state(state) {
  setMouseTracking(true);
  setAccessibleName(tr("Layers at this device, in and out"));
  connect(&state, &ViewState::byteRangeChanged, this, qOverload<>(&QWidget::update));
  connect(&state.hub(), &ThemeHub::changed, this, qOverload<>(&QWidget::updateGeometry));
}

void TowerPair::setStop(const analysis::JourneyStop *stop) {
  m_stop = stop;
  m_hovered = nullptr;
  updateGeometry();
  update();
}

QSize TowerPair::sizeHint() const {
  std::size_t rows = m_state.layerModel() == analysis::LayerModel::Osi7 ? 7 : 4;
  if (m_stop != nullptr) rows = std::max(m_stop->inLayers.size(), m_stop->outLayers.size());
  return {m_state.typography().px(240),
          static_cast<int>(m_state.typography().px(20) + static_cast<double>(rows) * rowHeight())};
}

QRectF TowerPair::box(bool out, std::size_t row) const {
  const double gap = m_state.typography().px(36);
  const double wide = (width() - gap) / 2;
  const double x = out ? wide + gap : 0;
  return {x, m_state.typography().px(20) + static_cast<double>(row) * rowHeight(), wide,
          rowHeight() - 4};
}

void TowerPair::paintTower(QPainter &painter, bool out) const {
  const Theme &theme = m_state.theme();
  const auto &layers = out ? m_stop->outLayers : m_stop->inLayers;
  painter.setFont(m_state.typography().section());
  painter.setPen(theme.dim);
  const QRectF head(box(out, 0).left(), 0, box(out, 0).width(), m_state.typography().px(18));
  painter.drawText(head, Qt::AlignVCenter | Qt::AlignLeft, out ? tr("OUT") : tr("IN"));
  if (layers.empty()) {
    painter.setFont(m_state.typography().secondary());
    const QRectF all = box(out, 0).united(box(out, sizeHint().height() > 0 ? 3 : 0));
    const QString why = out ? (m_stop->role == analysis::StopRole::Lost ? tr("It was lost here.")
                                                                        : tr("It has arrived."))
                            : tr("It begins here.");
    painter.drawText(all, Qt::AlignTop | Qt::AlignLeft | Qt::TextWordWrap, why);
    return;
  }
  const ByteRange range = m_state.byteRange();
  for (std::size_t row = 0; row < layers.size(); ++row) {
    const auto &story = layers[row];
    const bool lit =
        &story == m_hovered || (!range.isEmpty() && story.headerFrom <= range.from &&
                                range.to <= story.headerTo && story.headerTo > story.headerFrom);
    paintLayerBox(painter, box(out, row), story, theme, m_state.typography(), {lit, false});
  }
}

void TowerPair::paintWay(QPainter &painter) const {
  const auto &in = m_stop->inLayers;
  const auto &out = m_stop->outLayers;
  if (in.empty() || out.empty()) return;
  const auto active = [](const auto &s) { return s.active; };
  const auto top = std::find_if(in.begin(), in.end(), active);
  if (top == in.end()) return;
  const auto row = static_cast<std::size_t>(top - in.begin());
  const Theme &theme = m_state.theme();
  const QRectF inTop = box(false, row), inEnd = box(false, in.size() - 1);
  const QRectF outTop = box(true, row), outEnd = box(true, out.size() - 1);
  const double third = m_state.typography().px(12);
  QPen pen(theme.accent, 1.6);
  pen.setJoinStyle(Qt::RoundJoin);
  painter.setPen(pen);
  painter.setBrush(Qt::NoBrush);
  // In at the bottom, up to the layer that decides, over, and down again.
  const double inX = inTop.right() + third, outX = outTop.left() - third;
  QPolygonF way;
  way << QPointF(inEnd.right(), inEnd.center().y()) << QPointF(inX, inEnd.center().y())
      << QPointF(inX, inTop.center().y()) << QPointF(outX, outTop.center().y())
      << QPointF(outX, outEnd.center().y()) << QPointF(outEnd.left() - 3, outEnd.center().y());
  painter.drawPolyline(way);
  painter.setBrush(theme.accent);
  const QPointF tip(outEnd.left() - 1, outEnd.center().y());
  painter.drawPolygon(QPolygonF() << tip << tip + QPointF(-6, -3.5) << tip + QPointF(-6, 3.5));
}

void TowerPair::paintEvent(QPaintEvent *) {
  if (m_stop == nullptr) return;
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  paintTower(painter, false);
  paintTower(painter, true);
  paintWay(painter);
}

const analysis::LayerStory *TowerPair::storyAt(const QPointF &at) const {
  if (m_stop == nullptr) return nullptr;
  for (const bool out : {false, true}) {
    const auto &layers = out ? m_stop->outLayers : m_stop->inLayers;
    for (std::size_t row = 0; row < layers.size(); ++row)
      if (box(out, row).contains(at)) return &layers[row];
  }
  return nullptr;
}

void TowerPair::mouseMoveEvent(QMouseEvent *event) {
  const auto *story = storyAt(event->position());
  if (story == m_hovered) return;
  m_hovered = story;
  m_state.setByteRange(story ? ByteRange{story->headerFrom, story->headerTo} : ByteRange{});
  Q_EMIT storyHovered(story);
  update();
}

void TowerPair::leaveEvent(QEvent *) {
  m_hovered = nullptr;
  m_state.setByteRange({});
  Q_EMIT storyHovered(nullptr);
  update();
}

} // namespace packetarium::ui
