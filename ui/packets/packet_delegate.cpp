// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/packets/packet_delegate.h"

#include "ui/layers/layer_paint.h"

#include <QApplication>
#include <QPainter>

#include <algorithm>

namespace packetarium::ui {

PacketDelegate::PacketDelegate(ViewState &state, const PacketModel &model, QObject *parent)
    : QStyledItemDelegate(parent), m_state(state), m_model(model) {}

void PacketDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                           const QModelIndex &index) const {
  const Theme &theme = m_state.theme();
  const Typography &type = m_state.typography();
  QStyleOptionViewItem ground(option);
  ground.state &= ~QStyle::State_HasFocus;
  const QStyle *style = option.widget != nullptr ? option.widget->style() : QApplication::style();
  style->drawControl(QStyle::CE_ItemViewItem, &ground, painter, option.widget);

  painter->save();
  painter->setRenderHint(QPainter::Antialiasing);
  const int row = index.row();
  Cell cell;
  cell.box = QRectF(option.rect).adjusted(type.px(6), 0, -type.px(6), 0);
  cell.future = m_model.isFuture(row);
  cell.ink = cell.future ? theme.dim : theme.text;
  const analysis::PacketRow &packet = m_model.packet(row);
  const QString text = index.data(Qt::DisplayRole).toString();
  switch (index.column()) {
  case PacketModel::Source:
    paintAddress(*painter, cell, text, QString::fromStdString(packet.sourceName));
    break;
  case PacketModel::Destination:
    paintAddress(*painter, cell, text, QString::fromStdString(packet.destinationName));
    break;
  case PacketModel::Protocol:
    if (!packet.pending) paintProtocol(*painter, cell, packet);
    break;
  case PacketModel::Info: paintInfo(*painter, cell, packet, text); break;
  default: paintPlain(*painter, cell, index);
  }
  if (row > 0 && row == m_model.presentRows()) { // the present lies between this row and the last
    painter->setRenderHint(QPainter::Antialiasing, false);
    painter->setPen(QPen(theme.accent, 1, Qt::DashLine));
    painter->drawLine(option.rect.topLeft(), option.rect.topRight());
  }
  painter->restore();
}

void PacketDelegate::paintPlain(QPainter &painter, const Cell &cell,
                                const QModelIndex &index) const {
  const Typography &type = m_state.typography();
  const bool mono = index.column() != PacketModel::Number;
  painter.setFont(mono ? type.monoSmall() : type.secondary());
  painter.setPen(index.column() == PacketModel::Number ? m_state.theme().dim : cell.ink);
  painter.drawText(cell.box, Qt::AlignVCenter | Qt::AlignRight,
                   index.data(Qt::DisplayRole).toString());
}

void PacketDelegate::paintAddress(QPainter &painter, const Cell &cell, const QString &address,
                                  const QString &name) const {
  const Typography &type = m_state.typography();
  painter.setFont(type.monoSmall());
  const QFontMetricsF metrics(painter.font());
  painter.setPen(cell.ink);
  if (!name.isEmpty() && metrics.horizontalAdvance(address) > cell.box.width()) {
    // Half an address says nothing; whose it is does.
    painter.setFont(type.secondary());
    painter.drawText(
        cell.box, Qt::AlignVCenter | Qt::AlignLeft,
        QFontMetricsF(type.secondary()).elidedText(name, Qt::ElideRight, cell.box.width()));
    return;
  }
  painter.drawText(cell.box, Qt::AlignVCenter | Qt::AlignLeft,
                   metrics.elidedText(address, Qt::ElideRight, cell.box.width()));
  QRectF rest = cell.box;
  rest.setLeft(rest.left() + metrics.horizontalAdvance(address) + type.px(8));
  const QFontMetricsF small(type.secondary());
  if (name.isEmpty() || rest.width() < std::min<double>(type.px(32), small.horizontalAdvance(name)))
    return;
  painter.setFont(type.secondary());
  painter.setPen(m_state.theme().dim);
  painter.drawText(rest, Qt::AlignVCenter | Qt::AlignLeft,
                   small.elidedText(name, Qt::ElideRight, rest.width()));
}

void PacketDelegate::paintProtocol(QPainter &painter, const Cell &cell,
                                   const analysis::PacketRow &row) const {
  const Typography &type = m_state.typography();
  QColor hue = protocolClassColour(m_state.theme(), row.protocol);
  if (cell.future) hue.setAlphaF(0.45F);
  const double edge = type.px(8);
  const QRectF chip(cell.box.left(), cell.box.center().y() - edge / 2, edge, edge);
  painter.setPen(Qt::NoPen);
  painter.setBrush(hue);
  painter.drawRoundedRect(chip, 2, 2);
  painter.setFont(type.secondary());
  painter.setPen(cell.ink);
  painter.drawText(cell.box.adjusted(edge + type.px(6), 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft,
                   protocolClassName(row.protocol));
}

void PacketDelegate::paintInfo(QPainter &painter, const Cell &cell, const analysis::PacketRow &row,
                               const QString &text) const {
  const Theme &theme = m_state.theme();
  const Typography &type = m_state.typography();
  const QString remark = PacketModel::remark(row);
  const QFontMetricsF tiny(type.tiny());
  const double pill = remark.isEmpty() ? 0 : tiny.horizontalAdvance(remark) + type.px(14);
  painter.setFont(type.secondary());
  const QFontMetricsF metrics(painter.font());
  const double room = std::max(0.0, cell.box.width() - (pill > 0 ? pill + type.px(8) : 0));
  const QString shown = metrics.elidedText(text, Qt::ElideRight, room);
  painter.setPen(row.pending ? theme.dim : cell.ink);
  painter.drawText(cell.box, Qt::AlignVCenter | Qt::AlignLeft, shown);
  if (pill <= 0) return;
  const double height = tiny.height() + type.px(2);
  const QRectF box(cell.box.left() + metrics.horizontalAdvance(shown) + type.px(8),
                   cell.box.center().y() - height / 2, pill, height);
  const QColor ink = row.dropped ? theme.bad : theme.warn;
  painter.setPen(Qt::NoPen);
  painter.setBrush(row.dropped ? theme.badSoft : theme.warnSoft);
  painter.drawRoundedRect(box, height / 2, height / 2);
  painter.setFont(type.tiny());
  painter.setPen(ink);
  painter.drawText(box, Qt::AlignCenter, remark);
}

} // namespace packetarium::ui
