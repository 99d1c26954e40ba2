// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/wire/dissect.h"
#include "ui/theme/theme_hub.h"

#include <QAbstractItemModel>

#include <memory>
#include <vector>

namespace packetarium::ui {

/// A dissection as a tree of two columns: field and value. Owns its copy.
class FieldModel : public QAbstractItemModel {
  Q_OBJECT
public:
  explicit FieldModel(const ThemeHub &hub, QObject *parent = nullptr);

  void setFields(std::vector<wire::Field> fields);
  [[nodiscard]] const wire::Field *field(const QModelIndex &index) const;
  /// The most precise field that covers these bytes; invalid when none does.
  [[nodiscard]] QModelIndex indexCovering(std::uint32_t from, std::uint32_t to) const;

  [[nodiscard]] QModelIndex index(int row, int column,
                                  const QModelIndex &parent = {}) const override;
  [[nodiscard]] QModelIndex parent(const QModelIndex &child) const override;
  [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                    int role) const override;

private:
  struct Item {
    const wire::Field *field = nullptr;
    int parent = -1; ///< index into m_items
    int row = 0;
    std::vector<int> children;
  };
  void addItems(const std::vector<wire::Field> &fields, int parent);

  const ThemeHub &m_hub;
  std::vector<wire::Field> m_fields;
  std::vector<Item> m_items;
  std::vector<int> m_roots;
};

} // namespace packetarium::ui
