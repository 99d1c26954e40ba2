// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/static_layer.h"

#include "ui/theme/icons.h"
#include "ui/topology/node_marks.h"
#include "ui/topology/raft_dials.h"

#include <QCoreApplication>
#include <QFontMetricsF>

#include <algorithm>
#include <cmath>

namespace packetarium::ui {
namespace {

constexpr double namesFromZoom = 0.42;
constexpr double iconsFromEdge = 14;
// Small networks keep their names however small they are drawn.
constexpr double fewNamesFromZoom = 0.25;
constexpr std::size_t fewNames = 60;
constexpr double dotStep = 24; // of three steps to which things snap
// Beyond this many, lines and tiles are drawn without smooth edges and details.
constexpr std::size_t many = 400;
constexpr std::size_t manyLifted = 120;

// How clients find it: a disc in a ring, a triangle with a sign, a square with a bar.
void paintServedMark(QPainter &painter, QPointF at, double r, analysis::ServiceHealth health,
                     const Theme &theme) {
  using Health = analysis::ServiceHealth;
  const double big = r * 1.5, m = r * 0.6;
  const QPen sign(theme.onAccent, std::max(1.2, r * 0.35), Qt::SolidLine, Qt::RoundCap);
  painter.setPen(QPen(theme.canvas, 1.5));
  if (health == Health::Up) {
    painter.setBrush(theme.canvas);
    painter.drawEllipse(at, big, big);
    painter.setPen(QPen(theme.good, 1.2));
    painter.drawEllipse(at, big - 1, big - 1);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.good);
    painter.drawEllipse(at, r * 0.75, r * 0.75);
    return;
  }
  if (health == Health::Degraded) {
    painter.setBrush(theme.warn);
    painter.drawPolygon(QPolygonF{at + QPointF(0, -big * 1.1), at + QPointF(big * 1.1, big * 0.8),
                                  at + QPointF(-big * 1.1, big * 0.8)});
    painter.setPen(sign);
    painter.drawLine(at + QPointF(0, -m), at + QPointF(0, m * 0.2));
    painter.drawPoint(at + QPointF(0, m));
    return;
  }
  painter.setBrush(theme.bad);
  painter.drawRect(QRectF(at.x() - big, at.y() - big, 2 * big, 2 * big));
  painter.setPen(sign);
  painter.drawLine(at + QPointF(-m, 0), at + QPointF(m, 0));
}

QString servedWord(analysis::ServiceHealth served) {
  if (served == analysis::ServiceHealth::Degraded)
    return QCoreApplication::translate("Canvas", "degraded");
  if (served == analysis::ServiceHealth::Down)
    return QCoreApplication::translate("Canvas", "fails its clients");
  return {};
}

void paintHealthMark(QPainter &painter, const QRectF &tile, const CanvasLook::Node &look,
                     const Theme &theme) {
  const double r = std::clamp(tile.width() / 48, 0.5, 1.6) * 4.5;
  const QPointF at(tile.right() - r * 0.9, tile.top() + r * 0.9);
  const bool down = look.health == trace::NodeHealth::Crashed;
  const bool held =
      look.health == trace::NodeHealth::Paused || look.health == trace::NodeHealth::Starting;
  if (!down && !held && look.served != analysis::ServiceHealth::Unknown)
    return paintServedMark(painter, at, r, look.served, theme);
  const QColor colour = down ? theme.bad : held || look.degraded ? theme.warn : theme.good;
  painter.setPen(QPen(theme.canvas, 1.5));
  painter.setBrush(colour);
  const double grown = down || held || look.degraded ? r * 1.4 : r;
  painter.drawEllipse(at, grown, grown);
  // The mark inside tells without the colour.
  painter.setPen(QPen(theme.onAccent, std::max(1.2, r * 0.35), Qt::SolidLine, Qt::RoundCap));
  const double m = r * 0.55;
  if (down) {
    painter.drawLine(at + QPointF(-m, -m), at + QPointF(m, m));
    painter.drawLine(at + QPointF(-m, m), at + QPointF(m, -m));
  } else if (held) {
    painter.drawLine(at + QPointF(-m * 0.7, -m), at + QPointF(-m * 0.7, m));
    painter.drawLine(at + QPointF(m * 0.7, -m), at + QPointF(m * 0.7, m));
  } else if (look.degraded) {
    painter.drawLine(at + QPointF(0, -m * 1.1), at + QPointF(0, m * 0.2));
    painter.drawPoint(at + QPointF(0, m * 1.1));
  }
}

void paintCutBadge(QPainter &painter, QPointF at, double scale, const Theme &theme) {
  const double r = 9 * scale;
  painter.setPen(QPen(theme.bad, 1.6));
  painter.setBrush(theme.badSoft);
  painter.drawEllipse(at, r, r);
  painter.setPen(QPen(theme.bad, 1.8, Qt::SolidLine, Qt::RoundCap));
  const double m = r * 0.38;
  painter.drawLine(at + QPointF(-m, -m), at + QPointF(m, m));
  painter.drawLine(at + QPointF(-m, m), at + QPointF(m, -m));
}

QString healthWord(trace::NodeHealth health) {
  switch (health) {
  case trace::NodeHealth::Crashed: return QCoreApplication::translate("Canvas", "crashed");
  case trace::NodeHealth::Paused: return QCoreApplication::translate("Canvas", "paused");
  case trace::NodeHealth::Starting: return QCoreApplication::translate("Canvas", "starting");
  case trace::NodeHealth::Up: break;
  }
  return {};
}

QSizeF sizeOf(const QFontMetricsF &metrics, const QString &text) {
  return {std::ceil(metrics.horizontalAdvance(text)), metrics.height()};
}

QRectF outlineOf(const QRectF &tile, const CanvasLook::Node &look) {
  if (!look.dial || tile.width() < dialsFromEdge) return tile;
  const double votes = look.votes ? tile.width() * 0.25 : 0;
  return dialBox(tile).adjusted(-votes, 0, votes, 0);
}

bool isLinkLifted(const CanvasScene &scene, const CanvasLook &look, std::size_t link) {
  const CanvasModel::Link &ends = scene.model().links[link];
  return look.isLifted(ends.a) || look.isLifted(ends.b);
}

void paintLink(QPainter &painter, const QLineF &line, const CanvasLook::Link &look, double zoom,
               const Theme &theme) {
  const double thin = std::clamp(zoom, 0.5, 1.3);
  QPen pen(mix(theme.faint, theme.line, 0.75), look.width * thin);
  if (!look.up) {
    pen = QPen(theme.bad, 1.5);
    pen.setDashPattern({4, 4});
  }
  painter.setPen(pen);
  painter.drawLine(line);
}

} // namespace

