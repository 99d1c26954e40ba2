// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/packet_filter.h"
#include "core/analysis/packets.h"
#include "ui/playback/view_state.h"

#include <QAbstractTableModel>
#include <QTimer>

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

namespace packetarium::ui {

// The packets of the run as a table, perhaps only those that a filter lets through. Filtering goes
// in slices of a few milliseconds, so that a long run never stalls the window.
class PacketModel : public QAbstractTableModel {
  Q_OBJECT
public:
  enum Column { Number, Time, Source, Destination, Protocol, Length, Info, ColumnCount };
  static constexpr int sliceMsMax = 5;

  explicit PacketModel(ViewState &state, QObject *parent = nullptr);

  [[nodiscard]] analysis::PacketRows mode() const { return m_mode; }
  void setMode(analysis::PacketRows mode);
  // One that matches everything shows the whole list.
  void setFilter(analysis::PacketFilter filter);
  [[nodiscard]] bool isFiltered() const { return !m_filter.matchesEverything(); }

  [[nodiscard]] std::size_t total() const { return list().size(); }
  // Rows of the list that the filter has looked at so far.
  [[nodiscard]] std::size_t examined() const { return m_examined; }
  [[nodiscard]] bool isFiltering() const;

  // The packet in full; its text may be pending, and is then asked for. Good until the next call.
  [[nodiscard]] const analysis::PacketRow &packet(int row) const;
  [[nodiscard]] trace::Sequence sentOf(int row) const { return list().sentOf(listRow(row)); }
  // Sent after the moment that is shown.
  [[nodiscard]] bool isFuture(int row) const { return row >= m_present; }
  // Rows that were sent up to the moment that is shown.
  [[nodiscard]] int presentRows() const { return m_present; }
  // The row of a chosen packet, if it passes the filter.
  [[nodiscard]] std::optional<int> rowOf(const Selection &selection) const;

  [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
  [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
  [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
  [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                    int role) const override;

  // "sent again", "lost: queue full": what befell it, for people; empty when nothing did.
  [[nodiscard]] static QString remark(const analysis::PacketRow &row);

Q_SIGNALS:
  void progressed(); // the count, or how far filtering has got, has changed

private:
  [[nodiscard]] analysis::PacketList &list() { return m_lists[static_cast<std::size_t>(m_mode)]; }
  [[nodiscard]] const analysis::PacketList &list() const {
    return m_lists[static_cast<std::size_t>(m_mode)];
  }
  [[nodiscard]] std::size_t listRow(int row) const;
  [[nodiscard]] QString text(const analysis::PacketRow &row, int column) const;
  [[nodiscard]] QString toolTip(const analysis::PacketRow &row, int column) const;
  void restart();
  void onGrown();
  void onTruncated(trace::Sequence from);
  void onRebuilt();
  void onFrame();
  void showAll();
  void takeChanges();
  void fetchWanted();
  void slice();
  void recheck();
  void appendMatches(const std::vector<std::uint32_t> &rows);
  void setMatch(std::uint32_t row, bool matches);
  [[nodiscard]] std::optional<bool> evaluate(std::size_t row);
  void forget(std::size_t fromListRow);

  ViewState &m_state;
  analysis::PacketRows m_mode = analysis::PacketRows::Origins;
  std::array<analysis::PacketList, 2> m_lists{analysis::PacketList(analysis::PacketRows::Origins),
                                              analysis::PacketList(analysis::PacketRows::Frames)};
  analysis::PacketFilter m_filter;
  int m_shown = 0;                      // rows announced while nothing is filtered
  std::vector<std::uint32_t> m_matches; // rows of the list that pass, while something is
  std::size_t m_examined = 0;
  std::size_t m_recheckFrom = 0; // rows before m_examined whose flags have changed since
  std::size_t m_recheckTo = 0;
  int m_present = 0;
  QTimer m_slice;
  // Keeps what the filter waited for, until it has looked at it.
  std::optional<trace::Trace> m_pinned;
  std::optional<std::size_t> m_awaited;                                   // slot
  mutable std::unordered_map<std::uint32_t, analysis::PacketRow> m_cache; // by row of the list
  mutable std::set<std::uint32_t> m_wanted; // rows of the list shown while pending
  mutable analysis::PacketRow m_pendingRow;
};

} // namespace packetarium::ui
