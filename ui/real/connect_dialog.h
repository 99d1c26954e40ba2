// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/real/connect_progress.h"
#include "ui/real/real_handshake.h"

#include <QDialog>
#include <QThread>

#include <optional>

class QCheckBox;
class QComboBox;
class QHBoxLayout;
class QLabel;
class QLineEdit;
class QPushButton;
class QScrollArea;
class QSpinBox;

namespace packetarium::ui {

class FormRow;
class HandshakeComparison;
class RealConnection;
class SegmentedControl;
class ThemeHub;

// Opens a real TLS connection to a host that the person names, and shows its handshake beside the
// simulated one. Nobody is contacted before Connect is pressed.
class ConnectDialog : public QDialog {
  Q_OBJECT
public:
  enum class State { Empty, Working, Result, Failed };

  explicit ConnectDialog(const ThemeHub &hub, QWidget *parent = nullptr);
  // Breaks off what is under way.
  ~ConnectDialog() override;

  void setTarget(const QString &host, quint16 port);
  // The left side; nothing while there is no finished simulated handshake.
  void setSimulated(std::optional<HandshakeFacts> facts);

  [[nodiscard]] State state() const { return m_state; }
  // The last connection, however it ended; nothing before the first, and while one is under way.
  [[nodiscard]] const std::optional<RealHandshake> &real() const { return m_real; }
  [[nodiscard]] ConnectOptions options() const;
  [[nodiscard]] const HandshakeComparison &comparison() const { return *m_comparison; }

public Q_SLOTS:
  // Does nothing but say so when the host cannot be read.
  void connectNow();
  void cancel();
  void reject() override;

Q_SIGNALS:
  void contacted(const packetarium::ui::Target &target); // Connect was pressed for it
  void ended();

private:
  void build();
  QHBoxLayout *makeTargetRow();
  QHBoxLayout *makeOptionRow();
  QHBoxLayout *makeVerdictRow();
  RealConnection &connection();
  void onFinished(const RealHandshake &handshake);
  void refresh();
  void showVerdict();
  [[nodiscard]] QWidget *insteadOfReal();

  const ThemeHub &m_hub;
  QLineEdit *m_host;
  QSpinBox *m_port;
  SegmentedControl *m_versions;
  QComboBox *m_alpn;
  QCheckBox *m_breakOff, *m_askForPage;
  QPushButton *m_connect;
  FormRow *m_hostRow = nullptr;
  QLabel *m_verdictIcon, *m_verdict;
  HandshakeComparison *m_comparison;
  QScrollArea *m_area;

  QThread m_thread;
  RealConnection *m_connection = nullptr; // lives in m_thread, which deletes it
  State m_state = State::Empty;
  ConnectProgress::State m_progress;
  std::optional<HandshakeFacts> m_simulated;
  std::optional<RealHandshake> m_real;
};

} // namespace packetarium::ui
