// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/packets/packet_model.h"

#include <QStyledItemDelegate>

namespace packetarium::ui {

// Paints the cells of the packet list: a chip of the protocol's hue beside its name, a node's name
// behind its address, a mark on what was lost or sent again, and what is still to come dimmed.
class PacketDelegate : public QStyledItemDelegate {
  Q_OBJECT
public:
  PacketDelegate(ViewState &state, const PacketModel &model, QObject *parent);

  void paint(QPainter *painter, const QStyleOptionViewItem &option,
             const QModelIndex &index) const override;

private:
  struct Cell {
    QRectF box; // for text
    QColor ink;
    bool future = false;
  };
  void paintPlain(QPainter &painter, const Cell &cell, const QModelIndex &index) const;
  void paintAddress(QPainter &painter, const Cell &cell, const QString &address,
                    const QString &name) const;
  void paintProtocol(QPainter &painter, const Cell &cell, const analysis::PacketRow &row) const;
  void paintInfo(QPainter &painter, const Cell &cell, const analysis::PacketRow &row,
                 const QString &text) const;

  ViewState &m_state;
  const PacketModel &m_model;
};

} // namespace packetarium::ui
