// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/toast.h"

#include "ui/theme/apply_theme.h"
#include "ui/theme/theme_hub.h"
#include "ui/widgets/icon_button.h"

#include <QAccessible>
#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>

#include <algorithm>

namespace packetarium::ui {

namespace {

// Message, action, gaps and close button in one line if that fits into the parent.
constexpr double messageWidthMax = 420;

} // namespace

Toast::Toast(const ThemeHub &hub, QWidget *parent)
    : FloatingCard(hub, parent),
      m_message(new QLabel(this)),
      m_action(new QPushButton(this)),
      m_close(new IconButton(hub, "close", tr("Dismiss"), IconButton::Variant::Flat, this)) {
  hide();
  m_message->setTextFormat(Qt::PlainText);
  setButtonRole(*m_action, ButtonRole::Quiet);
  m_action->setFocusPolicy(Qt::TabFocus);
  m_close->setEdge(22);
  auto *row = new QHBoxLayout(this);
  row->addWidget(m_message, 1);
  row->addWidget(m_action);
  row->addWidget(m_close);
  m_timer.setSingleShot(true);
  connect(&m_timer, &QTimer::timeout, this, &Toast::expire);
  connect(m_close, &QToolButton::clicked, this, &Toast::dismiss);
  connect(m_action, &QPushButton::clicked, this, [this] {
    m_timer.stop();
    hide();
    Q_EMIT actionTriggered();
  });
  connect(&hub, &ThemeHub::changed, this, &Toast::place);
  parent->installEventFilter(this);
}

void Toast::post(const QString &message, const QString &action, int durationMs) {
  if (isVisible()) Q_EMIT dismissed();
  m_message->setText(message);
  m_action->setText(action);
  m_action->setHidden(action.isEmpty());
  setAccessibleName(message);
  m_durationMs = durationMs;
  show();
  place();
  raise();
  m_timer.stop();
  if (durationMs > 0) m_timer.start(durationMs);
  QAccessibleEvent alert(this, QAccessible::Alert);
  QAccessible::updateAccessibility(&alert);
}

void Toast::dismiss() {
  if (isHidden()) return;
  m_timer.stop();
  hide();
  Q_EMIT dismissed();
}

void Toast::expire() {
  const bool inUse = underMouse() || isAncestorOf(window()->focusWidget());
  if (inUse)
    m_timer.start(std::min(m_durationMs, 1000));
  else
    dismiss();
}

void Toast::setBottomInset(int px) {
  m_bottomInset = px;
  place();
}

void Toast::place() {
  const Typography &type = m_hub.typography();
  const QMargins shadow = shadowMargins();
  layout()->setContentsMargins(shadow + QMargins(type.px(16), type.px(6), type.px(8), type.px(6)));
  layout()->setSpacing(type.px(8));
  m_message->setWordWrap(false);
  m_message->ensurePolished();
  const int most = std::min(type.px(messageWidthMax), parentWidget()->width() / 2);
  const bool wraps = m_message->sizeHint().width() > most;
  m_message->setWordWrap(wraps);
  m_message->setMinimumWidth(wraps ? most : 0);
  layout()->invalidate();
  QSize wanted = layout()->sizeHint();
  if (layout()->hasHeightForWidth()) wanted.setHeight(layout()->heightForWidth(wanted.width()));
  const int x = (parentWidget()->width() - wanted.width()) / 2;
  const int y =
      parentWidget()->height() - wanted.height() + shadow.bottom() - type.px(m_bottomInset);
  setGeometry(QRect(QPoint(x, y), wanted));
}

bool Toast::eventFilter(QObject *watched, QEvent *event) {
  if (watched == parentWidget() && event->type() == QEvent::Resize && isVisible()) place();
  return FloatingCard::eventFilter(watched, event);
}

void Toast::enterEvent(QEnterEvent *event) {
  m_timer.stop();
  FloatingCard::enterEvent(event);
}

void Toast::leaveEvent(QEvent *event) {
  if (isVisible() && m_durationMs > 0) m_timer.start(std::min(m_durationMs, 2000));
  FloatingCard::leaveEvent(event);
}

void Toast::keyPressEvent(QKeyEvent *event) {
  if (event->key() == Qt::Key_Escape)
    dismiss();
  else
    FloatingCard::keyPressEvent(event);
}

} // namespace packetarium::ui
