// SPDX-License-Identifier: GPL-3.0-or-later
// The main window's menus and what they do.
#include "ui/shell/capture_export.h"
#include "ui/shell/main_window.h"
#include "ui/shell/presenter.h"
#include "ui/shell/views.h"
#include "ui/theme/icons.h"
#include "ui/timeline/timeline.h"
#include "ui/topology/canvas.h"
#include "ui/widgets/format.h"
#include "ui/widgets/tab_panel.h"

#include <QAbstractButton>
#include <QActionGroup>
#include <QApplication>
#include <QCloseEvent>
#include <QFileDialog>
#include <QInputDialog>
#include <QMenu>
#include <QMenuBar>
#include <QMessageBox>
#include <QProgressDialog>
#include <QSettings>

namespace packetarium::ui {
namespace {

QString firstFaults(const std::vector<Fault> &faults) {
  constexpr std::size_t shown = 12;
  QStringList lines;
  for (std::size_t i = 0; i < std::min(shown, faults.size()); ++i)
    lines << QString::fromStdString(faults[i].text());
  if (faults.size() > shown)
    lines << MainWindow::tr("… and %n more", nullptr, static_cast<int>(faults.size() - shown));
  return lines.join(u'\n');
}

/// A message box that nobody waits for: the run goes on behind it.
QMessageBox *messageBox(QWidget *parent, QMessageBox::Icon icon, const QString &title,
                        const QString &text) {
  auto *box = new QMessageBox(icon, title, text, QMessageBox::NoButton, parent);
  box->setAttribute(Qt::WA_DeleteOnClose);
  return box;
}

} // namespace

QAction *MainWindow::addAction(const QString &text, const QKeySequence &key, const QString &tip,
                               const std::function<void()> &does) {
  auto *action = new QAction(text, this);
  action->setShortcut(key);
  const QString shortcut = key.toString(QKeySequence::NativeText);
  action->setToolTip(shortcut.isEmpty() ? tip : QStringLiteral("%1 (%2)").arg(tip, shortcut));
  connect(action, &QAction::triggered, this, does);
  QMainWindow::addAction(action);
  return action;
}

void MainWindow::makeActions() {
  const auto key = [](auto k) { return QKeySequence(k); };
  m_open = addAction(tr("&Open…"), QKeySequence::Open, tr("Open a scenario file"),
                     [this] { askToOpen(); });
  m_save = addAction(tr("&Save"), QKeySequence::Save, tr("Save the scenario"), [this] { save(); });
  m_saveAs = addAction(tr("Save &As…"), key(Qt::CTRL | Qt::SHIFT | Qt::Key_S),
                       tr("Save the scenario to another file"), [this] { saveAs(); });
  m_exportCapture =
      addAction(tr("Export &Capture…"), key(Qt::CTRL | Qt::Key_E),
                tr("Write the run as a capture file (pcapng)"), [this] { exportCapture(); });
  m_exportCharts =
      addAction(tr("Export C&harts…"), key(Qt::CTRL | Qt::SHIFT | Qt::Key_E),
                tr("Write every chart as a picture"), [this] { exportChartPictures(); });
  m_quit = addAction(tr("&Quit"), QKeySequence::Quit, tr("Leave"), [this] { close(); });

  m_undo = m_document.undoStack().createUndoAction(this, tr("&Undo"));
  m_undo->setShortcut(QKeySequence::Undo);
  m_redo = m_document.undoStack().createRedoAction(this, tr("&Redo"));
  m_redo->setShortcuts(
      {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Z), QKeySequence(Qt::CTRL | Qt::Key_Y)});
  for (QAction *action : {m_undo, m_redo}) QMainWindow::addAction(action);
  m_clearSelection = addAction(tr("Select &Nothing"), key(Qt::CTRL | Qt::SHIFT | Qt::Key_A),
                               tr("Select nothing"), [this] { m_state.clearSelection(); });

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
  m_faster = addAction(tr("Faster"), key(Qt::Key_Plus), tr("Faster"),
                       [this] { m_transport->nudgePace(1); });
  m_faster->setShortcuts({QKeySequence(Qt::Key_Plus), QKeySequence(Qt::Key_Equal)});
  m_slower = addAction(tr("Slower"), key(Qt::Key_Minus), tr("Slower"),
                       [this] { m_transport->nudgePace(-1); });
  m_normalPace = addAction(tr("Normal Pace"), key(Qt::Key_0), tr("The normal pace"),
                           [this] { m_transport->resetPace(); });
  m_fail = addAction(tr("Fail the Selection"), key(Qt::Key_F),
                     tr("Let the selected node or link fail, or come back"),
                     [this] { m_faults.toggle(m_state.selection()); });

