// SPDX-License-Identifier: GPL-3.0-or-later
// The main window's dialogs and exports.
#include "ui/palette/tile_list.h"
#include "ui/shell/capture_export.h"
#include "ui/shell/main_window.h"
#include "ui/shell/shortcut_sheet.h"
#include "ui/shell/views.h"
#include "ui/theme/icons.h"
#include "ui/timeline/timeline.h"
#include "ui/topology/canvas.h"
#include "ui/widgets/format.h"

#include <QApplication>
#include <QFileDialog>
#include <QInputDialog>
#include <QMenuBar>
#include <QMessageBox>
#include <QProgressDialog>

namespace packetarium::ui {

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
  std::vector<KeyHelpGroup> views{Canvas::keyHelp(),  Timeline::keyHelp(), sequenceKeys(),
                                  packetKeys(),       serviceKeys(),       historyKeys(),
                                  TileList::keyHelp()};
  for (KeyHelpGroup &group : inspectorKeys()) views.push_back(std::move(group));
  auto *sheet = new ShortcutSheet(m_hub, actionsOf(*menuBar(), *this), views, this);
  sheet->setAttribute(Qt::WA_DeleteOnClose);
  sheet->open();
}

void MainWindow::showAbout() {
  auto *box = new QMessageBox(
      QMessageBox::NoIcon, tr("About Packetarium"),
      tr("<b>Packetarium %1</b><p>Watch computer networks and distributed systems at work.</p>"
         "<p>Free software under the GNU General Public License, version 3 or later.</p>")
          .arg(QApplication::applicationVersion()),
      QMessageBox::NoButton, this);
  box->setAttribute(Qt::WA_DeleteOnClose);
  box->setIconPixmap(applicationIcon().pixmap(64));
  box->setStandardButtons(QMessageBox::Close);
  box->open();
}

} // namespace packetarium::ui
