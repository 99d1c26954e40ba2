// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/field_model.h"

#include "ui/inspector/hex_view.h"

namespace packetarium::ui {

FieldModel::FieldModel(const ThemeHub &hub, QObject *parent)
    : QAbstractItemModel(parent), m_hub(hub) {}

void FieldModel::setFields(std::vector<wire::Field> fields) {
  beginResetModel();
  m_fields = std::move(fields);
  m_items.clear();
  m_roots.clear();
  addItems(m_fields, -1);
  endResetModel();
}

void FieldModel::addItems(const std::vector<wire::Field> &fields, int parent) {
  int row = 0;
  for (const wire::Field &f : fields) {
    const int item = static_cast<int>(m_items.size());
    m_items.push_back({&f, parent, row++, {}});
    if (parent < 0)
      m_roots.push_back(item);
    else
      m_items[static_cast<std::size_t>(parent)].children.push_back(item);
    addItems(f.children, item);
  }
}

const wire::Field *FieldModel::field(const QModelIndex &index) const {
  return index.isValid() ? m_items[index.internalId()].field : nullptr;
}

QModelIndex FieldModel::indexCovering(std::uint32_t from, std::uint32_t to) const {
  int best = -1;
  for (std::size_t i = 0; i < m_items.size(); ++i) {
    const wire::Field &f = *m_items[i].field;
    if (f.length == 0 || f.offset > from || f.offset + f.length < to) continue;
    if (best < 0 || f.length <= m_items[static_cast<std::size_t>(best)].field->length)
      best = static_cast<int>(i);
  }
  if (best < 0) return {};
  return createIndex(m_items[static_cast<std::size_t>(best)].row, 0, static_cast<quintptr>(best));
}

QModelIndex FieldModel::index(int row, int column, const QModelIndex &parent) const {
  const auto &rows = parent.isValid() ? m_items[parent.internalId()].children : m_roots;
  if (row < 0 || column < 0 || column > 1 || row >= static_cast<int>(rows.size())) return {};
  return createIndex(row, column, static_cast<quintptr>(rows[static_cast<std::size_t>(row)]));
}

QModelIndex FieldModel::parent(const QModelIndex &child) const {
  if (!child.isValid()) return {};
  const int up = m_items[child.internalId()].parent;
  if (up < 0) return {};
  return createIndex(m_items[static_cast<std::size_t>(up)].row, 0, static_cast<quintptr>(up));
}

int FieldModel::rowCount(const QModelIndex &parent) const {
  if (parent.column() > 0) return 0;
  const auto &rows = parent.isValid() ? m_items[parent.internalId()].children : m_roots;
  return static_cast<int>(rows.size());
}

int FieldModel::columnCount(const QModelIndex &) const { return 2; }

QVariant FieldModel::data(const QModelIndex &index, int role) const {
  const wire::Field *f = field(index);
  if (f == nullptr) return {};
  const Theme &theme = m_hub.theme();
  switch (role) {
  case Qt::DisplayRole: return QString::fromStdString(index.column() == 0 ? f->name : f->value);
  case Qt::ToolTipRole: {
    QString text = QStringLiteral("<b>%1</b>").arg(QString::fromStdString(f->name).toHtmlEscaped());
    if (!f->help.empty())
      text += QStringLiteral("<br>") +
              QString::fromUtf8(f->help.data(), static_cast<int>(f->help.size())).toHtmlEscaped();
    if (!f->rfc.empty())
      text += QStringLiteral("<br><i>%1</i>")
                  .arg(QString::fromUtf8(f->rfc.data(), static_cast<int>(f->rfc.size())));
    if (!f->abbrev.empty())
      text += QStringLiteral("<br><code>%1</code>").arg(QString::fromStdString(f->abbrev));
    return text;
  }
  case Qt::ForegroundRole:
    if (f->malformed) return theme.bad;
    if (m_items[index.internalId()].parent < 0) return dissectionColour(theme, f->abbrev);
    return index.column() == 0 ? theme.dim : theme.text;
  case Qt::FontRole:
    if (m_items[index.internalId()].parent < 0) return m_hub.typography().name();
    return m_hub.typography().secondary();
  default: return {};
  }
}

QVariant FieldModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
  return section == 0 ? tr("Field") : tr("Value");
}

} // namespace packetarium::ui
