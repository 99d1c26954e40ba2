// SPDX-License-Identifier: GPL-3.0-or-later
// The main window's actions and menus.
#include "ui/palette/palette_panel.h"
#include "ui/shell/command_palette.h"
#include "ui/shell/commands.h"
#include "ui/shell/edit_menu.h"
#include "ui/shell/main_window.h"
#include "ui/shell/presenter.h"
#include "ui/theme/icons.h"
#include "ui/timeline/timeline.h"
#include "ui/topology/canvas.h"
#include "ui/widgets/tab_panel.h"

#include <QActionGroup>
#include <QApplication>
#include <QMenu>
#include <QMenuBar>
#include <QSettings>

namespace packetarium::ui {

QAction *MainWindow::addAction(const QString &text, const QList<QKeySequence> &keys,
                               const QString &tip, const std::function<void()> &does) {
  auto *action = new QAction(text, this);
  action->setShortcuts(keys);
  action->setToolTip(QStringLiteral("%1 (%2)").arg(tip, shortcutsText(*action)));
  connect(action, &QAction::triggered, this, does);
  QMainWindow::addAction(action);
  return action;
}

void MainWindow::makeActions() {
  const auto key = [](auto k) { return QList<QKeySequence>{k}; };
  m_exportCapture =
      addAction(tr("Export &Capture…"), key(Qt::CTRL | Qt::Key_E),
                tr("Write the run as a capture file (pcapng)"), [this] { exportCapture(); });
  m_exportCharts =
      addAction(tr("Export C&harts…"), key(Qt::CTRL | Qt::SHIFT | Qt::Key_E),
                tr("Write every chart as a picture"), [this] { exportChartPictures(); });
  m_find =
      addAction(tr("&Find Anything…"), {Qt::CTRL | Qt::Key_K, Qt::Key_Slash},
                tr("Find an action, a node or a link"), [this] { m_commands->toggle(commands()); });
  m_seed = addAction(tr("&Seed…"), key(Qt::CTRL | Qt::Key_G),
                     tr("The seed of the run's random numbers"), [this] { askForSeed(); });

  m_undo = m_document.undoStack().createUndoAction(this, tr("&Undo"));
  m_undo->setShortcut(QKeySequence::Undo);
  m_redo = m_document.undoStack().createRedoAction(this, tr("&Redo"));
  m_redo->setShortcuts({Qt::CTRL | Qt::SHIFT | Qt::Key_Z, Qt::CTRL | Qt::Key_Y});
  for (QAction *action : {m_undo, m_redo}) {
    // The stack writes the text anew with each edit; the tooltip says which key it is.
    const auto explain = [action] {
      action->setToolTip(
          QStringLiteral("%1 (%2)").arg(plainName(action->text()), shortcutsText(*action)));
    };
    connect(&m_document.undoStack(), &QUndoStack::indexChanged, action, explain);
    explain();
    QMainWindow::addAction(action);
  }
  m_clearSelection = addAction(tr("Select &Nothing"), key(Qt::CTRL | Qt::SHIFT | Qt::Key_A),
                               tr("Select nothing"), [this] { m_state.mark({}); });
  makeRunActions();

  m_present = addAction(tr("&Presenter Mode"), key(Qt::Key_F5),
                        tr("Full screen with large type; Page keys walk the bookmarks"),
                        [this] { setPresenting(!m_presenting); });
  m_present->setCheckable(true);
  m_captions = addAction(tr("&Delay and Rate of Every Link"), key(Qt::CTRL | Qt::Key_L),
                         tr("Delay and rate of every link"), [] {});
  m_captions->setCheckable(true);
  connect(m_captions, &QAction::toggled, this, [this](bool on) { m_canvas->setCaptions(on); });
}

void MainWindow::makeRunActions() {
  const auto key = [](auto k) { return QList<QKeySequence>{k}; };
  m_play = addAction(tr("Play"), key(Qt::Key_Space), tr("Play"), [this] { m_playback.toggle(); });
  m_restart = addAction(tr("Restart"), key(Qt::CTRL | Qt::Key_R), tr("Back to the start"),
                        [this] { m_playback.restart(); });
  m_stepBack = addAction(tr("Step Back"), key(Qt::Key_Left), tr("Step back"),
                         [this] { step(false, false); });
  m_stepForward = addAction(tr("Step Forward"), key(Qt::Key_Right), tr("Step forward"),
                            [this] { step(true, false); });
  m_eventBack = addAction(tr("One Event Back"), key(Qt::SHIFT | Qt::Key_Left), tr("One event back"),
                          [this] { step(false, true); });
  m_eventForward = addAction(tr("One Event Forward"), key(Qt::SHIFT | Qt::Key_Right),
                             tr("One event forward"), [this] { step(true, true); });
  m_home = addAction(tr("Go to Start"), key(Qt::Key_Home), tr("Go to the start"),
                     [this] { m_playback.seek(SimTime::zero()); });
  m_end = addAction(tr("Go to End"), key(Qt::Key_End), tr("Go to the end of the run"),
                    [this] { m_playback.seek(m_playback.end()); });
  m_faster = addAction(tr("Faster"), {Qt::Key_Plus, Qt::Key_Equal}, tr("Faster"),
                       [this] { m_transport->nudgePace(1); });
  m_slower = addAction(tr("Slower"), key(Qt::Key_Minus), tr("Slower"),
                       [this] { m_transport->nudgePace(-1); });
  m_normalPace = addAction(tr("Normal Pace"), key(Qt::Key_0), tr("The normal pace"),
                           [this] { m_transport->resetPace(); });
  m_fail = addAction(tr("Fail the Selection"), key(Qt::Key_F),
                     tr("Let the selected node or link fail, or come back"),
                     [this] { m_faults.toggle(m_state.selection()); });
  m_knife = addAction(tr("Partition with the Knife"), key(Qt::Key_K),
                      tr("A stroke across the canvas cuts all the cables it crosses"), [] {});
  m_knife->setCheckable(true);
  connect(m_knife, &QAction::triggered, this, [this](bool on) { m_canvas->takeKnife(on); });
  m_partition = addAction(tr("Partition the Selection from the Rest"), key(Qt::SHIFT | Qt::Key_K),
                          tr("What is marked and the other hosts no longer hear each other"),
                          [this] { m_faults.partitionMarked(); });
  m_heal = addAction(tr("Heal All Partitions"), key(Qt::CTRL | Qt::SHIFT | Qt::Key_K),
                     tr("Plug every cut cable in again and take every node off its side"),
                     [this] { m_faults.healAll(); });
  m_nextBookmark = addAction(tr("Next Bookmark"), key(Qt::Key_PageDown), tr("Next bookmark"),
                             [this] { m_presenter->nextBookmark(); });
  m_previousBookmark =
      addAction(tr("Previous Bookmark"), key(Qt::Key_PageUp), tr("Previous bookmark"),
                [this] { m_presenter->previousBookmark(); });
}

void MainWindow::makeMenus() {
  makeFileMenu();
  makeEditMenu();
  makeViewMenu();
  makeSimulateMenu();
  makeHelpMenu();
  for (QAction *action : menuBar()->actions())
    if (QMenu *menu = action->menu()) {
      menu->setToolTipsVisible(true);
      for (QMenu *inner : menu->findChildren<QMenu *>()) inner->setToolTipsVisible(true);
    }
}

void MainWindow::makeFileMenu() {
  QMenu *file = menuBar()->addMenu(tr("&File"));
  file->addAction(addAction(tr("&New…"), {QKeySequence::New}, tr("A new network"),
                            [this] { m_desk->askForNew(); }));
  file->addAction(addAction(tr("New &Window"), {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_N)},
                            tr("Another window with a new network"),
                            [this] { Q_EMIT newWindowRequested(); }));
  file->addAction(addAction(tr("&Open…"), {QKeySequence::Open}, tr("Open a scenario file"),
                            [this] { m_desk->askToOpen(); }));
  m_recentMenu = file->addMenu(tr("Open &Recent"));
  file->addSeparator();
  file->addAction(addAction(tr("&Save"), {QKeySequence::Save}, tr("Save the scenario"),
                            [this] { m_desk->save(); }));
  file->addAction(addAction(tr("Save &As…"), {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_S)},
                            tr("Save the scenario to another file"), [this] { m_desk->saveAs(); }));
  m_revert = addAction(tr("Re&vert…"), {Qt::CTRL | Qt::SHIFT | Qt::Key_R},
                       tr("Back to how it was saved"), [this] { m_desk->revert(); });
  file->addAction(m_revert);
  file->addSeparator();
  file->addActions({m_exportCapture, m_exportCharts});
  file->addSeparator();
  file->addAction(addAction(tr("C&lose Window"), {QKeySequence(Qt::CTRL | Qt::Key_W)},
                            tr("Close this window"), [this] { close(); }));
  file->addAction(addAction(tr("&Quit"), {QKeySequence(Qt::CTRL | Qt::Key_Q)}, tr("Leave"),
                            [this] { Q_EMIT quitRequested(); }));
  connect(file, &QMenu::aboutToShow, this, &MainWindow::refreshDynamicMenus);
}

