// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/floating_card.h"

#include <QString>
#include <QTimer>

class QLabel;
class QPushButton;

namespace packetarium::ui {

class IconButton;

// A message that comes up at the lower edge of its parent and goes by itself, with at most one
// action ("Undo"). A new message takes the place of the one shown. Stays while the pointer or the
// keyboard focus is on it.
class Toast : public FloatingCard {
  Q_OBJECT
public:
  static constexpr int defaultDurationMs = 6000;

  Toast(const ThemeHub &hub, QWidget *parent);

  // durationMs 0 keeps it until it is dismissed.
  void post(const QString &message, const QString &action = {}, int durationMs = defaultDurationMs);
  void dismiss();
  // Distance from the parent's lower edge at scale 1; 24 by default.
  void setBottomInset(int px);

Q_SIGNALS:
  void actionTriggered(); // the toast has gone already
  void dismissed();       // timed out, closed or replaced, without the action

protected:
  bool eventFilter(QObject *watched, QEvent *event) override;
  void enterEvent(QEnterEvent *event) override;
  void leaveEvent(QEvent *event) override;
  void keyPressEvent(QKeyEvent *event) override;

private:
  void place();
  void expire();

  QLabel *m_message;
  QPushButton *m_action;
  IconButton *m_close;
  QTimer m_timer;
  int m_durationMs = defaultDurationMs;
  int m_bottomInset = 24;
};

} // namespace packetarium::ui