bool showsWords(const CanvasScene &scene) {
  return scene.zoom() >= (scene.tiles().size() <= fewNames ? fewNamesFromZoom : namesFromZoom);
}

QRectF noteBox(const CanvasModel::Note &note, const CanvasTransform &transform,
               const Typography &type) {
  const QRectF room(transform.toScreen(note.at), QSizeF(type.px(220), 2000));
  return QFontMetricsF(type.secondary()).boundingRect(room, Qt::TextWordWrap, note.text);
}

void paintNote(QPainter &painter, const CanvasModel::Note &note, const QRectF &box,
               const Theme &theme, const Typography &type) {
  painter.setFont(type.secondary());
  painter.setPen(theme.dim);
  // A little wider, so that rounding does not wrap it anew.
  painter.drawText(box.adjusted(0, 0, 2, 2), Qt::TextWordWrap, note.text);
}

namespace {

// So many that only their places matter while they move: one call for all of a kind.
void paintManyLifted(QPainter &painter, const CanvasScene &scene, const CanvasLook &look,
                     const Theme &theme) {
  QVector<QLineF> lines;
  for (std::size_t i = 0; i < scene.lines().size(); ++i)
    if (isLinkLifted(scene, look, i)) lines.push_back(scene.lines()[i]);
  QVector<QRectF> tiles;
  for (std::size_t i = 0; i < scene.tiles().size(); ++i)
    if (look.isLifted(static_cast<std::uint32_t>(i))) tiles.push_back(scene.tiles()[i]);
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.setPen(QPen(mix(theme.faint, theme.line, 0.75), 1));
  painter.drawLines(lines);
  painter.setPen(QPen(theme.accent, 1));
  painter.setBrush(theme.tile);
  painter.drawRects(tiles);
  painter.setRenderHint(QPainter::Antialiasing, true);
}

} // namespace

