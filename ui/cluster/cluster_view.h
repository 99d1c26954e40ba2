// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/consensus.h"
#include "ui/cluster/log_strips.h"
#include "ui/cluster/merge_inspector.h"
#include "ui/cluster/ring_view.h"
#include "ui/playback/view_state.h"

#include <QWidget>

#include <string>
#include <vector>

class QComboBox;
class QStackedWidget;

namespace packetarium::ui {

class ElidedLabel;
class EmptyState;
class Pill;
class SegmentedControl;

// A replicated service up to the cursor: who is what, what each member's log holds, and the
// conflicts that its members found. The selection decides which service; without one it is the
// first.
class ClusterView : public QWidget {
  Q_OBJECT
public:
  enum class Page { Logs, Conflicts, Ring };

  explicit ClusterView(ViewState &state, QWidget *parent = nullptr);

  void setPage(Page page);
  [[nodiscard]] const std::string &service() const { return m_service; }
  [[nodiscard]] LogStrips &strips() const { return *m_strips; }
  [[nodiscard]] MergeInspector &inspector() const { return *m_inspector; }
  [[nodiscard]] RingView &ring() const { return *m_ring; }

protected:
  void showEvent(QShowEvent *event) override;

private:
  void refresh();
  void chooseService(const analysis::ClusterState &cluster);
  void fillLogs(const analysis::ClusterState &cluster);
  void fillMember(LogRow &row, const analysis::MemberView &member) const;
  void turnTo(Page page);
  void fillConflicts(const analysis::ClusterState &cluster);
  void tell(const analysis::ClusterState &cluster);
  void sayEmpty();

  ViewState &m_state;
  SegmentedControl *m_tabs;
  QComboBox *m_choice;
  ElidedLabel *m_summary;
  QStackedWidget *m_pages;
  LogStrips *m_strips;
  EmptyState *m_noLogs;
  QStackedWidget *m_logPages;
  MergeInspector *m_inspector;
  RingView *m_ring;
  QWidget *m_content;
  EmptyState *m_empty;
  std::vector<std::string> m_services;
  std::string m_service, m_chosen; // m_chosen: in the list, by the user
  bool m_pageByUser = false;
};

} // namespace packetarium::ui
