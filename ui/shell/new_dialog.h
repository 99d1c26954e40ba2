// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/scenario/templates.h"

#include <QDialog>

#include <array>

class QComboBox;
class QLabel;
class QPushButton;
class QSpinBox;

namespace packetarium::ui {

class FormRow;
class SegmentedControl;
class ThemeHub;
class TopologySketch;

// A document with nothing in it, 60 s long.
[[nodiscard]] scenario::Scenario emptyDocument();
// "1 switch, 5 hosts, 5 links".
[[nodiscard]] QString contentsLine(const scenario::Scenario &scenario);

// Asks what a new document begins with: nothing, or a template of a size; shows what it will be.
class NewDialog : public QDialog {
  Q_OBJECT
public:
  explicit NewDialog(const ThemeHub &hub, QWidget *parent = nullptr);

  // What it would make as it is filled in now.
  [[nodiscard]] Result<scenario::Scenario> made() const;

Q_SIGNALS:
  void chosen(const packetarium::scenario::Scenario &scenario);

private:
  [[nodiscard]] scenario::TemplateOptions options() const;
  void refresh();
  QSpinBox *makeSize(int from, int to, int value, const QString &name);

  SegmentedControl *m_kind; // 0: empty, then the shapes
  TopologySketch *m_sketch;
  QLabel *m_line;
  std::array<QSpinBox *, 4> m_count; // one for each shape; the grid's is its rows
  QSpinBox *m_columns;
  QComboBox *m_traffic;
  std::vector<FormRow *> m_rows; // as m_count, then columns, then traffic
  QPushButton *m_create;
};

} // namespace packetarium::ui
