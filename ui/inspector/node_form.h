// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/forms/property_form.h"
#include "ui/playback/view_state.h"

#include <QWidget>

#include <string>

class QLabel;
class QMenu;
class QPushButton;

namespace packetarium::ui {

class ConditionsForm;
class ConflictList;
class FaultRows;

// All that can be set of one node: what is wrong with it, its properties, its programs, its faults.
class NodeForm : public QWidget {
  Q_OBJECT
public:
  explicit NodeForm(ViewState &state, QWidget *parent = nullptr);

  // By the document's id; empty: nothing.
  void present(const std::string &node);
  [[nodiscard]] PropertyForm &form() const { return *m_form; }
  // Every registered kind that can run there, each with what it does.
  void fillPrograms(QMenu &menu);

protected:
  void showEvent(QShowEvent *event) override;

private:
  void refresh();
  void addProgram(const std::string &kind);

  ViewState &m_state;
  std::string m_node;
  bool m_stale = false; // the document changed while it was hidden
  ConflictList *m_conflicts;
  PropertyForm *m_form;
  QPushButton *m_add;
  QLabel *m_fault;
  ConditionsForm *m_conditions;
  FaultRows *m_faults;
};

} // namespace packetarium::ui
