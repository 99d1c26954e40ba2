// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/packets/packet_model.h"

#include "ui/layers/layer_paint.h"
#include "ui/packets/packet_match.h"
#include "ui/widgets/format.h"

#include <QElapsedTimer>

#include <algorithm>

namespace packetarium::ui {
namespace {

constexpr std::size_t cachedRowsMax = 1024;

QString fromStd(std::string_view text) {
  return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

} // namespace

PacketModel::PacketModel(ViewState &state, QObject *parent)
    : QAbstractTableModel(parent), m_state(state) {
  m_slice.setSingleShot(true);
  m_slice.setInterval(0);
  connect(&m_slice, &QTimer::timeout, this, &PacketModel::slice);
  connect(&state, &ViewState::traceGrown, this, &PacketModel::onGrown);
  connect(&state, &ViewState::truncated, this, &PacketModel::onTruncated);
  connect(&state, &ViewState::rebuilt, this, &PacketModel::onRebuilt);
  connect(&state, &ViewState::frameChanged, this, &PacketModel::onFrame);
  onGrown();
}

// ---- what is shown ----------------------------------------------------------------------------

void PacketModel::setMode(analysis::PacketRows mode) {
  if (mode == m_mode) return;
  beginResetModel();
  m_mode = mode;
  restart();
  endResetModel();
  Q_EMIT progressed();
}

void PacketModel::setFilter(analysis::PacketFilter filter) {
  beginResetModel();
  m_filter = std::move(filter);
  restart();
  endResetModel();
  Q_EMIT progressed();
}

// Within a reset: begins to filter anew, or shows the list as it is.
void PacketModel::restart() {
  m_cache.clear();
  m_wanted.clear();
  m_matches.clear();
  m_examined = m_recheckFrom = m_recheckTo = 0;
  m_awaited.reset();
  m_pinned.reset();
  (void)list().takeFirstChanged();
  m_shown = static_cast<int>(list().size());
  m_present = 0;
  if (isFiltered())
    m_slice.start();
  else
    onFrame();
}

bool PacketModel::isFiltering() const {
  return isFiltered() && (m_examined < list().size() || m_recheckFrom < m_recheckTo);
}

std::size_t PacketModel::listRow(int row) const {
  const auto at = static_cast<std::size_t>(row);
  return isFiltered() ? m_matches[at] : at;
}

std::optional<int> PacketModel::rowOf(const Selection &selection) const {
  if (!selection.isPacket()) return std::nullopt;
  auto row = m_mode == analysis::PacketRows::Frames ? list().rowOfSent(selection.record)
                                                    : std::optional<std::size_t>{};
  if (!row) row = list().rowOfOrigin(selection.origin);
  if (!row) return std::nullopt;
  if (!isFiltered())
    return *row < static_cast<std::size_t>(m_shown) ? std::optional(int(*row)) : std::nullopt;
  const auto it = std::lower_bound(m_matches.begin(), m_matches.end(), *row);
  if (it == m_matches.end() || *it != *row) return std::nullopt;
  return static_cast<int>(it - m_matches.begin());
}

void PacketModel::onFrame() {
  const std::size_t upTo = list().rowsUpTo(m_state.frame().cursor.upTo);
  const auto present =
      isFiltered() ? static_cast<int>(std::lower_bound(m_matches.begin(), m_matches.end(), upTo) -
                                      m_matches.begin())
                   : std::min(m_shown, static_cast<int>(upTo));
  if (present == m_present) return;
  const int first = std::max(0, std::min(present, m_present) - 1);
  const int last = std::min(rowCount(), std::max(present, m_present) + 1) - 1;
  m_present = present;
  if (first <= last) Q_EMIT dataChanged(index(first, 0), index(last, ColumnCount - 1));
}

// ---- the run ----------------------------------------------------------------------------------

void PacketModel::onGrown() {
  for (analysis::PacketList &each : m_lists) each.extend(m_state.trace());
  showAll();
  takeChanges();
  fetchWanted();
  if (isFiltered()) {
    if (m_awaited) {
      const auto &slots = m_state.trace().slots();
      if (*m_awaited < slots.size() && slots[*m_awaited].chunk) {
        m_pinned = m_state.trace();
        m_awaited.reset();
      }
    }
    if (isFiltering() && !m_awaited) m_slice.start();
  }
  onFrame();
  Q_EMIT progressed();
}

void PacketModel::showAll() {
  const int size = static_cast<int>(list().size());
  if (isFiltered() || size <= m_shown) return;
  beginInsertRows({}, m_shown, size - 1);
  m_shown = size;
  endInsertRows();
}

// Rows that were lost or sent again since they were shown.
void PacketModel::takeChanges() {
  for (std::size_t i = 0; i < m_lists.size(); ++i)
    if (i != static_cast<std::size_t>(m_mode)) (void)m_lists[i].takeFirstChanged();
  const std::size_t first = list().takeFirstChanged();
  if (first >= list().size()) return;
  std::erase_if(m_cache, [&](const auto &entry) { return entry.first >= first; });
  if (!isFiltered()) {
    Q_EMIT dataChanged(index(static_cast<int>(first), 0), index(m_shown - 1, ColumnCount - 1));
    return;
  }
  if (first >= m_examined) return;
  m_recheckFrom = m_recheckFrom < m_recheckTo ? std::min(m_recheckFrom, first) : first;
  m_recheckTo = m_examined;
  const auto it = std::lower_bound(m_matches.begin(), m_matches.end(), first);
  if (it == m_matches.end()) return;
  Q_EMIT dataChanged(index(static_cast<int>(it - m_matches.begin()), 0),
                     index(rowCount() - 1, ColumnCount - 1));
}

// A chunk that came back may go again right after this: its rows that are in sight are kept.
void PacketModel::fetchWanted() {
  if (m_wanted.empty()) return;
  for (auto it = m_wanted.begin(); it != m_wanted.end();) {
    auto row = list().row(*it, m_state.trace(), m_state.network());
    if (row.pending) {
      ++it;
      continue;
    }
    m_cache[*it] = std::move(row);
    it = m_wanted.erase(it);
  }
  if (rowCount() > 0) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
}

void PacketModel::forget(std::size_t fromListRow) {
  const auto from = static_cast<std::uint32_t>(fromListRow);
  std::erase_if(m_cache, [&](const auto &entry) { return entry.first >= from; });
  std::erase_if(m_wanted, [&](std::uint32_t row) { return row >= from; });
  m_examined = std::min(m_examined, fromListRow);
  m_recheckTo = std::min(m_recheckTo, m_examined);
  m_recheckFrom = std::min(m_recheckFrom, m_recheckTo);
}

void PacketModel::onTruncated(trace::Sequence from) {
  const std::size_t kept = list().rowsUpTo(from - 1);
  const int rows = rowCount();
  const auto keptRows =
      isFiltered() ? static_cast<int>(std::lower_bound(m_matches.begin(), m_matches.end(), kept) -
                                      m_matches.begin())
                   : std::min(m_shown, static_cast<int>(kept));
  const bool fewer = keptRows < rows;
  if (fewer) beginRemoveRows({}, keptRows, rows - 1);
  for (analysis::PacketList &each : m_lists) each.truncate(from);
  forget(kept);
  if (isFiltered()) m_matches.resize(static_cast<std::size_t>(keptRows));
  m_shown = static_cast<int>(list().size());
  m_present = std::min(m_present, keptRows);
  if (fewer) endRemoveRows();
  m_pinned.reset();
  m_awaited.reset();
  takeChanges();
  if (isFiltering()) m_slice.start();
  Q_EMIT progressed();
}

void PacketModel::onRebuilt() {
  beginResetModel();
  for (analysis::PacketList &each : m_lists) each.clear();
  restart();
  endResetModel();
  Q_EMIT progressed();
}

// ---- filtering --------------------------------------------------------------------------------

std::optional<bool> PacketModel::evaluate(std::size_t row) {
  std::size_t slot = 0;
  const auto known = matchesRow(m_filter, list(), row, m_state.trace(), m_state.network(), slot);
  if (known || !m_pinned) {
    if (!known && slot < m_state.trace().slots().size()) {
      m_awaited = slot;
      m_state.playback().requestSlot(slot);
    }
    return known;
  }
  const auto pinned = matchesRow(m_filter, list(), row, *m_pinned, m_state.network(), slot);
  if (pinned) return pinned;
  m_pinned.reset();
  return evaluate(row);
}

void PacketModel::slice() {
  if (!isFiltered()) return;
  recheck();
  QElapsedTimer spent;
  spent.start();
  std::vector<std::uint32_t> found;
  while (!m_awaited && m_examined < list().size() && spent.elapsed() < sliceMsMax) {
    const auto match = evaluate(m_examined);
    if (!match) break;
    if (*match) found.push_back(static_cast<std::uint32_t>(m_examined));
    ++m_examined;
  }
  appendMatches(found);
  if (!isFiltering())
    m_pinned.reset();
  else if (!m_awaited)
    m_slice.start();
  Q_EMIT progressed();
}

void PacketModel::recheck() {
  QElapsedTimer spent;
  spent.start();
  while (m_recheckFrom < m_recheckTo && spent.elapsed() < sliceMsMax / 2) {
    const auto match = evaluate(m_recheckFrom);
    if (!match) return;
    setMatch(static_cast<std::uint32_t>(m_recheckFrom++), *match);
  }
}

void PacketModel::setMatch(std::uint32_t row, bool matches) {
  const auto it = std::lower_bound(m_matches.begin(), m_matches.end(), row);
  const bool had = it != m_matches.end() && *it == row;
  if (had == matches) return;
  const int at = static_cast<int>(it - m_matches.begin());
  if (had) {
    beginRemoveRows({}, at, at);
    m_matches.erase(it);
    if (at < m_present) --m_present;
    endRemoveRows();
    return;
  }
  beginInsertRows({}, at, at);
  m_matches.insert(it, row);
  if (at < m_present) ++m_present;
  endInsertRows();
  onFrame();
}

void PacketModel::appendMatches(const std::vector<std::uint32_t> &rows) {
  if (rows.empty()) return;
  const int first = rowCount();
  beginInsertRows({}, first, first + static_cast<int>(rows.size()) - 1);
  m_matches.insert(m_matches.end(), rows.begin(), rows.end());
  endInsertRows();
  onFrame();
}

// ---- the table --------------------------------------------------------------------------------

int PacketModel::rowCount(const QModelIndex &parent) const {
  if (parent.isValid()) return 0;
  return isFiltered() ? static_cast<int>(m_matches.size()) : m_shown;
}

int PacketModel::columnCount(const QModelIndex &parent) const {
  return parent.isValid() ? 0 : ColumnCount;
}

const analysis::PacketRow &PacketModel::packet(int row) const {
  const auto at = static_cast<std::uint32_t>(listRow(row));
  if (const auto it = m_cache.find(at); it != m_cache.end()) return it->second;
  std::size_t slot = m_state.trace().slots().size();
  auto made = list().row(at, m_state.trace(), m_state.network(), &slot);
  if (made.pending) {
    if (m_wanted.size() > cachedRowsMax) m_wanted.clear();
    m_wanted.insert(at);
    if (slot < m_state.trace().slots().size()) m_state.playback().requestSlot(slot);
    m_pendingRow = std::move(made);
    return m_pendingRow;
  }
  if (m_cache.size() >= cachedRowsMax) m_cache.clear();
  return m_cache.emplace(at, std::move(made)).first->second;
}

QString PacketModel::remark(const analysis::PacketRow &row) {
  QStringList parts;
  if (row.retransmission) parts << tr("sent again");
  if (row.dropped)
    parts << tr("lost: %1")
                 .arg(fromStd(trace::name(row.reason)).replace(QLatin1Char('-'), QLatin1Char(' ')));
  return parts.join(QStringLiteral(" · "));
}

QString PacketModel::text(const analysis::PacketRow &row, int column) const {
  if (column == Number) return formatCount(static_cast<std::int64_t>(row.number));
  if (row.pending) return column == Info ? tr("fetching this part of the run again …") : QString();
  switch (column) {
  case Time: return formatTimeShort(row.at.ns());
  case Source: return fromStd(row.source);
  case Destination: return fromStd(row.destination);
  case Protocol: return protocolClassName(row.protocol);
  case Length: return QString::number(row.length);
  case Info: return fromStd(row.info);
  default: return {};
  }
}

QString PacketModel::toolTip(const analysis::PacketRow &row, int column) const {
  if (row.pending) return {};
  switch (column) {
  case Time: return formatTime(row.at.ns());
  case Source: return fromStd(row.sourceName);
  case Destination: return fromStd(row.destinationName);
  case Length: return formatBytes(row.length);
  case Info: {
    QString tip = fromStd(row.info);
    if (row.dropped) tip += QLatin1Char('\n') + fromStd(trace::sentence(row.reason));
    if (row.retransmission)
      tip += QLatin1Char('\n') + tr("Sent again: a copy of these bytes went before.");
    return tip;
  }
  default: return {};
  }
}

QVariant PacketModel::data(const QModelIndex &index, int role) const {
  if (!index.isValid() || index.row() >= rowCount()) return {};
  switch (role) {
  case Qt::DisplayRole: return text(packet(index.row()), index.column());
  case Qt::ToolTipRole: return toolTip(packet(index.row()), index.column());
  case Qt::AccessibleTextRole: {
    const analysis::PacketRow &row = packet(index.row());
    const QString extra = index.column() == Info ? remark(row) : QString();
    const QString plain = text(row, index.column());
    return extra.isEmpty() ? plain : plain + QStringLiteral(", ") + extra;
  }
  case Qt::TextAlignmentRole:
    if (index.column() == Number || index.column() == Time || index.column() == Length)
      return QVariant(int(Qt::AlignRight | Qt::AlignVCenter));
    return QVariant(int(Qt::AlignLeft | Qt::AlignVCenter));
  default: return {};
  }
}

QVariant PacketModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole) {
    const bool right = section == Number || section == Time || section == Length;
    return QVariant(int((right ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
  }
  if (role != Qt::DisplayRole) return {};
  switch (section) {
  case Number: return tr("No.");
  case Time: return tr("Time");
  case Source: return tr("Source");
  case Destination: return tr("Destination");
  case Protocol: return tr("Protocol");
  case Length: return tr("Bytes");
  case Info: return tr("Info");
  default: return {};
  }
}

} // namespace packetarium::ui
