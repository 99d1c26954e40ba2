// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/cluster/raft_stages.h"
#include "ui/document/faults.h"
#include "ui/playback/view_state.h"

#include <QObject>
#include <QString>

#include <vector>

class QAction;
class QMenu;

namespace packetarium::ui {

// What can be done to the selected node or link at the cursor's instant, for the canvas's context
// menu, the Simulate menu and the key F. Each is one undoable edit of the document.
class FaultActions : public QObject {
  Q_OBJECT
public:
  explicit FaultActions(ViewState &state, QObject *parent = nullptr);

  // "Cut isp – core-1", "Restart web": what F would do; empty when nothing can fail there.
  [[nodiscard]] QString toggleText(const Selection &what) const;
  void toggle(const Selection &what);
  void apply(scenario::ScriptEntry::Kind action, const Selection &what, double value = 0);
  // Fills a menu with everything that can be done to it.
  void fill(QMenu &menu, const Selection &what);

  // Cuts the links (by index) at the cursor, as one edit.
  void cutAll(const std::vector<std::uint32_t> &links);
  // The marked nodes go on side 1 of a partition and all other hosts on side 2, as one edit.
  void partitionMarked();
  [[nodiscard]] bool canPartition() const;
  // Every cut cable is plugged in again and every node taken off its side, as one edit.
  void healAll();
  [[nodiscard]] bool isPartitioned() const;
  // Something about a Raft cluster, as one edit: see raft_stages.h. done() says what to watch.
  void stage(RaftStage stage);
  // What can be done about partitions just now.
  void fillPartitions(QMenu &menu);

Q_SIGNALS:
  void done(const QString &label);
  void failed(const QString &message);

private:
  void report(const Status &status, const QString &label);
  [[nodiscard]] std::vector<FaultRequest> healing() const;
  void fillNode(QMenu &menu, const Selection &what);
  void fillLink(QMenu &menu, const Selection &what);
  QAction *addAction(QMenu &menu, scenario::ScriptEntry::Kind action, const Selection &what,
                     bool isToggle = false);
  void addCondition(QMenu &menu, scenario::ScriptEntry::Kind action, const Selection &what);
  void ask(scenario::ScriptEntry::Kind action, const Selection &what, double current);
  [[nodiscard]] std::optional<scenario::ScriptEntry::Kind> toggleOf(const Selection &what) const;
  [[nodiscard]] std::string idOf(const Selection &what) const;

  ViewState &m_state;
};

} // namespace packetarium::ui
