// SPDX-License-Identifier: GPL-3.0-or-later
// What a person could do, in any order: nothing crashes, hangs, or leaves a document that cannot be
// read again, and undoing all of it gives the first document back. PACKETARIUM_RANDOM_ACTIONS and
// PACKETARIUM_RANDOM_SEED make it longer and other.
#include "core/base/random.h"
#include "core/scenario/build.h"
#include "core/scenario/json.h"
#include "tests/support/catch.h"
#include "ui/document/edits.h"
#include "ui/document/faults.h"
#include "ui/shell/main_window.h"
#include "ui/topology/canvas.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QMenu>
#include <QTest>

#include <functional>

using namespace packetarium;
using namespace packetarium::ui;

namespace {

class RandomUser {
public:
  RandomUser(MainWindow &window, std::uint64_t seed)
      : m_window(window), m_random(seed, "user", "actions") {
    m_acts = {
        {8, [this] { place(); }},
        {10, [this] { link(); }},
        {3, [this] { install(); }},
        {4, [this] { remove(); }},
        {6, [this] { move(); }},
        {2, [this] { rename(); }},
        {2, [this] { note(); }},
        {2, [this] { copy(); }},
        {4, [this] { address(); }},
        {3, [this] { gateway(); }},
        {4, [this] { cure(); }},
        {5, [this] { fault(); }},
        {2, [this] { unscript(); }},
        {8, [this] { undo(); }},
        {4, [this] { redo(); }},
        {4, [this] { seek(); }},
        {3, [this] { play(); }},
        {3, [this] { step(); }},
        {5, [this] { mark(); }},
        {12, [this] { drag(); }},
        {12, [this] { key(); }},
        {2, [this] { parameter(); }},
        {1, [this] { m_window.playback().restart(); }},
    };
    for (const Act &act : m_acts) m_weights += act.weight;
  }

  void act() {
    std::uint64_t pick = below(m_weights);
    for (const Act &act : m_acts) {
      if (pick < act.weight) return act.does();
      pick -= act.weight;
    }
  }

private:
  struct Act {
    std::uint64_t weight;
    std::function<void()> does;
  };
  std::uint64_t below(std::uint64_t n) { return n == 0 ? 0 : m_random.below(n); }
  Document &document() { return m_window.document(); }
  const scenario::Scenario &scenario() { return m_window.document().scenario(); }

  std::string anyNode() {
    const auto &nodes = scenario().nodes;
    return nodes.empty() ? "none" : nodes[below(nodes.size())].id;
  }
  std::string anyLink() {
    const auto &links = scenario().links;
    return links.empty() ? "none" : links[below(links.size())].id;
  }
  std::string anyThing() {
    const auto &notes = scenario().notes;
    const auto pick = below(8);
    if (pick == 0 && !notes.empty()) return notes[below(notes.size())].id;
    return pick < 3 ? anyLink() : anyNode();
  }
  QPointF anyPlace() {
    return {static_cast<double>(below(1200)) - 100, static_cast<double>(below(700)) - 100};
  }
  QPoint anyPoint() {
    const QWidget &canvas = m_window.canvas();
    return {static_cast<int>(below(static_cast<std::uint64_t>(canvas.width()))),
            static_cast<int>(below(static_cast<std::uint64_t>(canvas.height())))};
  }

