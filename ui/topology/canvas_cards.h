// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/playback/view_state.h"
#include "ui/topology/canvas_scene.h"
#include "ui/topology/fault_actions.h"

#include <QObject>
#include <QRect>

#include <optional>

namespace packetarium::ui {

class CaptionCard;

// The cards that float over the canvas: the scenario's hint ("Cut this cable"), which points at
// what it means, and the answer to "Why was this packet lost?" for a selected drop.
class CanvasCards : public QObject {
  Q_OBJECT
public:
  CanvasCards(ViewState &state, FaultActions &actions, QWidget &canvas);

  // Puts the shown card where it covers the fewest tiles.
  void place(const CanvasScene &scene, const QRectF &viewport);
  // What the hint points at while it shows; none selected otherwise.
  [[nodiscard]] Selection hintTarget() const;
  // The shown card's visible frame in the canvas; empty when none shows.
  [[nodiscard]] QRect frame() const;
  // In presenter mode the caption takes their place.
  void setSuppressed(bool suppressed);

Q_SIGNALS:
  void changed();

private:
  void onRebuilt();
  void onChangeMade(int index);
  void onSelection();
  void fillWhy();
  void fillHint();
  void refresh();

  ViewState &m_state;
  FaultActions &m_actions;
  QWidget &m_canvas;
  CaptionCard *m_hint;
  CaptionCard *m_why;
  std::string m_scenarioId;
  bool m_hintWanted = false;
  bool m_whyWanted = false;
  bool m_wholeChain = false;
  bool m_suppressed = false;
  bool m_compact = false;
};

} // namespace packetarium::ui
