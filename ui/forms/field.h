// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/forms/field_spec.h"

#include <QWidget>

#include <functional>
#include <vector>

class QCheckBox;
class QComboBox;
class QLabel;

namespace packetarium::ui {

class LineEditor;
class RecordsEditor;
class ThemeHub;

// Where a value is from: nothing to say, chosen by the program, or set by hand where the program
// would choose.
enum class FieldOrigin { Plain, Chosen, ByHand };

// One row of a form: a caption, an editor for the spec's kind of value, and below it, in words, why
// what was typed cannot be. It edits in place: what is committed goes to the commit function, which
// takes it or says why not; nothing is kept here.
class Field : public QWidget {
  Q_OBJECT
public:
  // Takes the value (none: an emptied field); gives a sentence when it cannot.
  using Commit = std::function<QString(const FieldValue &)>;

  Field(const ThemeHub &hub, FieldSpec spec, QWidget *parent = nullptr);

  [[nodiscard]] const FieldSpec &spec() const { return m_spec; }
  // Of the same kind: other choices, another range.
  void setSpec(FieldSpec spec);
  void setCommit(Commit commit) { m_commit = std::move(commit); }
  // Of each of the things that are edited at once; those that differ show "several values". What is
  // being typed stays.
  void setValues(std::vector<FieldValue> values);
  void setOrigin(FieldOrigin origin);
  // Forgets what is being typed, and the error.
  void reset();

  [[nodiscard]] QWidget *editor() const;
  [[nodiscard]] LineEditor *line() const { return m_line; }
  [[nodiscard]] RecordsEditor *records() const { return m_records; }
  [[nodiscard]] const QString &error() const { return m_error; }
  [[nodiscard]] bool isMixed() const;

private:
  void buildEditor();
  void layOut();
  void showValue();
  void showSpec();
  void showSign();
  void commitText();
  void step(int steps);
  void commit(const FieldValue &value);
  void setError(const QString &error);

  const ThemeHub &m_hub;
  FieldSpec m_spec;
  Commit m_commit;
  std::vector<FieldValue> m_values;
  FieldOrigin m_origin = FieldOrigin::Plain;
  QString m_error;
  QLabel *m_caption;
  QLabel *m_note;
  LineEditor *m_line = nullptr;
  QComboBox *m_combo = nullptr;
  QCheckBox *m_check = nullptr;
  RecordsEditor *m_records = nullptr;
  bool m_committing = false;
};

} // namespace packetarium::ui
