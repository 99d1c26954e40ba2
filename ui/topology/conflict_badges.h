// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/scenario/conflicts.h"
#include "ui/playback/view_state.h"
#include "ui/topology/canvas_scene.h"

#include <QObject>
#include <QPainter>
#include <QTimer>

#include <map>
#include <optional>
#include <vector>

namespace packetarium::ui {

class CaptionCard;
class EditActions;

// What was set by hand and cannot work: an amber badge at the node, and a card with the sentence
// and the one button that mends it, while the badge is pointed at or after it was clicked.
class ConflictBadges : public QObject {
  Q_OBJECT
public:
  ConflictBadges(ViewState &state, EditActions &edits, QWidget &canvas);

  // Of one node, in the order of the document.
  [[nodiscard]] std::vector<scenario::Conflict> of(std::uint32_t node) const;
  [[nodiscard]] std::optional<std::uint32_t> badgeAt(QPointF point, const CanvasScene &scene) const;
  void paint(QPainter &painter, const CanvasScene &scene) const;

  void pointAt(std::optional<std::uint32_t> node); // what the pointer is on
  void toggle(std::uint32_t node);                 // a click on the badge
  // Closes the card; false when none was open.
  bool close();
  void place(const CanvasScene &scene, const QRectF &viewport);
  // The card's visible frame; empty when it is not open.
  [[nodiscard]] QRect frame() const;
  void setSuppressed(bool suppressed);

Q_SIGNALS:
  void changed();

protected:
  bool eventFilter(QObject *watched, QEvent *event) override;

private:
  void refresh();
  void open(std::uint32_t node, bool pinned);
  [[nodiscard]] QPointF centreOf(const QRectF &tile, double zoom) const;

  ViewState &m_state;
  EditActions &m_edits;
  CaptionCard *m_card;
  QTimer m_leaving;
  std::map<std::uint32_t, std::vector<scenario::Conflict>> m_byNode;
  std::optional<std::uint32_t> m_open;
  bool m_pinned = false;
  bool m_suppressed = false;
};

} // namespace packetarium::ui