void paintLifted(QPainter &painter, const CanvasScene &scene, const CanvasLook &look,
                 const Theme &theme, const Typography &type) {
  const auto lifted =
      static_cast<std::size_t>(std::count(look.liftedNodes.begin(), look.liftedNodes.end(), true));
  const bool words = showsWords(scene);
  if (lifted > manyLifted) {
    paintManyLifted(painter, scene, look, theme);
  } else {
    for (std::size_t i = 0; i < scene.lines().size(); ++i)
      if (isLinkLifted(scene, look, i))
        paintLink(painter, scene.lines()[i], look.links[i], scene.zoom(), theme);
    const QFontMetricsF metrics(type.name());
    painter.setFont(type.name());
    for (std::size_t i = 0; i < scene.tiles().size(); ++i) {
      if (!look.isLifted(static_cast<std::uint32_t>(i))) continue;
      const QRectF &tile = scene.tiles()[i];
      paintTile(painter, tile, scene.model().nodes[i].icon, look.nodes[i], theme);
      if (!words) continue;
      painter.setPen(theme.text);
      painter.drawText(QRectF(tile.center().x() - 120, tile.bottom() + 6, 240, metrics.height()),
                       Qt::AlignHCenter | Qt::AlignTop, scene.model().nodes[i].name);
    }
  }
  for (std::size_t i = 0; words && i < look.liftedNotes.size(); ++i)
    if (look.liftedNotes[i])
      paintNote(painter, scene.model().notes[i],
                noteBox(scene.model().notes[i], scene.transform(), type), theme, type);
}

void paintTile(QPainter &painter, const QRectF &tile, std::string_view icon,
               const CanvasLook::Node &look, const Theme &theme) {
  const double scale = tile.width() / CanvasScene::tileEdge;
  const bool down = look.health == trace::NodeHealth::Crashed;
  const bool held = look.health == trace::NodeHealth::Paused;
  const QColor line = down ? theme.bad : held ? theme.warn : mix(theme.faint, theme.line, 0.45);
  painter.setPen(QPen(line, down || held ? 1.8 : 1.2));
  painter.setBrush(theme.tile);
  const double radius = CanvasScene::tileRadius * scale;
  painter.drawRoundedRect(tile, radius, radius);
  if (tile.width() < iconsFromEdge) return;
  const double side = 24 * scale;
  const QColor ink = down ? mix(theme.dim, theme.tile, 0.7) : theme.text;
  paintIcon(painter, icon, QRectF(tile.center() - QPointF(side, side) / 2, QSizeF(side, side)),
            ink);
  paintHealthMark(painter, tile, look, theme);
  paintNodeMarks(painter, tile, look, theme);
}

