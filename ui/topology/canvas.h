// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/playback/view_state.h"
#include "ui/topology/canvas_cards.h"
#include "ui/topology/canvas_scene.h"
#include "ui/topology/conflict_badges.h"
#include "ui/topology/edit_actions.h"
#include "ui/topology/fault_actions.h"
#include "ui/topology/held_tags.h"
#include "ui/topology/in_place_editor.h"
#include "ui/topology/knife_tool.h"
#include "ui/topology/link_tool.h"
#include "ui/topology/live_layer.h"
#include "ui/topology/raft_dials.h"
#include "ui/topology/static_layer.h"
#include "ui/widgets/key_help.h"

#include <QHash>
#include <QLineF>
#include <QPixmap>
#include <QTimer>
#include <QWidget>

#include <array>
#include <optional>

namespace packetarium::scenario {
struct Placeable;
}

namespace packetarium::ui {

class EmptyState;
class FloatingCard;
class IconButton;

// The topology: nodes, links and the packets on them, and the board on which they are drawn by
// hand. Drag a tile to move it, drag from a handle at its edge (or with Ctrl) to link it, drag the
// ground to mark what is there. The wheel zooms; the middle button, or the space bar held, pans.
class Canvas : public QWidget {
  Q_OBJECT
public:
  // What is dragged onto the canvas: the key of a Placeable, in UTF-8.
  static constexpr const char *placeableMime = "application/x-packetarium-placeable";

  Canvas(ViewState &state, FaultActions &actions, QWidget *parent = nullptr);

  [[nodiscard]] const CanvasScene &scene() const { return m_scene; }
  // For the Edit menu. What they refuse is told through the fault actions' signals, too.
  [[nodiscard]] EditActions &edits() { return *m_edits; }
  [[nodiscard]] const LinkTool &linkTool() const { return m_linkTool; }
  [[nodiscard]] const KnifeTool &knife() const { return m_knife; }
  [[nodiscard]] const ConflictBadges &badges() const { return *m_badges; }
  [[nodiscard]] const HeldTags &tags() const { return *m_tags; }
  [[nodiscard]] const CanvasLook &look() const { return m_look; }
  // Around the members of Raft clusters, as painted last.
  [[nodiscard]] const std::vector<RaftDial> &dials() const { return m_dials; }
  // Where the middle of a node or link is, for tests and pointers.
  [[nodiscard]] QPoint centreOf(const Selection &what) const;
  // The link handles of a node: right, left, above and below; empty boxes where its name stands, or
  // where it is drawn too small.
  [[nodiscard]] std::array<QRectF, 4> handlesOf(std::uint32_t node) const;
  [[nodiscard]] QRectF noteBoxOf(std::size_t note) const;
  [[nodiscard]] bool showsCaptions() const { return m_captions; }
  // Only the drawing, without cards and buttons: for pictures.
  void setBare(bool bare);
  // In presenter mode: the caption takes the cards' place, the buttons go.
  void setOnStage(bool onStage);
  // The keys it takes itself while it has the keyboard.
  [[nodiscard]] static KeyHelpGroup keyHelp();
  // Moves the view so far that a node, link or note can be seen.
  void reveal(const std::string &id);

public Q_SLOTS:
  void zoomIn();
  void zoomOut();
  void fit();
  void zoomToMarked();       // everything when nothing is marked
  void setCaptions(bool on); // delay and rate beside every link
  // Puts a device or a service in the middle of what is seen, beside what lies there, and marks it.
  void place(const QString &key);
  // The knife, with which a stroke cuts all the links it crosses.
  void takeKnife(bool on);

Q_SIGNALS:
  void captionsChanged(bool on);
  void knifeChanged(bool on);

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
  void focusOutEvent(QFocusEvent *event) override;
  void wheelEvent(QWheelEvent *event) override;
  void keyPressEvent(QKeyEvent *event) override;
  void keyReleaseEvent(QKeyEvent *event) override;
  void contextMenuEvent(QContextMenuEvent *event) override;
  void dragEnterEvent(QDragEnterEvent *event) override;
  void dragMoveEvent(QDragMoveEvent *event) override;
  void dragLeaveEvent(QDragLeaveEvent *event) override;
  void dropEvent(QDropEvent *event) override;
  bool focusNextPrevChild(bool next) override;

private:
  enum class Drag { None, Armed, Move, Link, Band, Pan, Knife };

  // What the button was pressed on.
  struct Press {
    QPointF at;
    CanvasHit hit;
    std::string id; // of the node, link or note
    bool onHandle = false;
    bool pans = false;
    Qt::KeyboardModifiers modifiers;
    QPointF origin;                  // the transform's, then
    std::vector<std::string> marked; // then
  };
  // What is being moved, and how far on the plane so far.
  struct Move {
    std::vector<std::uint32_t> nodes, notes;
    std::vector<std::string> ids;
    QPointF from; // of the thing under the pointer
    QPoint by;
  };
  // What is being dragged in from elsewhere.
  struct Drop {
    const scenario::Placeable *what = nullptr;
    QPointF pointer;
    std::optional<std::uint32_t> host; // a node to run a service on
    QString fault;                     // why it cannot
  };

