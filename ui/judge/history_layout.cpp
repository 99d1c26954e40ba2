// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/judge/history_layout.h"

#include <QFontMetricsF>

#include <algorithm>
#include <cmath>
#include <map>

namespace packetarium::ui {
namespace {

constexpr double bandsHeight = 15, axisHeight = 18, gap = 10, nameMin = 44, nameMax = 132;
constexpr double barMin = 3;         // px: less is not seen
constexpr double labelRoom = 74;     // px from one operation to the next in which it can be told
constexpr double barsPerPixel = 0.5; // at most

// The row of the same client whose last operation was left in doubt; else a new one.
std::size_t rowToGoOn(const std::vector<HistoryRow> &rows, const judge::History &history,
                      const judge::Operation &next) {
  constexpr std::uint32_t unknown = 0xffffffffU;
  if (next.node == unknown) return rows.size();
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const judge::Operation &last = history.operations[rows[r].operations.back()];
    if (last.node == next.node && last.outcome == judge::Outcome::Info && last.returned &&
        *last.returned <= next.invoked)
      return r;
  }
  return rows.size();
}

} // namespace

bool HistoryRow::has(std::size_t operation) const {
  return std::binary_search(operations.begin(), operations.end(), operation);
}

std::vector<HistoryRow> historyRows(const judge::History &history,
                                    const std::optional<std::string> &key) {
  std::vector<HistoryRow> rows;
  std::map<std::string, std::size_t> index;
  for (std::size_t i = 0; i < history.operations.size(); ++i) {
    const judge::Operation &o = history.operations[i];
    if (key && o.key != *key) continue;
    auto [at, isNew] = index.try_emplace(o.process, rows.size());
    if (isNew) at->second = rowToGoOn(rows, history, o);
    if (at->second == rows.size())
      rows.push_back({o.process, QString::fromStdString(o.process), {}});
    rows[at->second].operations.push_back(i);
  }
  return rows;
}

std::vector<EffectPoint> effectPoints(const judge::History &history,
                                      const std::vector<std::size_t> &order) {
  std::vector<EffectPoint> points(order.size());
  SimTime earliest = SimTime::zero();
  for (std::size_t i = 0; i < order.size(); ++i) {
    earliest = std::max(earliest, history.operations[order[i]].invoked);
    points[i] = {order[i], earliest};
  }
  SimTime latest = SimTime::max();
  for (std::size_t i = order.size(); i-- > 0;) {
    const judge::Operation &o = history.operations[order[i]];
    if (o.outcome == judge::Outcome::Ok && o.returned) latest = std::min(latest, *o.returned);
    if (latest == SimTime::max() || latest < points[i].at) continue;
    points[i].at = points[i].at + (latest - points[i].at) / 2;
  }
  // What follows something that may take effect at any time must not come before it.
  for (std::size_t i = 1; i < points.size(); ++i)
    points[i].at = std::max(points[i].at, points[i - 1].at);
  return points;
}

// ---- geometry ---------------------------------------------------------------------------------

QRectF HistoryLayout::row(std::size_t i) const {
  return {names.left(), top + static_cast<double>(i) * rowHeight,
          axis.left + axis.width - names.left(), rowHeight};
}

double historyHeight(std::size_t rows, const Typography &type) {
  return type.px(bandsHeight) + static_cast<double>(rows) * type.px(historyRowMin) +
         type.px(axisHeight);
}

HistoryLayout layoutHistory(const QRectF &box, const std::vector<HistoryRow> &rows,
                            const TimeAxis &axis, const Typography &type) {
  HistoryLayout out;
  const QFontMetricsF metrics(type.secondary());
  double wide = type.px(nameMin);
  for (const HistoryRow &row : rows) wide = std::max(wide, metrics.horizontalAdvance(row.name) + 2);
  wide = std::min({wide, double(type.px(nameMax)), box.width() * 0.25});
  out.names = QRectF(box.left(), box.top(), wide, box.height());
  out.bands = box.top();
  out.rows = rows.size();
  out.top = box.top() + type.px(bandsHeight);
  const double room = box.height() - type.px(bandsHeight) - type.px(axisHeight);
  const double each = room / static_cast<double>(std::max<std::size_t>(1, rows.size()));
  out.rowHeight =
      std::floor(std::clamp(each, double(type.px(historyRowMin)), double(type.px(historyRowMax))));
  out.barHeight = std::round(out.rowHeight * 0.68);
  out.axisTop = out.top + out.rowHeight * static_cast<double>(rows.size()) + type.px(2);
  out.axis = axis;
  out.axis.left = std::round(out.names.right() + type.px(gap));
  out.axis.width = std::max(1.0, std::floor(box.right() - out.axis.left));
  return out;
}

std::vector<HistoryBar> historyBars(const HistoryLayout &layout, std::size_t rowIndex,
                                    const HistoryRow &row, const judge::History &history,
                                    trace::Sequence upTo,
                                    const std::function<int(std::size_t)> &matters) {
  std::vector<HistoryBar> out;
  const TimeAxis &axis = layout.axis;
  const double right = axis.left + axis.width;
  const QRectF whole = layout.row(rowIndex);
  const double y = std::round(whole.center().y() - layout.barHeight / 2);
  for (const std::size_t index : row.operations) {
    const judge::Operation &o = history.operations[index];
    if (o.invoked > axis.to || (o.invokeRecord > upTo && upTo != 0)) break;
    const bool open = !o.returned || (o.returnRecord > upTo && upTo != 0);
    if (!open && *o.returned < axis.from) continue;
    const double from = std::max(axis.left - 4, axis.x(o.invoked));
    const double to = open ? right : std::min(right + 4, axis.x(*o.returned));
    if (!out.empty()) {
      HistoryBar &last = out.back();
      // A process does one thing at a time: what is open ends where it goes on, as far as one sees.
      if (last.open) last.box.setRight(std::max(last.box.left() + barMin, from - 1));
      const bool crowded = from - last.box.left() < 1 / barsPerPixel;
      if (crowded) {
        ++last.count;
        if (matters(index) > matters(last.operation)) last.operation = index;
        last.box.setRight(std::max(last.box.right(), to));
        last.open = open;
        continue;
      }
      last.box.setRight(std::min(last.box.right(), std::max(last.box.left() + 1, from - 0.5)));
    }
    HistoryBar bar;
    bar.box = QRectF(from, y, std::max(barMin, to - from), layout.barHeight);
    bar.operation = index;
    bar.open = open;
    out.push_back(bar);
  }
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i].free =
        std::max(0.0, (i + 1 < out.size() ? out[i + 1].box.left() : right) - out[i].box.right());
  return out;
}

Duration readableSpan(const judge::History &history, const std::vector<HistoryRow> &rows,
                      SimTime end, double pixels) {
  const Duration whole = std::max(end - SimTime::zero(), Duration::ms(10));
  double each = whole.toSeconds();
  for (const HistoryRow &row : rows) {
    if (row.operations.size() < 2) continue;
    const Duration busy = history.operations[row.operations.back()].invoked -
                          history.operations[row.operations.front()].invoked;
    each = std::min(each, busy.toSeconds() / static_cast<double>(row.operations.size() - 1));
  }
  const double seconds = std::max(0.005, each * pixels / labelRoom);
  const double held = std::min(seconds, whole.toSeconds());
  return Duration::ns(std::llround(held * 1e9));
}

} // namespace packetarium::ui
