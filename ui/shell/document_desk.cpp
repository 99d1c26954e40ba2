// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/document_desk.h"

#include "core/scenario/build.h"
#include "ui/shell/new_dialog.h"
#include "ui/shell/recent_files.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>

#include <algorithm>

namespace packetarium::ui {
namespace {

QString guardName() { return QStringLiteral("guard"); }
QString fileFilter() { return DocumentDesk::tr("Scenarios (*.packetarium);;All files (*)"); }

} // namespace

QString firstFaults(const std::vector<Fault> &faults) {
  constexpr std::size_t shown = 12;
  QStringList lines;
  for (std::size_t i = 0; i < std::min(shown, faults.size()); ++i)
    lines << QString::fromStdString(faults[i].text());
  if (faults.size() > shown) lines << DocumentDesk::tr("… and %1 more").arg(faults.size() - shown);
  return lines.join(u'\n');
}

DocumentDesk::DocumentDesk(Document &document, ThemeHub &hub, Remember remember, QWidget *window)
    : QObject(window), m_document(document), m_hub(hub), m_remember(remember), m_window(window) {}

bool DocumentDesk::isExample() const {
  if (!m_document.path().isEmpty()) return false;
  const auto ids = scenario::builtInIds();
  return std::find(ids.begin(), ids.end(), m_document.scenario().id) != ids.end();
}

bool DocumentDesk::isUnsaved() const { return m_document.path().isEmpty() && !isExample(); }

QString DocumentDesk::stateText() const {
  if (m_document.isModified()) return tr("changed");
  return isExample() ? tr("example") : isUnsaved() ? tr("not saved yet") : tr("saved");
}

void DocumentDesk::warn(const QString &title, const QString &text,
                        const std::vector<Fault> &faults) {
  auto *box = new QMessageBox(QMessageBox::Warning, title, text, QMessageBox::Ok, m_window);
  box->setAttribute(Qt::WA_DeleteOnClose);
  box->setInformativeText(firstFaults(faults));
  box->open();
}

void DocumentDesk::remember() {
  if (m_remember == Remember::Yes) RecentFiles::add(m_document.path());
}

void DocumentDesk::guard(const std::function<void()> &then) {
  if (!m_document.isModified()) return then();
  // Asked again for another reason (the whole program quits): that one counts.
  for (QMessageBox *old : m_window->findChildren<QMessageBox *>(guardName())) old->reject();
  auto *box =
      new QMessageBox(QMessageBox::Question, tr("Save the changes?"),
                      tr("“%1” was changed. Save the changes?").arg(m_document.title()),
                      QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel, m_window);
  box->setObjectName(guardName());
  box->setAttribute(Qt::WA_DeleteOnClose);
  box->setInformativeText(tr("What is not saved is lost."));
  box->setDefaultButton(QMessageBox::Save);
  connect(box, &QMessageBox::buttonClicked, this, [this, box, then](QAbstractButton *button) {
    const auto choice = box->standardButton(button);
    if (choice == QMessageBox::Save) save(then);
    if (choice == QMessageBox::Discard) then();
  });
  box->open();
}

DocumentDesk *DocumentDesk::holderOf(const QString &file) const {
  return m_holder ? m_holder(file) : nullptr;
}

void DocumentDesk::comeForward() {
  m_window->setWindowState(m_window->windowState() & ~Qt::WindowMinimized);
  m_window->show();
  m_window->raise();
  m_window->activateWindow();
  Q_EMIT told(tr("This file is open here already"));
}

bool DocumentDesk::open(const QString &idOrFile) {
  if (DocumentDesk *holder = holderOf(idOrFile)) {
    holder->comeForward();
    return true;
  }
  const Status status = m_document.open(idOrFile);
  if (!status) {
    warn(tr("This scenario cannot be opened"), tr("%1 cannot be opened.").arg(idOrFile),
         status.faults());
    return false;
  }
  remember();
  Q_EMIT opened();
  return true;
}

void DocumentDesk::put(scenario::Scenario scenario) {
  m_document.open(std::move(scenario));
  Q_EMIT opened();
}

void DocumentDesk::askForNew() {
  guard([this] {
    auto *dialog = new NewDialog(m_hub, m_window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &NewDialog::chosen, this, &DocumentDesk::put);
    dialog->open();
  });
}

void DocumentDesk::askToOpen() {
  guard([this] {
    auto *dialog = new QFileDialog(m_window, tr("Open a Scenario"), {}, fileFilter());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, &DocumentDesk::open);
    dialog->open();
  });
}