void MainWindow::makeEditMenu() {
  QMenu *edit = menuBar()->addMenu(tr("&Edit"));
  edit->addActions({m_undo, m_redo});
  edit->addSeparator();
  m_editMenu = new EditMenu(m_state, editHooks(), this);
  m_editMenu->addTo(*edit);
  edit->addAction(m_clearSelection);
  edit->addSeparator();
  edit->addAction(m_find);
}

void MainWindow::makeThemeMenu(QMenu &menu) {
  auto *group = new QActionGroup(this);
  struct Choice {
    QString text, tip;
    ThemeChoice theme;
    Qt::Key key;
  };
  const Choice choices[] = {
      {tr("As the System"), tr("Light or dark as the system"), ThemeChoice::System, Qt::Key_Y},
      {tr("Light"), tr("Dark on light"), ThemeChoice::Light, Qt::Key_L},
      {tr("Dark"), tr("Light on dark"), ThemeChoice::Dark, Qt::Key_D},
      {tr("Projector"), tr("Strong contrast for a projector"), ThemeChoice::Projector, Qt::Key_P}};
  for (const auto &[text, tip, choice, key] : choices) {
    QAction *action = addAction(text, {Qt::CTRL | Qt::SHIFT | key}, tip, [this, chosen = choice] {
      m_hub.setChoice(chosen);
      if (m_remember == Remember::Yes)
        QSettings().setValue(QStringLiteral("theme"), static_cast<int>(chosen));
    });
    menu.addAction(action);
    action->setCheckable(true);
    group->addAction(action);
    const auto mark = [this, action, chosen = choice] {
      action->setChecked(m_hub.choice() == chosen);
    };
    mark();
    connect(&m_hub, &ThemeHub::changed, action, mark); // another window may have chosen
  }
}

