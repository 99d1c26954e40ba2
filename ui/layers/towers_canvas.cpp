// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/layers/layer_paint.h"
#include "ui/layers/layers_view.h"
#include "ui/theme/icons.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>

namespace packetarium::ui {
namespace {

std::string_view roleIcon(analysis::StopRole role) {
  switch (role) {
  case analysis::StopRole::Switch: return "switch";
  case analysis::StopRole::Router: return "router";
  case analysis::StopRole::Nat: return "home-router";
  case analysis::StopRole::Lost: return "warning";
  default: return "host";
  }
}

} // namespace

TowersCanvas::TowersCanvas(ViewState &state, QWidget *parent) : QWidget(parent), m_state(state) {
  setMouseTracking(true);
  setAccessibleName(tr("Layers along the packet's path"));
}

void TowersCanvas::setJourney(const analysis::Journey *journey) {
  m_journey = journey;
  m_hovered = nullptr;
  updateGeometry();
  update();
}

void TowersCanvas::setPosition(const analysis::JourneyPosition &position) {
  m_position = position;
  update();
}

int TowersCanvas::rows() const {
  return (m_state.layerModel() == analysis::LayerModel::Osi7 ? 7 : 4) + (hasTls() ? 1 : 0);
}

bool TowersCanvas::hasTls() const {
  if (m_journey == nullptr || m_journey->stops.empty()) return false;
  const auto &stop = m_journey->stops.front();
  const auto &layers = stop.outLayers.empty() ? stop.inLayers : stop.outLayers;
  return std::any_of(layers.begin(), layers.end(), [](const auto &s) { return s.between; });
}

double TowersCanvas::headHeight() const {
  return m_state.typography().px(height() < m_state.typography().px(150) ? 20 : 24);
}

double TowersCanvas::rowHeight() const {
  const double wire = m_state.typography().px(6);
  const double space = (height() - headHeight() - wire) / rows();
  return std::clamp(space, double(m_state.typography().px(15)),
                    double(m_state.typography().px(40)));
}

QSize TowersCanvas::sizeHint() const {
  const auto &type = m_state.typography();
  const int stops = m_journey ? static_cast<int>(m_journey->stops.size()) : 1;
  return {std::max(1, stops) * type.px(130), type.px(24 + 22) + rows() * type.px(28)};
}

QSize TowersCanvas::minimumSizeHint() const {
  const auto &type = m_state.typography();
  const int stops = m_journey ? static_cast<int>(m_journey->stops.size()) : 1;
  return {std::max(1, stops) * type.px(104), type.px(20 + 6) + rows() * type.px(15)};
}

QRectF TowersCanvas::column(std::size_t stop) const {
  const double count = static_cast<double>(std::max<std::size_t>(1, m_journey->stops.size()));
  const double gap = m_state.typography().px(26);
  const double wide =
      std::min((width() - gap * (count - 1)) / count, double(m_state.typography().px(230)));
  const double left = (width() - wide * count - gap * (count - 1)) / 2;
  return {left + static_cast<double>(stop) * (wide + gap), 0, wide, double(height())};
}

int TowersCanvas::rowOf(int osiLayer) const {
  const int layer = std::clamp(osiLayer, 1, 7);
  const bool tls = hasTls();
  if (m_state.layerModel() == analysis::LayerModel::Osi7)
    return tls && layer < 7 ? 8 - layer : 7 - layer;
  if (tls && layer < 7 && layer > 4) return 1;
  if (layer >= 5) return 0;
  return (layer == 4 ? 1 : layer == 3 ? 2 : 3) + (tls ? 1 : 0);
}

std::vector<TowersCanvas::Box> TowersCanvas::boxes() const {
  std::vector<Box> all;
  if (m_journey == nullptr) return all;
  const double high = rowHeight();
  for (std::size_t s = 0; s < m_journey->stops.size(); ++s) {
    const auto &stop = m_journey->stops[s];
    const QRectF c = column(s);
    const bool both = !stop.inLayers.empty() && !stop.outLayers.empty();
    const auto add = [&](const std::vector<analysis::LayerStory> &layers, bool out) {
      for (std::size_t row = 0; row < layers.size(); ++row) {
        const double half = both ? c.width() / 2 - 2 : c.width();
        const double x = both && out ? c.left() + c.width() / 2 + 2 : c.left();
        all.push_back({QRectF(x, headHeight() + static_cast<double>(row) * high, half, high - 3), s,
                       &layers[row], out});
      }
    };
    add(stop.inLayers, false);
    add(stop.outLayers, true);
  }
  return all;
}

const TowersCanvas::Box *TowersCanvas::boxAt(const std::vector<Box> &all, const QPointF &at) const {
  const auto it =
      std::find_if(all.begin(), all.end(), [&](const Box &b) { return b.rect.contains(at); });
  return it == all.end() ? nullptr : &*it;
}

bool TowersCanvas::litBox(const Box &box) const {
  if (box.story == m_hovered) return true;
  const ByteRange range = m_state.byteRange();
  if (!range.isEmpty() && box.story->headerFrom <= range.from && range.to <= box.story->headerTo)
    return true;
  if (m_position.where != analysis::JourneyPosition::Where::InNode || box.stop != m_position.stop)
    return false;
  const bool onWay = m_journey->stops[box.stop].inLayers.empty() ||
                     m_journey->stops[box.stop].outLayers.empty() || box.out != m_position.rising;
  return onWay && rowOf(m_position.top) ==
                      static_cast<int>((box.rect.top() - headHeight()) / rowHeight() + 0.5);
}

void TowersCanvas::paintHeads(QPainter &painter) const {
  const Theme &theme = m_state.theme();
  const auto &type = m_state.typography();
  painter.setFont(type.name());
  const QFontMetricsF metrics(type.name());
  for (std::size_t s = 0; s < m_journey->stops.size(); ++s) {
    const auto &stop = m_journey->stops[s];
    const QRectF c = column(s);
    const bool here =
        m_position.where == analysis::JourneyPosition::Where::InNode && m_position.stop == s;
    const int icon = type.px(16);
    const QString name = metrics.elidedText(m_state.nodeName(stop.node), Qt::ElideRight,
                                            c.width() - icon - type.px(6));
    const double wide = icon + type.px(5) + metrics.horizontalAdvance(name);
    const double x = c.center().x() - wide / 2;
    const QColor ink = stop.role == analysis::StopRole::Lost ? theme.bad
                       : here                                ? theme.accent
                                                             : theme.text;
    paintIcon(painter, roleIcon(stop.role), QRectF(x, type.px(3), icon, icon), ink);
    painter.setPen(ink);
    painter.drawText(QRectF(x + icon + type.px(5), 0, wide, headHeight() - type.px(2)),
                     Qt::AlignVCenter | Qt::AlignLeft, name);
  }
}

void TowersCanvas::paintWires(QPainter &painter) const {
  const Theme &theme = m_state.theme();
  const double high = rowHeight();
  const double y = headHeight() + rows() * high - 3 - high / 2;
  painter.setPen(QPen(theme.faint, 2));
  for (std::size_t s = 0; s + 1 < m_journey->stops.size(); ++s)
    painter.drawLine(QPointF(column(s).right() + 2, y), QPointF(column(s + 1).left() - 2, y));
}

QPointF TowersCanvas::packetPlace() const {
  const double high = rowHeight();
  const auto rowY = [&](int row) { return headHeight() + row * high + high / 2 - 1.5; };
  const QRectF c = column(m_position.stop);
  if (m_position.where == analysis::JourneyPosition::Where::OnLink &&
      m_position.stop + 1 < m_journey->stops.size()) {
    const double from = c.right(), to = column(m_position.stop + 1).left();
    return {from + (to - from) * m_position.linkProgress, rowY(rows() - 1) + high};
  }
  const auto &stop = m_journey->stops[m_position.stop];
  const bool both = !stop.inLayers.empty() && !stop.outLayers.empty();
  double x = c.center().x();
  if (both) x = m_position.rising ? c.left() + c.width() / 4 : c.right() - c.width() / 4;
  return {x, rowY(rowOf(m_position.top)) + high};
}

void TowersCanvas::paintPacket(QPainter &painter) const {
  using Where = analysis::JourneyPosition::Where;
  if (m_journey->stops.empty() || m_position.where == Where::NotYet) return;
  // What has arrived is unpacked: nothing of it is left to stand before the towers' words.
  if (m_position.where == Where::Ended && m_journey->delivered) return;
  const auto &stop = m_journey->stops[std::min(m_position.stop, m_journey->stops.size() - 1)];
  const auto &layers = stop.outLayers.empty() || m_position.rising ? stop.inLayers : stop.outLayers;
  const auto &type = m_state.typography();
  const QPointF at = packetPlace();
  const double wide = type.px(150);
  const double x = std::clamp(at.x() - wide / 2, 0.0, std::max(0.0, width() - wide));
  const double tall = type.px(16);
  const double y = std::min(at.y() - rowHeight() / 2 - 1, height() - tall - 1.0);
  const int top = m_position.where == Where::InNode ? m_position.top : 1;
  paintPdu(painter, QRectF(x, y, wide, tall), layers, top, m_state.theme(), type);
}

void TowersCanvas::paintEvent(QPaintEvent *) {
  QPainter painter(this);
  painter.fillRect(rect(), m_state.theme().panel);
  if (m_journey == nullptr || m_journey->stops.empty()) return;
  painter.setRenderHint(QPainter::Antialiasing);
  paintWires(painter);
  paintHeads(painter);
  for (const Box &box : boxes())
    paintLayerBox(painter, box.rect, *box.story, m_state.theme(), m_state.typography(),
                  {litBox(box), rowHeight() < m_state.typography().px(34)});
  paintPacket(painter);
}

void TowersCanvas::mouseMoveEvent(QMouseEvent *event) {
  const auto all = boxes();
  const Box *box = boxAt(all, event->position());
  const analysis::LayerStory *story = box == nullptr ? nullptr : box->story;
  if (story == m_hovered) return;
  m_hovered = story;
  setCursor(story != nullptr && story->headerTo > story->headerFrom ? Qt::PointingHandCursor
                                                                    : Qt::ArrowCursor);
  Q_EMIT layerHovered(story ? QString::fromStdString(story->sentence) : QString(),
                      story ? QString::fromStdString(story->reference) : QString());
  update();
}

void TowersCanvas::leaveEvent(QEvent *) {
  m_hovered = nullptr;
  Q_EMIT layerHovered({}, {});
  update();
}

void TowersCanvas::mousePressEvent(QMouseEvent *event) {
  const auto all = boxes();
  const Box *box = boxAt(all, event->position());
  if (box == nullptr) return;
  const auto &stop = m_journey->stops[box->stop];
  const trace::Sequence record = box->out ? stop.out : stop.in;
  if (record != 0) m_state.selectRecord(record);
  m_state.setByteRange({box->story->headerFrom, box->story->headerTo});
}

bool TowersCanvas::event(QEvent *event) {
  if (event->type() == QEvent::ToolTip) {
    const auto *help = static_cast<QHelpEvent *>(event);
    const auto all = boxes();
    const Box *box = boxAt(all, help->pos());
    if (box == nullptr) {
      QToolTip::hideText();
      return true;
    }
    QString text = QStringLiteral("<b>%1</b>").arg(layerTitle(*box->story));
    if (!box->story->summary.empty())
      text += "<br>" + QString::fromStdString(box->story->summary).toHtmlEscaped();
    if (!box->story->sentence.empty())
      text += "<br>" + QString::fromStdString(box->story->sentence).toHtmlEscaped();
    if (!box->story->reference.empty())
      text += "<br><i>" + QString::fromStdString(box->story->reference) + "</i>";
    QToolTip::showText(help->globalPos(), text, this, box->rect.toRect());
    return true;
  }
  return QWidget::event(event);
}

} // namespace packetarium::ui