  void makeButtons();
  void connectParts();
  void rebuildModel();
  void onDocumentChanged(ChangeEvent event);
  void onFrame();
  void onSelection();
  void refreshLook();
  void lookAtNodes();
  void lookAtMembers();
  void lookAtLinks();
  void refreshEmpty();
  void setTransform(const CanvasTransform &transform, bool byHand);
  void invalidate();
  void ensureStatic();
  void placeOverlays();
  void placeEditor();
  [[nodiscard]] bool isCoveredByCard() const;
  void announce();

  void paintSelection(QPainter &painter) const;
  void paintDials(QPainter &painter);
  void paintMarks(QPainter &painter) const;
  void paintHandles(QPainter &painter) const;
  void paintBand(QPainter &painter) const;
  void paintDrop(QPainter &painter) const;
  void paintHintPointer(QPainter &painter) const;
  void paintHoveredLink(QPainter &painter);
  void paintWords(QPainter &painter) const;
  void aimHint();

  void startDrag();
  void follow(QPointF point); // with what is being dragged
  void scrollAtEdge();
  void startMove();
  void moveTo(QPointF point);
  void bandTo(QPointF point);
  void finishMove();
  void finishLink(QPointF point);
  void finishKnife(QPointF point);
  void click(Qt::KeyboardModifiers modifiers);
  [[nodiscard]] bool holdsTool() const { return m_linkTool.isActive() || m_knife.isActive(); }
  bool cancel();  // what is under way; false when nothing is
  void abandon(); // the same when the network is another one: nothing is put back
  void lift(bool on);
  void pointAt(QPointF point);
  void refreshCursor();
  void beginLink(const std::string &wanted); // empty: what is under the pointer, or the next click
  bool completeLink(const std::string &to);
  bool linkByKeys(int key);
  bool stepNode(QPointF direction);

  void editName(const std::string &node);
  void editNote(const std::string &note);
  void onCommitted(InPlaceEditor::What what, const QString &id, const QString &text);
  void placeAt(const scenario::Placeable &what, QPointF plane);
  void aimDrop(QPointF point);
  [[nodiscard]] std::optional<QPointF> pointer() const; // on the plane, while it is over the canvas
  [[nodiscard]] QPointF middleOfView() const;

  [[nodiscard]] CanvasHit hitAt(QPointF point) const;
  [[nodiscard]] std::optional<std::uint32_t> nodeAt(QPointF point) const;
  [[nodiscard]] std::optional<std::uint32_t> handleAt(QPointF point) const;
  [[nodiscard]] std::string idOf(const CanvasHit &hit) const;
  [[nodiscard]] std::optional<std::uint32_t> noteIndex(std::string_view id) const;
  [[nodiscard]] Selection selectionOf(const CanvasHit &hit) const;
  [[nodiscard]] QString toolTipOf(const CanvasHit &hit) const;
  [[nodiscard]] QString conditionLines(std::uint32_t node) const;
  [[nodiscard]] QString descriptionOf(const CanvasHit &hit) const;
  [[nodiscard]] std::vector<FallingPacket> falling() const;
  [[nodiscard]] QString packetLabel(PacketId id);
  [[nodiscard]] QRectF viewport() const;
  [[nodiscard]] QRectF boundsOf(const std::vector<std::string> &ids) const; // on the plane
  QRectF hintRing() const;

  ViewState &m_state;
  FaultActions &m_actions;
  CanvasScene m_scene;
  CanvasLook m_look;
  std::vector<RaftDial> m_dials;
  quint64 m_lookKey = 0;
  StaticLayer m_staticLayer;
  LiveLayer m_liveLayer;
  QPixmap m_static;
  bool m_staticStale = true;
  bool m_autoFit = true;
  bool m_captions = false;
  bool m_bare = false;
  bool m_onStage = false;
  int m_stageInset = 0;
  QRectF m_hintRing;  // around what the hint means; empty while there is none
  QLineF m_hintArrow; // from its tip outwards
  bool m_focusByKeyboard = false;
  CanvasCards *m_cards;
  EditActions *m_edits;
  ConflictBadges *m_badges;
  InPlaceEditor *m_editor;
  FloatingCard *m_zoomCard;
  IconButton *m_captionButton;
  IconButton *m_knifeButton;
  EmptyState *m_empty;
  QHash<PacketId, QString> m_labels;
  HeldTags *m_tags;

  LinkTool m_linkTool;
  KnifeTool m_knife;
  Drag m_drag = Drag::None;
  Press m_press;
  Move m_move;
  Drop m_drop;
  QRectF m_band;                             // in the widget
  std::optional<QPointF> m_pointer;          // in the widget, while it is there
  std::optional<QPointF> m_askedAt;          // where the context menu was asked for
  std::optional<std::uint32_t> m_handleNode; // shows its link handles
  QPointF m_noteAt;                          // of the note being written
  bool m_overHandle = false;
  bool m_spaceHeld = false;
  bool m_spaceUsed = false;
  QTimer m_edgeScroll; // runs while something is dragged beyond an edge
};

} // namespace packetarium::ui
