// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/judge/dial_words.h"

#include "ui/charts/figure.h"
#include "ui/widgets/format.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>
#include <functional>

namespace packetarium::ui {
namespace {

using experiments::Design;
using experiments::DialRow;
using experiments::SideFigures;
using Ink = DialCell::Ink;

QString dialTr(const char *text) { return QCoreApplication::translate("Dial", text); }

QString viewed(std::string_view text) {
  return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

DialCell counted(std::uint64_t count, Ink ink) {
  return {count == 0 ? Ink::Dim : ink, formatCount(static_cast<std::int64_t>(count))};
}

DialCell answered(const SideFigures &side) {
  if (side.operations == 0) return {Ink::Dim, QStringLiteral("–")};
  const QString words = dialTr("%1 of %2")
                            .arg(formatCount(static_cast<std::int64_t>(side.ok)),
                                 formatCount(static_cast<std::int64_t>(side.operations)));
  return {side.ok == side.operations ? Ink::Good : side.ok == 0 ? Ink::Bad : Ink::Warn, words};
}

// In a dense cell there is room for a share, not for two counts.
DialCell answeredShare(const SideFigures &side) {
  DialCell cell = answered(side);
  if (side.operations == 0) return cell;
  const double share = 100 * static_cast<double>(side.ok) / static_cast<double>(side.operations);
  // Neither all nor none is claimed by rounding.
  const int percent = side.ok == side.operations ? 100
                      : side.ok == 0             ? 0
                                     : std::clamp(static_cast<int>(std::lround(share)), 1, 99);
  cell.text = QString::number(percent); // the label has the unit
  return cell;
}

DialCell latency(Duration median, Duration most) {
  if (median.ns() <= 0 && most.ns() <= 0) return {Ink::Dim, QStringLiteral("–")};
  return {Ink::Plain,
          formatDuration(median.ns()) + QStringLiteral(" · ") + formatDuration(most.ns())};
}

DialCell linearizableCell(const std::string &verdict) {
  if (verdict == "true") return {Ink::Good, dialTr("yes")};
  if (verdict == "false") return {Ink::Bad, dialTr("no")};
  return {Ink::Dim, dialTr("not decided")};
}

// Puts a line together from the rows of one kind of run.
class LineMaker {
public:
  explicit LineMaker(const std::vector<DialRow> &rows) : m_rows(rows), m_designs(designsOf(rows)) {}

  void heading(const QString &words) { m_lines.push_back({true, words, {}, {}, {}}); }
  void line(const QString &label, const QString &help, bool partitioned,
            const std::function<DialCell(const DialRow &)> &cell) {
    DialLine out{false, label, help, {}, {}};
    for (const Design design : m_designs) {
      const DialRow *row = rowOf(m_rows, design, partitioned);
      out.cells.push_back(row == nullptr ? DialCell{Ink::Dim, QStringLiteral("–")} : cell(*row));
    }
    m_lines.push_back(std::move(out));
  }
  void sideLine(const QString &label, const QString &help, const std::string &side,
                const std::function<DialCell(const SideFigures &)> &cell) {
    line(label, help, true, [&](const DialRow &row) { return figuresCell(&row, side, cell); });
  }
  /// A part for each side in each cell.
  void sidesLine(const QString &label, const QString &help, const std::vector<std::string> &sides,
                 const std::function<DialCell(const SideFigures &)> &cell) {
    partsLine(label, help, [&](const DialRow *row) {
      std::vector<DialCell> parts;
      for (const std::string &side : sides) parts.push_back(figuresCell(row, side, cell));
      return parts;
    });
  }
  void partsLine(const QString &label, const QString &help,
                 const std::function<std::vector<DialCell>(const DialRow *)> &partsOf) {
    DialLine out{false, label, help, {}, {}};
    for (const Design design : m_designs) {
      std::vector<DialCell> parts = partsOf(rowOf(m_rows, design, true));
      QStringList words;
      for (const DialCell &part : parts) words << part.text;
      out.cells.push_back({Ink::Plain, words.join(QStringLiteral(" | "))});
      out.parts.push_back(std::move(parts));
    }
    m_lines.push_back(std::move(out));
  }
  std::vector<DialLine> take() { return std::move(m_lines); }

private:
  static DialCell figuresCell(const DialRow *row, const std::string &side,
                              const std::function<DialCell(const SideFigures &)> &cell) {
    if (row != nullptr)
      for (const SideFigures &figures : row->during)
        if (figures.side == side) return cell(figures);
    return {Ink::Dim, QStringLiteral("–")};
  }

  const std::vector<DialRow> &m_rows;
  std::vector<Design> m_designs;
  std::vector<DialLine> m_lines;
};

std::vector<std::string> sidesOf(const std::vector<DialRow> &rows) {
  std::vector<std::string> out;
  for (const DialRow &row : rows)
    for (const SideFigures &side : row.during)
      if (std::find(out.begin(), out.end(), side.side) == out.end()) out.push_back(side.side);
  return out;
}

// What is compared while the network is cut.
struct SideLine {
  QString label, help;
  std::function<DialCell(const SideFigures &)> cell;
};
std::vector<SideLine> sideLines(DialDensity density) {
  const auto figure = [](std::uint64_t SideFigures::*which) {
    return [which](const SideFigures &f) { return counted(f.*which, Ink::Warn); };
  };
  const bool full = density == DialDensity::Full;
  return {
      {full ? dialTr("Answered") : dialTr("Answered, %"),
       dialTr("Of what clients on this side asked for"), full ? answered : answeredShare},
      {dialTr("Refused"), dialTr("Told that it cannot be done now"), figure(&SideFigures::refused)},
      {dialTr("Timed out"), dialTr("No answer in time: it may or may not be done"),
       figure(&SideFigures::timedOut)},
      {dialTr("Stale reads"),
       dialTr("Answered with a value that an acknowledged write had replaced"),
       figure(&SideFigures::staleReads)}};
}

void addSide(LineMaker &maker, const std::string &side) {
  maker.heading(
      dialTr("While the network is cut, %1")
          .arg(side == "all" ? dialTr("both sides together") : QString::fromStdString(side)));
  for (const SideLine &line : sideLines(DialDensity::Full))
    maker.sideLine(line.label, line.help, side, line.cell);
}

// Those told apart; all together where nothing is.
std::vector<std::string> denseSides(const std::vector<DialRow> &rows) {
  std::vector<std::string> sides = sidesOf(rows);
  if (sides.size() > 1) sides.erase(std::remove(sides.begin(), sides.end(), "all"), sides.end());
  return sides;
}

void addLosses(LineMaker &maker, DialDensity density) {
  const auto conflicts = [](const DialRow &row) { return counted(row.conflicts, Ink::Warn); };
  const auto lost = [](const DialRow &row) { return counted(row.lostWrites, Ink::Bad); };
  const QString met = dialTr("Writes that did not know of each other");
  const QString gone = dialTr("Acknowledged, and gone");
  if (density == DialDensity::Full) {
    maker.line(dialTr("Conflicts"), met, true, conflicts);
    maker.line(dialTr("Lost writes"), gone, true, lost);
    return;
  }
  maker.partsLine(dialTr("Conflicts | lost"), met + QStringLiteral(" | ") + gone,
                  [&](const DialRow *row) -> std::vector<DialCell> {
                    if (row == nullptr) return {{Ink::Dim, QStringLiteral("–")}};
                    return {conflicts(*row), lost(*row)};
                  });
}

void addWhole(LineMaker &maker, DialDensity density) {
  addLosses(maker, density);
  maker.line(dialTr("Agreed again after"),
             dialTr("From the healing until all replicas held the same"), true,
             [](const DialRow &row) -> DialCell {
               if (row.converged.ns() < 0) return {Ink::Bad, dialTr("never")};
               return {Ink::Plain, formatDuration(row.converged.ns())};
             });
  maker.line(dialTr("Linearizable"),
             dialTr("As if there were one copy and each operation took effect at one instant"),
             true, [](const DialRow &row) { return linearizableCell(row.linearizable); });
}

} // namespace

std::vector<Design> designsOf(const std::vector<DialRow> &rows) {
  std::vector<Design> out;
  for (const DialRow &row : rows)
    if (std::find(out.begin(), out.end(), row.design) == out.end()) out.push_back(row.design);
  return out;
}

const DialRow *rowOf(const std::vector<DialRow> &rows, Design design, bool partitioned) {
  for (const DialRow &row : rows)
    if (row.design == design && row.partitioned == partitioned) return &row;
  return nullptr;
}

std::vector<DialLine> dialLines(const std::vector<DialRow> &rows, DialDensity density) {
  if (rows.empty()) return {};
  LineMaker maker(rows);
  if (density == DialDensity::Dense) {
    for (const SideLine &line : sideLines(density))
      maker.sidesLine(line.label, line.help, denseSides(rows), line.cell);
  } else {
    for (const std::string &side : sidesOf(rows)) addSide(maker, side);
    maker.heading(dialTr("Over the whole run"));
  }
  addWhole(maker, density);
  maker.heading(dialTr("Without a partition: what consistency costs anyway"));
  maker.line(dialTr("Reads take"), dialTr("p50 · p99"), false,
             [](const DialRow &row) { return latency(row.whole.readP50, row.whole.readP99); });
  maker.line(dialTr("Writes take"), dialTr("p50 · p99"), false,
             [](const DialRow &row) { return latency(row.whole.writeP50, row.whole.writeP99); });
  maker.line(dialTr("Stale reads"),
             dialTr("Answered with a value that an acknowledged write had replaced"), false,
             [](const DialRow &row) { return counted(row.whole.staleReads, Ink::Warn); });
  maker.line(dialTr("Linearizable"),
             dialTr("As if there were one copy and each operation took effect at one instant"),
             false, [](const DialRow &row) { return linearizableCell(row.linearizable); });
  return maker.take();
}

QString dialSides(const std::vector<DialRow> &rows) {
  QStringList words;
  for (const std::string &side : denseSides(rows)) words << QString::fromStdString(side);
  return words.join(QStringLiteral(" | "));
}

QString designName(Design design) {
  switch (design) {
  case Design::Raft: return dialTr("Raft");
  case Design::Quorum: return dialTr("Quorum");
  case Design::MultiPrimary: return dialTr("Multi-primary");
  case Design::AsyncPrimary: break;
  }
  return dialTr("Async primary");
}

QString designTitle(Design design) {
  switch (design) {
  case Design::Raft: return dialTr("Raft (CP)");
  case Design::Quorum: return dialTr("Quorum (AP)");
  case Design::MultiPrimary: return dialTr("Multi-primary (AP)");
  case Design::AsyncPrimary: break;
  }
  return dialTr("Async primary");
}

QString designSentence(Design design) {
  switch (design) {
  case Design::Raft:
    return dialTr("A majority agrees on each operation: the side without one refuses.");
  case Design::Quorum:
    return dialTr("A sloppy quorum: both sides answer, and versions meet once they can.");
  case Design::MultiPrimary:
    return dialTr("Each side takes writes; of two that meet, the last one wins.");
  case Design::AsyncPrimary: break;
  }
  return dialTr("One primary, replicas follow behind: away from it writes fail and reads are "
                "stale.");
}

QString dialSentence() {
  return dialTr("While a partition lasts, one chooses for each request: to be consistent or to be "
                "available. Availability in CAP means that every node that is up answers, which is "
                "not uptime; and consistent is what clients observe, followers may lag.");
}

QByteArray dialCsv(const std::vector<DialRow> &rows) {
  QString out = QStringLiteral(
      "design,partitioned,side,operations,ok,refused,timed_out,stale_reads,read_p50_ms,"
      "read_p99_ms,write_p50_ms,write_p99_ms,conflicts,lost_writes,converged_ms,linearizable\n");
  const auto ms = [](Duration d) { return QString::number(d.toMs(), 'f', 6); };
  const auto put = [&](const DialRow &row, const SideFigures &f, const QString &side, bool whole) {
    QStringList fields{viewed(experiments::name(row.design)),
                       row.partitioned ? QStringLiteral("true") : QStringLiteral("false"),
                       csvField(side)};
    for (const std::uint64_t count : {f.operations, f.ok, f.refused, f.timedOut, f.staleReads})
      fields << QString::number(count);
    fields << ms(f.readP50) << ms(f.readP99) << ms(f.writeP50) << ms(f.writeP99);
    if (whole)
      fields << QString::number(row.conflicts) << QString::number(row.lostWrites)
             << (row.converged.ns() < 0 ? QString() : ms(row.converged))
             << QString::fromStdString(row.linearizable);
    else
      fields << QString() << QString() << QString() << QString();
    out += fields.join(QLatin1Char(',')) + QLatin1Char('\n');
  };
  for (const DialRow &row : rows) {
    for (const SideFigures &side : row.during)
      put(row, side, QString::fromStdString(side.side), false);
    put(row, row.whole, QStringLiteral("all"), true);
  }
  return out.toUtf8();
}

} // namespace packetarium::ui
