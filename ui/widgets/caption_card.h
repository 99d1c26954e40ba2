// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/widgets/floating_card.h"

#include <QString>

#include <string_view>

class QHBoxLayout;
class QLabel;
class QPushButton;

namespace packetarium::ui {

class IconButton;

// A floating card that speaks: a scenario's story, a hint, a "why", a presenter's caption. It sizes
// itself to its text at a given width; whoever owns it moves it.
class CaptionCard : public FloatingCard {
  Q_OBJECT
public:
  explicit CaptionCard(const ThemeHub &hub, QWidget *parent = nullptr);

  void setEyebrow(const QString &text); // "Step 2 of 5"; empty hides it
  void setTitle(const QString &title);
  // Rich text; a link in it comes back through linkActivated.
  void setText(const QString &text);
  // Returns the button's index. The first primary one is where the eye goes.
  int addButton(const QString &text, bool primary = false);
  [[nodiscard]] QPushButton *button(int index) const;
  void clearButtons();
  void setClosable(bool closable);
  // Visible width at scale 1; 344 by default.
  void setCardWidth(int px);

  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

Q_SIGNALS:
  void buttonClicked(int index);
  void linkActivated(const QString &href);
  void closed(); // by the user; the card has hidden itself

private:
  void refit();

  QLabel *m_eyebrow;
  QLabel *m_title;
  QLabel *m_text;
  IconButton *m_close;
  QHBoxLayout *m_buttonRow;
  QWidget *m_buttons;
  int m_cardWidth = 344;
};

} // namespace packetarium::ui
