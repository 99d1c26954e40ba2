// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/forms/property_form.h"
#include "ui/playback/view_state.h"

#include <QWidget>

class QLabel;

namespace packetarium::ui {

class ConditionsForm;
class ConflictList;
class ElidedLabel;

// What several marked things have in common: how many of which kinds, the properties they share,
// set for all of them by one edit, and what is wrong among them.
class SeveralPage : public QWidget {
  Q_OBJECT
public:
  explicit SeveralPage(ViewState &state, QWidget *parent = nullptr);

  [[nodiscard]] PropertyForm &nodes() const { return *m_nodes; }
  [[nodiscard]] ConditionsForm &links() const { return *m_links; }

protected:
  void showEvent(QShowEvent *event) override;

private:
  void refresh();

  ViewState &m_state;
  ElidedLabel *m_title;
  QLabel *m_kinds;
  ConflictList *m_conflicts;
  PropertyForm *m_nodes;
  ConditionsForm *m_links;
};

// "2 hosts, 1 router, 3 links".
[[nodiscard]] QString countedKinds(const scenario::Scenario &scenario,
                                   const std::vector<std::string> &ids);

} // namespace packetarium::ui
