// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/theme.h"
#include "ui/theme/typography.h"
#include "ui/topology/canvas_scene.h"
#include "ui/topology/label_placer.h"
#include "ui/topology/packet_sprites.h"

#include <QPainter>
#include <QString>

#include <functional>
#include <unordered_map>
#include <vector>

namespace packetarium::ui {

// What the live layer asks of its surroundings.
struct LiveContext {
  const Theme &theme;
  const Typography &type;
  QRectF viewport;
  double dpr = 1;
  PacketId selectedOrigin = 0;
  trace::Sequence selectedRecord = 0;
  trace::Sequence hoveredRecord = 0;
  std::function<QString(PacketId)> label = {}; // "SYN"
  std::function<PacketId(PacketId)> originOf = {};
};

// Paints what moves, over the static layer: use of links, queues at their mouths, packets with
// tails and labels, and lost packets as they fall.
class LiveLayer {
public:
  static constexpr std::size_t tailsMax = 600;  // beyond, packets have none
  static constexpr std::size_t labelsMax = 12;  // visible packets that all get one
  static constexpr double labelsFromZoom = 1.3; // zoomed in, more of them do
  static constexpr std::size_t zoomedLabelsMax = 60;

  void paint(QPainter &painter, const CanvasScene &scene, const analysis::Frame &frame,
             const std::vector<FallingPacket> &falling, const LabelPlacer &fixed,
             const LiveContext &context);

private:
  void paintUse(QPainter &painter, const CanvasScene &scene, const analysis::Frame &frame,
                const LiveContext &context) const;
  void paintFlows(QPainter &painter, const CanvasScene &scene, const analysis::Frame &frame,
                  const LiveContext &context);
  void paintQueues(QPainter &painter, const CanvasScene &scene, const analysis::Frame &frame,
                   const LabelPlacer &fixed, const LiveContext &context);
  void paintTails(QPainter &painter, const CanvasScene &scene, const analysis::Frame &frame,
                  const LiveContext &context) const;
  void paintPackets(QPainter &painter, const CanvasScene &scene, const analysis::Frame &frame,
                    const LiveContext &context);
  void paintFalling(QPainter &painter, const std::vector<FallingPacket> &falling,
                    const LabelPlacer &fixed, const LiveContext &context);
  void paintReasons(QPainter &painter, const std::vector<FallingPacket> &falling,
                    const LabelPlacer &fixed, const LiveContext &context);
  void paintLabels(QPainter &painter, const CanvasScene &scene, const analysis::Frame &frame,
                   const LabelPlacer &fixed, const LiveContext &context);
  // Draws the text where it is free of everything; false when nowhere.
  bool paintText(QPainter &painter, const QString &text, const QRectF &around, const QColor &ink,
                 const LabelPlacer &fixed, trace::Sequence steadyFor);
  [[nodiscard]] bool isMarked(const analysis::PacketView &packet, const LiveContext &context) const;

  PacketSprites m_sprites;
  LabelPlacer m_taken;
  std::unordered_map<trace::Sequence, std::size_t> m_lastPlace,
      m_thisPlace; // so that labels do not hop
};

// "lost: no route".
[[nodiscard]] QString dropLabel(trace::DropReason reason);

} // namespace packetarium::ui
