// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/cluster/policy_cards.h"
#include "ui/playback/view_state.h"

#include <QWidget>

#include <vector>

class QLabel;
class QListWidget;
class QPushButton;
class QVBoxLayout;

namespace packetarium::ui {

class ElidedLabel;
class EmptyState;

// The conflicts that the members of a service found, and one of them under each merge policy side
// by side: what it keeps, and which writes it loses.
class MergeInspector : public QWidget {
  Q_OBJECT
public:
  explicit MergeInspector(ViewState &state, QWidget *parent = nullptr);

  // Oldest first. The chosen one stays chosen while it is there.
  void setConflicts(std::vector<analysis::ConflictView> conflicts);
  void choose(int index);
  [[nodiscard]] const std::vector<analysis::ConflictView> &conflicts() const { return m_conflicts; }
  [[nodiscard]] const std::vector<PolicyCard> &cards() const { return m_cards; }

private:
  void showChosen();
  QWidget *makeCard(const PolicyCard &card);
  void sayEmpty();

  ViewState &m_state;
  std::vector<analysis::ConflictView> m_conflicts;
  std::vector<PolicyCard> m_cards;
  trace::Sequence m_chosen = 0;
  QWidget *m_content;
  EmptyState *m_empty;
  QListWidget *m_list;
  ElidedLabel *m_title;
  QPushButton *m_go;
  QLabel *m_versions;
  QLabel *m_own;
  QWidget *m_row;
};

} // namespace packetarium::ui
