// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/scenario/json.h"
#include "tests/support/catch.h"
#include "ui/document/edits.h"
#include "ui/topology/canvas.h"
#include "ui/topology/in_place_editor.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QDropEvent>
#include <QMenu>
#include <QMimeData>
#include <QSignalSpy>
#include <QTest>

#include <string>
#include <vector>

namespace packetarium::ui {

/// A canvas on its own with an empty document, used with mouse and keys as a person would.
struct Board {
  Document document;
  Playback playback{document};
  ThemeHub hub{ThemeChoice::Dark};
  ViewState state{document, playback, hub};
  FaultActions faults{state};
  Canvas canvas{state, faults};
  QSignalSpy failed{&canvas.edits(), &EditActions::failed};

  explicit Board(scenario::Scenario scenario = blank()) {
    document.open(std::move(scenario));
    canvas.resize(1000, 640);
    canvas.show();
    REQUIRE(QTest::qWaitForWindowExposed(&canvas));
    canvas.activateWindow();
    canvas.setFocus();
    paint();
  }

  static scenario::Scenario blank() {
    scenario::Scenario s;
    s.id = "untitled";
    s.title = "Untitled";
    s.duration = Duration::seconds(2);
    return s;
  }

  const scenario::Scenario &scenario() const { return document.scenario(); }
  QUndoStack &undo() { return document.undoStack(); }
  std::string json() const { return scenario::toJson(document.scenario()); }
  std::string message() const {
    return failed.isEmpty() ? std::string() : failed.last().at(0).toString().toStdString();
  }
  void paint() { (void)canvas.grab(); }

  /// Drops a device or service where a point of the plane is seen; gives what is marked then.
  std::string drop(const char *key, QPointF plane) {
    return dropAt(key, canvas.scene().transform().toScreen(plane));
  }
  std::string dropAt(const char *key, QPointF at) {
    QMimeData data;
    data.setData(QLatin1String(Canvas::placeableMime), key);
    QDragEnterEvent enter(at.toPoint(), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&canvas, &enter);
    QDragMoveEvent move(at.toPoint(), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&canvas, &move);
    paint();
    dropWasTaken = move.isAccepted();
    QDropEvent event(at, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&canvas, &event);
    paint();
    return state.marked().empty() ? std::string() : state.marked().front();
  }
  bool dropWasTaken = false;

  QPoint at(const std::string &node) {
    const NodeIndex index = playback.built().node(node);
    REQUIRE(index.valid());
    return canvas.centreOf(Selection::ofNode(index));
  }
  QPoint handle(const std::string &node, std::size_t side = 0) {
    return canvas.handlesOf(playback.built().node(node).value)[side].center().toPoint();
  }
  QPoint noteAt(std::size_t note) { return canvas.noteBoxOf(note).center().toPoint(); }
  scenario::Position place(const std::string &node) { return scenario().node(node)->position; }

  /// Not QTest::mouseMove: that one says nothing when the cursor is there already.
  void hover(QPoint p) {
    QMouseEvent event(QEvent::MouseMove, p, canvas.mapToGlobal(p), Qt::NoButton, Qt::NoButton, {});
    QApplication::sendEvent(&canvas, &event);
    paint();
  }
  void press(QPoint p, Qt::KeyboardModifiers m = {}, Qt::MouseButton b = Qt::LeftButton) {
    hover(p);
    QTest::mousePress(&canvas, b, m, p);
  }
  /// The way there in three steps, so that what follows the pointer has something to follow.
  void moveTo(QPoint from, QPoint to, Qt::MouseButton b = Qt::LeftButton) {
    for (const double share : {0.1, 0.6, 1.0}) {
      const QPointF p = QPointF(from) + QPointF(to - from) * share;
      QMouseEvent event(QEvent::MouseMove, p, canvas.mapToGlobal(p), Qt::NoButton, b, {});
      QApplication::sendEvent(&canvas, &event);
    }
    paint();
  }
  void drag(QPoint from, QPoint to, Qt::KeyboardModifiers m = {},
            Qt::MouseButton b = Qt::LeftButton) {
    press(from, m, b);
    moveTo(from, to, b);
    QTest::mouseRelease(&canvas, b, m, to);
    paint();
  }
  void click(QPoint p, Qt::KeyboardModifiers m = {}) {
    hover(p);
    QTest::mouseClick(&canvas, Qt::LeftButton, m, p);
    paint();
  }
  void key(Qt::Key key, Qt::KeyboardModifiers m = {}) {
    QTest::keyClick(&canvas, key, m);
    paint();
  }
  InPlaceEditor &editor() { return *canvas.findChild<InPlaceEditor *>(); }
  void type(const QString &text) {
    editor().selectAll();
    QTest::keyClicks(&editor(), text);
  }
  QMenu *menuAt(QPoint point) {
    QContextMenuEvent event(QContextMenuEvent::Mouse, point, canvas.mapToGlobal(point));
    QApplication::sendEvent(&canvas, &event);
    return canvas.findChild<QMenu *>(QStringLiteral("canvasMenu"));
  }
  static QAction *actionOf(QMenu &menu, const QString &text) {
    for (QAction *action : menu.actions())
      if (action->text() == text) return action;
    return nullptr;
  }
};

} // namespace packetarium::ui
