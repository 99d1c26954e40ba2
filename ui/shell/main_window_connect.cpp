// SPDX-License-Identifier: GPL-3.0-or-later
// The main window's way to a real server.
#include "ui/real/connect_dialog.h"
#include "ui/shell/main_window.h"
#include "ui/shell/simulated_handshake.h"

#include <QSettings>

namespace packetarium::ui {
namespace {

QString hostKey() { return QStringLiteral("realServer/host"); }
QString portKey() { return QStringLiteral("realServer/port"); }

} // namespace

QAction *MainWindow::makeConnectAction() {
  return addAction(tr("&Connect to a Real Server…"),
                   {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_O)},
                   tr("Compare the simulated TLS handshake with a real one"), [this] {
                     ConnectDialog &dialog = connectDialog();
                     dialog.show();
                     tellSimulated();
                     dialog.raise();
                     dialog.activateWindow();
                   });
}

// Only what the cursor has newly come to (or left behind) is told: it moves with every frame.
void MainWindow::tellSimulated() {
  if (m_connectDialog == nullptr || !m_connectDialog->isVisible()) return;
  const std::size_t known = m_state.facts().countUpTo(m_state.cursor().upTo);
  if (m_factsTold == known) return;
  m_factsTold = known;
  m_connectDialog->setSimulated(simulatedHandshake(m_state));
}

ConnectDialog &MainWindow::connectDialog() {
  if (m_connectDialog != nullptr) return *m_connectDialog;
  m_connectDialog = new ConnectDialog(m_hub, this);
  connect(&m_state, &ViewState::cursorChanged, m_connectDialog, [this] { tellSimulated(); });
  connect(&m_state, &ViewState::rebuilt, m_connectDialog, [this] {
    m_factsTold.reset();
    tellSimulated();
  });
  if (m_remember == Remember::Yes) {
    const QSettings kept;
    const int port = kept.value(portKey(), 443).toInt();
    m_connectDialog->setTarget(kept.value(hostKey()).toString(),
                               static_cast<quint16>(std::clamp(port, 1, 65'535)));
    connect(m_connectDialog, &ConnectDialog::contacted, this, [](const Target &target) {
      QSettings settings;
      settings.setValue(hostKey(), target.host);
      settings.setValue(portKey(), target.port);
    });
  }
  return *m_connectDialog;
}

} // namespace packetarium::ui