void MainWindow::makeLayerModelMenu(QMenu &menu) {
  auto *group = new QActionGroup(this);
  struct Kind {
    QString text, tip;
    analysis::LayerModel model;
    Qt::Key key; // as many as it has layers
  };
  const Kind kinds[] = {{tr("OSI, Seven Layers"), tr("Name the layers after OSI"),
                         analysis::LayerModel::Osi7, Qt::Key_7},
                        {tr("TCP/IP, Four Layers"), tr("Name the layers after TCP/IP"),
                         analysis::LayerModel::TcpIp4, Qt::Key_4}};
  for (const auto &[text, tip, model, key] : kinds) {
    QAction *action = addAction(text, {Qt::CTRL | Qt::SHIFT | key}, tip,
                                [this, chosen = model] { m_state.setLayerModel(chosen); });
    menu.addAction(action);
    action->setCheckable(true);
    group->addAction(action);
    const auto mark = [this, action, chosen = model] {
      action->setChecked(m_state.layerModel() == chosen);
    };
    mark();
    connect(&m_state, &ViewState::layerModelChanged, action, mark);
  }
}

void MainWindow::makeViewMenu() {
  QMenu *view = menuBar()->addMenu(tr("&View"));
  makeThemeMenu(*view->addMenu(tr("&Theme")));
  makeLayerModelMenu(*view->addMenu(tr("&Layer Model")));
  view->addSeparator();
  const auto ctrl = [](int number) {
    return QList<QKeySequence>{Qt::CTRL | static_cast<Qt::Key>(Qt::Key_0 + number)};
  };
  const std::pair<QString, View> views[] = {
      {tr("Sequence"), View::Sequence}, {tr("Layers"), View::Layers},
      {tr("Packets"), View::Packets},   {tr("Charts"), View::Charts},
      {tr("Security"), View::Security}, {tr("Services"), View::Services}};
  int number = 1;
  for (const auto &[text, which] : views)
    view->addAction(addAction(text, ctrl(number++), tr("Show %1").arg(text),
                              [this, chosen = which] { showView(chosen)->setFocus(); }));
  view->addAction(addAction(tr("Cluster"), {Qt::CTRL | Qt::SHIFT | Qt::Key_C}, tr("Show Cluster"),
                            [this] { showView(View::Cluster)->setFocus(); }));
  view->addAction(addAction(tr("History"), {Qt::CTRL | Qt::SHIFT | Qt::Key_H}, tr("Show History"),
                            [this] { showView(View::History)->setFocus(); }));
  view->addAction(addAction(tr("CAP Dial"), {Qt::CTRL | Qt::SHIFT | Qt::Key_B}, tr("Show CAP Dial"),
                            [this] { showView(View::Dial)->setFocus(); }));
  view->addSeparator();
  view->addAction(
      addAction(tr("Palette"), ctrl(number++), tr("Search devices and services"), [this] {
        m_left->setCurrentWidget(m_palette);
        m_palette->startSearch();
      }));
  for (const auto &[text, panel] : {std::pair{tr("Story"), m_story}, {tr("Examples"), m_examples}})
    view->addAction(addAction(text, ctrl(number++), tr("Show %1").arg(text), [this, shown = panel] {
      m_left->setCurrentWidget(shown);
      for (QWidget *child : shown->findChildren<QWidget *>())
        if (child->focusPolicy() & Qt::TabFocus) return child->setFocus(Qt::ShortcutFocusReason);
    }));
  view->addSeparator();
  view->addAction(addAction(tr("Zoom In"), {QKeySequence(Qt::CTRL | Qt::Key_Plus)}, tr("Zoom in"),
                            [this] { m_canvas->zoomIn(); }));
  view->addAction(addAction(tr("Zoom Out"), {QKeySequence(Qt::CTRL | Qt::Key_Minus)},
                            tr("Zoom out"), [this] { m_canvas->zoomOut(); }));
  view->addAction(addAction(tr("Show Everything"), {QKeySequence(Qt::CTRL | Qt::Key_0)},
                            tr("Show everything"), [this] { m_canvas->fit(); }));
  if (QAction *zoom = m_editMenu->zoomToMarked()) view->addAction(zoom);
  view->addAction(addAction(tr("Whole Run on the Timeline"), {QKeySequence(Qt::CTRL | Qt::Key_T)},
                            tr("Whole run on the timeline"), [this] { m_timeline->showAll(); }));
  view->addAction(m_captions);
  view->addSeparator();
  view->addAction(m_present);
}

