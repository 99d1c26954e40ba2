// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QMenu;
class QString;

namespace packetarium::ui {

struct Theme;

// Words above the actions that follow in a menu, saying what they are for. Of a section of Qt's own
// a style sheet shows the line and not the words.
void addHeading(QMenu &menu, const QString &words, const Theme &theme);

} // namespace packetarium::ui
