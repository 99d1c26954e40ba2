// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/theme.h"
#include "ui/theme/typography.h"
#include "ui/topology/label_placer.h"

#include <QPainter>
#include <QString>

namespace packetarium::ui {

enum class PointerTone { Good, Refused };

// What would happen if the button were let go here, or why it cannot: a few words beside the
// pointer, kept within the viewport.
void paintPointerWords(QPainter &painter, QPointF pointer, const QString &words, PointerTone tone,
                       const Theme &theme, const Typography &type, const QRectF &viewport);

// What can be done now, at an edge where it covers nothing.
void paintStatusWords(QPainter &painter, const QString &words, const Theme &theme,
                      const Typography &type, const QRectF &viewport, const LabelPlacer &taken);

} // namespace packetarium::ui
