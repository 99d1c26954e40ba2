// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/forms/property_form.h"
#include "ui/playback/view_state.h"

#include <QWidget>

#include <string>
#include <vector>

class QLabel;

namespace packetarium::ui {

class SectionHeader;

// The conditions of one or several links, or nodes, as fields. They hold from the cursor on, as
// entries of the script, or from the start, in the document: the heading says which, and a link
// beneath changes it. A link's cost is the document's always.
class ConditionsForm : public QWidget {
  Q_OBJECT
public:
  explicit ConditionsForm(ViewState &state, QWidget *parent = nullptr);

  void present(const std::vector<std::string> &ids);
  [[nodiscard]] PropertyForm &form() const { return *m_form; }
  // The instant from which an edit would hold.
  [[nodiscard]] SimTime instant() const;
  void setFromStart(bool on);

private:
  void refresh();
  void showHead();

  ViewState &m_state;
  std::vector<std::string> m_ids;
  SectionHeader *m_head;
  QLabel *m_other;
  PropertyForm *m_form;
  PropertyForm *m_costForm;
  bool m_fromStart = false;
  SimTime m_shownAt;
};

} // namespace packetarium::ui
