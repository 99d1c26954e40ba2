// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/secure/flight_model.h"

#include "ui/secure/security_words.h"
#include "ui/theme/icons.h"
#include "ui/widgets/format.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QPainterPath>

#include <array>
#include <cmath>

namespace packetarium::ui {
namespace {

using analysis::TlsLine;

constexpr double rowHeight = 35;
constexpr double gutter = 92;
constexpr double rightMargin = 22;

QString nameOf(const FlightRow &row) {
  const QString name = QString::fromStdString(row.line.name);
  return row.line.kind == TlsLine::Kind::Alert ? FlightModel::tr("Alert: %1").arg(name) : name;
}

QString keyOf(const FlightRow &row) {
  const QString size = row.line.bytes.empty()
                           ? QString()
                           : formatBytes(static_cast<std::int64_t>(row.line.bytes.size()));
  return dotted({keyWords(row.line.key), size});
}

} // namespace

std::vector<FlightRow> flightRows(const analysis::TlsStory &whole, trace::Sequence upTo) {
  std::vector<FlightRow> rows;
  std::array<std::string, 2> keys = {"no key", "no key"};
  for (const TlsLine &line : whole.lines) {
    FlightRow row;
    row.line = line;
    row.opensFlight = rows.empty() || rows.back().line.fromClient != line.fromClient;
    row.flight = rows.empty() ? 1 : rows.back().flight + (row.opensFlight ? 1 : 0);
    std::string &key = keys[line.fromClient ? 0 : 1];
    row.keyChanges = key != line.key;
    key = line.key;
    row.future = line.first().sequence > upTo;
    row.arrived = line.received.known() && line.received.sequence <= upTo;
    rows.push_back(std::move(row));
  }
  return rows;
}

void FlightModel::setRows(std::vector<FlightRow> rows, const QString &client,
                          const QString &server) {
  const bool same = rows.size() == m_rows.size();
  if (!same) beginResetModel();
  m_rows = std::move(rows);
  m_client = client;
  m_server = server;
  if (!same)
    endResetModel();
  else if (!m_rows.empty())
    Q_EMIT dataChanged(index(0), index(static_cast<int>(m_rows.size()) - 1));
}

int FlightModel::current() const {
  int last = -1;
  for (std::size_t i = 0; i < m_rows.size(); ++i)
    if (!m_rows[i].future) last = static_cast<int>(i);
  return last;
}

int FlightModel::rowCount(const QModelIndex &parent) const {
  return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant FlightModel::data(const QModelIndex &index, int role) const {
  if (!index.isValid() || index.row() >= rowCount()) return {};
  const FlightRow &row = m_rows[static_cast<std::size_t>(index.row())];
  switch (role) {
  case Qt::DisplayRole: return nameOf(row);
  case Qt::AccessibleTextRole:
  case Qt::ToolTipRole: {
    const QString who = row.line.fromClient ? tr("%1 to %2").arg(m_client, m_server)
                                            : tr("%1 to %2").arg(m_server, m_client);
    const QString when = tr("at %1").arg(formatTimeShort(row.line.first().at.ns()));
    const QString later = row.future ? tr("still to come") : QString();
    return dotted(
        {nameOf(row), who, keyOf(row), when, later, QString::fromStdString(row.line.detail)});
  }
  default: return {};
  }
}

LadderColumns ladderColumns(double width, const Typography &typography) {
  const double left = typography.px(gutter);
  return {left, std::max(left + typography.px(120), width - typography.px(rightMargin))};
}

QSize FlightDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const {
  const Typography &type = m_hub.typography();
  return {type.px(gutter + 120 + rightMargin), type.px(rowHeight)};
}

void FlightDelegate::paintLifelines(QPainter &painter, const QRectF &box, bool focus) const {
  const Theme &theme = m_hub.theme();
  const LadderColumns at = ladderColumns(box.width(), m_hub.typography());
  painter.setPen(QPen(focus ? theme.selectionLine : theme.line, 1.5));
  for (const double x : {at.client, at.server})
    painter.drawLine(QPointF(box.left() + x, box.top()), QPointF(box.left() + x, box.bottom()));
}

void FlightDelegate::paintGutter(QPainter &painter, const QRectF &box, const FlightRow &row) const {
  const Theme &theme = m_hub.theme();
  const Typography &type = m_hub.typography();
  const double wide = type.px(gutter) - type.px(16);
  if (row.opensFlight && row.flight > 1) {
    painter.setPen(QPen(theme.line, 1));
    painter.drawLine(box.topLeft(), box.topRight());
  }
  painter.setPen(row.future ? theme.dim : theme.text);
  painter.setFont(type.monoSmall());
  const QRectF upper(box.left() + type.px(6), box.top() + type.px(3), wide, type.px(16));
  painter.drawText(upper, Qt::AlignRight | Qt::AlignVCenter,
                   formatTimeShort(row.line.first().at.ns()));
  if (!row.opensFlight) return;
  painter.setPen(theme.dim);
  painter.setFont(type.tiny());
  painter.drawText(upper.translated(0, type.px(14)), Qt::AlignRight | Qt::AlignVCenter,
                   FlightModel::tr("flight %1").arg(row.flight));
}

void FlightDelegate::paintArrow(QPainter &painter, const QRectF &box, const FlightRow &row) const {
  const Theme &theme = m_hub.theme();
  const Typography &type = m_hub.typography();
  const LadderColumns at = ladderColumns(box.width(), type);
  const double y = box.top() + type.px(18);
  QPointF from(box.left() + at.client, y), to(box.left() + at.server, y);
  if (!row.line.fromClient) std::swap(from, to);
  QColor ink = keyColour(theme, row.line.key);
  if (row.line.kind == TlsLine::Kind::Alert && row.line.name != "close_notify") ink = theme.bad;
  QPen pen(row.future ? theme.faint : ink, row.line.inClear() ? 1.2 : 1.8);
  if (row.future || !row.arrived) pen.setStyle(Qt::DashLine);
  painter.setPen(pen);
  painter.drawLine(from, to);
  const double way = to.x() > from.x() ? 1 : -1;
  QPainterPath head(to);
  head.lineTo(to.x() - way * type.px(8), y - type.px(4));
  head.lineTo(to.x() - way * type.px(8), y + type.px(4));
  head.closeSubpath();
  painter.fillPath(head, pen.color());
}

void FlightDelegate::paintWords(QPainter &painter, const QRectF &box, const FlightRow &row) const {
  const Theme &theme = m_hub.theme();
  const Typography &type = m_hub.typography();
  const LadderColumns at = ladderColumns(box.width(), type);
  const QRectF upper(box.left() + at.client + type.px(14), box.top() + type.px(1),
                     at.server - at.client - type.px(28), type.px(16));
  const QFontMetricsF names(type.name());
  const QString name = names.elidedText(nameOf(row), Qt::ElideRight, upper.width());
  painter.setFont(type.name());
  painter.setPen(row.future ? theme.dim : theme.text);
  painter.drawText(upper, Qt::AlignCenter, name);
  const QRectF lower = upper.translated(0, type.px(18));
  painter.setFont(type.tiny());
  const QFontMetricsF tiny(type.tiny());
  const double icon = type.px(11), gap = type.px(4);
  const QString key = tiny.elidedText(keyOf(row), Qt::ElideRight, lower.width() - icon - gap);
  const double wide = tiny.horizontalAdvance(key) + icon + gap;
  const double left = lower.center().x() - wide / 2;
  const QColor hue = row.future ? theme.dim : keyColour(theme, row.line.key);
  paintIcon(painter, row.line.inClear() ? "eye" : "lock",
            QRectF(left, lower.center().y() - icon / 2, icon, icon), hue);
  painter.setPen(row.keyChanges && !row.future ? hue : theme.dim);
  painter.drawText(QRectF(left + icon + gap, lower.top(), lower.right() - left, lower.height()),
                   Qt::AlignLeft | Qt::AlignVCenter, key);
}

void FlightDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                           const QModelIndex &index) const {
  if (index.row() >= m_model.rowCount()) return;
  const FlightRow &row = m_model.rows()[static_cast<std::size_t>(index.row())];
  const Theme &theme = m_hub.theme();
  const QRectF box(option.rect);
  painter->save();
  painter->setRenderHint(QPainter::Antialiasing);
  const bool chosen = (option.state & QStyle::State_Selected) != 0;
  if (chosen)
    painter->fillRect(box, theme.selection);
  else if ((option.state & QStyle::State_MouseOver) != 0)
    painter->fillRect(box, theme.hover);
  paintLifelines(*painter, box, chosen);
  paintGutter(*painter, box, row);
  paintArrow(*painter, box, row);
  paintWords(*painter, box, row);
  painter->restore();
}

LadderHead::LadderHead(const ThemeHub &hub, QWidget *parent) : QWidget(parent), m_hub(hub) {
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  connect(&hub, &ThemeHub::changed, this, [this] {
    updateGeometry();
    update();
  });
}

void LadderHead::setNames(const QString &client, const QString &server) {
  m_client = client;
  m_server = server;
  update();
}

QSize LadderHead::sizeHint() const { return {200, m_hub.typography().px(20)}; }

void LadderHead::paintEvent(QPaintEvent *) {
  QPainter painter(this);
  const Typography &type = m_hub.typography();
  const LadderColumns at = ladderColumns(width(), type);
  const QFontMetricsF metrics(type.name());
  const double half = (at.server - at.client) / 2 - type.px(4);
  painter.setFont(type.name());
  painter.setPen(m_hub.theme().text);
  const double left = std::max(0.0, at.client - type.px(60));
  painter.drawText(QRectF(left, 0, at.client + half - left, height()),
                   Qt::AlignLeft | Qt::AlignVCenter,
                   metrics.elidedText(m_client, Qt::ElideRight, at.client + half - left));
  painter.drawText(QRectF(at.client + half, 0, width() - at.client - half - type.px(4), height()),
                   Qt::AlignRight | Qt::AlignVCenter,
                   metrics.elidedText(m_server, Qt::ElideRight, half));
}

} // namespace packetarium::ui
