// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/experiments/cap_dial.h"

#include <QByteArray>
#include <QString>

#include <vector>

namespace packetarium::ui {

/// One figure of one design.
struct DialCell {
  enum class Ink { Plain, Good, Warn, Bad, Dim } ink = Ink::Plain;
  QString text;
  bool operator==(const DialCell &) const = default;
};
/// A line of the table: what is compared, and a cell for each design; a heading has none.
struct DialLine {
  bool heading = false;
  QString label, help;
  std::vector<DialCell> cells;
  std::vector<std::vector<DialCell>> parts; ///< by design: of a cell that tells several figures
};
/// Dense: the sides of the cut beside each other in one cell, for a low window.
enum class DialDensity { Full, Dense };
/// The designs of the rows, in their order.
[[nodiscard]] std::vector<experiments::Design>
designsOf(const std::vector<experiments::DialRow> &rows);
[[nodiscard]] const experiments::DialRow *rowOf(const std::vector<experiments::DialRow> &rows,
                                                experiments::Design design, bool partitioned);
[[nodiscard]] std::vector<DialLine> dialLines(const std::vector<experiments::DialRow> &rows,
                                              DialDensity density = DialDensity::Full);
/// "side 1 | side 2": in which order the parts of a dense cell stand.
[[nodiscard]] QString dialSides(const std::vector<experiments::DialRow> &rows);
/// "Raft (CP)", short enough for a column; "Raft"; and what the design gives up.
[[nodiscard]] QString designTitle(experiments::Design design);
[[nodiscard]] QString designName(experiments::Design design);
[[nodiscard]] QString designSentence(experiments::Design design);
/// What is true of all of them.
[[nodiscard]] QString dialSentence();

/// "design,partitioned,side,operations,ok,refused,timed_out,stale_reads,read_p50_ms,read_p99_ms,
/// write_p50_ms,write_p99_ms,conflicts,lost_writes,converged_ms,linearizable": a line for each side
/// while the partition lasted and one for the whole of each run.
[[nodiscard]] QByteArray dialCsv(const std::vector<experiments::DialRow> &rows);

} // namespace packetarium::ui
