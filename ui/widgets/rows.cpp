// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/rows.h"

#include "ui/theme/apply_theme.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme_hub.h"

#include <QFontMetrics>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QStyle>

#include <algorithm>

namespace packetarium::ui {

KeyValueRow::KeyValueRow(const ThemeHub &hub, const QString &key, const QString &value,
                         const QString &remark, QWidget *parent)
    : QWidget(parent),
      m_hub(hub),
      m_key(new QLabel(key, this)),
      m_value(new QLabel(this)),
      m_remark(new QLabel(this)) {
  setTextRole(*m_key, TextRole::Secondary);
  setTextRole(*m_remark, TextRole::Secondary);
  m_key->setAlignment(Qt::AlignLeading | Qt::AlignTop);
  m_key->setWordWrap(true);
  m_value->setAlignment(Qt::AlignLeading | Qt::AlignTop);
  m_value->setTextFormat(Qt::PlainText);
  m_value->setTextInteractionFlags(Qt::TextSelectableByMouse);
  m_value->setWordWrap(true);
  m_value->setAccessibleName(key);
  m_remark->setWordWrap(true);
  m_remark->setAlignment(Qt::AlignLeading | Qt::AlignTop);
  auto *row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->addWidget(m_key, 0);
  auto *column = new QVBoxLayout;
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(m_value);
  column->addWidget(m_remark);
  row->addLayout(column, 1);
  setValue(value);
  setRemark(remark);
  connect(&hub, &ThemeHub::changed, this, &KeyValueRow::relayout);
  relayout();
}

void KeyValueRow::setValue(const QString &value) { m_value->setText(value); }

void KeyValueRow::setRemark(const QString &remark) {
  m_remark->setText(remark);
  m_remark->setHidden(remark.isEmpty());
}

void KeyValueRow::setMono(bool mono) {
  setTextRole(*m_value, mono ? TextRole::Mono : TextRole::Body);
}

void KeyValueRow::setKeyWidth(int px) {
  m_keyWidth = px;
  relayout();
}

QString KeyValueRow::value() const { return m_value->text(); }

void KeyValueRow::relayout() {
  const Typography &type = m_hub.typography();
  m_key->setFixedWidth(type.px(m_keyWidth));
  // The key is set smaller than the value; this brings their first lines onto one height.
  const int drop = QFontMetrics(type.body()).ascent() - QFontMetrics(type.secondary()).ascent();
  m_key->setContentsMargins(0, std::max(0, drop), 0, 0);
  layout()->setSpacing(type.px(8));
}

FormRow::FormRow(const ThemeHub &hub, const QString &caption, QWidget *editor, const QString &unit,
                 QWidget *parent)
    : QWidget(parent),
      m_hub(hub),
      m_caption(new QLabel(caption, this)),
      m_editor(editor),
      m_unit(new QLabel(unit, this)),
      m_noteIcon(new QLabel(this)),
      m_note(new QLabel(this)) {
  setTextRole(*m_caption, TextRole::Secondary);
  setTextRole(*m_unit, TextRole::Secondary);
  m_note->setWordWrap(true);
  m_caption->setBuddy(editor);
  if (editor->accessibleName().isEmpty())
    editor->setAccessibleName(unit.isEmpty() ? caption : tr("%1 in %2").arg(caption, unit));
  auto *grid = new QGridLayout(this);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->addWidget(m_caption, 0, 0, 1, 2);
  grid->addWidget(editor, 1, 0, 1, unit.isEmpty() ? 2 : 1);
  grid->addWidget(m_unit, 1, 1);
  auto *note = new QHBoxLayout;
  note->setSpacing(4);
  note->addWidget(m_noteIcon, 0, Qt::AlignTop);
  note->addWidget(m_note, 1);
  grid->addLayout(note, 2, 0, 1, 2);
  grid->setColumnStretch(0, 1);
  m_unit->setHidden(unit.isEmpty());
  connect(&hub, &ThemeHub::changed, this, &FormRow::relayout);
  relayout();
}

void FormRow::setHelp(const QString &help) {
  m_help = help;
  m_editor->setToolTip(help);
  showNote();
}

void FormRow::setError(const QString &message) {
  m_error = message;
  m_editor->setProperty("invalid", hasError());
  m_editor->style()->unpolish(m_editor);
  m_editor->style()->polish(m_editor);
  m_editor->setAccessibleDescription(hasError() ? message : m_help);
  showNote();
}

void FormRow::showNote() {
  const int edge = m_hub.typography().px(14);
  m_noteIcon->setVisible(hasError());
  m_note->setHidden(m_error.isEmpty() && m_help.isEmpty());
  m_note->setText(hasError() ? m_error : m_help);
  setTextRole(*m_note, hasError() ? TextRole::Bad : TextRole::Tiny);
  if (hasError())
    m_noteIcon->setPixmap(iconPixmap("warning", edge, devicePixelRatioF(), m_hub.theme().bad));
}

void FormRow::relayout() {
  const Typography &type = m_hub.typography();
  auto *grid = static_cast<QGridLayout *>(layout());
  grid->setHorizontalSpacing(type.px(8));
  grid->setVerticalSpacing(type.px(4));
  showNote();
}

} // namespace packetarium::ui
