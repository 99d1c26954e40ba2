// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/tower_pair.h"

#include "ui/layers/layer_paint.h"

#include <QFontMetricsF>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace packetarium::ui {

TowerPair::TowerPair(ViewState &state, QWidget *parent) : QWidget(parent), m_state(state) {
  setMouseTracking(true);
  QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Minimum);
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
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

TowerPair::Geometry TowerPair::geometry(int width) const {
  const Typography &type = m_state.typography();
  const double gap = type.px(26);
  Geometry g;
  std::size_t rows = m_state.layerModel() == analysis::LayerModel::Osi7 ? 7 : 4;
  // At either end of the way there is one tower, which has all the room.
  bool alone = false;
  if (m_stop != nullptr) {
    rows = std::max(m_stop->inLayers.size(), m_stop->outLayers.size());
    alone = m_stop->inLayers.empty() || m_stop->outLayers.empty();
  }
  g.boxWidth = alone ? width : (width - gap) / 2;
  g.outLeft = alone ? 0 : g.boxWidth + gap;
  g.lines.assign(rows, 1);
  g.tops.push_back(type.px(20));
  for (std::size_t row = 0; row < rows; ++row) {
    if (m_stop != nullptr)
      for (const auto *layers : {&m_stop->inLayers, &m_stop->outLayers})
        if (row < layers->size())
          g.lines[row] = std::max(g.lines[row], summaryLinesFor((*layers)[row], g.boxWidth, type));
    const double more = (g.lines[row] - 1) * QFontMetricsF(type.tiny()).height();
    g.tops.push_back(g.tops.back() + type.px(36) + more);
  }
  return g;
}

int TowerPair::heightForWidth(int width) const {
  return static_cast<int>(std::ceil(geometry(width).tops.back()));
}

QSize TowerPair::sizeHint() const {
  const int width = m_state.typography().px(240);
  return {width, heightForWidth(std::max(width, this->width()))};
}

QRectF TowerPair::box(const Geometry &g, bool out, std::size_t row) {
  return {out ? g.outLeft : 0, g.tops[row], g.boxWidth, g.tops[row + 1] - g.tops[row] - 4};
}

void TowerPair::paintTower(QPainter &painter, const Geometry &g, bool out) const {
  const Theme &theme = m_state.theme();
  const Typography &type = m_state.typography();
  const auto &layers = out ? m_stop->outLayers : m_stop->inLayers;
  if (layers.empty()) return;
  const QString caption = out ? tr("OUT") : tr("IN");
  const QRectF head(box(g, out, 0).left(), 0, g.boxWidth, type.px(18));
  painter.setFont(type.section());
  painter.setPen(theme.dim);
  painter.drawText(head, Qt::AlignVCenter | Qt::AlignLeft, caption);
  const auto &other = out ? m_stop->inLayers : m_stop->outLayers;
  if (other.empty()) {
    const QString why = out                                        ? tr("It begins here.")
                        : m_stop->role == analysis::StopRole::Lost ? tr("It was lost here.")
                                                                   : tr("It has arrived.");
    painter.setFont(type.secondary());
    painter.drawText(head, Qt::AlignVCenter | Qt::AlignRight, why);
  }
  const ByteRange range = m_state.byteRange();
  for (std::size_t row = 0; row < layers.size(); ++row) {
    const auto &story = layers[row];
    const bool lit =
        &story == m_hovered || (!range.isEmpty() && story.headerFrom <= range.from &&
                                range.to <= story.headerTo && story.headerTo > story.headerFrom);
    paintLayerBox(painter, box(g, out, row), story, theme, type, {lit, false, g.lines[row]});
  }
}

void TowerPair::paintWay(QPainter &painter, const Geometry &g) const {
  const auto &in = m_stop->inLayers;
  const auto &out = m_stop->outLayers;
  if (in.empty() || out.empty()) return;
  const auto active = [](const auto &s) { return s.active; };
  const auto top = std::find_if(in.begin(), in.end(), active);
  if (top == in.end()) return;
  const auto row = static_cast<std::size_t>(top - in.begin());
  const Theme &theme = m_state.theme();
  const QRectF inTop = box(g, false, row), inEnd = box(g, false, in.size() - 1);
  const QRectF outTop = box(g, true, row), outEnd = box(g, true, out.size() - 1);
  const double third = m_state.typography().px(9);
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
  const Geometry g = geometry(width());
  paintTower(painter, g, false);
  paintTower(painter, g, true);
  paintWay(painter, g);
}

const analysis::LayerStory *TowerPair::storyAt(const QPointF &at) const {
  if (m_stop == nullptr) return nullptr;
  const Geometry g = geometry(width());
  for (const bool out : {false, true}) {
    const auto &layers = out ? m_stop->outLayers : m_stop->inLayers;
    for (std::size_t row = 0; row < layers.size(); ++row)
      if (box(g, out, row).contains(at)) return &layers[row];
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
