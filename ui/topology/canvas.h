// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/playback/view_state.h"
#include "ui/topology/canvas_cards.h"
#include "ui/topology/canvas_scene.h"
#include "ui/topology/fault_actions.h"
#include "ui/topology/live_layer.h"
#include "ui/topology/static_layer.h"

#include <QHash>
#include <QPixmap>
#include <QWidget>

#include <optional>

namespace packetarium::ui {

class EmptyState;
class FloatingCard;
class IconButton;

// The topology: nodes, links and the packets on them. Zoom with the wheel, pan by dragging the
// ground, move a node by dragging it, right click for what can be done to it.
class Canvas : public QWidget {
  Q_OBJECT
public:
  Canvas(ViewState &state, FaultActions &actions, QWidget *parent = nullptr);

  [[nodiscard]] const CanvasScene &scene() const { return m_scene; }
  // Where the middle of a node or link is, for tests and pointers.
  [[nodiscard]] QPoint centreOf(const Selection &what) const;
  [[nodiscard]] bool showsCaptions() const { return m_captions; }
  // Only the drawing, without cards and buttons: for pictures.
  void setBare(bool bare);
  // In presenter mode: the caption takes the cards' place, the buttons go.
  void setOnStage(bool onStage);

public Q_SLOTS:
  void zoomIn();
  void zoomOut();
  void fit();
  void setCaptions(bool on); // delay and rate beside every link

Q_SIGNALS:
  void captionsChanged(bool on);

protected:
  bool event(QEvent *event) override;
  void paintEvent(QPaintEvent *event) override;
  void resizeEvent(QResizeEvent *event) override;
  void showEvent(QShowEvent *event) override;
  void mousePressEvent(QMouseEvent *event) override;
  void mouseMoveEvent(QMouseEvent *event) override;
  void mouseReleaseEvent(QMouseEvent *event) override;
  void mouseDoubleClickEvent(QMouseEvent *event) override;
  void leaveEvent(QEvent *event) override;
  void focusInEvent(QFocusEvent *event) override;
  void wheelEvent(QWheelEvent *event) override;
  void keyPressEvent(QKeyEvent *event) override;
  void contextMenuEvent(QContextMenuEvent *event) override;
  bool focusNextPrevChild(bool next) override;

private:
  enum class Drag { None, Armed, Node, Ground };

  void rebuildModel();
  void onDocumentChanged(ChangeEvent event);
  void onFrame();
  void onSelection();
  void refreshLook();
  void setTransform(const CanvasTransform &transform, bool byHand);
  void invalidate();
  void ensureStatic();
  void placeOverlays();
  [[nodiscard]] bool isCoveredByCard() const;
  void paintSelection(QPainter &painter) const;
  void paintHintPointer(QPainter &painter) const;
  void aimHint();
  void paintHoveredLink(QPainter &painter);
  void finishNodeDrag();
  void announce();
  [[nodiscard]] CanvasHit hitAt(QPointF point) const;
  [[nodiscard]] Selection selectionOf(const CanvasHit &hit) const;
  [[nodiscard]] QString toolTipOf(const CanvasHit &hit) const;
  [[nodiscard]] std::vector<FallingPacket> falling() const;
  [[nodiscard]] QString packetLabel(PacketId id);
  [[nodiscard]] QRectF viewport() const;
  QRectF hintRing() const;

  ViewState &m_state;
  FaultActions &m_actions;
  CanvasScene m_scene;
  CanvasLook m_look;
  quint64 m_lookKey = 0;
  StaticLayer m_staticLayer;
  LiveLayer m_liveLayer;
  QPixmap m_static;
  bool m_staticStale = true;
  bool m_autoFit = true;
  bool m_captions = false;
  bool m_bare = false;
  int m_stageInset = 0;
  QRectF m_hintRing; // around what the hint means; empty while there is none
  QPointF m_hintWay{0, 1};
  bool m_focusByKeyboard = false;
  CanvasCards *m_cards;
  FloatingCard *m_zoomCard;
  IconButton *m_captionButton;
  EmptyState *m_empty;
  QHash<PacketId, QString> m_labels;

  Drag m_drag = Drag::None;
  std::optional<std::uint32_t> m_dragNode;
  QPointF m_pressedAt;
  QPointF m_dragFrom; // the node's place or the transform's origin when the drag began
};

} // namespace packetarium::ui
