// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/scenario/build.h"

#include <QObject>
#include <QString>

#include <atomic>
#include <memory>
#include <thread>

namespace packetarium::ui {

// Writes a run as pcapng on a thread of its own: it runs the scenario again, which gives the same
// run, so nothing that was dropped from memory is missing. Can be cancelled.
class CaptureExport : public QObject {
  Q_OBJECT
public:
  CaptureExport(const scenario::BuiltScenario &built, SimTime until, const QString &file,
                QObject *parent = nullptr);
  // Waits for the thread, which gives up at once.
  ~CaptureExport() override;

  void start();
  void cancel() { m_cancelled = true; }

Q_SIGNALS:
  void progressed(int percent);
  // message is empty when all went well; a cancelled export leaves no file.
  void finished(quint64 packets, const QString &message);

private:
  void work();

  scenario::BuiltScenario m_built;
  SimTime m_until;
  QString m_file;
  std::atomic<bool> m_cancelled{false};
  std::thread m_thread;
};

} // namespace packetarium::ui
