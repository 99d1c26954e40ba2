// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/forms/line_editor.h"

#include "ui/theme/icons.h"
#include "ui/theme/theme_hub.h"

#include <QKeyEvent>
#include <QToolButton>

namespace packetarium::ui {

LineEditor::LineEditor(const ThemeHub &hub, QWidget *parent)
    : QLineEdit(parent), m_hub(hub), m_sign(new QToolButton(this)) {
  m_sign->hide();
  m_sign->setFocusPolicy(Qt::NoFocus); // by keyboard: an emptied field
  m_sign->setCursor(Qt::ArrowCursor);
  connect(m_sign, &QToolButton::clicked, this, &LineEditor::signPressed);
  connect(this, &QLineEdit::returnPressed, this, &LineEditor::committed);
}

void LineEditor::setShown(const QString &text) {
  m_shown = text;
  if (this->text() == text) return;
  const int at = cursorPosition();
  setText(text);
  setCursorPosition(hasFocus() ? std::min(at, static_cast<int>(text.size())) : 0);
}

void LineEditor::setSign(const QString &word, std::string_view icon, const QString &help,
                         bool press) {
  const bool any = !word.isEmpty() || !icon.empty();
  m_sign->setText(word);
  const Theme &theme = m_hub.theme();
  m_sign->setIcon(icon.empty() ? QIcon() : ui::icon(icon, theme, theme.dim));
  m_sign->setToolButtonStyle(icon.empty() ? Qt::ToolButtonTextOnly : Qt::ToolButtonIconOnly);
  m_sign->setToolTip(help);
  m_sign->setAccessibleName(help);
  m_sign->setFont(m_hub.typography().tiny());
  m_sign->setAttribute(Qt::WA_TransparentForMouseEvents, false);
  m_sign->setAutoRaise(true);
  m_sign->setProperty("formSign", press ? QStringLiteral("press") : QStringLiteral("word"));
  m_sign->setStyleSheet(
      QStringLiteral("QToolButton { color: %1; padding: 0 3px; border: none; }%2")
          .arg(theme.dim.name(), press ? QString()
                                       : QStringLiteral(" QToolButton:hover, QToolButton:pressed { "
                                                        "background: transparent; }")));
  m_sign->setVisible(any);
  layOutSign();
}

void LineEditor::layOutSign() {
  const bool any = !m_sign->isHidden();
  const QSize size = m_sign->sizeHint();
  setTextMargins(0, 0, any ? size.width() - 2 : 0, 0);
  if (!any) return;
  const int tall = std::min(size.height(), height() - 4);
  m_sign->setGeometry(width() - size.width() - 4, (height() - tall) / 2, size.width(), tall);
}

void LineEditor::resizeEvent(QResizeEvent *event) {
  QLineEdit::resizeEvent(event);
  layOutSign();
}

KeyHelpGroup LineEditor::keyHelp() {
  return {tr("In a property"),
          {{tr("A step more, less"), {Qt::Key_Up, Qt::Key_Down}, {}},
           {tr("Several steps"), {Qt::Key_PageUp, Qt::Key_PageDown}, {}},
           {tr("Keep what was typed"), {Qt::Key_Return}, {}},
           {tr("Take it back; leave the field"), {Qt::Key_Escape}, {}}}};
}

int LineEditor::stepsOf(const QKeyEvent &event) const {
  if (!m_stepping || (event.modifiers() & ~Qt::KeypadModifier) != Qt::NoModifier) return 0;
  switch (event.key()) {
  case Qt::Key_Up: return 1;
  case Qt::Key_Down: return -1;
  case Qt::Key_PageUp: return 3;
  case Qt::Key_PageDown: return -3;
  default: return 0;
  }
}

bool LineEditor::event(QEvent *event) {
  if (event->type() == QEvent::ShortcutOverride) {
    const auto &key = *static_cast<QKeyEvent *>(event);
    // With nothing typed, undo is the document's.
    if (!isDraft() && (key.matches(QKeySequence::Undo) || key.matches(QKeySequence::Redo) ||
                       (key.key() == Qt::Key_Z &&
                        key.modifiers() == (Qt::ControlModifier | Qt::ShiftModifier)))) {
      event->ignore();
      return true;
    }
    const bool own =
        key.key() == Qt::Key_Return || key.key() == Qt::Key_Enter || key.key() == Qt::Key_Escape;
    if (own || stepsOf(key) != 0) {
      event->accept();
      return true;
    }
  }
  return QLineEdit::event(event);
}

void LineEditor::keyPressEvent(QKeyEvent *event) {
  if (event->key() == Qt::Key_Escape && isDraft()) {
    setText(m_shown);
    selectAll();
    Q_EMIT restored();
    return;
  }
  // Nothing to restore: the keyboard goes back to the run.
  if (event->key() == Qt::Key_Escape) return clearFocus();
  if (const int steps = stepsOf(*event); steps != 0) {
    Q_EMIT stepped(steps);
    return;
  }
  QLineEdit::keyPressEvent(event);
}

void LineEditor::focusOutEvent(QFocusEvent *event) {
  QLineEdit::focusOutEvent(event);
  // A menu over the field is no leaving of it.
  if (event->reason() != Qt::PopupFocusReason && isDraft()) Q_EMIT committed();
}

} // namespace packetarium::ui