  m_present = addAction(tr("&Presenter Mode"), key(Qt::Key_F5),
                        tr("Full screen with large type; Page keys walk the bookmarks"),
                        [this] { setPresenting(!m_presenting); });
  m_present->setCheckable(true);
  m_captions = addAction(tr("&Delay and Rate of Every Link"), key(Qt::CTRL | Qt::Key_L),
                         tr("Delay and rate of every link"), [] {});
  m_captions->setCheckable(true);
  connect(m_captions, &QAction::toggled, this, [this](bool on) { m_canvas->setCaptions(on); });
  addAction(tr("Next Bookmark"), key(Qt::Key_PageDown), tr("Next bookmark"), [this] {
    m_presenter->nextBookmark();
  })->setObjectName(QStringLiteral("nextBookmark"));
  addAction(tr("Previous Bookmark"), key(Qt::Key_PageUp), tr("Previous bookmark"), [this] {
    m_presenter->previousBookmark();
  })->setObjectName(QStringLiteral("previousBookmark"));
}

void MainWindow::makeMenus() {
  QMenu *file = menuBar()->addMenu(tr("&File"));
  file->addActions({m_open, m_save, m_saveAs});
  file->addSeparator();
  file->addActions({m_exportCapture, m_exportCharts});
  file->addSeparator();
  file->addAction(m_quit);

  QMenu *edit = menuBar()->addMenu(tr("&Edit"));
  edit->addActions({m_undo, m_redo});
  edit->addSeparator();
  edit->addAction(m_clearSelection);

  QMenu *view = menuBar()->addMenu(tr("&View"));
  QMenu *themes = view->addMenu(tr("&Theme"));
  auto *themeGroup = new QActionGroup(this);
  const std::pair<QString, ThemeChoice> choices[] = {{tr("As the System"), ThemeChoice::System},
                                                     {tr("Light"), ThemeChoice::Light},
                                                     {tr("Dark"), ThemeChoice::Dark},
                                                     {tr("Projector"), ThemeChoice::Projector}};
  for (const auto &[text, choice] : choices) {
    QAction *action = themes->addAction(text);
    action->setCheckable(true);
    action->setChecked(m_hub.choice() == choice);
    themeGroup->addAction(action);
    connect(action, &QAction::triggered, this, [this, chosen = choice] {
      m_hub.setChoice(chosen);
      if (m_remember == Remember::Yes)
        QSettings().setValue(QStringLiteral("theme"), static_cast<int>(chosen));
    });
  }
  QMenu *models = view->addMenu(tr("&Layer Model"));
  auto *modelGroup = new QActionGroup(this);
  const std::pair<QString, analysis::LayerModel> kinds[] = {
      {tr("OSI, Seven Layers"), analysis::LayerModel::Osi7},
      {tr("TCP/IP, Four Layers"), analysis::LayerModel::TcpIp4}};
  for (const auto &[text, model] : kinds) {
    QAction *action = models->addAction(text);
    action->setCheckable(true);
    modelGroup->addAction(action);
    const auto mark = [this, action, chosen = model] {
      action->setChecked(m_state.layerModel() == chosen);
    };
    mark();
    connect(action, &QAction::triggered, this,
            [this, chosen = model] { m_state.setLayerModel(chosen); });
    connect(&m_state, &ViewState::layerModelChanged, action, mark);
  }
  view->addSeparator();
  const std::pair<QString, View> views[] = {{tr("Sequence"), View::Sequence},
                                            {tr("Layers"), View::Layers},
                                            {tr("Packets"), View::Packets},
                                            {tr("Charts"), View::Charts}};
  int number = 1;
  for (const auto &[text, which] : views)
    view->addAction(addAction(
        text, QKeySequence(Qt::CTRL | static_cast<Qt::Key>(Qt::Key_0 + number++)),
        tr("Show %1").arg(text), [this, chosen = which] { showView(chosen)->setFocus(); }));
  view->addSeparator();
  view->addAction(addAction(tr("Zoom In"), QKeySequence(Qt::CTRL | Qt::Key_Plus), tr("Zoom in"),
                            [this] { m_canvas->zoomIn(); }));
  view->addAction(addAction(tr("Zoom Out"), QKeySequence(Qt::CTRL | Qt::Key_Minus), tr("Zoom out"),
                            [this] { m_canvas->zoomOut(); }));
  view->addAction(addAction(tr("Show Everything"), QKeySequence(Qt::CTRL | Qt::Key_0),
                            tr("Show everything"), [this] { m_canvas->fit(); }));
  view->addAction(addAction(tr("Whole Run on the Timeline"), QKeySequence(Qt::CTRL | Qt::Key_T),
                            tr("Whole run on the timeline"), [this] { m_timeline->showAll(); }));
  view->addAction(m_captions);
  view->addSeparator();
  view->addAction(m_present);

  QMenu *simulate = menuBar()->addMenu(tr("&Simulate"));
  simulate->addActions({m_play, m_restart});
  simulate->addSeparator();
  simulate->addActions({m_stepForward, m_stepBack, m_eventForward, m_eventBack});
  QMenu *sizes = simulate->addMenu(tr("Step Size"));
  const QString names[] = {tr("Event"), tr("Hop"), tr("Message"), tr("Phase")};
  for (int i = 0; i < 4; ++i)
    sizes->addAction(names[i], this,
                     [this, i] { m_transport->setStepSize(static_cast<analysis::StepSize>(i)); });
  simulate->addSeparator();
  simulate->addActions({m_home, m_end, findChild<QAction *>(QStringLiteral("nextBookmark")),
                        findChild<QAction *>(QStringLiteral("previousBookmark"))});
  simulate->addSeparator();
  simulate->addActions({m_faster, m_slower, m_normalPace});
  simulate->addSeparator();
  simulate->addAction(m_fail);
  m_faultMenu = simulate->addMenu(tr("Faults of the Selection"));
  connect(m_faultMenu, &QMenu::aboutToShow, this, [this] {
    m_faultMenu->clear();
    m_faults.fill(*m_faultMenu, m_state.selection());
    if (m_faultMenu->isEmpty())
      m_faultMenu->addAction(tr("Select a node or a link first"))->setEnabled(false);
  });

  QMenu *help = menuBar()->addMenu(tr("&Help"));
  help->addAction(addAction(tr("Keyboard &Shortcuts"), QKeySequence(Qt::Key_F1),
                            tr("Keyboard shortcuts"), [this] { showShortcuts(); }));
  help->addAction(
      addAction(tr("&About Packetarium"), {}, tr("About Packetarium"), [this] { showAbout(); }));
}

