// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/theme.h"

#include <QIcon>
#include <QPixmap>

#include <string_view>
#include <vector>

class QPainter;
class QRectF;

// The project's own line icons: 24x24, strokes of 1.6, drawn in whatever colour is asked for. A
// name is the file's stem in resources/icons ("home-router"). An unknown name is a mistake of ours
// and asserts.
namespace packetarium::ui {

// Every name, sorted.
[[nodiscard]] const std::vector<std::string_view> &iconNames();
[[nodiscard]] bool hasIcon(std::string_view name);

// Renders at any size and pixel ratio on demand. Normal is text, disabled is faint, checked (On)
// and selected are accent.
[[nodiscard]] QIcon icon(std::string_view name, const Theme &theme);
// The same in one colour for all states but disabled.
[[nodiscard]] QIcon icon(std::string_view name, const Theme &theme, const QColor &colour);

// sizePx is in device-independent pixels, at least 1. Cached.
[[nodiscard]] QPixmap iconPixmap(std::string_view name, int sizePx, double dpr,
                                 const QColor &colour);

// Paints as vectors: sharp at any zoom of a canvas, and in an exported picture.
void paintIcon(QPainter &painter, std::string_view name, const QRectF &box, const QColor &colour);

// The application's icon, 16 to 256 px.
[[nodiscard]] QIcon applicationIcon();

} // namespace packetarium::ui
