// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/judge/dial_picture.h"

#include "ui/timeline/axis_paint.h"
#include "ui/widgets/format.h"

#include <QCoreApplication>
#include <QFontMetricsF>

#include <algorithm>
#include <array>
#include <cmath>

namespace packetarium::ui {
namespace {

using experiments::Design;
using experiments::DialRow;
using experiments::Spell;
using Ink = DialCell::Ink;

constexpr double headHeight = 22, headDense = 18, headingHeight = 24, labelMin = 96, labelMax = 170;
constexpr double axisHeight = 18;

struct LaneSizes {
  double lane, group, names; ///< px
};
LaneSizes laneSizes(DialDensity density) {
  return density == DialDensity::Full ? LaneSizes{17, 18, 52} : LaneSizes{11, 2, 110};
}

QString pictureTr(const char *text) { return QCoreApplication::translate("Dial", text); }

QColor cellInk(Ink ink, const Theme &theme) {
  switch (ink) {
  case Ink::Good: return theme.good;
  case Ink::Warn: return theme.warn;
  case Ink::Bad: return theme.bad;
  case Ink::Dim: return theme.dim;
  case Ink::Plain: break;
  }
  return theme.text;
}

enum class Texture { Plain, Slanted, Crossed, Dotted };
struct SpellLook {
  QColor ink;
  Texture texture = Texture::Plain;
  QString word;
};
SpellLook spellLook(const std::string &what, const Theme &theme) {
  if (what == "refused") return {theme.bad, Texture::Crossed, pictureTr("refused")};
  if (what == "stale") return {theme.warn, Texture::Slanted, pictureTr("stale reads")};
  if (what == "conflict") return {theme.tls, Texture::Dotted, pictureTr("conflict")};
  if (what == "converging") return {theme.accent, Texture::Plain, pictureTr("converging")};
  if (what == "partition") return {theme.faint, Texture::Plain, pictureTr("partition")};
  return {theme.dim, Texture::Plain, QString::fromStdString(what)};
}

// Cut by hand: SVG files know no clip.
void paintTexture(QPainter &painter, const QRectF &box, const SpellLook &look, const Theme &theme) {
  const QColor line = mix(theme.panel, look.ink, 0.45);
  painter.setPen(QPen(line, 1));
  const double h = box.height();
  if (look.texture == Texture::Dotted) {
    painter.setPen(Qt::NoPen);
    painter.setBrush(line);
    for (double x = box.left() + 3; x < box.right() - 1; x += 5)
      painter.drawEllipse(QPointF(x, box.center().y()), 1.2, 1.2);
    return;
  }
  if (look.texture == Texture::Plain) return;
  for (double x = std::floor((box.left() - h) / 6) * 6; x < box.right(); x += 6) {
    const double from = std::max(x, box.left()), to = std::min(x + h, box.right());
    if (to <= from) continue;
    painter.drawLine(QPointF(from, box.bottom() - (from - x)),
                     QPointF(to, box.bottom() - (to - x)));
    if (look.texture == Texture::Crossed)
      painter.drawLine(QPointF(from, box.top() + (from - x)), QPointF(to, box.top() + (to - x)));
  }
}

void paintSpell(QPainter &painter, const QRectF &box, const SpellLook &look, const Theme &theme,
                const Typography &type) {
  painter.fillRect(box, look.ink);
  if (box.width() >= 4) paintTexture(painter, box.adjusted(0.5, 0.5, -0.5, -0.5), look, theme);
  const QFontMetricsF metrics(type.tiny());
  const double wide = metrics.horizontalAdvance(look.word);
  if (box.width() < wide + type.px(14)) return;
  const QRectF plate(box.left() + type.px(4), box.top(), wide + type.px(6), box.height());
  painter.fillRect(plate, look.ink);
  painter.setFont(type.tiny());
  painter.setPen(theme.onAccent);
  painter.drawText(plate, Qt::AlignCenter, look.word);
}

} // namespace

// ---- the table --------------------------------------------------------------------------------

namespace {
// As dense as lines whose cells have parts.
double headOf(const std::vector<DialLine> &lines, const Typography &type) {
  const bool dense = !lines.empty() && !lines.front().parts.empty();
  return type.px(dense ? headDense : headHeight);
}
} // namespace

double dialTableHeight(const std::vector<DialLine> &lines, const Typography &type, double line) {
  double high = headOf(lines, type);
  for (const DialLine &each : lines) high += each.heading ? type.px(headingHeight) : type.px(line);
  return high + type.px(2);
}

DialTableLayout layoutDialTable(const QRectF &box, const std::vector<DialLine> &lines,
                                std::size_t designs, const Typography &type, double line) {
  DialTableLayout out;
  const QFontMetricsF metrics(type.secondary());
  double label = type.px(labelMin);
  for (const DialLine &each : lines)
    if (!each.heading) label = std::max(label, metrics.horizontalAdvance(each.label) + type.px(12));
  out.label = std::min({label, double(type.px(labelMax)), box.width() * 0.3});
  out.head = QRectF(box.left(), box.top(), box.width(), headOf(lines, type));
  double y = out.head.bottom();
  for (const DialLine &each : lines) {
    const double high = each.heading ? type.px(headingHeight) : type.px(line);
    out.lines.emplace_back(box.left(), y, box.width(), high);
    y += high;
  }
  out.bottom = y;
  const double each =
      (box.width() - out.label) / static_cast<double>(std::max<std::size_t>(1, designs));
  for (std::size_t i = 0; i < designs; ++i)
    out.columns.emplace_back(box.left() + out.label + each * static_cast<double>(i), box.top(),
                             each, y - box.top());
  return out;
}

namespace {

// Right-aligned as other figures are, a bar between the parts of a dense cell.
void paintCell(QPainter &painter, const QRectF &cell, const DialLine &line, std::size_t design,
               const Theme &theme, const QFontMetricsF &metrics) {
  const DialCell &value = line.cells[design];
  const std::size_t parts = design < line.parts.size() ? line.parts[design].size() : 0;
  if (parts == 0 || metrics.horizontalAdvance(value.text) > cell.width()) {
    painter.setPen(cellInk(value.ink, theme));
    painter.drawText(cell, Qt::AlignRight | Qt::AlignVCenter,
                     metrics.elidedText(value.text, Qt::ElideRight, cell.width()));
    return;
  }
  const QString bar = QStringLiteral(" | ");
  double right = cell.right();
  for (std::size_t p = parts; p-- > 0;) {
    const DialCell &part = line.parts[design][p];
    for (const auto &[text, ink] :
         {std::pair(part.text, cellInk(part.ink, theme)), std::pair(bar, theme.faint)}) {
      if (p == 0 && ink == theme.faint && text == bar) continue;
      const double wide = metrics.horizontalAdvance(text);
      painter.setPen(ink);
      painter.drawText(QRectF(right - wide, cell.top(), wide + 1, cell.height()),
                       Qt::AlignLeft | Qt::AlignVCenter, text);
      right -= wide;
    }
  }
}

} // namespace

void paintDialTable(QPainter &painter, const DialTableLayout &layout,
                    const std::vector<DialLine> &lines, const std::vector<Design> &designs,
                    std::optional<std::size_t> chosen, const Theme &theme, const Typography &type) {
  QFont shortFont = type.secondary();
  shortFont.setWeight(type.name().weight());
  const QFontMetricsF names(type.name()), shorter(shortFont), small(type.secondary());
  if (chosen && *chosen < layout.columns.size()) {
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.selection);
    painter.drawRoundedRect(layout.columns[*chosen].adjusted(2, 0, -2, 2), 5, 5);
  }
  const double pad = type.px(8);
  for (std::size_t c = 0; c < layout.columns.size(); ++c) {
    const QRectF cell(layout.columns[c].left() + 2, layout.head.top(),
                      layout.columns[c].width() - pad - 2, layout.head.height());
    painter.setPen(theme.text);
    const QString title = designTitle(designs[c]);
    const bool fits = names.horizontalAdvance(title) <= cell.width();
    painter.setFont(fits ? type.name() : shortFont);
    painter.drawText(
        cell, Qt::AlignRight | Qt::AlignVCenter,
        fits ? title : shorter.elidedText(designName(designs[c]), Qt::ElideRight, cell.width()));
  }
  if (!layout.sides.isEmpty()) {
    painter.setFont(type.tiny());
    painter.setPen(theme.dim);
    painter.drawText(
        QRectF(layout.head.left(), layout.head.top(), layout.label, layout.head.height()),
        Qt::AlignLeft | Qt::AlignVCenter,
        QFontMetricsF(type.tiny()).elidedText(layout.sides, Qt::ElideRight, layout.label - 4));
  }
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const QRectF &box = layout.lines[i];
    if (lines[i].heading) {
      painter.setFont(type.tiny());
      painter.setPen(theme.dim);
      painter.drawText(
          box.adjusted(0, type.px(4), 0, 0), Qt::AlignLeft | Qt::AlignVCenter,
          QFontMetricsF(type.tiny()).elidedText(lines[i].label, Qt::ElideRight, box.width()));
      painter.setPen(QPen(theme.line, 1));
      painter.drawLine(QPointF(box.left(), box.bottom() - 0.5),
                       QPointF(box.right(), box.bottom() - 0.5));
      continue;
    }
    painter.setFont(type.secondary());
    painter.setPen(theme.text);
    painter.drawText(QRectF(box.left(), box.top(), layout.label, box.height()),
                     Qt::AlignLeft | Qt::AlignVCenter,
                     small.elidedText(lines[i].label, Qt::ElideRight, layout.label - 4));
    for (std::size_t c = 0; c < layout.columns.size() && c < lines[i].cells.size(); ++c) {
      const QRectF cell(layout.columns[c].left() + 4, box.top(),
                        layout.columns[c].width() - pad - 4, box.height());
      paintCell(painter, cell, lines[i], c, theme, small);
    }
  }
}

