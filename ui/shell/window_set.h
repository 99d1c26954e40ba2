// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/shell/recovery.h"

#include <QObject>
#include <QPointer>

#include <vector>

namespace packetarium::ui {

class MainWindow;
class ThemeHub;

// All windows of the program: makes them, quits them together, opens a file in one of them only,
// and offers in the first one what an earlier run of the program has left unsaved.
class WindowSet : public QObject {
  Q_OBJECT
public:
  // An empty folder keeps nothing for recovery.
  WindowSet(ThemeHub &hub, const QString &recoveryFolder, QObject *parent = nullptr);
  ~WindowSet() override;

  // A window that is not shown yet, with nothing in it.
  MainWindow *make();
  // One beside the others, with an empty document.
  MainWindow *openAnother();
  [[nodiscard]] std::vector<MainWindow *> windows() const;

  // Asks each window with changes, in turn; closes all when nobody thinks better of it.
  void quit();
  // Looks for what was left unsaved and offers it in this window, one after the other.
  void offerLost(MainWindow *window);

private:
  [[nodiscard]] MainWindow *otherWith(const QString &file, const MainWindow *asking) const;
  void askFrom(std::size_t index);
  void offerNext();
  void restore(LostDocument lost);

  ThemeHub &m_hub;
  QString m_folder;
  std::vector<QPointer<MainWindow>> m_windows;
  std::vector<LostDocument> m_lost; // still to be offered, the next one first
  std::size_t m_lostTotal = 0;
  QPointer<MainWindow> m_host; // of the offer
};

} // namespace packetarium::ui
