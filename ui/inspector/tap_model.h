// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/eavesdrop.h"
#include "ui/playback/view_state.h"

#include <QAbstractListModel>
#include <QStyledItemDelegate>

#include <vector>

namespace packetarium::ui {

// The conversations that passed a tap, newest first. Owns what its rows say.
class TapModel : public QAbstractListModel {
  Q_OBJECT
public:
  struct Row {
    std::uint64_t number = 0; // among all that passed, from 0: stays the same
    analysis::ConversationKind kind = analysis::ConversationKind::Unknown;
    QString protocol, name, ends;
    SimTime last;
    std::uint64_t bytes = 0;
    bool hidden = false; // mostly encrypted
    bool operator==(const Row &) const = default;
  };

  explicit TapModel(QObject *parent = nullptr) : QAbstractListModel(parent) {}

  void show(const analysis::Eavesdropper &ears);
  [[nodiscard]] const Row &row(int index) const;
  [[nodiscard]] int indexOf(std::uint64_t number) const; // -1: not (or no longer) there

  [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;

private:
  std::vector<Row> m_rows; // oldest first
};

class TapDelegate : public QStyledItemDelegate {
  Q_OBJECT
public:
  TapDelegate(const ThemeHub &hub, QObject *parent) : QStyledItemDelegate(parent), m_hub(hub) {}
  void paint(QPainter *painter, const QStyleOptionViewItem &option,
             const QModelIndex &index) const override;
  [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem &option,
                               const QModelIndex &index) const override;

private:
  const ThemeHub &m_hub;
};

// The hue of a conversation's protocol.
[[nodiscard]] QColor conversationColour(const Theme &theme, analysis::ConversationKind kind);

} // namespace packetarium::ui
