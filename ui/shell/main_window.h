// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/document/document.h"
#include "ui/playback/playback.h"
#include "ui/playback/view_state.h"
#include "ui/shell/command_model.h"
#include "ui/shell/document_desk.h"
#include "ui/shell/edit_menu.h"
#include "ui/shell/recovery.h"
#include "ui/shell/transport_bar.h"
#include "ui/theme/theme_hub.h"
#include "ui/topology/fault_actions.h"

#include <QMainWindow>
#include <QPointer>

#include <functional>
#include <optional>

class QAction;
class QLabel;
class QSplitter;
class QUndoStack;

namespace packetarium::ui {

class Canvas;
class CaptionCard;
class CaptureExport;
class CommandPalette;
class ConnectDialog;
class ElidedLabel;
class PalettePanel;
class Presenter;
class TabPanel;
class Timeline;
class Toast;

// Arranges the views around one document and one run. Knows what is where and which key does what;
// everything else is the views' own matter.
class MainWindow : public QMainWindow {
  Q_OBJECT
public:
  enum class View {
    Window,
    Canvas,
    Layers,
    Sequence,
    Packets,
    Charts,
    Security,
    Services,
    Cluster,
    History,
    Dial
  };

  explicit MainWindow(ThemeHub &hub, Remember remember = Remember::Yes);
  ~MainWindow() override;

  Document &document() { return m_document; }
  Playback &playback() { return m_playback; }
  ViewState &state() { return m_state; }
  Canvas &canvas() { return *m_canvas; }
  Timeline &timeline() { return *m_timeline; }
  QWidget *chartsView() const { return m_charts; }
  Presenter &presenter() { return *m_presenter; }
  DocumentDesk &desk() { return *m_desk; }
  TabPanel &leftPanel() { return *m_left; }
  // Where a real handshake stands beside the simulated one; made when it is first asked for, and
  // hidden until the menu shows it.
  ConnectDialog &connectDialog();
  // The whole window, or one view of it brought to the front.
  QWidget *showView(View view);

  // An example's id or a file; tells the person what is wrong otherwise.
  bool openScenario(const QString &idOrFile);
  void setPresenting(bool on);
  // This size, and the panels as they suit it.
  void setInitialSize(QSize size);

  // From now on the document is written to this folder while it is changed.
  void keepForRecovery(const QString &folder);
  // Puts what was lost in the place of the document, and goes on keeping it.
  void restore(LostDocument lost);
  // Shows a card at the top of the window, over all panels; the window places it and owns it.
  void showOffer(CaptionCard *card);
  // Closes without asking.
  void leave();
  [[nodiscard]] bool isLeaving() const { return m_leaving; }
  // Everything that can be done here now, and every node and link, for the command palette.
  [[nodiscard]] std::vector<Command> commands();

Q_SIGNALS:
  void newWindowRequested();
  void quitRequested(); // of the whole program

protected:
  void closeEvent(QCloseEvent *event) override;
  void keyPressEvent(QKeyEvent *event) override;
  bool eventFilter(QObject *watched, QEvent *event) override;
  void dragEnterEvent(QDragEnterEvent *event) override;
  void dropEvent(QDropEvent *event) override;
  void resizeEvent(QResizeEvent *event) override;

private:
  void makeActions();
  void makeRunActions();
  void makeMenus();
  void makeFileMenu();
  void makeEditMenu();
  void makeViewMenu();
  void makeThemeMenu(QMenu &menu);
  void makeLayerModelMenu(QMenu &menu);
  void makeSimulateMenu();
  void makeHelpMenu();
  void makeStageMenu(QMenu &menu);
  QAction *makeConnectAction();
  void tellSimulated();
  void makePanels();
  void connectParts();
  void restoreLayout();
  void saveLayout();
  QAction *addAction(const QString &text, const QList<QKeySequence> &keys, const QString &tip,
                     const std::function<void()> &does);
  void refreshTitle();
  void refreshStatus();
  void refreshActions();
  void refreshDynamicMenus();
  void tell(const QString &message, bool undo = false);
  void onDocumentChanged(ChangeEvent event);
  void onOpened();
  void arrangeFor(const scenario::Scenario &scenario);
  void tellOfRunAgain();
  [[nodiscard]] EditHooks editHooks();
  void reveal(const std::string &id);
  void placeOffer();
  void exportCapture();
  void exportChartPictures();
  void askForSeed();
  void showShortcuts();
  void showVerdict(const QString &service, int light);
  void showAbout();
  void step(bool forward, bool event);

  ThemeHub &m_hub;
  Remember m_remember;
  Document m_document;
  Playback m_playback;
  ViewState m_state;
  FaultActions m_faults;

  QAction *m_restart, *m_stepBack, *m_play, *m_stepForward, *m_eventBack, *m_eventForward;
  QAction *m_fail, *m_knife, *m_partition, *m_heal, *m_present, *m_captions, *m_undo, *m_redo;
  QAction *m_exportCapture, *m_exportCharts, *m_find, *m_seed;
  QAction *m_faster, *m_slower, *m_normalPace, *m_home, *m_end, *m_clearSelection;
  QAction *m_nextBookmark, *m_previousBookmark;
  QMenu *m_faultMenu = nullptr;
  QMenu *m_recentMenu = nullptr;
  QAction *m_revert = nullptr;

  DocumentDesk *m_desk;
  EditMenu *m_editMenu = nullptr;
  RecoveryKeeper *m_keeper = nullptr;

  TransportBar *m_transport;
  QSplitter *m_across;
  QSplitter *m_down;
  TabPanel *m_left;
  PalettePanel *m_palette;
  QWidget *m_story;
  QWidget *m_examples;
  TabPanel *m_bottom;
  Canvas *m_canvas;
  Timeline *m_timeline;
  QWidget *m_inspector;
  QWidget *m_sequence;
  QWidget *m_layers;
  QWidget *m_packets;
  QWidget *m_charts;
  QWidget *m_security;
  QWidget *m_services;
  QWidget *m_cluster;
  QWidget *m_history;
  QWidget *m_dial;
  ElidedLabel *m_statusText;
  QLabel *m_statusCounts;
  Presenter *m_presenter;
  Toast *m_toast;
  CommandPalette *m_commands;
  QPointer<CaptionCard> m_offer;
  QPointer<CaptureExport> m_capture;
  ConnectDialog *m_connectDialog = nullptr;
  std::optional<std::size_t> m_factsTold; // to the connect dialog: how many were known
  double m_plainScale = 1;
  bool m_presenting = false;
  bool m_wasMaximised = false; // before presenting
  bool m_leaving = false;
  bool m_ranAgain = false; // the last edit has started the run anew and nobody was told yet
};

} // namespace packetarium::ui