void MainWindow::step(bool forward, bool event) {
  const auto size = event ? analysis::StepSize::Event : m_transport->stepSize();
  if (forward)
    m_playback.stepForward(size);
  else
    m_playback.stepBack(size);
}

// ---- files ------------------------------------------------------------------------------------

bool MainWindow::openScenario(const QString &idOrFile) {
  const Status status = m_document.open(idOrFile);
  if (status) {
    m_state.clearSelection();
    m_playback.play();
    return true;
  }
  auto *box = messageBox(this, QMessageBox::Warning, tr("This scenario cannot be opened"),
                         tr("%1 cannot be opened.").arg(idOrFile));
  box->setInformativeText(firstFaults(status.faults()));
  box->open();
  return false;
}

void MainWindow::askToOpen() {
  auto *dialog = new QFileDialog(this, tr("Open a Scenario"), {},
                                 tr("Scenarios (*.packetarium);;All files (*)"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(QFileDialog::ExistingFile);
  connect(dialog, &QFileDialog::fileSelected, this,
          [this](const QString &file) { openScenario(file); });
  dialog->open();
}

void MainWindow::save() {
  if (m_document.path().isEmpty()) return saveAs();
  const Status status = m_document.save(m_document.path());
  tell(status ? tr("Saved") : firstFaults(status.faults()));
}

void MainWindow::saveAs(const std::function<void()> &then) {
  auto *dialog =
      new QFileDialog(this, tr("Save the Scenario"), {}, tr("Scenarios (*.packetarium)"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->setDefaultSuffix(QStringLiteral("packetarium"));
  dialog->selectFile(QString::fromStdString(m_document.scenario().id) +
                     QStringLiteral(".packetarium"));
  connect(dialog, &QFileDialog::fileSelected, this, [this, then](const QString &file) {
    const Status status = m_document.save(file);
    tell(status ? tr("Saved") : firstFaults(status.faults()));
    if (status && then) then();
  });
  dialog->open();
}

void MainWindow::exportCapture() {
  auto *dialog =
      new QFileDialog(this, tr("Export the Run as a Capture"), {}, tr("Captures (*.pcapng)"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->setDefaultSuffix(QStringLiteral("pcapng"));
  dialog->selectFile(QString::fromStdString(m_document.scenario().id) + QStringLiteral(".pcapng"));
  connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &file) {
    auto *progress = new QProgressDialog(tr("Writing the capture…"), tr("Cancel"), 0, 100, this);
    progress->setMinimumDuration(500);
    auto *task = new CaptureExport(m_state.built(), m_playback.end(), file, this);
    m_capture = task;
    connect(progress, &QProgressDialog::canceled, task, &CaptureExport::cancel);
    connect(task, &CaptureExport::progressed, progress,
            [progress](int percent) { progress->setValue(std::min(percent, 99)); });
    connect(task, &CaptureExport::finished, this,
            [this, task, progress](quint64 packets, const QString &message) {
              progress->deleteLater();
              task->deleteLater();
              tell(message.isEmpty() ? tr("%1 packets were written.")
                                           .arg(formatCount(static_cast<std::int64_t>(packets)))
                                     : message);
            });
    task->start();
  });
  dialog->open();
}

void MainWindow::exportChartPictures() {
  auto *dialog = new QFileDialog(this, tr("Choose a Folder for the Charts"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(QFileDialog::Directory);
  dialog->setOption(QFileDialog::ShowDirsOnly);
  connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &folder) {
    QString message;
    const QStringList files = exportCharts(m_charts, folder, &message);
    tell(files.isEmpty() ? message
                         : tr("%1 charts were written to %2.").arg(files.size()).arg(folder));
  });
  dialog->open();
}

void MainWindow::closeEvent(QCloseEvent *event) {
  saveLayout();
  if (!m_document.isModified() || m_closing || m_remember == Remember::No) return event->accept();
  event->ignore();
  auto *box = messageBox(this, QMessageBox::Question, tr("Save the changes?"),
                         tr("%1 was changed. Keep the changes?").arg(m_document.title()));
  box->setStandardButtons(QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel);
  connect(box, &QMessageBox::buttonClicked, this, [this, box](QAbstractButton *button) {
    const auto choice = box->standardButton(button);
    if (choice == QMessageBox::Cancel) return;
    const auto leave = [this] {
      m_closing = true;
      close();
    };
    if (choice == QMessageBox::Discard) return leave();
    if (m_document.path().isEmpty()) return saveAs(leave);
    if (m_document.save(m_document.path())) leave();
  });
  box->open();
}

// ---- small dialogs ----------------------------------------------------------------------------

void MainWindow::askForSeed() {
  auto *dialog = new QInputDialog(this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setWindowTitle(tr("Seed"));
  dialog->setLabelText(tr("The same scenario with the same seed gives the same run, to the "
                          "bit.\nSeed, a whole number from 0:"));
  dialog->setInputMode(QInputDialog::TextInput);
  dialog->setTextValue(QString::number(m_document.scenario().seed));
  connect(dialog, &QInputDialog::textValueSelected, this, [this](const QString &text) {
    bool ok = false;
    const quint64 seed = text.trimmed().toULongLong(&ok);
    if (!ok)
      return tell(tr("“%1” is not a whole number from 0; the seed stays %2.")
                      .arg(text)
                      .arg(m_document.scenario().seed));
    const Status status = m_document.edit(tr("Change the seed to %1").arg(seed),
                                          [seed](scenario::Scenario &s) { s.seed = seed; });
    if (!status) tell(firstFaults(status.faults()));
  });
  dialog->open();
}

void MainWindow::showShortcuts() {
  QString rows;
  const auto row = [&](const QString &keys, const QString &what) {
    rows += QStringLiteral("<tr><td style=\"padding:3px 18px 3px 0\"><b>%1</b></td><td "
                           "style=\"padding:3px 0\">%2</td></tr>")
                .arg(keys.toHtmlEscaped(), what.toHtmlEscaped());
  };
  row(tr("Space"), tr("Play or pause"));
  row(tr("Left, Right"), tr("Step back, step forward (size: see the transport bar)"));
  row(tr("Shift+Left, Shift+Right"), tr("One event back, forward"));
  row(tr("+, -, 0"), tr("Faster, slower, normal pace"));
  row(tr("Home, End"), tr("Start and end of the run"));
  row(tr("Page Up, Page Down"), tr("Previous, next bookmark"));
  row(tr("F"), tr("Let the selected node or link fail, or come back"));
  row(tr("Ctrl+Z, Ctrl+Shift+Z"), tr("Undo, redo"));
  row(tr("Tab"), tr("From node to node on the canvas, then on"));
  row(tr("Alt+arrows"), tr("To the node in that direction"));
  row(tr("Ctrl+1 … 4"), tr("Sequence, Layers, Packets, Charts"));
  row(tr("Ctrl++, Ctrl+-, Ctrl+0"), tr("Zoom the canvas, show everything"));
  row(tr("Ctrl+L"), tr("Delay and rate of every link"));
  row(tr("F5"), tr("Presenter mode; Escape leaves it"));
  row(tr("Ctrl+O, Ctrl+S"), tr("Open, save"));
  auto *box = messageBox(this, QMessageBox::NoIcon, tr("Keyboard Shortcuts"),
                         QStringLiteral("<table>%1</table>").arg(rows));
  box->setStandardButtons(QMessageBox::Close);
  box->open();
}

void MainWindow::showAbout() {
  auto *box = messageBox(
      this, QMessageBox::NoIcon, tr("About Packetarium"),
      tr("<b>Packetarium %1</b><p>Watch computer networks and distributed systems at work.</p>"
         "<p>Free software under the GNU General Public License, version 3 or later.</p>")
          .arg(QApplication::applicationVersion()));
  box->setIconPixmap(applicationIcon().pixmap(64));
  box->setStandardButtons(QMessageBox::Close);
  box->open();
}

} // namespace packetarium::ui
