// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/tap_model.h"

#include "ui/theme/icons.h"
#include "ui/widgets/format.h"

#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>

namespace packetarium::ui {
namespace {

QString textOf(const std::string &text) { return QString::fromStdString(text); }

TapModel::Row rowOf(const analysis::Conversation &c, std::uint64_t number) {
  TapModel::Row row;
  row.number = number;
  row.kind = c.kind;
  row.protocol = textOf(c.kindText());
  row.name = textOf(c.name.empty() ? c.server.address.text() : c.name);
  row.ends = QStringLiteral("%1 → %2").arg(textOf(c.client.text()), textOf(c.server.text()));
  row.last = c.last;
  row.bytes = c.ways[0].bytes + c.ways[1].bytes;
  row.hidden = c.ways[0].hidden + c.ways[1].hidden > 0;
  return row;
}

} // namespace

QColor conversationColour(const Theme &theme, analysis::ConversationKind kind) {
  using analysis::ConversationKind;
  switch (kind) {
  case ConversationKind::Http:
  case ConversationKind::Voice: return theme.http;
  case ConversationKind::Tls: return theme.tls;
  case ConversationKind::Dns: return theme.ip;
  case ConversationKind::Plain: return theme.warn;
  case ConversationKind::Unknown: break;
  }
  return theme.dim;
}

void TapModel::show(const analysis::Eavesdropper &ears) {
  std::vector<Row> rows;
  rows.reserve(ears.count());
  for (std::size_t i = 0; i < ears.count(); ++i)
    rows.push_back(rowOf(ears.conversation(i), ears.forgotten() + i));
  const bool grew = !m_rows.empty() && rows.size() >= m_rows.size() &&
                    rows.front().number == m_rows.front().number;
  if (!grew) {
    beginResetModel();
    m_rows = std::move(rows);
    endResetModel();
    return;
  }
  const std::size_t before = m_rows.size();
  for (std::size_t i = 0; i < before; ++i) {
    if (m_rows[i] == rows[i]) continue;
    m_rows[i] = std::move(rows[i]);
    const QModelIndex at = index(static_cast<int>(before - 1 - i));
    Q_EMIT dataChanged(at, at);
  }
  if (rows.size() == before) return;
  beginInsertRows({}, 0, static_cast<int>(rows.size() - before) - 1);
  m_rows.insert(m_rows.end(), rows.begin() + static_cast<std::ptrdiff_t>(before), rows.end());
  endInsertRows();
}

const TapModel::Row &TapModel::row(int index) const {
  return m_rows[m_rows.size() - 1 - static_cast<std::size_t>(index)];
}

int TapModel::indexOf(std::uint64_t number) const {
  if (m_rows.empty() || number < m_rows.front().number || number > m_rows.back().number) return -1;
  return static_cast<int>(m_rows.back().number - number);
}

int TapModel::rowCount(const QModelIndex &parent) const {
  return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant TapModel::data(const QModelIndex &index, int role) const {
  if (!index.isValid() || index.row() >= rowCount()) return {};
  const Row &r = row(index.row());
  switch (role) {
  case Qt::DisplayRole: return r.protocol + QLatin1Char(' ') + r.name;
  case Qt::ToolTipRole: return r.ends;
  case Qt::AccessibleTextRole:
    return tr("%1, %2, %3, %4")
        .arg(r.protocol, r.name, formatBytes(static_cast<std::int64_t>(r.bytes)),
             r.hidden ? tr("encrypted") : tr("readable"));
  default: return {};
  }
}

QSize TapDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const {
  return {0, m_hub.typography().px(38)};
}

void TapDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                        const QModelIndex &index) const {
  const auto *model = qobject_cast<const TapModel *>(index.model());
  if (model == nullptr) return;
  const TapModel::Row &row = model->row(index.row());
  const Theme &theme = m_hub.theme();
  const Typography &type = m_hub.typography();
  painter->save();
  painter->setRenderHint(QPainter::Antialiasing);
  if (option.state.testFlag(QStyle::State_Selected))
    painter->fillRect(option.rect, theme.selection);
  else if (option.state.testFlag(QStyle::State_MouseOver))
    painter->fillRect(option.rect, theme.hover);
  const QRectF box = QRectF(option.rect).adjusted(type.px(8), type.px(3), -type.px(8), -type.px(3));
  const QRectF upper(box.left(), box.top(), box.width(), box.height() / 2);
  const QRectF lower = upper.translated(0, box.height() / 2);
  const double icon = type.px(13);
  const QColor hue = conversationColour(theme, row.kind);
  if (row.kind != analysis::ConversationKind::Unknown)
    paintIcon(*painter, row.hidden ? "lock" : "eye",
              QRectF(upper.right() - icon, upper.center().y() - icon / 2, icon, icon),
              row.hidden ? theme.tls : theme.warn);
  const auto line = [&](const QRectF &where, const QFont &font, const QColor &ink,
                        const QString &text) {
    const QFontMetricsF metrics(font);
    painter->setFont(font);
    painter->setPen(ink);
    painter->drawText(where, Qt::AlignVCenter | Qt::AlignLeft,
                      metrics.elidedText(text, Qt::ElideRight, where.width()));
    return metrics.horizontalAdvance(text);
  };
  const double tag = std::max<double>(type.px(52), 0);
  line(upper, type.name(), hue, row.protocol);
  line(upper.adjusted(tag, 0, -icon - type.px(6), 0), type.body(), theme.text, row.name);
  const QString when = formatTimeShort(row.last.ns());
  const QString size = formatBytes(static_cast<std::int64_t>(row.bytes));
  line(lower.adjusted(tag, 0, 0, 0), type.tiny(), theme.dim,
       QStringLiteral("%1 · %2 · %3").arg(size, when, row.ends));
  painter->restore();
}

} // namespace packetarium::ui
