// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/journey.h"
#include "ui/theme/theme.h"
#include "ui/theme/typography.h"

#include <QRectF>
#include <QString>

class QPainter;

namespace packetarium::ui {

/// The hue of a layer's box: what stands in it (DNS, TCP), or the layer's own at 1 and 2.
[[nodiscard]] QColor layerColour(const Theme &theme, const analysis::LayerStory &story);
[[nodiscard]] QColor protocolClassColour(const Theme &theme, std::uint8_t protocolClass);
/// "DNS", "TCP": as people write the class; "Frame" for a class without a name of its own.
[[nodiscard]] QString protocolClassName(std::uint8_t protocolClass);
/// "7 Application", "2 Data link".
[[nodiscard]] QString layerTitle(const analysis::LayerStory &story);

struct LayerBoxLook {
  bool lit = false;     ///< under the pointer, chosen, or where the packet is right now
  bool compact = false; ///< one line: title and summary beside each other
  int summaryLines = 1; ///< that there is room for; the last one ends in an ellipsis if need be
};
/// Lines a box of this width needs to say its summary in full; 1 to 3.
[[nodiscard]] int summaryLinesFor(const analysis::LayerStory &story, double boxWidth,
                                  const Typography &typography);
/// One box of a tower. Inactive ones are drawn faint, but can be read.
void paintLayerBox(QPainter &painter, const QRectF &box, const analysis::LayerStory &story,
                   const Theme &theme, const Typography &typography, LayerBoxLook look);

/// The packet as it stands at a layer: a bar of nested headers, outermost first. top is the OSI
/// layer the packet has reached: headers of layers below it are not there (yet, or any more).
void paintPdu(QPainter &painter, const QRectF &bar, const std::vector<analysis::LayerStory> &layers,
              int top, const Theme &theme, const Typography &typography);

} // namespace packetarium::ui