void StaticLayer::paint(QPainter &painter, const CanvasScene &scene, const CanvasLook &look,
                        const Theme &theme, const Typography &type, const QRectF &viewport,
                        const std::vector<QRectF> &keepFree) {
  const bool few = scene.tiles().size() <= many;
  m_placer.clear(viewport);
  m_nameBoxes.assign(scene.tiles().size(), {});
  m_outlines = scene.tiles();
  paintGround(painter, scene, theme, viewport);
  painter.setRenderHint(QPainter::Antialiasing, scene.lines().size() <= many);
  paintLinks(painter, scene, look, theme, viewport);
  painter.setRenderHint(QPainter::Antialiasing, true);
  for (std::size_t i = 0; i < scene.tiles().size(); ++i) {
    const QRectF &tile = scene.tiles()[i];
    if (!tile.adjusted(-20, -20, 20, 20).intersects(viewport)) continue;
    if (look.isLifted(static_cast<std::uint32_t>(i))) continue;
    paintTile(painter, tile, scene.model().nodes[i].icon, look.nodes[i], theme);
    m_placer.block(tile.adjusted(-1, -3, 3, 1));
    m_outlines[i] = outlineOf(tile, look.nodes[i]);
    if (look.nodes[i].dial) m_placer.block(m_outlines[i]);
    for (const QRectF &mark : nodeMarkBoxes(tile, look.nodes[i])) m_placer.block(mark);
  }
  for (const QRectF &box : keepFree) m_placer.block(box);
  if (!m_ring.isEmpty()) m_placer.block(m_ring);
  if (m_ringed && *m_ringed < m_outlines.size()) m_outlines[*m_ringed] |= m_ring;
  if (few || scene.zoom() >= namesFromZoom)
    for (std::size_t i = 0; i < scene.lines().size(); ++i) m_placer.avoid(scene.lines()[i]);
  for (std::size_t i = 0; i < scene.lines().size(); ++i) {
    const CanvasLook::Link &link = look.links[i];
    if ((link.up && link.oneWay == 0) || isLinkLifted(scene, look, i)) continue;
    const double scale = std::clamp(scene.zoom(), 0.6, 1.3);
    const QLineF &line = scene.lines()[i];
    const QPointF at = line.center();
    if (!link.up)
      paintCutBadge(painter, at, scale, theme);
    else
      paintOneWayBadge(painter, link.oneWay == 1 ? line : QLineF(line.p2(), line.p1()), scale,
                       theme);
    m_placer.block(QRectF(at.x() - 10 * scale, at.y() - 10 * scale, 20 * scale, 20 * scale));
  }
  const bool words = showsWords(scene);
  // Notes were put where they are by somebody; names can go round them.
  if (words) paintNotes(painter, scene, look, theme, type);
  if (words) paintNames(painter, scene, look, theme, type);
  paintLinkTexts(painter, scene, look, theme, type);
}

void StaticLayer::setRing(std::optional<std::uint32_t> node, const QRectF &ring) {
  m_ringed = node;
  m_ring = ring;
}

void StaticLayer::paintGround(QPainter &painter, const CanvasScene &scene, const Theme &theme,
                              const QRectF &viewport) const {
  painter.fillRect(viewport, theme.canvas);
  double step = dotStep * scene.zoom();
  while (step < 16) step *= 2;
  const auto first = [&](double origin, double from) {
    return origin + std::ceil((from - origin) / step) * step;
  };
  std::vector<QPointF> dots;
  const QPointF origin = scene.transform().origin;
  for (double y = first(origin.y(), viewport.top()); y < viewport.bottom(); y += step)
    for (double x = first(origin.x(), viewport.left()); x < viewport.right(); x += step)
      dots.emplace_back(std::round(x), std::round(y));
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.setPen(QPen(theme.grid, 1));
  painter.drawPoints(dots.data(), static_cast<int>(dots.size()));
}

void StaticLayer::paintNotes(QPainter &painter, const CanvasScene &scene, const CanvasLook &look,
                             const Theme &theme, const Typography &type) {
  for (std::size_t i = 0; i < scene.model().notes.size(); ++i) {
    if (i < look.liftedNotes.size() && look.liftedNotes[i]) continue;
    const CanvasModel::Note &note = scene.model().notes[i];
    const QRectF box = noteBox(note, scene.transform(), type);
    paintNote(painter, note, box, theme, type);
    m_placer.block(box);
  }
}

void StaticLayer::paintLinks(QPainter &painter, const CanvasScene &scene, const CanvasLook &look,
                             const Theme &theme, const QRectF &viewport) const {
  for (std::size_t i = 0; i < scene.lines().size(); ++i) {
    const QLineF &line = scene.lines()[i];
    const QRectF box = QRectF(line.p1(), line.p2()).normalized().adjusted(-4, -4, 4, 4);
    if (!box.intersects(viewport) || isLinkLifted(scene, look, i)) continue;
    paintLink(painter, line, look.links[i], scene.zoom(), theme);
  }
}

