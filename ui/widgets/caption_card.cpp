// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/caption_card.h"

#include "ui/theme/apply_theme.h"
#include "ui/theme/theme_hub.h"
#include "ui/widgets/icon_button.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace packetarium::ui {

CaptionCard::CaptionCard(const ThemeHub &hub, QWidget *parent)
    : FloatingCard(hub, parent),
      m_eyebrow(new QLabel(this)),
      m_title(new QLabel(this)),
      m_text(new QLabel(this)),
      m_close(new IconButton(hub, "close", tr("Close"), IconButton::Variant::Flat, this)),
      m_buttons(new QWidget(this)) {
  setTextRole(*m_eyebrow, TextRole::Section);
  setTextRole(*m_title, TextRole::Title);
  for (QLabel *label : {m_eyebrow, m_title, m_text}) {
    label->setWordWrap(true);
    label->hide();
  }
  m_text->setTextFormat(Qt::RichText);
  m_text->setTextInteractionFlags(Qt::LinksAccessibleByMouse | Qt::LinksAccessibleByKeyboard);
  setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
  m_close->setEdge(22);
  m_close->hide();
  m_buttons->hide();
  m_buttonRow = new QHBoxLayout(m_buttons);
  m_buttonRow->setContentsMargins(0, 0, 0, 0);
  m_buttonRow->addStretch(1);

  auto *head = new QHBoxLayout;
  auto *words = new QVBoxLayout;
  words->setSpacing(2);
  words->addWidget(m_eyebrow);
  words->addWidget(m_title);
  head->addLayout(words, 1);
  head->addWidget(m_close, 0, Qt::AlignTop);
  auto *column = new QVBoxLayout(this);
  column->addLayout(head);
  column->addWidget(m_text);
  column->addWidget(m_buttons);

  connect(m_text, &QLabel::linkActivated, this, &CaptionCard::linkActivated);
  connect(m_close, &QToolButton::clicked, this, [this] {
    hide();
    Q_EMIT closed();
  });
  connect(&hub, &ThemeHub::changed, this, &CaptionCard::refit);
  refit();
}

void CaptionCard::setEyebrow(const QString &text) {
  m_eyebrow->setText(text);
  m_eyebrow->setHidden(text.isEmpty());
  refit();
}

void CaptionCard::setTitle(const QString &title) {
  m_title->setText(title);
  m_title->setHidden(title.isEmpty());
  setAccessibleName(title);
  refit();
}

void CaptionCard::setText(const QString &text) {
  m_text->setText(text);
  m_text->setHidden(text.isEmpty());
  setAccessibleDescription(text);
  refit();
}

int CaptionCard::addButton(const QString &text, bool primary) {
  auto *added = new QPushButton(text, m_buttons);
  added->setFocusPolicy(Qt::TabFocus); // the space bar stays with the run after a click
  setButtonRole(*added, primary ? ButtonRole::Primary : ButtonRole::Plain);
  const int index = m_buttonRow->count() - 1; // the stretch stands first
  m_buttonRow->addWidget(added);
  connect(added, &QPushButton::clicked, this, [this, index] { Q_EMIT buttonClicked(index); });
  m_buttons->show();
  refit();
  return index;
}

QPushButton *CaptionCard::button(int index) const {
  QLayoutItem *item = m_buttonRow->itemAt(index + 1);
  return item ? qobject_cast<QPushButton *>(item->widget()) : nullptr;
}

void CaptionCard::clearButtons() {
  while (m_buttonRow->count() > 1) {
    QLayoutItem *item = m_buttonRow->takeAt(1);
    item->widget()->hide();
    item->widget()->deleteLater(); // it may be the sender
    delete item;
  }
  m_buttons->hide();
  refit();
}

void CaptionCard::setClosable(bool closable) {
  m_close->setVisible(closable);
  refit();
}

void CaptionCard::setCardWidth(int px) {
  m_cardWidth = px;
  refit();
}

QSize CaptionCard::sizeHint() const {
  const QMargins shadow = shadowMargins();
  const int width = m_hub.typography().px(m_cardWidth) + shadow.left() + shadow.right();
  ensurePolished();
  layout()->activate();
  const int wanted = std::max(width, layout()->minimumSize().width());
  return {wanted, layout()->hasHeightForWidth() ? layout()->heightForWidth(wanted)
                                                : layout()->sizeHint().height()};
}

void CaptionCard::refit() {
  const Typography &type = m_hub.typography();
  const int pad = type.px(16);
  layout()->setContentsMargins(shadowMargins() + QMargins(pad, type.px(12), pad, type.px(12)));
  layout()->setSpacing(type.px(8));
  m_buttonRow->setSpacing(type.px(8));
  layout()->invalidate();
  resize(sizeHint());
  updateGeometry();
}

} // namespace packetarium::ui
