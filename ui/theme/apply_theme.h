// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/theme/theme.h"
#include "ui/theme/typography.h"

#include <QPalette>
#include <QString>

class QApplication;
class QLabel;
class QPushButton;
class QWidget;

namespace packetarium::ui {

// Sets the application's style, palette, font and style sheet from the tokens. ThemeHub::attachTo
// does this by itself on every change.
void applyTheme(QApplication &app, const Theme &theme, const Typography &typography);

[[nodiscard]] QPalette paletteOf(const Theme &theme);
[[nodiscard]] QString styleSheetOf(const Theme &theme, const Typography &typography);

// What a plain widget is, for the style sheet; saves subclasses and per-widget style sheets.
enum class Surface { Window, Panel, Canvas };
enum class TextRole {
  Body,
  Name,
  Secondary,
  Tiny,
  Section,
  Title,
  Headline,
  Mono,
  Good,
  Warn,
  Bad
};
enum class ButtonRole { Plain, Primary, Quiet, Danger };

void setSurface(QWidget &widget, Surface surface);
// Secondary, Tiny and Section are dim; Good, Warn and Bad are body text in that colour.
void setTextRole(QLabel &label, TextRole role);
// Primary is filled with the accent, Quiet has no frame, Danger is outlined in bad.
void setButtonRole(QPushButton &button, ButtonRole role);

} // namespace packetarium::ui
