// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/empty_state.h"

#include "ui/theme/apply_theme.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme_hub.h"

#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace packetarium::ui {

EmptyState::EmptyState(const ThemeHub &hub, std::string_view icon, const QString &sentence,
                       QWidget *parent)
    : QWidget(parent),
      m_hub(hub),
      m_icon(icon),
      m_picture(new QLabel(this)),
      m_sentence(new QLabel(sentence, this)),
      m_button(new QPushButton(this)) {
  m_picture->setAlignment(Qt::AlignCenter);
  m_sentence->setAlignment(Qt::AlignCenter);
  m_sentence->setWordWrap(true);
  setTextRole(*m_sentence, TextRole::Secondary);
  m_button->hide();
  m_button->setFocusPolicy(Qt::TabFocus);
  auto *column = new QVBoxLayout(this);
  column->addStretch(1);
  column->addWidget(m_picture);
  column->addWidget(m_sentence);
  column->addWidget(m_button, 0, Qt::AlignHCenter);
  column->addStretch(1);
  connect(m_button, &QPushButton::clicked, this, &EmptyState::actionTriggered);
  connect(&hub, &ThemeHub::changed, this, &EmptyState::refresh);
  refresh();
}

void EmptyState::setSentence(const QString &sentence) { m_sentence->setText(sentence); }

void EmptyState::setIconName(std::string_view icon) {
  m_icon = icon;
  refresh();
}

void EmptyState::setAction(const QString &text) {
  m_button->setText(text);
  m_button->setHidden(text.isEmpty());
}

void EmptyState::refresh() {
  const Typography &type = m_hub.typography();
  m_picture->setPixmap(iconPixmap(m_icon, type.px(32), devicePixelRatioF(), m_hub.theme().dim));
  layout()->setContentsMargins(type.px(16), type.px(16), type.px(16), type.px(16));
  layout()->setSpacing(type.px(8));
}

} // namespace packetarium::ui
