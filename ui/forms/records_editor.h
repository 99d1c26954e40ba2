// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/forms/records_model.h"
#include "ui/widgets/key_help.h"

#include <QWidget>

#include <string_view>

class QLabel;
class QTableView;
class QToolButton;

namespace packetarium::ui {

class IconButton;
class ThemeHub;

// A table whose rows are added, edited in place and removed. What it holds is told once every cell
// that must be given is; until then it is a draft, which Escape takes back.
class RecordsEditor : public QWidget {
  Q_OBJECT
public:
  RecordsEditor(const ThemeHub &hub, std::vector<FieldSpec> columns, QWidget *parent = nullptr);

  // The keys its table takes while it has the keyboard.
  [[nodiscard]] static KeyHelpGroup keyHelp();

  void setColumns(std::vector<FieldSpec> columns);
  void setRows(std::vector<programs::ParameterRow> rows, bool mixed);
  [[nodiscard]] const std::vector<programs::ParameterRow> &rows() const;
  [[nodiscard]] bool isDraft() const { return m_draft; }
  // Back to the rows that were set.
  void discard();
  void setSign(const QString &word, std::string_view icon, const QString &help, bool press);

  [[nodiscard]] RecordsModel &model() { return m_model; }
  [[nodiscard]] QTableView *table() const { return m_table; }

public Q_SLOTS:
  void addRow();
  void removeRow();

Q_SIGNALS:
  void edited(); // rows() is whole
  void refused(const QString &error);
  void givenBack();

protected:
  bool eventFilter(QObject *watched, QEvent *event) override;

private:
  void onEdited();
  void fitColumns();
  void stretchColumns();
  void fitHeight();

  const ThemeHub &m_hub;
  RecordsModel m_model;
  std::vector<programs::ParameterRow> m_committed;
  QTableView *m_table;
  IconButton *m_add;
  IconButton *m_remove;
  QLabel *m_remark;
  QToolButton *m_sign;
  bool m_draft = false;
  bool m_mixed = false;
  bool m_filling = false;
};

} // namespace packetarium::ui