void MainWindow::makeSimulateMenu() {
  QMenu *simulate = menuBar()->addMenu(tr("&Simulate"));
  simulate->addActions({m_play, m_restart});
  simulate->addSeparator();
  simulate->addActions({m_stepForward, m_stepBack, m_eventForward, m_eventBack});
  QMenu *sizes = simulate->addMenu(tr("Step Size"));
  const std::pair<QString, QString> names[] = {
      {tr("Event"), tr("Step to the next thing that happens")},
      {tr("Hop"), tr("Step to the next arrival at the end of a link")},
      {tr("Message"), tr("Step to the next packet that reaches whom it is for")},
      {tr("Phase"), tr("Step to the next step of the story")}};
  int size = 0;
  for (const auto &[text, tip] : names) {
    const auto step = static_cast<analysis::StepSize>(size);
    const auto key = static_cast<Qt::Key>(Qt::Key_1 + size++);
    sizes->addAction(
        addAction(text, {Qt::ALT | key}, tip, [this, step] { m_transport->setStepSize(step); }));
  }
  simulate->addSeparator();
  simulate->addActions({m_home, m_end, m_nextBookmark, m_previousBookmark});
  simulate->addSeparator();
  simulate->addActions({m_faster, m_slower, m_normalPace});
  simulate->addAction(m_seed);
  simulate->addSeparator();
  simulate->addAction(m_fail);
  m_faultMenu = simulate->addMenu(tr("Faults of the Selection"));
  connect(m_faultMenu, &QMenu::aboutToShow, this, &MainWindow::refreshDynamicMenus);
  simulate->addActions({m_knife, m_partition, m_heal});
  makeStageMenu(*simulate->addMenu(tr("Stage in a Raft Cluster")));
  simulate->addSeparator();
  simulate->addAction(makeConnectAction());
}

