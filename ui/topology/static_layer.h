// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/services.h"
#include "ui/theme/theme.h"
#include "ui/theme/typography.h"
#include "ui/topology/canvas_scene.h"
#include "ui/topology/label_placer.h"

#include <QPainter>
#include <QString>

#include <optional>
#include <string_view>
#include <vector>

namespace packetarium::ui {

// What seldom changes about nodes and links: their health and conditions.
struct CanvasLook {
  struct Node {
    trace::NodeHealth health = trace::NodeHealth::Up;
    bool degraded = false;                                             // one of its cables is cut
    analysis::ServiceHealth served = analysis::ServiceHealth::Unknown; // as its clients see it
    std::string_view roleIcon; // empty: it has told of no role
    int rank = 0;              // of the role, a RoleRank
    QString role, lag;         // "replica", "3 behind"
    bool slow = false, clockWrong = false;
    std::uint32_t side = 0; // of a partition; 0: none
    bool dial = false;      // a ring lies around it, of a member of a Raft cluster
    bool votes = false;     // and the votes for it lie around that
  };
  struct Link {
    bool up = true;
    int oneWay = 0; // 1: only from the first end to the second; 2: only back
    double width = 1.5;
    QString caption;   // "20 ms · 10 Mbit/s"
    QString condition; // shown always: "cut at 96 ms", "1 % loss"
  };
  std::vector<Node> nodes;
  std::vector<Link> links;
  bool captions = false; // all links show theirs
  // While they are dragged, nodes and notes are painted above this layer, with their links.
  std::vector<bool> liftedNodes, liftedNotes; // by index; empty: none
  [[nodiscard]] bool isLifted(std::uint32_t node) const {
    return node < liftedNodes.size() && liftedNodes[node];
  }
};

// Paints what stays from frame to frame: ground, notes, links, tiles, names. The canvas keeps the
// result in a pixmap and makes it anew when the transform, the theme or the look changes.
class StaticLayer {
public:
  void paint(QPainter &painter, const CanvasScene &scene, const CanvasLook &look,
             const Theme &theme, const Typography &type, const QRectF &viewport,
             const std::vector<QRectF> &keepFree);
  // A ring around this node: its name goes round the ring. Holds for the next paintings.
  void setRing(std::optional<std::uint32_t> node, const QRectF &ring);

  // What is taken, for labels that come and go above this layer.
  [[nodiscard]] const LabelPlacer &placer() const { return m_placer; }
  // Something painted above this layer that labels must leave free.
  void block(const QRectF &box) { m_placer.block(box); }
  // Where the node's name stands; empty when there was no room for it.
  [[nodiscard]] QRectF nameBox(std::uint32_t node) const {
    return node < m_nameBoxes.size() ? m_nameBoxes[node] : QRectF();
  }
  // The tile with what lies around it: what is put beside a node keeps clear of this.
  [[nodiscard]] QRectF outline(std::uint32_t node) const {
    return node < m_outlines.size() ? m_outlines[node] : QRectF();
  }
  // The node has its name beside it.
  [[nodiscard]] bool isNamed(std::uint32_t node) const { return !nameBox(node).isEmpty(); }

private:
  struct Pen;
  void paintGround(QPainter &painter, const CanvasScene &scene, const Theme &theme,
                   const QRectF &viewport) const;
  void paintNotes(QPainter &painter, const CanvasScene &scene, const CanvasLook &look,
                  const Theme &theme, const Typography &type);
  void paintLinks(QPainter &painter, const CanvasScene &scene, const CanvasLook &look,
                  const Theme &theme, const QRectF &viewport) const;
  void paintLinkTexts(QPainter &painter, const CanvasScene &scene, const CanvasLook &look,
                      const Theme &theme, const Typography &type);
  void paintNames(QPainter &painter, const CanvasScene &scene, const CanvasLook &look,
                  const Theme &theme, const Typography &type);

  LabelPlacer m_placer;
  std::vector<QRectF> m_nameBoxes;
  std::vector<QRectF> m_outlines;
  std::optional<std::uint32_t> m_ringed;
  QRectF m_ring;
};

// Names and notes are shown from this zoom on; small networks keep them longer.
[[nodiscard]] bool showsWords(const CanvasScene &scene);
// Where a note's text stands in the widget. Its letters do not grow with the zoom.
[[nodiscard]] QRectF noteBox(const CanvasModel::Note &note, const CanvasTransform &transform,
                             const Typography &type);
void paintNote(QPainter &painter, const CanvasModel::Note &note, const QRectF &box,
               const Theme &theme, const Typography &type);
// The nodes, notes and links that are lifted, as they are dragged.
void paintLifted(QPainter &painter, const CanvasScene &scene, const CanvasLook &look,
                 const Theme &theme, const Typography &type);

// One tile with its icon and health mark; also for what is dragged.
void paintTile(QPainter &painter, const QRectF &tile, std::string_view icon,
               const CanvasLook::Node &look, const Theme &theme);

} // namespace packetarium::ui
