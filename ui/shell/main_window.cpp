// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/main_window.h"

#include "core/analysis/names.h"
#include "ui/judge/breach_banner.h"
#include "ui/judge/history_view.h"
#include "ui/judge/verdict_pill.h"
#include "ui/palette/palette_panel.h"
#include "ui/palette/tile_list.h"
#include "ui/shell/capture_export.h"
#include "ui/shell/command_palette.h"
#include "ui/shell/edit_scope.h"
#include "ui/shell/examples_panel.h"
#include "ui/shell/presenter.h"
#include "ui/shell/story_panel.h"
#include "ui/shell/views.h"
#include "ui/theme/apply_theme.h"
#include "ui/timeline/timeline.h"
#include "ui/topology/canvas.h"
#include "ui/widgets/format.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/segmented_control.h"
#include "ui/widgets/tab_panel.h"
#include "ui/widgets/toast.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSlider>
#include <QApplication>
#include <QCloseEvent>
#include <QDragEnterEvent>
#include <QKeyEvent>
#include <QLabel>
#include <QMenuBar>
#include <QMimeData>
#include <QScreen>
#include <QSettings>
#include <QSplitter>
#include <QStatusBar>
#include <QTabBar>
#include <QVBoxLayout>

#include <algorithm>

namespace packetarium::ui {
namespace {

// The sizes the window opens with, and on a smaller screen.
constexpr QSize referenceSize(1600, 900);
constexpr QSize frameAllowance(16, 48);
constexpr int leftWide = 244;
constexpr int rightWide = 364;
constexpr int leftNarrow = 212;
constexpr int rightNarrow = 304;
constexpr int wideFrom = 1440;
constexpr double canvasShare = 0.58;
constexpr double lowCanvasShare = 0.6;
constexpr int lowBelow = 800;

} // namespace

MainWindow::MainWindow(ThemeHub &hub, Remember remember)
    : m_hub(hub),
      m_remember(remember),
      m_playback(m_document),
      m_state(m_document, m_playback, hub),
      m_faults(m_state) {
  setObjectName(QStringLiteral("mainWindow"));
  m_desk = new DocumentDesk(m_document, hub, remember, this);
  setAcceptDrops(true);
  m_plainScale = hub.typography().scale();
  makeActions();
  makePanels();
  makeMenus();
  connectParts();
  qApp->installEventFilter(this);
  restoreLayout();
  refreshTitle();
  refreshActions();
  refreshStatus();
  m_canvas->setFocus();
}

MainWindow::~MainWindow() = default;

void MainWindow::makePanels() {
  auto *centre = new QWidget(this);
  auto *column = new QVBoxLayout(centre);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  m_transport =
      new TransportBar(m_state, {m_restart, m_stepBack, m_play, m_stepForward, m_find}, centre);
  column->addWidget(m_transport);

  m_across = new QSplitter(Qt::Horizontal, centre);
  m_across->setObjectName(QStringLiteral("across"));
  m_across->setHandleWidth(1);
  m_across->setChildrenCollapsible(false);
  m_left = new TabPanel(m_hub, m_across);
  m_left->setObjectName(QStringLiteral("left"));
  auto *examples = new ExamplesPanel(m_state, m_left);
  m_palette = new PalettePanel(m_hub, m_left);
  m_story = new StoryPanel(m_state, m_left);
  m_examples = examples;
  m_left->setAccessibleName(tr("Palette, story and examples"));
  m_story->setAccessibleName(tr("Story"));
  m_left->addTab(m_palette, tr("Palette"));
  m_left->addTab(m_story, tr("Story"));
  m_left->addTab(m_examples, tr("Examples"));
  m_left->setMinimumWidth(180);
  connect(m_palette, &PalettePanel::placeRequested, this,
          [this](const QString &key) { m_canvas->place(key); });
  connect(examples, &ExamplesPanel::openRequested, this, [this](const QString &id) {
    const bool same = m_desk->isExample() && QString::fromStdString(m_document.scenario().id) == id;
    if (!same || m_document.isModified()) m_desk->openGuarded(id);
  });

  m_down = new QSplitter(Qt::Vertical, m_across);
  m_down->setObjectName(QStringLiteral("down"));
  m_down->setHandleWidth(1);
  m_down->setChildrenCollapsible(false);
  m_canvas = new Canvas(m_state, m_faults, m_down);
  m_bottom = new TabPanel(m_hub, m_down);
  m_bottom->setObjectName(QStringLiteral("bottom"));
  m_bottom->setAccessibleName(tr("Views of the run"));
  m_bottom->setMinimumHeight(150);
  m_sequence = makeSequenceView(m_state, m_bottom);
  m_layers = makeLayersView(m_state, m_bottom);
  m_packets = makePacketView(m_state, m_bottom);
  m_charts = makeChartsView(m_state, m_bottom);
  m_security = makeSecurityView(m_state, m_bottom);
  m_services = makeServicesView(m_state, m_bottom);
  m_cluster = makeClusterView(m_state, m_bottom);
  m_history = makeHistoryView(m_state, m_bottom);
  m_dial = makeDialView(m_state, m_bottom);
  m_bottom->addTab(m_sequence, tr("Sequence"));
  m_bottom->addTab(m_layers, tr("Layers"));
  m_bottom->addTab(m_packets, tr("Packets"));
  m_bottom->addTab(m_charts, tr("Charts"));
  m_bottom->addTab(m_security, tr("Security"));
  m_bottom->addTab(m_services, tr("Services"));
  m_bottom->addTab(m_cluster, tr("Cluster"));
  m_bottom->addTab(m_history, tr("History"));
  m_bottom->addTab(m_dial, tr("CAP Dial"));
  m_down->addWidget(m_canvas);
  m_down->addWidget(m_bottom);
  m_down->setStretchFactor(0, 3);
  m_down->setStretchFactor(1, 2);

  m_inspector = makeInspector(m_state, m_across);
  m_inspector->setMinimumWidth(280);
  m_across->addWidget(m_left);
  m_across->addWidget(m_down);
  m_across->addWidget(m_inspector);
  m_across->setStretchFactor(0, 0);
  m_across->setStretchFactor(1, 1);
  m_across->setStretchFactor(2, 0);
  column->addWidget(m_across, 1);

  m_timeline = new Timeline(m_state, centre);
  column->addWidget(m_timeline);
  setCentralWidget(centre);

  m_statusText = new ElidedLabel(m_hub, {}, TextRole::Secondary, this);
  m_statusCounts = new QLabel(this);
  setTextRole(*m_statusCounts, TextRole::Secondary);
  statusBar()->setSizeGripEnabled(false);
  statusBar()->setContentsMargins(12, 0, 8, 0);
  statusBar()->addWidget(m_statusText, 1);
  auto *verdict = new VerdictPill(m_state, this);
  connect(verdict, &VerdictPill::wanted, this, &MainWindow::showVerdict);
  statusBar()->addPermanentWidget(verdict);
  statusBar()->addPermanentWidget(new EditScope(m_state, this));
  statusBar()->addPermanentWidget(m_statusCounts);
  auto *breach = new BreachBanner(m_state, m_canvas);
  connect(breach, &BreachBanner::historyWanted, this, [this] { showVerdict({}, -1); });
  m_presenter = new Presenter(m_state, *m_canvas);
  m_toast = new Toast(m_hub, m_canvas);
  m_commands = new CommandPalette(m_hub, this);
}

void MainWindow::connectParts() {
  connect(&m_document, &Document::changed, this, &MainWindow::onDocumentChanged);
  connect(m_desk, &DocumentDesk::opened, this, &MainWindow::onOpened);
  connect(m_desk, &DocumentDesk::told, this, [this](const QString &message) { tell(message); });
  connect(&m_document, &Document::pathChanged, this, &MainWindow::refreshTitle);
  connect(&m_document.undoStack(), &QUndoStack::cleanChanged, this, [this] {
    refreshTitle();
    refreshStatus();
    refreshActions();
  });
  connect(&m_playback, &Playback::stateChanged, this, &MainWindow::refreshActions);
  connect(&m_playback, &Playback::buildFailed, this,
          [this](const QString &message) { tell(message); });
  connect(&m_state, &ViewState::selectionChanged, this, &MainWindow::refreshActions);
  connect(&m_state, &ViewState::frameChanged, this, &MainWindow::refreshStatus);
  connect(&m_faults, &FaultActions::done, this,
          [this](const QString &label) { tell(label, true); });
  connect(&m_faults, &FaultActions::failed, this,
          [this](const QString &message) { tell(message); });
  // What it offers to undo is the latest change; any other change makes the offer a wrong one.
  connect(&m_document.undoStack(), &QUndoStack::indexChanged, m_toast, &Toast::dismiss);
  connect(m_toast, &Toast::actionTriggered, &m_document.undoStack(), &QUndoStack::undo);
  connect(m_transport, &TransportBar::seedRequested, this, &MainWindow::askForSeed);
  connect(m_canvas, &Canvas::captionsChanged, m_captions, &QAction::setChecked);
  connect(m_canvas, &Canvas::knifeChanged, m_knife, &QAction::setChecked);
  connect(m_timeline, &Timeline::failed, this, [this](const QString &message) { tell(message); });
}

// ---- where things are -------------------------------------------------------------------------

void MainWindow::restoreLayout() {
  const QSize room = screen()->availableSize();
  setInitialSize(referenceSize.boundedTo(room));
  if (m_remember == Remember::No) return;
  const QSettings settings;
  if (!settings.contains(QStringLiteral("window/geometry"))) {
    // With its frame around it the window would reach beyond the screen.
    const QSize framed = referenceSize + frameAllowance;
    if (framed.width() > room.width() || framed.height() > room.height())
      setWindowState(windowState() | Qt::WindowMaximized);
    return;
  }
  restoreGeometry(settings.value(QStringLiteral("window/geometry")).toByteArray());
  m_across->restoreState(settings.value(QStringLiteral("window/across")).toByteArray());
  m_down->restoreState(settings.value(QStringLiteral("window/down")).toByteArray());
}

void MainWindow::setInitialSize(QSize size) {
  resize(size);
  const bool wide = size.width() >= wideFrom;
  const int left = wide ? leftWide : leftNarrow;
  const int right = wide ? rightWide : rightNarrow;
  m_across->setSizes({left, std::max(300, size.width() - left - right), right});
  const double share = size.height() < lowBelow ? lowCanvasShare : canvasShare;
  m_down->setSizes({static_cast<int>(1000 * share), static_cast<int>(1000 * (1 - share))});
}

void MainWindow::saveLayout() {
  if (m_remember == Remember::No || m_presenting) return;
  QSettings settings;
  settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
  settings.setValue(QStringLiteral("window/across"), m_across->saveState());
  settings.setValue(QStringLiteral("window/down"), m_down->saveState());
}

QWidget *MainWindow::showView(View view) {
  switch (view) {
  case View::Window: return this;
  case View::Canvas: return m_canvas;
  case View::Layers: m_bottom->setCurrentWidget(m_layers); return m_layers;
  case View::Sequence: m_bottom->setCurrentWidget(m_sequence); return m_sequence;
  case View::Packets: m_bottom->setCurrentWidget(m_packets); return m_packets;
  case View::Charts: m_bottom->setCurrentWidget(m_charts); return m_charts;
  case View::Security: m_bottom->setCurrentWidget(m_security); return m_security;
  case View::Services: m_bottom->setCurrentWidget(m_services); return m_services;
  case View::Cluster: m_bottom->setCurrentWidget(m_cluster); return m_cluster;
  case View::History: m_bottom->setCurrentWidget(m_history); return m_history;
  case View::Dial: m_bottom->setCurrentWidget(m_dial); return m_dial;
  }
  return this;
}

/// Why a promise of a store is broken, or what its clients did.
void MainWindow::showVerdict(const QString &service, int light) {
  showView(View::History)->setFocus();
  auto *history = qobject_cast<HistoryView *>(m_history);
  if (history == nullptr || light < 0) return;
  history->chooseService(service.toStdString());
  history->chooseLight(light);
}

void MainWindow::setPresenting(bool on) {
  if (on == m_presenting) return;
  if (on) {
    m_plainScale = m_hub.typography().scale();
    m_wasMaximised = isMaximized();
    saveLayout();
  }
  m_presenting = on;
  m_present->setChecked(on);
  m_canvas->setFocus(); // before what has the focus now is hidden and hands it on
  // Panels are never laid out in the large type: they would make the window grow.
  if (!on) m_hub.setTypeScale(m_plainScale);
  for (QWidget *panel : {static_cast<QWidget *>(m_left), static_cast<QWidget *>(m_bottom),
                         m_inspector, static_cast<QWidget *>(statusBar()),
                         static_cast<QWidget *>(m_transport), static_cast<QWidget *>(m_timeline)})
    panel->setVisible(!on);
  // Hidden with no height instead of setVisible: its actions must keep their shortcuts.
  menuBar()->setMaximumHeight(on ? 0 : QWIDGETSIZE_MAX);
  if (on) m_hub.setTypeScale(m_plainScale * Presenter::typeScale);
  m_canvas->setOnStage(on);
  if (on)
    showFullScreen();
  else if (m_wasMaximised)
    showMaximized();
  else
    showNormal();
  m_presenter->setActive(on);
  m_canvas->fit();
}

// ---- words ------------------------------------------------------------------------------------

void MainWindow::refreshTitle() {
  setWindowFilePath(m_document.path());
  setWindowTitle(tr("%1[*] — Packetarium").arg(m_document.title()));
  setWindowModified(m_document.isModified());
}

void MainWindow::refreshStatus() {
  const analysis::Frame &frame = m_state.frame();
  QString text;
  if (const auto phase = m_state.phase()) {
    const auto &stop = m_state.scenario().phases[*phase];
    text = stop.step > 0
               ? tr("Step %1, %2: %3")
                     .arg(stop.step)
                     .arg(QString::fromStdString(stop.stage), QString::fromStdString(stop.title))
               : QString::fromStdString(stop.title);
  }
  const auto &notes = m_state.chronicle().notes();
  const auto after =
      std::upper_bound(notes.begin(), notes.end(), frame.cursor.upTo,
                       [](trace::Sequence s, const auto &n) { return s < n.sequence; });
  if (after != notes.begin() && (text.isEmpty() || !frame.notes.empty())) {
    const analysis::NoteMark &note = *(after - 1);
    const auto words = m_state.chronicle().text(note.text);
    const QString said =
        QString::fromStdString(analysis::saidBy(m_state.nodeName(note.node).toStdString(), words));
    text = text.isEmpty() ? said : text + QStringLiteral("  ·  ") + said;
  }
  if (m_playback.atEnd())
    text = tr("The run has ended at %1. Press play to see it again.")
               .arg(formatTimeShort(m_playback.end().ns()));
  if (text.isEmpty()) text = QString::fromStdString(m_state.scenario().summary);
  m_statusText->setText(text);
  const auto count = [](std::size_t n, const QString &one, const QString &many) {
    return n == 1 ? one : many.arg(n);
  };
  const QString parts[] = {
      count(m_state.network().nodes.size(), tr("1 node"), tr("%1 nodes")),
      count(m_state.network().links.size(), tr("1 link"), tr("%1 links")),
      count(frame.inFlightTotal, tr("1 packet under way"), tr("%1 packets under way")),
      m_desk->stateText()};
  m_statusCounts->setText(
      QStringList(std::begin(parts), std::end(parts)).join(QStringLiteral(" · ")));
}

void MainWindow::refreshActions() {
  m_play->setText(m_playback.isPlaying() ? tr("Pause") : tr("Play"));
  m_play->setToolTip(m_playback.isPlaying() ? tr("Pause (Space)") : tr("Play (Space)"));
  const Selection &selection = m_state.selection();
  const QString fail = m_faults.toggleText(selection);
  m_fail->setText(fail.isEmpty() ? tr("Fail the Selection") : fail);
  m_fail->setEnabled(!fail.isEmpty());
  m_revert->setEnabled(m_desk->canRevert());
}

// ---- events -----------------------------------------------------------------------------------

/// The space bar and the arrows belong to the run, except where the keyboard has walked to a
/// control that needs them itself.
bool MainWindow::eventFilter(QObject *watched, QEvent *event) {
  if (event->type() == QEvent::ShortcutOverride && watched == QApplication::focusWidget()) {
    const int key = static_cast<QKeyEvent *>(event)->key();
    const bool arrow = key == Qt::Key_Left || key == Qt::Key_Right;
    const bool leap = key == Qt::Key_Home || key == Qt::Key_End || key == Qt::Key_PageUp ||
                      key == Qt::Key_PageDown;
    const bool sideways = qobject_cast<QTabBar *>(watched) != nullptr ||
                          qobject_cast<QAbstractSlider *>(watched) != nullptr ||
                          qobject_cast<SegmentedControl *>(watched->parent()) != nullptr;
    const bool list = qobject_cast<QAbstractItemView *>(watched) != nullptr;
    const bool tiles = qobject_cast<TileList *>(watched) != nullptr;
    const bool pressed = qobject_cast<QAbstractButton *>(watched) != nullptr;
    const bool ofList = leap || static_cast<QKeyEvent *>(event)->matches(QKeySequence::Copy) ||
                        static_cast<QKeyEvent *>(event)->matches(QKeySequence::SelectAll);
    if ((arrow && (sideways || tiles)) || (ofList && list) || (key == Qt::Key_Space && pressed)) {
      event->accept();
      return true;
    }
  }
  return QMainWindow::eventFilter(watched, event);
}

void MainWindow::keyPressEvent(QKeyEvent *event) {
  if (m_presenting && event->key() == Qt::Key_Escape) return setPresenting(false);
  QMainWindow::keyPressEvent(event);
}

} // namespace packetarium::ui