// ---- the axis ---------------------------------------------------------------------------------

std::vector<DialLane> dialLanes(const std::vector<DialRow> &rows) {
  std::vector<DialLane> out;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    if (!rows[r].partitioned) continue;
    std::vector<std::string> sides;
    for (const auto &side : rows[r].during)
      if (side.side != "all") sides.push_back(side.side); // told of all: in each lane
    const std::size_t begin = out.size();
    for (const std::string &side : sides)
      out.push_back({r, QString::fromStdString(side), {}, out.size() == begin});
    if (sides.empty()) out.push_back({r, pictureTr("all"), {}, true});
    for (const Spell &spell : rows[r].spells)
      for (std::size_t lane = begin; lane < out.size(); ++lane) {
        const bool common = std::find(sides.begin(), sides.end(), spell.side) == sides.end();
        if (common || out[lane].name.toStdString() == spell.side) out[lane].spells.push_back(spell);
      }
  }
  return out;
}

double dialAxisHeight(const std::vector<DialLane> &lanes, const Typography &type,
                      DialDensity density) {
  const LaneSizes sizes = laneSizes(density);
  double high = type.px(axisHeight) + type.px(4);
  for (const DialLane &lane : lanes)
    high += type.px(sizes.lane) + (lane.first ? type.px(sizes.group) : 0);
  return high;
}

