// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/forms/field_spec.h"

#include <QAbstractTableModel>

#include <vector>

namespace packetarium::ui {

// Rows of a table parameter, as they are typed: each cell in its column's own way of writing. Cells
// that were not given show the column's default, dimmed by the view.
class RecordsModel : public QAbstractTableModel {
  Q_OBJECT
public:
  using Row = programs::ParameterRow;

  explicit RecordsModel(std::vector<FieldSpec> columns, QObject *parent = nullptr);

  [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                    int role) const override;
  [[nodiscard]] Qt::ItemFlags flags(const QModelIndex &index) const override;
  // Takes text; a cell that cannot be read is refused and stays as it was.
  bool setData(const QModelIndex &index, const QVariant &value, int role) override;

  void setColumns(std::vector<FieldSpec> columns);
  [[nodiscard]] const std::vector<FieldSpec> &columns() const { return m_columns; }
  void setRows(std::vector<Row> rows);
  [[nodiscard]] const std::vector<Row> &rows() const { return m_rows; }
  // A row with the columns' defaults; gives its number.
  int addRow();
  void removeRow(int row);
  // The first cell that must be given and is not; invalid when there is none.
  [[nodiscard]] QModelIndex firstMissing() const;

Q_SIGNALS:
  void edited();                      // by setData, addRow or removeRow
  void refused(const QString &error); // by setData

private:
  [[nodiscard]] const FieldSpec &column(int section) const;

  std::vector<FieldSpec> m_columns;
  std::vector<Row> m_rows;
};

} // namespace packetarium::ui
