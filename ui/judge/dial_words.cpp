// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/judge/dial_words.h"

#include "ui/charts/figure.h"
#include "ui/widgets/format.h"

#include <QCoreApplication>

#include <algorithm>
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

  void heading(const QString &words) { m_lines.push_back({true, words, {}, {}}); }
  void line(const QString &label, const QString &help, bool partitioned,
            const std::function<DialCell(const DialRow &)> &cell) {
    DialLine out{false, label, help, {}};
    for (const Design design : m_designs) {
      const DialRow *row = rowOf(m_rows, design, partitioned);
      out.cells.push_back(row == nullptr ? DialCell{Ink::Dim, QStringLiteral("–")} : cell(*row));
    }
    m_lines.push_back(std::move(out));
  }
  void sideLine(const QString &label, const QString &help, const std::string &side,
                const std::function<DialCell(const SideFigures &)> &cell) {
    line(label, help, true, [&](const DialRow &row) {
      for (const SideFigures &figures : row.during)
        if (figures.side == side) return cell(figures);
      return DialCell{Ink::Dim, QStringLiteral("–")};
    });
  }
  std::vector<DialLine> take() { return std::move(m_lines); }

private:
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

void addSide(LineMaker &maker, const std::string &side) {
  maker.heading(
      dialTr("While the network is cut, %1")
          .arg(side == "all" ? dialTr("both sides together") : QString::fromStdString(side)));
  maker.sideLine(dialTr("Answered"), dialTr("Of what clients on this side asked for"), side,
                 answered);
  maker.sideLine(dialTr("Refused"), dialTr("Told that it cannot be done now"), side,
                 [](const SideFigures &f) { return counted(f.refused, Ink::Warn); });
  maker.sideLine(dialTr("Timed out"), dialTr("No answer in time: it may or may not be done"), side,
                 [](const SideFigures &f) { return counted(f.timedOut, Ink::Warn); });
  maker.sideLine(dialTr("Stale reads"),
                 dialTr("Answered with a value that an acknowledged write had replaced"), side,
                 [](const SideFigures &f) { return counted(f.staleReads, Ink::Warn); });
}

void addWhole(LineMaker &maker) {
  maker.heading(dialTr("Over the whole run"));
  maker.line(dialTr("Conflicts"), dialTr("Writes that did not know of each other"), true,
             [](const DialRow &row) { return counted(row.conflicts, Ink::Warn); });
  maker.line(dialTr("Lost writes"), dialTr("Acknowledged, and gone"), true,
             [](const DialRow &row) { return counted(row.lostWrites, Ink::Bad); });
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

std::vector<DialLine> dialLines(const std::vector<DialRow> &rows) {
  if (rows.empty()) return {};
  LineMaker maker(rows);
  for (const std::string &side : sidesOf(rows)) addSide(maker, side);
  addWhole(maker);
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
