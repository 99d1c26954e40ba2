// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/in_place_editor.h"

#include "ui/theme/theme_hub.h"

#include <QKeyEvent>
#include <QMimeData>
#include <QStyle>
#include <QTextDocument>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace packetarium::ui {
namespace {

constexpr int noteWidth = 220; // as notes are painted
constexpr int nameWidthMin = 72;
constexpr int nameCharsMax = 80;
constexpr int noteCharsMax = 1200; // a document's text has at most 4096 bytes
constexpr int inset = 4;

} // namespace

InPlaceEditor::InPlaceEditor(const ThemeHub &hub, QWidget *canvas) : QTextEdit(canvas), m_hub(hub) {
  setObjectName(QStringLiteral("inPlaceEditor"));
  setAcceptRichText(false);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setTabChangesFocus(true);
  document()->setDocumentMargin(inset);
  hide();
  connect(this, &QTextEdit::textChanged, this, &InPlaceEditor::refit);
}

void InPlaceEditor::open(What what, const QString &id, const QString &text) {
  const Typography &type = m_hub.typography();
  m_what = what;
  m_id = id;
  m_before = text;
  m_open = true;
  const Theme &theme = m_hub.theme();
  const QFont font = what == What::Name ? type.name() : type.secondary();
  setStyleSheet(
      QStringLiteral("QTextEdit { border: 1px solid %1; border-radius: 5px; padding: 0; "
                     "background: %2; color: %3; } "
                     "QTextEdit[invalid=\"true\"] { border-color: %4; }")
          .arg(theme.accent.name(), theme.panel.name(), theme.text.name(), theme.bad.name()));
  setFont(font);
  document()->setDefaultFont(font);
  setAccessibleName(what == What::Name ? tr("Name") : tr("Note"));
  setPlaceholderText(what == What::Note ? tr("Text of the note") : QString());
  setToolTip(what == What::Name ? tr("Enter keeps the name, Escape does not")
                                : tr("Enter keeps the note, Shift+Enter begins a new line"));
  setRefused(false);
  setPlainText(text);
  if (what == What::Name) setAlignment(Qt::AlignHCenter);
  selectAll();
  show();
  raise();
  setFocus(Qt::OtherFocusReason);
  refit();
}

void InPlaceEditor::placeAt(QPointF anchor) {
  m_anchor = anchor;
  refit();
}

void InPlaceEditor::refit() {
  const int frame = 1 + inset;
  const QFontMetricsF metrics(font());
  double width = m_hub.typography().px(noteWidth) + 2 * frame;
  if (m_what == What::Name) {
    width = std::ceil(metrics.horizontalAdvance(toPlainText())) + 2 * frame + 8;
    width = std::max<double>(width, m_hub.typography().px(nameWidthMin));
  }
  width = std::min<double>(width, std::max(60, parentWidget()->width() - 16));
  document()->setTextWidth(width - 2);
  const double height = std::ceil(document()->size().height()) + 2;
  QPointF at = m_anchor - QPointF(frame, frame);
  if (m_what == What::Name) at.setX(m_anchor.x() - width / 2);
  at.setX(std::clamp(at.x(), 8.0, std::max(8.0, parentWidget()->width() - 8 - width)));
  at.setY(std::clamp(at.y(), 8.0, std::max(8.0, parentWidget()->height() - 8 - height)));
  setGeometry(QRectF(at, QSizeF(width, height)).toAlignedRect());
}

void InPlaceEditor::setRefused(bool refused) {
  if (property("invalid").toBool() == refused) return;
  setProperty("invalid", refused);
  style()->unpolish(this);
  style()->polish(this);
}

void InPlaceEditor::commit() {
  if (!m_open) return;
  const QString text = toPlainText().trimmed();
  const QString id = m_id;
  const bool same = text == m_before.trimmed();
  const What what = m_what;
  dismiss();
  if (!same) Q_EMIT committed(what, id, text);
}

void InPlaceEditor::dismiss() {
  if (!m_open) return;
  m_open = false; // first: hiding takes the focus away, which would commit
  const bool focused = hasFocus();
  hide();
  if (focused) parentWidget()->setFocus(Qt::OtherFocusReason);
  Q_EMIT closed();
}

// What is typed here is text, whatever it does elsewhere in the window.
bool InPlaceEditor::event(QEvent *event) {
  if (event->type() == QEvent::ShortcutOverride && m_open) {
    const auto *key = static_cast<QKeyEvent *>(event);
    const bool plain = !(key->modifiers() & (Qt::ControlModifier | Qt::AltModifier));
    const bool function = key->key() >= Qt::Key_F1 && key->key() <= Qt::Key_F35;
    if (plain && !function) {
      event->accept();
      return true;
    }
  }
  return QTextEdit::event(event);
}

void InPlaceEditor::keyPressEvent(QKeyEvent *event) {
  const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
  if (event->key() == Qt::Key_Escape) return dismiss();
  if (enter && !(m_what == What::Note && event->modifiers().testFlag(Qt::ShiftModifier))) {
    if (m_what == What::Name && toPlainText().trimmed().isEmpty()) {
      setRefused(true);
      QToolTip::showText(mapToGlobal(QPoint(0, height())), tr("A name cannot be empty."), this);
      return;
    }
    return commit();
  }
  const qsizetype most = m_what == What::Name ? nameCharsMax : noteCharsMax;
  if (toPlainText().size() >= most && !textCursor().hasSelection() && !event->text().isEmpty() &&
      event->text()[0].isPrint())
    return;
  setRefused(false);
  QTextEdit::keyPressEvent(event);
}

void InPlaceEditor::focusOutEvent(QFocusEvent *event) {
  QTextEdit::focusOutEvent(event);
  // A menu of its own, or another window, is no leaving.
  if (!m_open || event->reason() == Qt::PopupFocusReason ||
      event->reason() == Qt::ActiveWindowFocusReason)
    return;
  if (m_what == What::Name && toPlainText().trimmed().isEmpty()) return dismiss();
  commit();
}

void InPlaceEditor::insertFromMimeData(const QMimeData *source) {
  const bool name = m_what == What::Name;
  const QString text = name ? source->text().simplified() : source->text();
  const qsizetype room = (name ? nameCharsMax : noteCharsMax) - toPlainText().size() +
                         textCursor().selectedText().size();
  if (room > 0) textCursor().insertText(text.left(room));
}

} // namespace packetarium::ui
