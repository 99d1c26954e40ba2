// SPDX-License-Identifier: GPL-3.0-or-later
// What the window says and offers while a network is drawn in it.
#include "tests/support/catch.h"
#include "ui/document/edits.h"
#include "ui/document/faults.h"
#include "ui/palette/palette_panel.h"
#include "ui/shell/commands.h"
#include "ui/shell/edit_menu.h"
#include "ui/shell/edit_scope.h"
#include "ui/shell/main_window.h"
#include "ui/shell/new_dialog.h"
#include "ui/shell/shortcut_sheet.h"
#include "ui/shell/views.h"
#include "ui/timeline/timeline.h"
#include "ui/topology/canvas.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/tab_panel.h"
#include "ui/widgets/toast.h"

#include <QApplication>
#include <QDialog>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QMenuBar>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalSpy>
#include <QTest>

#include <algorithm>
#include <iterator>

using namespace packetarium;
using namespace packetarium::ui;

namespace {

struct Rig {
  ThemeHub hub{ThemeChoice::Dark};
  MainWindow window{hub, Remember::No};

  explicit Rig(const char *id = "web-request") {
    window.resize(1600, 900);
    REQUIRE(window.openScenario(QString::fromLatin1(id)));
    window.show();
    settle();
    window.playback().pause();
  }
  void settle() {
    REQUIRE(QTest::qWaitFor(
        [&] { return window.playback().runEnded() && !window.playback().isPending(); }, 30'000));
  }
  void key(Qt::Key key, Qt::KeyboardModifiers modifiers = {}) {
    window.activateWindow();
    REQUIRE(QTest::qWaitForWindowActive(&window));
    QTest::keyClick(&window, key, modifiers);
  }
  QString leftTab() { return window.leftPanel().tabText(window.leftPanel().currentIndex()); }
  Status place(const char *key) {
    const auto placed = placeNode(window.document(), *scenario::findPlaceable(key), {40, 400});
    return placed ? Status(Done{}) : Status(placed.faults());
  }
  QString toast() {
    auto *toast = window.findChild<Toast *>();
    QString words;
    if (toast != nullptr && toast->isVisible())
      for (QLabel *label : toast->findChildren<QLabel *>()) words += label->text();
    return words;
  }
};

} // namespace

TEST_CASE("the palette is in front of one's own document, the story in front of an example") {
  Rig rig;
  CHECK(rig.leftTab() == QStringLiteral("Story"));
  rig.window.desk().put(emptyDocument());
  CHECK(rig.leftTab() == QStringLiteral("Palette"));
  CHECK_FALSE(rig.window.playback().isPlaying());
  CHECK(rig.window.playback().now() == SimTime::zero());
  CHECK(rig.window.windowTitle() == QStringLiteral("Untitled[*] — Packetarium"));
  REQUIRE(rig.window.openScenario(QStringLiteral("web-request")));
  CHECK(rig.leftTab() == QStringLiteral("Story"));
  CHECK(rig.window.playback().isPlaying());
}

TEST_CASE("an empty network can be played, stepped and sought in without harm") {
  Rig rig;
  rig.window.desk().put(emptyDocument());
  rig.window.playback().play();
  QTest::qWait(200);
  rig.window.playback().stepForward(analysis::StepSize::Message);
  rig.window.playback().stepBack(analysis::StepSize::Event);
  rig.window.playback().seek(SimTime::zero() + Duration::seconds(3));
  CHECK(QTest::qWaitFor([&] { return rig.window.playback().runEnded(); }, 5000));
  CHECK(rig.window.playback().now() == SimTime::zero() + Duration::seconds(3));
  REQUIRE(rig.place("host").ok());
  CHECK(QTest::qWaitFor([&] { return !rig.window.playback().isPending(); }, 5000));
  CHECK(rig.window.state().frame().nodes.size() == 1);
}

TEST_CASE("what is placed from the palette is in the document, and marked") {
  Rig rig;
  rig.window.desk().put(emptyDocument());
  auto *palette = rig.window.findChild<PalettePanel *>();
  REQUIRE(palette != nullptr);
  Q_EMIT palette->placeRequested(QStringLiteral("router"));
  REQUIRE(rig.window.document().scenario().nodes.size() == 1);
  CHECK(rig.window.document().scenario().nodes.front().kind == scenario::NodeKind::Router);
  CHECK(rig.window.state().isMarked(rig.window.document().scenario().nodes.front().id));
  CHECK(rig.window.canvas().hasFocus());
}

TEST_CASE("the window says where an edit goes") {
  Rig rig;
  auto *scope = rig.window.findChild<EditScope *>();
  REQUIRE(scope != nullptr);
  rig.window.playback().seek(SimTime::zero());
  CHECK(scope->text() == QStringLiteral("Edits change the network"));
  rig.window.playback().seek(SimTime::zero() + Duration::ms(1250));
  CHECK(scope->text().contains(QStringLiteral("script at 1.25")));
  const QString still = editScopeText(SimTime::zero() + Duration::ms(1), true);
  CHECK(still == editScopeText(SimTime::zero() + Duration::ms(2), true)); // while it plays
}

TEST_CASE("after a change of the structure the cursor stays, playing or not, and one is told") {
  Rig rig;
  const SimTime at = SimTime::zero() + Duration::ms(1250);
  rig.window.playback().seek(at);
  REQUIRE(QTest::qWaitFor([&] { return !rig.window.playback().isPending(); }, 5000));
  REQUIRE(rig.place("host").ok());
  CHECK(rig.window.playback().now() == at);
  CHECK(QTest::qWaitFor([&] { return rig.toast().contains(QStringLiteral("to 1.25")); }, 2000));
  REQUIRE(QTest::qWaitFor([&] { return !rig.window.playback().isPending(); }, 5000));
  CHECK(rig.window.playback().now() == at);
  CHECK_FALSE(rig.window.playback().isPlaying());

  rig.window.playback().play();
  bool fellBack = false;
  QObject::connect(&rig.window.playback(), &Playback::cursorChanged, &rig.window,
                   [&] { fellBack = fellBack || rig.window.playback().now() < at; });
  QObject::connect(&rig.window.playback(), &Playback::frameChanged, &rig.window,
                   [&] { fellBack = fellBack || rig.window.playback().frame().cursor.at < at; });
  REQUIRE(rig.place("host").ok());
  CHECK(rig.window.playback().isPlaying());
  const SimTime before = rig.window.playback().now();
  CHECK(QTest::qWaitFor([&] { return rig.window.playback().now() > before; }, 5000));
  CHECK_FALSE(fellBack);
}

TEST_CASE("at the start nobody is told that the run began again") {
  Rig rig;
  rig.window.playback().seek(SimTime::zero());
  REQUIRE(rig.place("host").ok());
  QTest::qWait(50);
  CHECK_FALSE(rig.toast().contains(QStringLiteral("Run again")));
}

TEST_CASE("Ctrl+K and the slash find every enabled action and every node") {
  Rig rig;
  for (const auto &[key, modifiers] :
       {std::pair{Qt::Key_K, Qt::KeyboardModifiers(Qt::ControlModifier)},
        {Qt::Key_Slash, Qt::KeyboardModifiers()}}) {
    rig.key(key, modifiers);
    auto *card = rig.window.findChild<QWidget *>(QStringLiteral("commandPalette"));
    REQUIRE(card != nullptr);
    REQUIRE(card->isVisible());
    QTest::keyClick(card->findChild<QLineEdit *>(), Qt::Key_Escape);
    CHECK_FALSE(card->isVisible());
  }
  const std::vector<Command> all = rig.window.commands();
  const auto has = [&](const QString &name) {
    return std::any_of(all.begin(), all.end(), [&](const Command &c) { return c.name == name; });
  };
  for (const scenario::Node &node : rig.window.document().scenario().nodes)
    CHECK(has(QString::fromStdString(node.name)));
  for (const ListedAction &listed : actionsOf(*rig.window.menuBar(), rig.window)) {
    INFO(listed.name.toStdString());
    const bool itself = listed.name == QStringLiteral("Find Anything");
    const bool offered = listed.action->isEnabled() && listed.action->isVisible() && !itself;
    CHECK(has(listed.name) == offered);
  }
}

TEST_CASE("a node is found by its name and chosen") {
  Rig rig;
  rig.key(Qt::Key_K, Qt::ControlModifier);
  auto *field =
      rig.window.findChild<QWidget *>(QStringLiteral("commandPalette"))->findChild<QLineEdit *>();
  const std::string name = rig.window.document().scenario().nodes.back().name;
  QTest::keyClicks(field, QString::fromStdString(name));
  QTest::keyClick(field, Qt::Key_Return);
  CHECK(rig.window.state().isMarked(rig.window.document().scenario().nodes.back().id));
}

TEST_CASE("a fault of what is selected is found; F stays one action's key") {
  Rig rig;
  rig.window.state().select(Selection::ofNode({0}));
  const auto all = rig.window.commands();
  const auto crash = std::find_if(all.begin(), all.end(), [](const Command &c) {
    return c.name == QStringLiteral("Crash") && c.about.contains(QStringLiteral("Faults"));
  });
  REQUIRE(crash != all.end());
  crash->run();
  CHECK(rig.window.document().undoStack().count() == 1);
  REQUIRE(QTest::qWaitFor(
      [&] { return rig.window.state().frame().nodes[0] == trace::NodeHealth::Crashed; }, 5000));
  (void)rig.window.commands(); // has filled the menu, with F beside one of its entries
  rig.key(Qt::Key_F);
  CHECK(rig.window.document().undoStack().count() == 2);
}

TEST_CASE("the Edit menu offers what has a hook, when there is something to do it to") {
  Rig rig;
  int cuts = 0;
  int notes = 0;
  EditHooks hooks;
  hooks.cut = [&] { ++cuts; };
  hooks.addNote = [&] { ++notes; };
  hooks.rename = [] {};
  EditMenu edit(rig.window.state(), hooks, &rig.window);
  QMenu menu;
  edit.addTo(menu);
  const auto entry = [&](const QString &name) -> QAction * {
    for (QAction *action : menu.actions())
      if (plainName(action->text()) == name) return action;
    return nullptr;
  };
  REQUIRE(entry(QStringLiteral("Cut")) != nullptr);
  CHECK(entry(QStringLiteral("Paste")) == nullptr);
  rig.window.state().mark({});
  CHECK_FALSE(entry(QStringLiteral("Cut"))->isEnabled());
  CHECK(entry(QStringLiteral("Add a Note"))->isEnabled());
  const auto &nodes = rig.window.document().scenario().nodes;
  rig.window.state().mark({nodes[0].id, nodes[1].id});
  CHECK(entry(QStringLiteral("Cut"))->isEnabled());
  CHECK_FALSE(entry(QStringLiteral("Rename"))->isEnabled());
  rig.window.state().mark({nodes[0].id});
  CHECK(entry(QStringLiteral("Rename"))->isEnabled());
}

TEST_CASE("undo and redo name what they take back and bring back") {
  Rig rig;
  REQUIRE(rig.place("host").ok());
  const auto text = [&](const char *start) {
    for (const ListedAction &listed : actionsOf(*rig.window.menuBar(), rig.window))
      if (listed.name.startsWith(QString::fromLatin1(start))) return listed.name;
    return QString();
  };
  const QString label = rig.window.document().undoStack().undoText();
  REQUIRE_FALSE(label.isEmpty());
  CHECK(text("Undo").contains(label));
  rig.key(Qt::Key_Z, Qt::ControlModifier);
  CHECK(text("Redo").contains(label));
}

TEST_CASE("every action has a name, a tooltip with its shortcut, and a place in a menu") {
  Rig rig;
  rig.window.state().select(Selection::ofNode({0}));
  // What these menus hold changes with the files and with what is chosen.
  const QString changing[] = {QStringLiteral("File › Open Recent"),
                              QStringLiteral("Simulate › Faults of the Selection")};
  int walked = 0;
  for (const ListedAction &listed : actionsOf(*rig.window.menuBar(), rig.window)) {
    if (std::find(std::begin(changing), std::end(changing), listed.path) != std::end(changing))
      continue;
    ++walked;
    INFO(listed.path.toStdString() << " " << listed.name.toStdString());
    CHECK_FALSE(listed.name.isEmpty());
    CHECK_FALSE(listed.path.isEmpty());
    REQUIRE_FALSE(listed.action->shortcuts().isEmpty());
    CHECK(listed.action->toolTip().endsWith(u'(' + shortcutsText(*listed.action) + u')'));
  }
  CHECK(walked > 50);
}

TEST_CASE("themes, layer models and step sizes are chosen by key") {
  Rig rig;
  const Qt::KeyboardModifiers both = Qt::ControlModifier | Qt::ShiftModifier;
  rig.key(Qt::Key_L, both);
  CHECK(rig.hub.choice() == ThemeChoice::Light);
  rig.key(Qt::Key_P, both);
  CHECK(rig.hub.choice() == ThemeChoice::Projector);
  rig.key(Qt::Key_Y, both);
  CHECK(rig.hub.choice() == ThemeChoice::System);
  rig.key(Qt::Key_D, both);
  CHECK(rig.hub.choice() == ThemeChoice::Dark);
  rig.key(Qt::Key_7, both);
  CHECK(rig.window.state().layerModel() == analysis::LayerModel::Osi7);
  rig.key(Qt::Key_4, both);
  CHECK(rig.window.state().layerModel() == analysis::LayerModel::TcpIp4);

  rig.window.playback().seek(SimTime::zero() + Duration::ms(20));
  REQUIRE(QTest::qWaitFor([&] { return !rig.window.playback().isPending(); }, 5000));
  const auto step = [&](Qt::Key size) {
    const auto before = rig.window.playback().cursor().upTo;
    rig.key(size, Qt::AltModifier);
    rig.key(Qt::Key_Right);
    REQUIRE(QTest::qWaitFor([&] { return !rig.window.playback().isPending(); }, 5000));
    return rig.window.playback().cursor().upTo - before;
  };
  CHECK(step(Qt::Key_1) == 1); // an event is one record
  CHECK(step(Qt::Key_4) > 1);  // the next step of the story lies further on
}

TEST_CASE("everything that takes the keyboard has a name to be read out") {
  Rig rig;
  for (const QWidget *widget : rig.window.findChildren<QWidget *>()) {
    if (!(widget->focusPolicy() & Qt::TabFocus) || !widget->isVisibleTo(&rig.window)) continue;
    const auto *button = qobject_cast<const QAbstractButton *>(widget);
    const auto *label = qobject_cast<const QLabel *>(widget);
    bool labelled = (button != nullptr && !button->text().isEmpty()) ||
                    (label != nullptr && !label->text().isEmpty());
    // What only scrolls is read out as the panel that it lies in.
    const bool scrolls = widget->metaObject() == &QScrollArea::staticMetaObject;
    for (const QWidget *in = widget; scrolls && in != &rig.window; in = in->parentWidget())
      labelled = labelled || !in->accessibleName().isEmpty();
    INFO(widget->metaObject()->className() << " '" << widget->objectName().toStdString() << "' in "
                                           << widget->parentWidget()->metaObject()->className());
    CHECK((labelled || !widget->accessibleName().isEmpty()));
  }
}

TEST_CASE("the key to revert works as soon as something was changed, and not before") {
  Rig rig;
  const auto question = [&] {
    return rig.window.findChild<QDialog *>(QStringLiteral("revert")) != nullptr;
  };
  rig.key(Qt::Key_R, Qt::ControlModifier | Qt::ShiftModifier);
  CHECK_FALSE(question());
  REQUIRE(rig.place("host").ok());
  rig.key(Qt::Key_R, Qt::ControlModifier | Qt::ShiftModifier);
  CHECK(question());
}

TEST_CASE("the sheet of shortcuts holds those of the actions") {
  Rig rig;
  rig.key(Qt::Key_F1);
  auto *sheet = rig.window.findChild<ShortcutSheet *>();
  REQUIRE(sheet != nullptr);
  QStringList said;
  for (const QLabel *label : sheet->findChildren<QLabel *>()) said << label->text();
  for (const ListedAction &listed : actionsOf(*rig.window.menuBar(), rig.window)) {
    if (listed.action->shortcuts().isEmpty()) continue;
    const QString under = listed.path.section(u'›', 1).trimmed();
    CHECK(said.contains(under.isEmpty() ? listed.name : under + ": " + listed.name));
    CHECK(said.contains(shortcutsText(*listed.action)));
  }
}

TEST_CASE("the sheet of shortcuts holds what the views say of their keys") {
  Rig rig;
  rig.key(Qt::Key_F1);
  auto *sheet = rig.window.findChild<ShortcutSheet *>();
  REQUIRE(sheet != nullptr);
  QStringList said;
  for (const QLabel *label : sheet->findChildren<QLabel *>()) said << label->text();
  std::vector<KeyHelpGroup> views{Canvas::keyHelp(), Timeline::keyHelp(), sequenceKeys(),
                                  packetKeys()};
  for (const KeyHelpGroup &group : inspectorKeys()) views.push_back(group);
  for (const KeyHelpGroup &view : views) {
    INFO(view.title.toStdString());
    const auto headers = sheet->findChildren<SectionHeader *>();
    CHECK(std::any_of(headers.begin(), headers.end(), [&](const SectionHeader *header) {
      return header->accessibleName() == view.title;
    }));
    for (const KeyHelp &row : view.rows) CHECK(said.contains(row.what));
  }
  // As people write it, and nowhere cut off.
  CHECK(said.contains(QStringLiteral("Ctrl+Shift+Left, Right")));
  CHECK(said.contains(QStringLiteral("Alt+arrows")));
  const auto *area = sheet->findChild<QScrollArea *>();
  CHECK(area->widget()->width() <= area->viewport()->width());
}

TEST_CASE("a view takes the keys that it says it takes") {
  Rig rig;
  const auto takes = [](QWidget &view, const KeyHelp &row) {
    for (const QKeySequence &key : row.keys) {
      INFO(row.what.toStdString() << ": " << key.toString().toStdString());
      const QKeyCombination pressed = key[0];
      const int back =
          pressed.key() == Qt::Key_Tab && pressed.keyboardModifiers().testFlag(Qt::ShiftModifier);
      QKeyEvent event(QEvent::KeyPress, back ? Qt::Key_Backtab : pressed.key(),
                      pressed.keyboardModifiers());
      QApplication::sendEvent(&view, &event);
      CHECK(event.isAccepted());
    }
  };
  Canvas &canvas = rig.window.canvas();
  canvas.setFocus();
  for (const KeyHelp &row : Canvas::keyHelp().rows) {
    rig.window.state().select(Selection::ofNode({1}));
    if (row.keys.contains(QKeySequence(Qt::Key_Return))) canvas.edits().linkMarked();
    takes(canvas, row);
  }
  Timeline &timeline = rig.window.timeline();
  const std::string link = rig.window.document().scenario().links.front().id;
  const auto cut = [&] {
    REQUIRE(applyFault(rig.window.document(), {scenario::ScriptEntry::Kind::CutLink, link, 0,
                                               SimTime::zero() + Duration::ms(300)})
                .ok());
    timeline.chooseClip(rig.window.document().scenario().script.front().id);
  };
  for (const KeyHelp &row : Timeline::keyHelp().rows)
    for (const QKeySequence &key : row.keys) {
      cut();
      takes(timeline, {row.what, {key}, {}});
      while (rig.window.document().undoStack().canUndo()) rig.window.document().undoStack().undo();
    }
}
