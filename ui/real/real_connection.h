// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/real/real_handshake.h"

#include <QAbstractSocket>
#include <QElapsedTimer>
#include <QHostAddress>
#include <QHostInfo>
#include <QObject>
#include <QSslError>
#include <QTimer>

class QSslSocket;

namespace packetarium::ui {

// One real connection from name to close, each phase timed on a monotonic clock. It contacts nobody
// until start(). It lives in whatever thread it is moved to before that: one of its own, if the
// times shall not depend on how busy the window is.
class RealConnection : public QObject {
  Q_OBJECT
public:
  explicit RealConnection(QObject *parent = nullptr);
  ~RealConnection() override;

  [[nodiscard]] bool isRunning() const { return m_step != Step::Idle; }

public Q_SLOTS:
  // Ends in finished(), once. Ignored while one is running.
  void start(const packetarium::ui::Target &target, const packetarium::ui::ConnectOptions &options);
  // Ends at once with Outcome::Cancelled; nothing happens when none is running.
  void cancel();

Q_SIGNALS:
  void phaseStarted(packetarium::ui::HandshakePhase phase);
  void phaseEnded(packetarium::ui::PhaseTime time);
  void finished(const packetarium::ui::RealHandshake &handshake);

private:
  enum class Step { Idle, LookingUp, Connecting, Securing, Asking, Lingering, Closing };

  void enter(Step step, HandshakePhase phase);
  void endPhase();
  void onLookedUp(const QHostInfo &info);
  void connectToNext();
  void makeSocket();
  void onConnected();
  void onEncrypted();
  void onReadable();
  void onDisconnected();
  void onError(QAbstractSocket::SocketError error);
  void onLimit();
  void ask();
  void lingerForTicket();
  void close();
  void read();
  void readKeys();
  void readTicket();
  void describeChain();
  void end(Outcome outcome, const QString &message);
  [[nodiscard]] QString peer() const;

  Step m_step = Step::Idle;
  HandshakePhase m_phase = HandshakePhase::Name;
  RealHandshake m_seen;
  QElapsedTimer m_clock;
  qint64 m_phaseStartNs = 0;
  QTimer m_limit;
  int m_lookup = -1;
  QList<QHostAddress> m_addresses; // still to be tried; the first is the one in hand
  QSslSocket *m_socket = nullptr;  // a child
  QList<QSslError> m_faults;
  QList<QSslCertificate> m_chain;
  QByteArray m_answer;
  bool m_ticketSeen = false;
};

} // namespace packetarium::ui