  void place() {
    if (scenario().nodes.size() > 40) return;
    const bool device = below(2) == 0;
    const auto all = device ? scenario::placeableDevices() : scenario::placeableServices();
    (void)placeNode(document(), all[below(all.size())], anyPlace());
  }
  void link() {
    const std::string a = anyNode(), b = anyNode();
    const bool possible = scenario::linkFault(scenario(), a, b).empty();
    CHECK(connectNodes(document(), a, b).ok() == possible);
  }
  void install() {
    const auto services = scenario::placeableServices();
    (void)installService(document(), anyNode(), services[below(services.size())]);
  }
  void remove() { CHECK(removeAll(document(), {anyThing()}).ok()); }
  void move() {
    (void)moveBy(document(), {anyThing(), anyThing()},
                 {static_cast<int>(below(80)) - 40, static_cast<int>(below(80)) - 40},
                 below(2) == 0);
  }
  void rename() {
    (void)renameNode(document(), anyNode(), QStringLiteral("name %1 é").arg(below(9)));
  }
  void note() { (void)addNote(document(), QStringLiteral("a note\nof two lines"), anyPlace()); }
  void copy() {
    if (scenario().nodes.size() > 40) return;
    const QString text = copiedText(scenario(), {anyNode(), anyNode(), anyNode()});
    CHECK(pasteText(document(), text, {24, 24}).ok());
  }
  void address() {
    (void)document().edit(QStringLiteral("Set an address"), [this](scenario::Scenario &s) {
      if (s.nodes.empty()) return;
      scenario::Node &node = s.nodes[below(s.nodes.size())];
      if (node.interfaces.empty()) return;
      const auto text = "10.0." + std::to_string(below(3)) + "." + std::to_string(below(256)) +
                        "/" + std::to_string(16 + below(17));
      node.interfaces[below(node.interfaces.size())].address = wire::Ipv4Prefix::parse(text);
    });
  }
  void gateway() {
    (void)document().edit(QStringLiteral("Set a gateway"), [this](scenario::Scenario &s) {
      if (s.nodes.empty()) return;
      const auto text = "10.0." + std::to_string(below(3)) + "." + std::to_string(1 + below(12));
      s.nodes[below(s.nodes.size())].gateway = wire::Ipv4Address::parse(text);
    });
  }
  void cure() {
    const auto found = scenario::conflicts(scenario());
    if (!found.empty()) CHECK(cureConflict(document(), found[below(found.size())]).ok());
  }
  void fault() {
    using Kind = scenario::ScriptEntry::Kind;
    const Kind kinds[] = {Kind::CrashNode, Kind::RestartNode, Kind::PauseNode, Kind::ResumeNode,
                          Kind::CutLink,   Kind::RestoreLink, Kind::SetDelay,  Kind::SetLoss,
                          Kind::SetRate,   Kind::SetQueue};
    const Kind kind = kinds[below(std::size(kinds))];
    const double value = kind == Kind::SetLoss   ? static_cast<double>(below(100)) / 100
                         : kind == Kind::SetRate ? 1000.0 + static_cast<double>(below(100'000'000))
                                                 : static_cast<double>(below(1000));
    (void)applyFault(document(), {kind, scenario::targetsNode(kind) ? anyNode() : anyLink(), value,
                                  m_window.playback().now()});
  }
  void unscript() {
    const auto &script = scenario().script;
    if (!script.empty()) CHECK(removeScriptEntry(document(), script[below(script.size())].id).ok());
  }
  void undo() { document().undoStack().undo(); }
  void redo() { document().undoStack().redo(); }
  void seek() {
    m_window.playback().seek(SimTime::fromNs(static_cast<std::int64_t>(below(3'000'000'000))));
  }
  void play() { m_window.playback().toggle(); }
  void step() {
    const auto size = static_cast<analysis::StepSize>(below(4));
    if (below(2) == 0)
      m_window.playback().stepForward(size);
    else
      m_window.playback().stepBack(size);
  }
  void mark() {
    std::vector<std::string> ids;
    for (std::uint64_t i = below(4); i > 0; --i) ids.push_back(anyThing());
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    std::erase(ids, "none");
    m_window.state().mark(std::move(ids));
  }
  void drag() {
    QWidget *canvas = &m_window.canvas();
    const auto button = below(6) == 0 ? Qt::MiddleButton : Qt::LeftButton;
    const Qt::KeyboardModifiers with = below(4) == 0   ? Qt::ShiftModifier
                                       : below(4) == 0 ? Qt::ControlModifier
                                                       : Qt::NoModifier;
    const auto &tiles = m_window.canvas().scene().tiles();
    const QPoint from =
        tiles.empty() || below(3) == 0 ? anyPoint() : tiles[below(tiles.size())].center().toPoint();
    const QPoint to =
        tiles.empty() || below(2) == 0 ? anyPoint() : tiles[below(tiles.size())].center().toPoint();
    QTest::mousePress(canvas, button, with, from);
    if (below(4) > 0) {
      QTest::mouseMove(canvas, (from + to) / 2);
      QTest::mouseMove(canvas, to);
    }
    if (below(10) == 0) QTest::keyClick(canvas, Qt::Key_Escape);
    QTest::mouseRelease(canvas, button, with, to);
    if (below(12) == 0) QTest::mouseDClick(canvas, Qt::LeftButton, with, from);
  }
  void key() {
    static const std::pair<Qt::Key, Qt::KeyboardModifiers> keys[] = {
        {Qt::Key_Escape, {}},
        {Qt::Key_Delete, {}},
        {Qt::Key_F2, {}},
        {Qt::Key_Return, {}},
        {Qt::Key_Tab, {}},
        {Qt::Key_Backtab, Qt::ShiftModifier},
        {Qt::Key_Left, {}},
        {Qt::Key_Right, {}},
        {Qt::Key_Left, Qt::ControlModifier},
        {Qt::Key_Down, Qt::ControlModifier},
        {Qt::Key_Up, Qt::AltModifier},
        {Qt::Key_F, {}},
        {Qt::Key_L, {}},
        {Qt::Key_N, {}},
        {Qt::Key_Space, {}},
        {Qt::Key_A, Qt::ControlModifier},
        {Qt::Key_C, Qt::ControlModifier},
        {Qt::Key_X, Qt::ControlModifier},
        {Qt::Key_V, Qt::ControlModifier},
        {Qt::Key_D, Qt::ControlModifier},
        {Qt::Key_Z, Qt::ControlModifier},
        {Qt::Key_0, Qt::ControlModifier},
        {Qt::Key_K, Qt::ControlModifier},
        {Qt::Key_PageDown, {}},
        {Qt::Key_Home, {}},
    };
    const auto &[key, with] = keys[below(std::size(keys))];
    // The clipboard may hold much after a few rounds of copying everything.
    if (key == Qt::Key_V && scenario().nodes.size() > 40) return;
    if (key == Qt::Key_D && scenario().nodes.size() > 40) return;
    QWidget *focus = QApplication::focusWidget();
    QTest::keyClick(focus != nullptr ? focus : &m_window.canvas(), key, with);
  }
  void parameter() {
    (void)document().edit(QStringLiteral("Set a parameter"), [this](scenario::Scenario &s) {
      if (s.nodes.empty()) return;
      scenario::Node &node = s.nodes[below(s.nodes.size())];
      if (node.programs.empty()) return;
      scenario::Program &program = node.programs[below(node.programs.size())];
      if (program.kind == "browser")
        program.parameters["interval_ns"] =
            static_cast<std::int64_t>(100'000'000 + below(2'000'000'000));
      if (program.kind == "http-server")
        program.parameters["port"] = static_cast<std::int64_t>(80 + below(2));
    });
  }

  MainWindow &m_window;
  RandomStream m_random;
  std::vector<Act> m_acts;
  std::uint64_t m_weights = 0;
};

std::uint64_t fromEnvironment(const char *name, std::uint64_t otherwise) {
  const QByteArray text = qgetenv(name);
  return text.isEmpty() ? otherwise : text.toULongLong();
}

} // namespace

TEST_CASE(
    "any order of actions keeps a document that loads, and undo leads back to its first byte") {
  ThemeHub hub;
  MainWindow window(hub, Remember::No);
  scenario::Scenario empty;
  empty.id = "drawn";
  empty.duration = Duration::seconds(3);
  window.document().open(std::move(empty));
  window.resize(1280, 720);
  window.show();
  REQUIRE(QTest::qWaitForWindowExposed(&window));
  const std::string first = scenario::toJson(window.document().scenario());
  const std::uint64_t actions = fromEnvironment("PACKETARIUM_RANDOM_ACTIONS", 600);
  RandomUser user(window, fromEnvironment("PACKETARIUM_RANDOM_SEED", 1));
  QElapsedTimer slow;
  qint64 longest = 0;
  for (std::uint64_t i = 0; i < actions; ++i) {
    slow.start();
    user.act();
    QCoreApplication::processEvents(QEventLoop::AllEvents, 20);
    longest = std::max(longest, slow.elapsed());
    // Menus and dialogs that a key opened go away again, as with Escape.
    for (QWidget *top : QApplication::topLevelWidgets())
      if (top != &window && top->isVisible() &&
          (top->inherits("QMenu") || top->inherits("QDialog")))
        top->close();
    if (i % 25 != 0) continue;
    const scenario::Scenario &now = window.document().scenario();
    const auto read = scenario::parse(scenario::toJson(now), scenario::Accept::Conflicts);
    INFO("after action " << i);
    REQUIRE(read.ok());
    REQUIRE(*read == now);
  }
  // A second on a quiet machine; under sanitizers, or beside other work, several.
  CHECK(longest < 10'000);
  window.playback().pause();
  while (window.document().undoStack().canUndo()) window.document().undoStack().undo();
  CHECK(scenario::toJson(window.document().scenario()) == first);
}
