// SPDX-License-Identifier: GPL-3.0-or-later
// The main window and its document: opening, leaving, editing, what it tells about that.
#include "ui/palette/palette_panel.h"
#include "ui/shell/command_palette.h"
#include "ui/shell/commands.h"
#include "ui/shell/main_window.h"
#include "ui/topology/canvas.h"
#include "ui/topology/edit_actions.h"
#include "ui/widgets/caption_card.h"
#include "ui/widgets/format.h"
#include "ui/widgets/tab_panel.h"
#include "ui/widgets/toast.h"

#include <QCloseEvent>
#include <QDragEnterEvent>
#include <QMenuBar>
#include <QMimeData>
#include <QTimer>

#include <utility>

namespace packetarium::ui {
namespace {

constexpr int offerFromTop = 64;

QString droppedFile(const QMimeData &data) {
  const auto urls = data.urls();
  return urls.size() == 1 && urls.front().isLocalFile() ? urls.front().toLocalFile() : QString();
}

} // namespace

// ---- which document ---------------------------------------------------------------------------

bool MainWindow::openScenario(const QString &idOrFile) { return m_desk->open(idOrFile); }

void MainWindow::onDocumentChanged(ChangeEvent event) {
  refreshTitle();
  refreshStatus();
  refreshActions();
  if (event.opened) return arrangeFor(m_document.scenario());
  if (event.kind != ChangeKind::Structure || m_playback.now() == SimTime::zero()) return;
  // Whoever made the edit may have something to say about it first.
  m_ranAgain = true;
  QTimer::singleShot(0, this, &MainWindow::tellOfRunAgain);
}

/// Another document: what helps with it comes to the front.
void MainWindow::arrangeFor(const scenario::Scenario &scenario) {
  m_toast->dismiss();
  m_state.mark({});
  const bool story = m_desk->isExample() || !scenario.phases.empty();
  m_left->setCurrentWidget(story ? m_story : static_cast<QWidget *>(m_palette));
}

void MainWindow::onOpened() {
  if (m_desk->isUnsaved())
    m_playback.pause(); // one begins to draw
  else
    m_playback.play();
}

void MainWindow::keepForRecovery(const QString &folder) {
  m_keeper = new RecoveryKeeper(m_document, folder, this);
}

void MainWindow::restore(LostDocument lost) {
  m_playback.pause();
  m_document.restore(std::move(lost.scenario), lost.path);
  if (m_keeper != nullptr) m_keeper->adopt(std::move(lost));
}

// ---- leaving ----------------------------------------------------------------------------------

void MainWindow::leave() {
  m_leaving = true;
  if (m_keeper != nullptr) m_keeper->finish();
  close();
}

void MainWindow::closeEvent(QCloseEvent *event) {
  saveLayout();
  if (m_leaving || m_remember == Remember::No) return event->accept();
  event->ignore();
  m_desk->guard([this] { leave(); });
}

void MainWindow::dragEnterEvent(QDragEnterEvent *event) {
  if (!droppedFile(*event->mimeData()).isEmpty()) event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent *event) {
  const QString file = droppedFile(*event->mimeData());
  if (file.isEmpty()) return;
  event->acceptProposedAction();
  // The program the file was dragged from waits for the drop to end: no dialog before that.
  QTimer::singleShot(0, this, [this, file] { m_desk->openGuarded(file); });
}

void MainWindow::showOffer(CaptionCard *card) {
  card->setParent(this);
  m_offer = card;
  placeOffer();
  card->show();
  card->raise();
}

void MainWindow::placeOffer() {
  if (m_offer == nullptr) return;
  m_offer->resize(m_offer->sizeHint());
  m_offer->move((width() - m_offer->width()) / 2, offerFromTop);
}

void MainWindow::resizeEvent(QResizeEvent *event) {
  QMainWindow::resizeEvent(event);
  placeOffer();
}

// ---- editing ----------------------------------------------------------------------------------

void MainWindow::tell(const QString &message, bool undo) {
  QString text = message;
  if (std::exchange(m_ranAgain, false))
    text = tr("%1. Run again from the start to %2")
               .arg(message, formatTimeShort(m_playback.now().ns()));
  m_toast->post(text, undo ? tr("Undo") : QString());
}

void MainWindow::tellOfRunAgain() {
  if (!std::exchange(m_ranAgain, false)) return;
  const bool undone = m_document.undoStack().canRedo();
  m_toast->post(tr("Run again from the start to %1").arg(formatTimeShort(m_playback.now().ns())),
                undone ? QString() : tr("Undo"));
}

EditHooks MainWindow::editHooks() {
  EditActions &edits = m_canvas->edits();
  connect(&edits, &EditActions::done, this, [this](const QString &label) { tell(label, true); });
  connect(&edits, &EditActions::failed, this, [this](const QString &message) { tell(message); });
  EditHooks hooks;
  hooks.cut = [&edits] { edits.cut(); };
  hooks.copy = [&edits] { edits.copy(); };
  hooks.paste = [&edits] { edits.paste(); };
  hooks.duplicate = [&edits] { edits.duplicate(); };
  hooks.removeMarked = [&edits] { edits.removeMarked(); };
  hooks.markAll = [&edits] { edits.markAll(); };
  hooks.rename = [&edits] { edits.rename(); };
  hooks.addNote = [&edits] { edits.addNote(); };
  hooks.linkMarked = [&edits] { edits.linkMarked(); };
  hooks.zoomToMarked = [this] { m_canvas->zoomToMarked(); };
  return hooks;
}

// ---- finding ----------------------------------------------------------------------------------

void MainWindow::reveal(const std::string &id) {
  m_state.mark({id});
  m_canvas->reveal(id);
  m_canvas->setFocus();
}

std::vector<Command> MainWindow::commands() {
  refreshDynamicMenus();
  std::vector<Command> all;
  for (const ListedAction &listed : actionsOf(*menuBar(), *this)) {
    const QAction &action = *listed.action;
    if (!action.isEnabled() || !action.isVisible() || &action == m_find) continue;
    all.push_back({listed.name, listed.path, shortcutsText(action), QStringLiteral("command"),
                   [wanted = listed.action] {
                     if (wanted != nullptr) wanted->trigger();
                   }});
  }
  const scenario::Scenario &scenario = m_document.scenario();
  for (const scenario::Node &node : scenario.nodes) {
    const auto kind = scenario::name(node.kind);
    QStringList about;
    for (const scenario::Interface &port : node.interfaces)
      if (port.address) about << QString::fromStdString(port.address->address.text());
    const QString icon = QString::fromUtf8(kind.data(), static_cast<qsizetype>(kind.size()));
    about.prepend(QString(icon).replace(u'-', u' '));
    all.push_back({QString::fromStdString(node.name),
                   about.mid(0, 3).join(QStringLiteral(", ")),
                   {},
                   icon,
                   [this, id = node.id] { reveal(id); }});
  }
  for (const scenario::Link &link : scenario.links) {
    all.push_back({targetLabel(scenario, link.id),
                   tr("link"),
                   {},
                   QStringLiteral("link"),
                   [this, id = link.id] { reveal(id); }});
  }
  return all;
}

} // namespace packetarium::ui
