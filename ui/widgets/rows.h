// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QWidget>

class QLabel;

namespace packetarium::ui {

class ThemeHub;

// "Time to live   61   byte 22 ...": a key, its value, a quiet remark. The value can be selected
// and copied; it and the remark wrap when the row is narrow.
class KeyValueRow : public QWidget {
  Q_OBJECT
public:
  KeyValueRow(const ThemeHub &hub, const QString &key, const QString &value = {},
              const QString &remark = {}, QWidget *parent = nullptr);

  void setValue(const QString &value);
  void setRemark(const QString &remark);
  void setMono(bool mono); // fixed pitch for the value
  // Width of the key column at scale 1; 104 by default. Rows below one another share it.
  void setKeyWidth(int px);
  [[nodiscard]] QString value() const;

private:
  void relayout();

  const ThemeHub &m_hub;
  QLabel *m_key;
  QLabel *m_value;
  QLabel *m_remark;
  int m_keyWidth = 104;
};

// A caption above or beside an editor, its unit behind it, and one line of help or, in bad's colour
// with an icon, of error below. Owns the editor.
class FormRow : public QWidget {
  Q_OBJECT
public:
  FormRow(const ThemeHub &hub, const QString &caption, QWidget *editor, const QString &unit = {},
          QWidget *parent = nullptr);

  void setHelp(const QString &help);
  // An empty message clears the error and shows the help again.
  void setError(const QString &message);
  [[nodiscard]] bool hasError() const { return !m_error.isEmpty(); }
  [[nodiscard]] QWidget *editor() const { return m_editor; }

private:
  void showNote();
  void relayout();

  const ThemeHub &m_hub;
  QLabel *m_caption;
  QWidget *m_editor;
  QLabel *m_unit;
  QLabel *m_noteIcon;
  QLabel *m_note;
  QString m_help;
  QString m_error;
};

} // namespace packetarium::ui