DialAxisLayout layoutDialAxis(const QRectF &box, std::vector<DialLane> lanes, SimTime end,
                              const Typography &type, DialDensity density) {
  const LaneSizes sizes = laneSizes(density);
  DialAxisLayout out;
  out.density = density;
  out.names = QRectF(box.left(), box.top(), type.px(sizes.names), box.height());
  out.top = box.top();
  // A picture for a slide has taller lanes, where there is room.
  const double need = dialAxisHeight(lanes, type, density);
  const double grow = std::clamp(box.height() / std::max(1.0, need), 1.0, 2.2);
  double y = box.top();
  for (const DialLane &lane : lanes) {
    if (lane.first) y += type.px(sizes.group) * grow;
    out.boxes.emplace_back(box.left(), y, box.width(), type.px(sizes.lane) * grow);
    y += type.px(sizes.lane) * grow;
  }
  out.axisTop = y + type.px(2);
  out.lanes = std::move(lanes);
  out.axis.from = SimTime::zero();
  out.axis.to = out.axis.end = std::max(end, SimTime::zero() + Duration::ms(1));
  out.axis.left = std::round(out.names.right() + type.px(8));
  out.axis.width = std::max(1.0, std::floor(box.right() - out.axis.left));
  return out;
}

namespace {

void paintLane(QPainter &painter, const DialAxisLayout &layout, std::size_t index,
               const Theme &theme, const Typography &type) {
  const DialLane &lane = layout.lanes[index];
  const QRectF &box = layout.boxes[index];
  const TimeAxis &axis = layout.axis;
  const double gap = layout.density == DialDensity::Dense ? 1 : 2;
  const QRectF bar(axis.left, box.top() + gap, axis.width, box.height() - 2 * gap);
  painter.fillRect(bar, theme.well);
  const auto boxOf = [&](const Spell &spell) {
    const double from = std::clamp(axis.x(spell.from), bar.left(), bar.right() - 2);
    const double to = std::clamp(axis.x(spell.to), from + 2, bar.right());
    return QRectF(from, bar.top(), to - from, bar.height());
  };
  for (const Spell &spell : lane.spells)
    if (spell.what == "partition") {
      const QRectF cut = boxOf(spell).adjusted(0, -2, 0, 2);
      painter.fillRect(cut, mix(theme.faint, theme.panel, 0.35));
      painter.setPen(QPen(theme.dim, 1, Qt::DotLine));
      painter.drawLine(cut.topLeft(), cut.bottomLeft());
      painter.drawLine(cut.topRight(), cut.bottomRight());
    }
  for (const char *kind : {"converging", "stale", "refused", "conflict"})
    for (const Spell &spell : lane.spells)
      if (spell.what == kind) {
        QRectF spot = boxOf(spell);
        // Two that overlap stay both in sight.
        if (spell.what == "stale") spot.setTop(spot.top() + std::round(spot.height() / 3));
        if (spell.what == "converging")
          spot.setTop(spot.bottom() - std::max(3.0, std::round(spot.height() / 3)));
        paintSpell(painter, spot, spellLook(spell.what, theme), theme, type);
      }
  const QFontMetricsF metrics(type.tiny());
  QRectF names(box.left(), box.top(), layout.names.width(), box.height());
  painter.setFont(type.tiny());
  painter.setPen(theme.dim);
  if (layout.density == DialDensity::Dense) {
    // At the right, the design's name has the left.
    const double middle = names.center().y(), high = metrics.height();
    names =
        QRectF(names.left() + type.px(72), middle - high / 2, names.width() - type.px(72), high);
  }
  painter.drawText(names, Qt::AlignLeft | Qt::AlignVCenter,
                   metrics.elidedText(lane.name, Qt::ElideRight, names.width()));
}

// Beside the lanes of its two sides.
void paintDenseName(QPainter &painter, const DialAxisLayout &layout, std::size_t first,
                    const QString &name, const Theme &theme, const Typography &type) {
  std::size_t last = first;
  while (last + 1 < layout.lanes.size() && !layout.lanes[last + 1].first) ++last;
  const double top = layout.boxes[first].top(), bottom = layout.boxes[last].bottom();
  const QFontMetricsF metrics(type.tiny());
  const double wide = type.px(70), high = std::max(bottom - top, metrics.height());
  painter.setFont(type.tiny());
  painter.setPen(theme.text);
  painter.drawText(QRectF(layout.names.left(), (top + bottom - high) / 2, wide, high),
                   Qt::AlignLeft | Qt::AlignVCenter,
                   metrics.elidedText(name, Qt::ElideRight, wide));
}

} // namespace

