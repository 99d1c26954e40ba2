// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/topology/board.h"

#include <random>

using namespace packetarium;
using namespace packetarium::ui;

namespace {

/// Hands that do anything that a mouse and a keyboard can do to the canvas.
struct Hands {
  Board &board;
  std::mt19937 dice;

  int draw(int below) { return static_cast<int>(dice() % static_cast<unsigned>(below)); }
  bool chance(int percent) { return draw(100) < percent; }
  QPoint somewhere() {
    const auto &tiles = board.canvas.scene().tiles();
    if (!tiles.empty() && chance(60))
      return tiles[dice() % tiles.size()].center().toPoint() + QPoint(draw(30) - 15, draw(30) - 15);
    return {draw(board.canvas.width()), draw(board.canvas.height())};
  }
  Qt::KeyboardModifiers modifiers() {
    const Qt::KeyboardModifiers all[] = {Qt::NoModifier, Qt::NoModifier, Qt::ControlModifier,
                                         Qt::ShiftModifier};
    return all[draw(4)];
  }
  void dragAnything() {
    const QPoint from = somewhere(), to = somewhere();
    const auto button = chance(90) ? Qt::LeftButton : Qt::MiddleButton;
    const auto keys = modifiers();
    board.press(from, keys, button);
    board.moveTo(from, to, button);
    if (chance(15)) board.key(Qt::Key_Escape);
    if (chance(5)) board.undo().undo(); // by the menu, with the button down
    QTest::mouseRelease(&board.canvas, button, keys, to);
  }
  void write() {
    if (!board.editor().isOpen()) return;
    const QString words[] = {QStringLiteral("a"), QStringLiteral("two words"), QString()};
    board.type(words[draw(3)]);
    if (chance(20)) board.editor().clear();
    QTest::keyClick(&board.editor(), chance(70) ? Qt::Key_Return : Qt::Key_Escape);
    if (board.editor().isOpen()) board.canvas.setFocus();
  }
  void act() {
    const char *keys[] = {"host",       "laptop",     "server",  "switch",     "router",
                          "dns-server", "web-server", "browser", "client-load"};
    EditActions &edits = board.canvas.edits();
    const Qt::Key pressed[] = {Qt::Key_Escape, Qt::Key_Return, Qt::Key_Up, Qt::Key_Down,
                               Qt::Key_Space};
    const Qt::Key arrows[] = {Qt::Key_Left, Qt::Key_Right, Qt::Key_Up, Qt::Key_Down};
    switch (draw(19)) {
    case 0: board.canvas.place(QLatin1String(keys[draw(9)])); break;
    case 1: board.dropAt(keys[draw(9)], somewhere()); break;
    case 2:
    case 3:
    case 4:
    case 5: dragAnything(); break;
    case 6: board.click(somewhere(), modifiers()); break;
    case 7: QTest::mouseDClick(&board.canvas, Qt::LeftButton, {}, somewhere()); break;
    case 8: board.key(arrows[draw(4)], chance(50) ? Qt::ControlModifier : Qt::AltModifier); break;
    case 9: board.key(pressed[draw(5)]); break;
    case 10: edits.linkMarked(); break;
    case 11: chance(50) ? edits.rename() : edits.addNote(); break;
    case 12: chance(50) ? edits.copy() : edits.duplicate(); break;
    case 13: edits.paste(); break;
    case 14: chance(30) ? edits.cut() : edits.markAll(); break;
    case 15:
      if (board.state.marked().size() < 4) edits.removeMarked();
      break;
    case 16: chance(60) ? board.undo().undo() : board.undo().redo(); break;
    case 17: chance(50) ? edits.zoomToMarked() : board.canvas.fit(); break;
    default: board.hover(somewhere()); break;
    }
    write();
    if (board.scenario().nodes.size() > 40) {
      edits.markAll();
      edits.removeMarked();
    }
  }
};

} // namespace

TEST_CASE("whatever hands do to the canvas, the document loads again and undo leads back") {
  const unsigned seed = GENERATE(1U, 2U, 29U);
  INFO("seed " << seed);
  Board board;
  const std::string first = board.json();
  Hands hands{board, std::mt19937(seed)};
  for (int i = 0; i < 500 && board.undo().count() < 400; ++i) {
    INFO("action " << i);
    hands.act();
    if (i % 10 != 0) continue;
    const auto again = scenario::parse(board.json(), scenario::Accept::Conflicts);
    REQUIRE(again.ok());
    CHECK(*again == board.scenario());
  }
  CHECK(board.undo().count() > 50);
  while (board.undo().canUndo()) board.undo().undo();
  CHECK(board.json() == first);
}