void DocumentDesk::openGuarded(const QString &idOrFile) {
  // Nothing is given up here for a file that another window shows.
  if (holderOf(idOrFile) != nullptr) return (void)open(idOrFile);
  guard([this, idOrFile] { open(idOrFile); });
}

void DocumentDesk::save(const std::function<void()> &then) {
  if (m_document.path().isEmpty()) return saveAs(then);
  if (const Status status = m_document.save(m_document.path()); !status)
    return warn(tr("The scenario was not saved"),
                tr("%1 cannot be written.").arg(m_document.path()), status.faults());
  remember();
  Q_EMIT told(tr("Saved"));
  if (then) then();
}

void DocumentDesk::saveAs(const std::function<void()> &then) {
  auto *dialog = new QFileDialog(m_window, tr("Save the Scenario"), {}, fileFilter());
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->setDefaultSuffix(QStringLiteral("packetarium"));
  dialog->selectFile(m_document.path().isEmpty() ? QString::fromStdString(m_document.scenario().id)
                                                 : m_document.path());
  connect(dialog, &QFileDialog::fileSelected, this,
          [this, then](const QString &file) { saveTo(file, then); });
  dialog->open();
}

void DocumentDesk::saveTo(const QString &file, const std::function<void()> &then) {
  const QString refused = tr("The scenario was not saved");
  // Two windows that write the same file would undo each other's work.
  if (holderOf(file) != nullptr)
    return warn(refused, tr("%1 is open in another window.").arg(file), {});
  if (const Status status = m_document.save(file); !status)
    return warn(refused, tr("%1 cannot be written.").arg(file), status.faults());
  remember();
  Q_EMIT told(tr("Saved to %1").arg(file));
  if (then) then();
}

bool DocumentDesk::canRevert() const {
  return m_document.isModified() && (!m_document.path().isEmpty() || isExample());
}

void DocumentDesk::revert() {
  if (!canRevert()) return;
  const QString source =
      isExample() ? QString::fromStdString(m_document.scenario().id) : m_document.path();
  auto *box = new QMessageBox(QMessageBox::Question, tr("Give up the changes?"),
                              tr("“%1” goes back to how it was saved.").arg(m_document.title()),
                              QMessageBox::Cancel, m_window);
  box->setObjectName(QStringLiteral("revert"));
  box->setAttribute(Qt::WA_DeleteOnClose);
  box->setInformativeText(tr("All changes since then are lost; they cannot be redone."));
  QPushButton *revert = box->addButton(tr("Revert"), QMessageBox::DestructiveRole);
  box->setDefaultButton(QMessageBox::Cancel);
  connect(revert, &QPushButton::clicked, this, [this, source] { open(source); });
  box->open();
}

void DocumentDesk::fillRecent(QMenu &menu) {
  menu.clear();
  for (const QString &path : RecentFiles::list()) {
    const QFileInfo file(path);
    QAction *action = menu.addAction(file.completeBaseName().replace(u'&', QStringLiteral("&&")),
                                     this, [this, path] { openGuarded(path); });
    action->setToolTip(path);
    action->setStatusTip(path);
  }
  if (menu.isEmpty()) return;
  menu.addSeparator();
  menu.addAction(tr("Forget These Files"), this, [] { RecentFiles::clear(); });
}

} // namespace packetarium::ui