void paintDialAxis(QPainter &painter, const DialAxisLayout &layout,
                   const std::vector<DialRow> &rows, const Theme &theme, const Typography &type) {
  const int apart = type.px(layout.density == DialDensity::Dense ? 48 : 72);
  paintAxis(painter, layout.axis, layout.top, layout.axisTop, apart, theme, type);
  for (std::size_t i = 0; i < layout.lanes.size(); ++i) {
    paintLane(painter, layout, i, theme, type);
    if (!layout.lanes[i].first) continue;
    if (layout.density == DialDensity::Dense) {
      paintDenseName(painter, layout, i, designName(rows[layout.lanes[i].row].design), theme, type);
      continue;
    }
    const QRectF &box = layout.boxes[i];
    const double high = type.px(laneSizes(DialDensity::Full).group);
    const QRectF line(box.left(), box.top() - high, box.width(), high);
    const QString words = designTitle(rows[layout.lanes[i].row].design);
    const double wide = QFontMetricsF(type.name()).horizontalAdvance(words);
    painter.fillRect(QRectF(line.left(), line.top() + 1, wide + 4, line.height() - 1), theme.panel);
    painter.setFont(type.name());
    painter.setPen(theme.text);
    painter.drawText(line, Qt::AlignLeft | Qt::AlignBottom, words);
  }
}

