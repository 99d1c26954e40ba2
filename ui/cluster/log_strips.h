// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/cluster_state.h"
#include "ui/theme/theme_hub.h"

#include <QWidget>

#include <optional>
#include <vector>

namespace packetarium::ui {

// What a Raft leader knows of a follower's log.
struct LogProgress {
  std::uint64_t next = 1, match = 0; // it sends this one next; it knows that this one is there
  bool operator==(const LogProgress &) const = default;
};

// One member's log with what stands around it.
struct LogRow {
  QString name, role; // of the node; "primary"
  bool down = false;  // the node does not run
  analysis::LogView log;
  // Of a member of a Raft cluster.
  bool raft = false;
  std::uint64_t term = 0, applied = 0;
  std::uint64_t snapshotIndex = 0, snapshotTerm = 0; // its entries begin after it
  std::optional<LogProgress> progress;               // as the leader that it follows knows it
};

// Where one cell is: the row, and the place in its log's entries.
struct LogCell {
  std::size_t row = 0, entry = 0;
  bool operator==(const LogCell &) const = default;
};

// The replicated log of each member as a strip of cells, column by column of the same index: who
// has what, what is committed and acknowledged, what differs, and what was thrown away. One stop in
// the tab order; the arrows move from cell to cell, Enter goes to where it was written.
class LogStrips : public QWidget {
  Q_OBJECT
public:
  LogStrips(const ThemeHub &hub, QWidget *parent);

  void setRows(std::vector<LogRow> rows);
  [[nodiscard]] const std::vector<LogRow> &rows() const { return m_rows; }
  [[nodiscard]] QRectF boxOf(const LogCell &cell) const; // empty: not in sight
  [[nodiscard]] std::optional<LogCell> cellAt(QPointF at) const;
  [[nodiscard]] std::optional<std::size_t> rowAt(QPointF at) const;
  // "Index 7, epoch 2: write cart 17", what became of it, and what a click does.
  [[nodiscard]] QString describe(const LogCell &cell) const;
  // Of a member: up to where its log is committed and applied, and what its leader knows of it.
  [[nodiscard]] QString describeRow(std::size_t row) const;
  // Where the folded block of a row's snapshot stands; empty: it has none, or not in sight.
  [[nodiscard]] QRectF snapshotBox(std::size_t row) const;
  // Where the marks of what the leader knows point to; no value: not in sight, or none.
  [[nodiscard]] std::optional<QPointF> matchMark(std::size_t row) const;
  [[nodiscard]] std::optional<QPointF> nextMark(std::size_t row) const;
  // How many columns are left of those in sight.
  void scrollBy(int columns);

  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override { return {0, sizeHint().height()}; }

Q_SIGNALS:
  void recordChosen(quint64 record);
  void nodeChosen(quint32 node);

protected:
  bool event(QEvent *event) override;
  void paintEvent(QPaintEvent *event) override;
  void mousePressEvent(QMouseEvent *event) override;
  void mouseMoveEvent(QMouseEvent *event) override;
  void leaveEvent(QEvent *event) override;
  void wheelEvent(QWheelEvent *event) override;
  void keyPressEvent(QKeyEvent *event) override;

private:
  struct Columns {
    double left = 0, width = 0, cell = 0;
    std::uint64_t first = 1, last = 0; // in sight
    std::uint64_t least = 1, most = 0; // that there are
  };
  [[nodiscard]] Columns columns() const;
  [[nodiscard]] double top(std::size_t row) const;
  [[nodiscard]] double height(const LogRow &row) const;
  void paintHead(QPainter &painter, const Columns &columns) const;
  void paintRow(QPainter &painter, const Columns &columns, std::size_t row) const;
  void paintSnapshot(QPainter &painter, std::size_t row) const;
  void paintReach(QPainter &painter, const Columns &columns, std::size_t row) const;
  void paintProgress(QPainter &painter, std::size_t row) const;
  void paintTerms(QPainter &painter, double x) const;
  [[nodiscard]] std::optional<double> leftOf(std::uint64_t index) const; // of its column
  [[nodiscard]] bool isRaft() const;
  void paintCell(QPainter &painter, const QRectF &box, const analysis::LogEntryView &entry,
                 bool lit) const;
  void paintLegend(QPainter &painter) const;
  void setCurrent(std::optional<LogCell> cell);
  [[nodiscard]] std::optional<LogCell> neighbour(int key) const;

  const ThemeHub &m_hub;
  std::vector<LogRow> m_rows;
  int m_back = 0; // columns scrolled back from the newest
  std::optional<LogCell> m_current, m_hovered;
};

} // namespace packetarium::ui
