// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/eavesdrop.h"
#include "ui/playback/view_state.h"

#include <QTimer>
#include <QWidget>

#include <optional>

class QLabel;
class QListView;

namespace packetarium::ui {

class EmptyState;
class OverheardView;
class SectionHeader;
class TapModel;

// What an eavesdropper on a link has seen up to the cursor: the conversations, and of the chosen
// one what can be read. Does nothing while it is hidden.
class TapView : public QWidget {
  Q_OBJECT
public:
  TapView(ViewState &state, QWidget *parent);

  void setLink(LinkIndex link);
  // Chooses a conversation by its number among all that passed; else the newest is shown.
  void choose(std::uint64_t number);
  [[nodiscard]] const OverheardView &words() const { return *m_words; }
  [[nodiscard]] const TapModel &model() const { return *m_model; }

protected:
  void showEvent(QShowEvent *event) override;

private:
  void soon();
  void refresh();
  void showChosen();
  [[nodiscard]] std::optional<std::size_t> shownIndex() const;

  ViewState &m_state;
  std::optional<analysis::TapHistory> m_history;
  const analysis::Eavesdropper *m_ears = nullptr; // in m_history, until it is asked again
  std::optional<std::uint64_t> m_chosen;
  bool m_settling = false; // the list is being brought up to date
  QTimer m_timer;
  TapModel *m_model;
  QListView *m_list;
  QLabel *m_intro;
  SectionHeader *m_head;
  QLabel *m_summary;
  OverheardView *m_words;
};

} // namespace packetarium::ui
