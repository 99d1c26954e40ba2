// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/net/blueprint.h"
#include "core/scenario/scenario.h"

#include <QPointF>
#include <QRectF>
#include <QString>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace packetarium::ui {

// What the canvas knows of the network, by the run's indices: values, no pointers into anything.
struct CanvasModel {
  struct Node {
    QPointF at; // on the plane
    QString name;
    QString address; // empty on a switch
    std::string_view icon = "host";
  };
  struct Link {
    std::uint32_t a = 0, b = 0;
    double lane = 0; // sideways, where several join the same two nodes; in pixels at 100 %
  };
  struct Note {
    std::string id;
    QPointF at;
    QString text;
  };
  std::vector<Node> nodes;
  std::vector<Link> links;
  std::vector<Note> notes;

  // All tiles with room for their names.
  [[nodiscard]] QRectF bounds() const;
};

[[nodiscard]] CanvasModel canvasModelOf(const scenario::Scenario &scenario,
                                        const net::Blueprint &network);
[[nodiscard]] std::string_view iconOf(scenario::NodeKind kind);

} // namespace packetarium::ui
