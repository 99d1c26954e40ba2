// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/key_help.h"

#include <QListView>

namespace packetarium::ui {

class PaletteModel;
class ThemeHub;

// Tiles of one section of the palette, in rows, as tall as they need. Tiles can be dragged; Enter
// and a double click ask for one to be placed. The arrow keys go beyond the first and the last row.
class TileList : public QListView {
  Q_OBJECT
public:
  static constexpr int gap = 3; // on each side of a tile

  TileList(const ThemeHub &hub, PaletteModel *model, QWidget *parent = nullptr);

  [[nodiscard]] int columns() const;
  // The keys it takes itself while it has the keyboard.
  [[nodiscard]] static KeyHelpGroup keyHelp();
  // Chooses a tile of the first or the last row and takes the keyboard.
  void enter(bool fromAbove, int column);

  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
  void placeRequested(const QString &key);
  void left(bool below, int column); // an arrow key led out of the tiles

protected:
  void startDrag(Qt::DropActions actions) override;
  void keyPressEvent(QKeyEvent *event) override;
  void focusInEvent(QFocusEvent *event) override;
  void resizeEvent(QResizeEvent *event) override;

private:
  void refit();

  const ThemeHub &m_hub;
};

} // namespace packetarium::ui
