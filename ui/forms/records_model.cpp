// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/forms/records_model.h"

#include <QBrush>

namespace packetarium::ui {

RecordsModel::RecordsModel(std::vector<FieldSpec> columns, QObject *parent)
    : QAbstractTableModel(parent), m_columns(std::move(columns)) {}

const FieldSpec &RecordsModel::column(int section) const {
  return m_columns[static_cast<std::size_t>(section)];
}

int RecordsModel::rowCount(const QModelIndex &parent) const {
  return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int RecordsModel::columnCount(const QModelIndex &parent) const {
  return parent.isValid() ? 0 : static_cast<int>(m_columns.size());
}

QVariant RecordsModel::data(const QModelIndex &index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const FieldSpec &spec = column(index.column());
  const Row &row = m_rows[static_cast<std::size_t>(index.row())];
  const auto cell = row.values.find(spec.key);
  if (role == Qt::DisplayRole || role == Qt::EditRole)
    return fieldText(spec, cell != row.values.end() ? cell->second : spec.byDefault);
  if (role == Qt::ToolTipRole) return spec.help;
  return {};
}

QVariant RecordsModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) return {};
  if (role == Qt::DisplayRole) return column(section).caption;
  if (role == Qt::ToolTipRole) return column(section).help;
  return {};
}

Qt::ItemFlags RecordsModel::flags(const QModelIndex &index) const {
  Qt::ItemFlags flags = QAbstractTableModel::flags(index);
  if (index.isValid()) flags |= Qt::ItemIsEditable | Qt::ItemNeverHasChildren;
  return flags;
}

bool RecordsModel::setData(const QModelIndex &index, const QVariant &value, int role) {
  if (role != Qt::EditRole || !checkIndex(index, CheckIndexOption::IndexIsValid)) return false;
  const FieldSpec &spec = column(index.column());
  const QString typed = value.toString();
  const QString shown = data(index, Qt::EditRole).toString();
  if (typed == shown) return true;
  const FieldInput input = readField(spec, typed, shown);
  if (!input.error.isEmpty()) {
    Q_EMIT refused(QStringLiteral("%1: %2").arg(spec.caption, input.error));
    return false;
  }
  auto &values = m_rows[static_cast<std::size_t>(index.row())].values;
  if (input.value)
    values[spec.key] = *input.value;
  else
    values.erase(spec.key);
  Q_EMIT dataChanged(index, index);
  Q_EMIT edited();
  return true;
}

void RecordsModel::setColumns(std::vector<FieldSpec> columns) {
  beginResetModel();
  m_columns = std::move(columns);
  endResetModel();
}

void RecordsModel::setRows(std::vector<Row> rows) {
  if (rows == m_rows) return;
  if (rows.size() == m_rows.size()) { // so that the view keeps its place
    m_rows = std::move(rows);
    if (!m_rows.empty()) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
    return;
  }
  beginResetModel();
  m_rows = std::move(rows);
  endResetModel();
}

int RecordsModel::addRow() {
  const int at = rowCount();
  beginInsertRows({}, at, at);
  Row row;
  for (const FieldSpec &spec : m_columns)
    if (spec.kind == FieldKind::Choice && !spec.choices.empty())
      row.values[spec.key] = spec.choices.front().first;
  m_rows.push_back(std::move(row));
  endInsertRows();
  Q_EMIT edited();
  return at;
}

void RecordsModel::removeRow(int row) {
  if (row < 0 || row >= rowCount()) return;
  beginRemoveRows({}, row, row);
  m_rows.erase(m_rows.begin() + row);
  endRemoveRows();
  Q_EMIT edited();
}

QModelIndex RecordsModel::firstMissing() const {
  for (int row = 0; row < rowCount(); ++row)
    for (int c = 0; c < columnCount(); ++c)
      if (!column(c).mayBeEmpty &&
          !m_rows[static_cast<std::size_t>(row)].values.contains(column(c).key))
        return index(row, c);
  return {};
}

} // namespace packetarium::ui
