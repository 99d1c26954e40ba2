// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/scenario/conflicts.h"
#include "ui/playback/view_state.h"

#include <QWidget>

#include <string>
#include <vector>

namespace packetarium::ui {

// What cannot work as it stands among some nodes, each with a sentence and the button that cures
// it. Takes no room when there is nothing.
class ConflictList : public QWidget {
  Q_OBJECT
public:
  explicit ConflictList(ViewState &state, QWidget *parent = nullptr);

  // Those of these nodes; reads the document anew.
  void present(std::vector<std::string> nodes);
  [[nodiscard]] int count() const { return m_count; }

private:
  void add(const scenario::Conflict &conflict);

  ViewState &m_state;
  ScenarioPtr m_of; // the state of the document that m_all is about
  std::vector<scenario::Conflict> m_all;
  QWidget *m_content = nullptr;
  std::string m_shape; // of what is shown: built anew only when it differs
  int m_count = 0;
};

} // namespace packetarium::ui
