// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/scenario/placeable.h"

#include <QAbstractListModel>

#include <span>

namespace packetarium::ui {

// What a canvas takes when it is dropped there; the data is the Placeable's key in UTF-8.
inline constexpr const char *placeableMimeType = "application/x-packetarium-placeable";

// Devices or services that can be put into a topology, in the order in which they are offered;
// with a filter, those that the words fit.
class PaletteModel : public QAbstractListModel {
  Q_OBJECT
public:
  enum Role { KeyRole = Qt::UserRole, IconRole, HelpRole };

  explicit PaletteModel(std::span<const scenario::Placeable> all, QObject *parent = nullptr);

  // Each word must be in the title, the help or the key, at the start of a word. Empty shows all.
  // What is called so comes before what only its help says.
  void setFilter(const QString &words);
  // How near the first one is to the filter: 0 is nearest; farthest when there is none.
  static constexpr int farthest = 3;
  [[nodiscard]] int nearest() const { return m_nearest; }
  [[nodiscard]] const scenario::Placeable &at(int row) const {
    return *m_shown[static_cast<std::size_t>(row)];
  }

  [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
  [[nodiscard]] Qt::ItemFlags flags(const QModelIndex &index) const override;
  [[nodiscard]] QStringList mimeTypes() const override;
  [[nodiscard]] QMimeData *mimeData(const QModelIndexList &indexes) const override;
  [[nodiscard]] Qt::DropActions supportedDragActions() const override { return Qt::CopyAction; }

private:
  std::span<const scenario::Placeable> m_all;
  std::vector<const scenario::Placeable *> m_shown;
  int m_nearest = 0;
};

} // namespace packetarium::ui