void StaticLayer::paintLinkTexts(QPainter &painter, const CanvasScene &scene,
                                 const CanvasLook &look, const Theme &theme,
                                 const Typography &type) {
  const QFont font = type.secondary();
  const QFontMetricsF metrics(font);
  painter.setFont(font);
  for (std::size_t i = 0; i < scene.lines().size(); ++i) {
    const CanvasLook::Link &link = look.links[i];
    const bool captions = look.captions && link.up;
    QString text = link.condition;
    if (captions)
      text = text.isEmpty() ? link.caption : link.caption + QStringLiteral(" · ") + text;
    const QLineF &line = scene.lines()[i];
    if (text.isEmpty() || line.length() < 24 || isLinkLifted(scene, look, i)) continue;
    const bool badge = !link.up || link.oneWay != 0;
    const auto places = placesAlong(line, sizeOf(metrics, text), badge ? 12 : 10);
    const auto place = m_placer.place(places);
    if (!place) continue;
    painter.setPen(!link.up ? theme.bad : link.condition.isEmpty() ? theme.dim : theme.warn);
    painter.drawText(places[*place], Qt::AlignCenter, text);
  }
}

void StaticLayer::paintNames(QPainter &painter, const CanvasScene &scene, const CanvasLook &look,
                             const Theme &theme, const Typography &type) {
  const QFontMetricsF nameMetrics(type.name());
  const QFontMetricsF lineMetrics(type.secondary());
  for (std::size_t i = 0; i < scene.tiles().size(); ++i) {
    if (look.isLifted(static_cast<std::uint32_t>(i))) continue;
    const CanvasModel::Node &node = scene.model().nodes[i];
    const QString state = healthWord(look.nodes[i].health);
    const QString role = roleLine(look.nodes[i], node.address);
    const QString served = servedWord(look.nodes[i].served);
    const QString below = !state.isEmpty()                     ? state
                          : served.isEmpty() && role.isEmpty() ? node.address
                          : served.isEmpty()                   ? role
                          : look.nodes[i].role.isEmpty()
                              ? served
                              : look.nodes[i].role + QStringLiteral(" · ") + served;
    const bool bad = look.nodes[i].health == trace::NodeHealth::Crashed ||
                     (state.isEmpty() && look.nodes[i].served == analysis::ServiceHealth::Down);
    const QColor belowInk = state.isEmpty() && served.isEmpty() ? theme.dim
                            : bad                               ? theme.bad
                                                                : theme.warn;
    const QRectF &tile = scene.tiles()[i];
    // Whole, then without the address, then ever shorter: better short than on top of another. Only
    // then further away: a hint's ring may lie around the tile.
    const double full = nameMetrics.horizontalAdvance(node.name);
    constexpr double near = 6, further = 18;
    const struct {
      bool second;
      double width, gap;
    } tries[] = {{true, full, near}, {false, full, near},   {false, 96, near},
                 {false, 60, near},  {true, full, further}, {false, full, further}};
    for (const auto &attempt : tries) {
      if (attempt.width > full) continue;
      const bool second = attempt.second && !below.isEmpty();
      const QString name = attempt.width < full
                               ? nameMetrics.elidedText(node.name, Qt::ElideRight, attempt.width)
                               : node.name;
      QSizeF size = sizeOf(nameMetrics, name);
      if (second) {
        const QSizeF more = sizeOf(lineMetrics, below);
        size = {std::max(size.width(), more.width()), size.height() + more.height()};
      }
      const auto places = placesAround(m_outlines[i], size + QSizeF(4, 0),
                                       look.nodes[i].dial ? attempt.gap / 3 : attempt.gap);
      const auto place = m_placer.place(places);
      if (!place) continue;
      const QRectF &box = places[*place];
      if (m_placer.crossing(box) > 0) {
        QColor veil = theme.canvas;
        veil.setAlphaF(0.8F);
        painter.setPen(Qt::NoPen);
        painter.setBrush(veil);
        painter.drawRoundedRect(box, 4, 4);
      }
      const bool right = box.left() >= tile.right();
      const bool left = box.right() <= tile.left();
      const auto align = right ? Qt::AlignLeft : left ? Qt::AlignRight : Qt::AlignHCenter;
      painter.setFont(type.name());
      painter.setPen(theme.text);
      painter.drawText(box.adjusted(2, 0, -2, 0), int(align) | Qt::AlignTop, name);
      if (second) {
        painter.setFont(type.secondary());
        painter.setPen(belowInk);
        painter.drawText(box.adjusted(2, 0, -2, 0), int(align) | Qt::AlignBottom, below);
      }
      m_nameBoxes[i] = box;
      break;
    }
  }
}

} // namespace packetarium::ui
