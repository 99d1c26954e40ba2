// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/palette/palette_model.h"

#include <QMimeData>

#include <algorithm>

namespace packetarium::ui {
namespace {

QString text(std::string_view words) {
  return QString::fromUtf8(words.data(), static_cast<qsizetype>(words.size()));
}

bool fits(const scenario::Placeable &what, const QStringList &words) {
  // A blank before each word, so that one looks for starts of words only.
  const QString said =
      u' ' + text(what.title) + u' ' + text(what.help) + u' ' + text(what.key).replace(u'-', u' ');
  return std::all_of(words.begin(), words.end(), [&](const QString &word) {
    return said.contains(u' ' + word, Qt::CaseInsensitive);
  });
}

/// 0: the title begins so; 1: a word of the title does; 2: only the help speaks of it.
int distance(const scenario::Placeable &what, const QStringList &words) {
  if (words.isEmpty()) return 0;
  const QString title = u' ' + text(what.title);
  const qsizetype at = title.indexOf(u' ' + words.front(), 0, Qt::CaseInsensitive);
  return at == 0 ? 0 : at > 0 ? 1 : 2;
}

} // namespace

PaletteModel::PaletteModel(std::span<const scenario::Placeable> all, QObject *parent)
    : QAbstractListModel(parent), m_all(all) {
  for (const scenario::Placeable &what : m_all) m_shown.push_back(&what);
}

void PaletteModel::setFilter(const QString &words) {
  const QStringList each = words.split(u' ', Qt::SkipEmptyParts);
  std::vector<const scenario::Placeable *> shown;
  for (const scenario::Placeable &what : m_all)
    if (fits(what, each)) shown.push_back(&what);
  std::stable_sort(shown.begin(), shown.end(), [&](const auto *a, const auto *b) {
    return distance(*a, each) < distance(*b, each);
  });
  m_nearest = shown.empty() ? farthest : distance(*shown.front(), each);
  if (shown == m_shown) return;
  beginResetModel();
  m_shown = std::move(shown);
  endResetModel();
}

int PaletteModel::rowCount(const QModelIndex &parent) const {
  return parent.isValid() ? 0 : static_cast<int>(m_shown.size());
}

QVariant PaletteModel::data(const QModelIndex &index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const scenario::Placeable &what = at(index.row());
  switch (role) {
  case Qt::DisplayRole: return text(what.title);
  case Qt::ToolTipRole:
    return tr("%1\nDrag it onto the canvas, or press Enter").arg(text(what.help));
  case Qt::AccessibleDescriptionRole:
  case HelpRole: return text(what.help);
  case KeyRole: return text(what.key);
  case IconRole: return text(what.icon);
  default: return {};
  }
}

Qt::ItemFlags PaletteModel::flags(const QModelIndex &index) const {
  if (!index.isValid()) return Qt::NoItemFlags;
  return Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsDragEnabled |
         Qt::ItemNeverHasChildren;
}

QStringList PaletteModel::mimeTypes() const { return {QLatin1String(placeableMimeType)}; }

QMimeData *PaletteModel::mimeData(const QModelIndexList &indexes) const {
  if (indexes.isEmpty()) return nullptr;
  auto *data = new QMimeData;
  data->setData(QLatin1String(placeableMimeType),
                indexes.front().data(KeyRole).toString().toUtf8());
  return data;
}

} // namespace packetarium::ui