void paintDialKey(QPainter &painter, const QRectF &line, const Theme &theme,
                  const Typography &type) {
  const QFontMetricsF metrics(type.tiny());
  double x = line.left();
  const double wide = type.px(16), high = type.px(10);
  for (const char *kind : {"refused", "stale", "conflict", "partition", "converging"}) {
    const SpellLook look = spellLook(kind, theme);
    const double room = metrics.horizontalAdvance(look.word) + 1;
    if (x + wide + type.px(4) + room > line.right()) return;
    const QRectF box(x, std::round(line.center().y() - high / 2), wide, high);
    painter.fillRect(box, std::string_view(kind) == "partition"
                              ? mix(theme.faint, theme.panel, 0.35)
                              : look.ink);
    paintTexture(painter, box, look, theme);
    painter.setFont(type.tiny());
    painter.setPen(theme.dim);
    painter.drawText(QRectF(box.right() + type.px(4), line.top(), room, line.height()),
                     Qt::AlignVCenter, look.word);
    x = box.right() + type.px(4) + room + type.px(12);
  }
}

QString spellWords(const Spell &spell) {
  return QStringLiteral("%1, %2 – %3")
      .arg(spellLook(spell.what, Theme::light()).word, formatTimeShort(spell.from.ns()),
           formatTimeShort(spell.to.ns()));
}

// ---- export -----------------------------------------------------------------------------------

std::vector<Figure> dialFigures(const std::vector<DialRow> &rows, SimTime end) {
  Figure table, axis;
  table.id = QStringLiteral("cap-dial-table");
  table.title = pictureTr("One workload, one partition, and what each design gives up");
  axis.id = QStringLiteral("cap-dial-axis");
  axis.title = pictureTr("One partition, and what befell each design");
  table.csv = axis.csv = [rows] { return dialCsv(rows); };
  table.paint = [rows, title = table.title](QPainter &painter, QSizeF size, const Theme &theme,
                                            const Typography &type) {
    const auto lines = dialLines(rows);
    // All lines are on the slide, in type as large as that lets it be.
    const double need = dialTableHeight(lines, type) + type.px(70);
    const Typography big =
        type.scaledTo(type.scale() * std::min(size.height() / need, size.width() / type.px(620)));
    const QRectF frame = paintSlideFrame(painter, size, title, {}, theme, big);
    const auto designs = designsOf(rows);
    paintDialTable(painter, layoutDialTable(frame, lines, designs.size(), big), lines, designs,
                   std::nullopt, theme, big);
  };
  axis.paint = [rows, end, title = axis.title](QPainter &painter, QSizeF size, const Theme &theme,
                                               const Typography &type) {
    const Typography big = slideType(size, type);
    const QRectF frame = paintSlideFrame(painter, size, title, {}, theme, big);
    const double key = big.px(20);
    const auto layout = layoutDialAxis(frame.adjusted(0, 0, 0, -key), dialLanes(rows), end, big);
    paintDialAxis(painter, layout, rows, theme, big);
    paintDialKey(painter, QRectF(frame.left(), frame.bottom() - key, frame.width(), key), theme,
                 big);
  };
  return {table, axis};
}

} // namespace packetarium::ui
