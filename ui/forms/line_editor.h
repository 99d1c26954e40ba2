// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/key_help.h"

#include <QLineEdit>

#include <string_view>

class QToolButton;

namespace packetarium::ui {

class ThemeHub;

// A line of text with a value in it, and what its keys mean in a form: Enter or leaving it commits,
// Escape restores and, once there is nothing to restore, leaves; the arrows step. A sign at its
// right edge says where the value is from.
class LineEditor : public QLineEdit {
  Q_OBJECT
public:
  explicit LineEditor(const ThemeHub &hub, QWidget *parent = nullptr);

  // The keys it takes itself while it has the keyboard; those that step, where stepping is on.
  [[nodiscard]] static KeyHelpGroup keyHelp();

  // What Escape comes back to.
  void setShown(const QString &text);
  [[nodiscard]] const QString &shown() const { return m_shown; }
  [[nodiscard]] bool isDraft() const { return text() != m_shown; }
  void setStepping(bool on) { m_stepping = on; }

  // A word or an icon at the right edge, or neither; press is whether it can be pressed.
  void setSign(const QString &word, std::string_view icon, const QString &help, bool press);
  [[nodiscard]] QToolButton *sign() const { return m_sign; }

Q_SIGNALS:
  void committed();
  void restored();
  void stepped(int steps);
  void signPressed();

protected:
  bool event(QEvent *event) override;
  void keyPressEvent(QKeyEvent *event) override;
  void focusOutEvent(QFocusEvent *event) override;
  void resizeEvent(QResizeEvent *event) override;

private:
  [[nodiscard]] int stepsOf(const QKeyEvent &event) const;
  void layOutSign();

  const ThemeHub &m_hub;
  QString m_shown;
  QToolButton *m_sign;
  bool m_stepping = false;
};

} // namespace packetarium::ui
