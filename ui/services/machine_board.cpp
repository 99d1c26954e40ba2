// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/machine_board.h"

#include "ui/widgets/format.h"

#include <QFontMetricsF>
#include <QPainter>
#include <QStringList>

#include <algorithm>
#include <cmath>
#include <map>

namespace packetarium::ui {
namespace {

constexpr double side = 12, gap = 10, headHeight = 24, rowHeight = 22;

QString label(const MachineRow &row) {
  return row.service.isEmpty() ? row.machine : row.machine + QStringLiteral(" · ") + row.service;
}

QString figures(const MachineRow &row) {
  return MachineBoard::tr("%1 serving, %2 standing by")
      .arg(formatDuration(row.active.ns()), formatDuration(row.idle.ns()));
}

// Where that is too wide.
QString shortFigures(const MachineRow &row) {
  return formatDuration(row.active.ns()) + QStringLiteral(" | ") + formatDuration(row.idle.ns());
}

} // namespace

MachinePrice machinePrice(const std::vector<MachineRow> &rows) {
  // A machine with several services is busy as long as its busiest one.
  std::map<QString, std::pair<Duration, Duration>> machines; // active, whole
  for (const MachineRow &row : rows) {
    auto &[active, whole] = machines[row.machine];
    active = std::max(active, row.active);
    whole = std::max(whole, row.active + row.idle);
  }
  MachinePrice price;
  price.machines = static_cast<int>(machines.size());
  double busy = 0, paid = 0;
  for (const auto &[name, times] : machines) {
    busy += times.first.toSeconds();
    paid += times.second.toSeconds();
  }
  price.idleShare = paid > 0 ? 1 - busy / paid : 0;
  return price;
}

MachineBoard::MachineBoard(const ThemeHub &hub, QWidget *parent) : QWidget(parent), m_hub(hub) {
  setAccessibleName(tr("Machines paid for"));
  setToolTip(tr("Serving: a machine has the role that answers clients. Standing by: it is paid "
                "for and waits."));
  connect(&hub, &ThemeHub::changed, this, [this] {
    updateGeometry();
    update();
  });
}

void MachineBoard::setRows(std::vector<MachineRow> rows) {
  m_rows = std::move(rows);
  QStringList lines{headline()};
  for (const MachineRow &row : m_rows) lines << label(row) + QStringLiteral(": ") + figures(row);
  const QString text = lines.join(QLatin1Char('\n'));
  if (text != accessibleDescription()) setAccessibleDescription(text);
  updateGeometry();
  update();
}

QString MachineBoard::headline() const {
  const MachinePrice price = machinePrice(m_rows);
  if (price.machines == 0)
    return tr("No machine has told its role yet. Servers that take over from one another do: "
              "add a failover pair or a store with replicas.");
  const QString share = QString::number(std::lround(price.idleShare * 100));
  if (price.machines == 1) return tr("1 machine paid for, %1 % of its time idle").arg(share);
  return tr("%1 machines paid for, %2 % of their time idle").arg(price.machines).arg(share);
}

QSize MachineBoard::sizeHint() const {
  const Typography &type = m_hub.typography();
  const auto lines = m_rows.empty() ? 2.0 : static_cast<double>(m_rows.size());
  return {type.px(320), static_cast<int>(type.px(headHeight) + lines * type.px(rowHeight)) + 6};
}

QSize MachineBoard::minimumSizeHint() const {
  return {m_hub.typography().px(200), sizeHint().height()};
}

double MachineBoard::nameWidth() const {
  const QFontMetricsF metrics(m_hub.typography().name());
  double wide = 0;
  for (const MachineRow &row : m_rows) wide = std::max(wide, metrics.horizontalAdvance(label(row)));
  return std::min(std::ceil(wide) + 1, width() * 0.35);
}

double MachineBoard::figureWidth() const {
  const QFontMetricsF metrics(m_hub.typography().secondary());
  double wide = 0;
  for (const MachineRow &row : m_rows)
    wide = std::max(wide, metrics.horizontalAdvance(figures(row)));
  return std::min(std::ceil(wide) + 1, width() * 0.4);
}

std::vector<MachineBoard::Bars> MachineBoard::bars() const {
  const Typography &type = m_hub.typography();
  const double left = std::round(type.px(side) + nameWidth() + type.px(gap));
  const double right =
      std::max(left + 1, std::floor(width() - type.px(side) - figureWidth() - type.px(gap)));
  double longest = 0;
  for (const MachineRow &row : m_rows)
    longest = std::max(longest, (row.active + row.idle).toSeconds());
  std::vector<Bars> out;
  double y = type.px(headHeight);
  for (const MachineRow &row : m_rows) {
    const auto x = [&](Duration d) {
      return longest > 0 ? std::round(left + d.toSeconds() / longest * (right - left)) : left;
    };
    const double high = std::round(type.px(rowHeight) * 0.55);
    const double top = std::round(y + (type.px(rowHeight) - high) / 2);
    const double middle = x(row.active), end = x(row.active + row.idle);
    out.push_back({QRectF(type.px(side), y, width() - 2.0 * type.px(side), type.px(rowHeight)),
                   QRectF(left, top, middle - left, high),
                   QRectF(middle, top, end - middle, high)});
    y += type.px(rowHeight);
  }
  return out;
}

void MachineBoard::paintEvent(QPaintEvent *) {
  QPainter painter(this);
  const Theme &theme = m_hub.theme();
  const Typography &type = m_hub.typography();
  const double left = type.px(side), wide = width() - 2 * left;
  painter.setFont(m_rows.empty() ? type.secondary() : type.name());
  painter.setPen(m_rows.empty() ? theme.dim : theme.text);
  if (m_rows.empty()) {
    painter.drawText(QRectF(left, type.px(4), wide, height() - type.px(4)),
                     Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap, headline());
    return;
  }
  painter.drawText(QRectF(left, 0, wide, type.px(headHeight)), Qt::AlignLeft | Qt::AlignVCenter,
                   QFontMetricsF(type.name()).elidedText(headline(), Qt::ElideRight, wide));
  const auto all = bars();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const MachineRow &row = m_rows[i];
    painter.fillRect(all[i].active, theme.good);
    painter.fillRect(all[i].idle, theme.well);
    painter.setPen(QPen(theme.dim, 1));
    painter.drawRect(all[i].idle.adjusted(0.5, 0.5, -0.5, -0.5)); // hollow: it waits
    painter.setFont(type.secondary());
    painter.setPen(theme.text);
    painter.drawText(
        QRectF(all[i].row.left(), all[i].row.top(), nameWidth(), all[i].row.height()),
        Qt::AlignLeft | Qt::AlignVCenter,
        QFontMetricsF(type.secondary()).elidedText(label(row), Qt::ElideMiddle, nameWidth()));
    painter.setPen(theme.dim);
    const QRectF right(all[i].row.right() - figureWidth(), all[i].row.top(), figureWidth(),
                       all[i].row.height());
    const QFontMetricsF metrics(type.secondary());
    const bool fits = metrics.horizontalAdvance(figures(row)) <= right.width();
    painter.drawText(right, Qt::AlignRight | Qt::AlignVCenter,
                     fits ? figures(row) : shortFigures(row));
  }
}

} // namespace packetarium::ui