void MainWindow::makeStageMenu(QMenu &menu) {
  struct Entry {
    QString text, tip;
    RaftStage stage;
    QKeySequence key;
    const char *icon;
  };
  const Entry entries[] = {
      {tr("Stage a Split Vote"),
       tr("The leader crashes and so many stand at once that none of them can win"),
       RaftStage::SplitVote, Qt::SHIFT | Qt::Key_V, "split-vote"},
      {tr("Stage a Diverged Log"),
       tr("The leader keeps a minority and takes writes that it cannot commit; then it heals"),
       RaftStage::DivergedLog, Qt::SHIFT | Qt::Key_D, "diverged-log"},
      {tr("Cut Off the Leader"), tr("No other host hears the leader any more"),
       RaftStage::CutOffLeader, Qt::SHIFT | Qt::Key_L, "partition"},
      {tr("Time Out This Node"), tr("The selected member stands for election now"),
       RaftStage::TimeOut, Qt::SHIFT | Qt::Key_T, "time-out"}};
  for (const auto &[text, tip, stage, key, name] : entries) {
    QAction *action =
        addAction(text, {key}, tip, [this, chosen = stage] { m_faults.stage(chosen); });
    const auto draw = [this, action, name = name] { action->setIcon(icon(name, m_hub.theme())); };
    draw();
    connect(&m_hub, &ThemeHub::changed, action, draw);
    menu.addAction(action);
  }
}

void MainWindow::makeHelpMenu() {
  QMenu *help = menuBar()->addMenu(tr("&Help"));
  help->addAction(addAction(tr("Keyboard &Shortcuts"), {QKeySequence(Qt::Key_F1)},
                            tr("Keyboard shortcuts"), [this] { showShortcuts(); }));
  help->addAction(addAction(tr("&About Packetarium"), {Qt::CTRL | Qt::Key_F1},
                            tr("About Packetarium"), [this] { showAbout(); }));
}

void MainWindow::refreshDynamicMenus() {
  m_desk->fillRecent(*m_recentMenu);
  m_recentMenu->menuAction()->setVisible(!m_recentMenu->isEmpty());
  m_faultMenu->clear();
  m_faults.fill(*m_faultMenu, m_state.selection());
  // Its keys are shown only: the window's own action for F must not meet a second one.
  for (QAction *action : m_faultMenu->actions()) action->setShortcutContext(Qt::WidgetShortcut);
  if (m_faultMenu->isEmpty())
    m_faultMenu->addAction(tr("Select a node or a link first"))->setEnabled(false);
}

void MainWindow::step(bool forward, bool event) {
  const auto size = event ? analysis::StepSize::Event : m_transport->stepSize();
  if (forward)
    m_playback.stepForward(size);
  else
    m_playback.stepBack(size);
}

} // namespace packetarium::ui
