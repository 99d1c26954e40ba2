// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTextEdit>

namespace packetarium::ui {

class ThemeHub;

// A name or a note edited where it stands on the canvas. Enter or leaving keeps the text, Escape
// does not; in a note Shift+Enter begins a new line. It grows with its text.
class InPlaceEditor : public QTextEdit {
  Q_OBJECT
public:
  enum class What { Name, Note };

  InPlaceEditor(const ThemeHub &hub, QWidget *canvas);

  [[nodiscard]] bool isOpen() const { return m_open; }
  [[nodiscard]] What what() const { return m_what; }
  [[nodiscard]] const QString &id() const { return m_id; } // empty: a note that is not there yet
  void open(What what, const QString &id, const QString &text);
  void dismiss(); // without keeping what was typed
  // Where the text begins (a note) or the middle of its upper edge (a name).
  void placeAt(QPointF anchor);

Q_SIGNALS:
  // A name is never empty here; an empty note is one to be deleted.
  void committed(packetarium::ui::InPlaceEditor::What what, const QString &id, const QString &text);
  void closed();

protected:
  bool event(QEvent *event) override;
  void keyPressEvent(QKeyEvent *event) override;
  void focusOutEvent(QFocusEvent *event) override;
  void insertFromMimeData(const QMimeData *source) override;

private:
  void commit();
  void refit();
  void setRefused(bool refused);

  const ThemeHub &m_hub;
  What m_what = What::Name;
  QString m_id;
  QString m_before;
  QPointF m_anchor;
  bool m_open = false;
};

} // namespace packetarium::ui
