// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QWidget>

#include <string>
#include <string_view>

class QLabel;
class QPushButton;

namespace packetarium::ui {

class ThemeHub;

// What a view shows while it has nothing: an icon, a sentence that says what to do, and perhaps a
// button that does it.
class EmptyState : public QWidget {
  Q_OBJECT
public:
  EmptyState(const ThemeHub &hub, std::string_view icon, const QString &sentence,
             QWidget *parent = nullptr);

  void setSentence(const QString &sentence);
  void setIconName(std::string_view icon);
  // An empty text removes the button.
  void setAction(const QString &text);

Q_SIGNALS:
  void actionTriggered();

private:
  void refresh();

  const ThemeHub &m_hub;
  std::string m_icon;
  QLabel *m_picture;
  QLabel *m_sentence;
  QPushButton *m_button;
};

} // namespace packetarium::ui
