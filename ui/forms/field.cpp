// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/forms/field.h"

#include "ui/forms/line_editor.h"
#include "ui/forms/records_editor.h"
#include "ui/theme/apply_theme.h"
#include "ui/theme/theme_hub.h"

#include <QCheckBox>
#include <QComboBox>
#include <QEvent>
#include <QGridLayout>
#include <QLabel>
#include <QPointer>
#include <QSignalBlocker>
#include <QStyle>

#include <algorithm>

namespace packetarium::ui {
namespace {

constexpr int captionWidth = 104;

bool looksLike(const FieldSpec &a, const FieldSpec &b) {
  return a.caption == b.caption && a.help == b.help && a.unit == b.unit && a.minimum == b.minimum &&
         a.maximum == b.maximum && a.choices == b.choices && a.whenEmpty == b.whenEmpty &&
         a.byDefault == b.byDefault;
}

bool looksLike(const std::vector<FieldSpec> &a, const std::vector<FieldSpec> &b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const FieldSpec &x, const FieldSpec &y) { return looksLike(x, y); });
}

/// The wheel scrolls the form; it does not change what happens to lie under the pointer.
class WheelGuard : public QObject {
public:
  using QObject::QObject;
  bool eventFilter(QObject *, QEvent *event) override {
    if (event->type() != QEvent::Wheel) return false;
    event->ignore();
    return true;
  }
};

} // namespace

Field::Field(const ThemeHub &hub, FieldSpec spec, QWidget *parent)
    : QWidget(parent),
      m_hub(hub),
      m_spec(std::move(spec)),
      m_caption(new QLabel(this)),
      m_note(new QLabel(this)) {
  setTextRole(*m_caption, TextRole::Secondary);
  setTextRole(*m_note, TextRole::Bad);
  m_caption->setWordWrap(true);
  m_note->setWordWrap(true);
  m_note->hide();
  buildEditor();
  layOut();
  showSpec();
  connect(&hub, &ThemeHub::changed, this, [this] {
    layOut();
    showSign();
  });
}

QWidget *Field::editor() const {
  if (m_line != nullptr) return m_line;
  if (m_combo != nullptr) return m_combo;
  if (m_check != nullptr) return m_check;
  return m_records;
}

void Field::buildEditor() {
  if (m_spec.kind == FieldKind::Choice) {
    m_combo = new QComboBox(this);
    m_combo->setFocusPolicy(Qt::StrongFocus);
    m_combo->installEventFilter(new WheelGuard(this));
    m_combo->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    connect(m_combo, &QComboBox::activated, this, [this](int index) {
      if (index >= 0 && index < static_cast<int>(m_spec.choices.size()))
        commit(programs::ParameterValue(m_spec.choices[static_cast<std::size_t>(index)].first));
    });
  } else if (m_spec.kind == FieldKind::Boolean) {
    m_check = new QCheckBox(this);
    connect(m_check, &QCheckBox::clicked, this, [this] {
      m_check->setTristate(false);
      commit(programs::ParameterValue(m_check->isChecked()));
    });
  } else if (m_spec.kind == FieldKind::Records) {
    m_records = new RecordsEditor(m_hub, m_spec.columns, this);
    connect(m_records, &RecordsEditor::refused, this, &Field::setError);
    connect(m_records, &RecordsEditor::edited, this, [this] { commit(m_records->rows()); });
    connect(m_records, &RecordsEditor::givenBack, this, [this] { commit({}); });
  } else {
    m_line = new LineEditor(m_hub, this);
    m_line->setStepping(canStep(m_spec.kind));
    connect(m_line, &LineEditor::committed, this, &Field::commitText);
    connect(m_line, &LineEditor::restored, this, [this] { setError({}); });
    connect(m_line, &LineEditor::stepped, this, &Field::step);
    connect(m_line, &LineEditor::signPressed, this, [this] { commit({}); });
  }
  m_caption->setBuddy(editor());
}

void Field::layOut() {
  const Typography &type = m_hub.typography();
  delete layout();
  auto *grid = new QGridLayout(this);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setHorizontalSpacing(type.px(8));
  grid->setVerticalSpacing(type.px(2));
  if (m_records != nullptr || m_spec.wide) {
    grid->addWidget(m_caption, 0, 0);
    grid->addWidget(editor(), 1, 0);
    grid->addWidget(m_note, 2, 0);
    return;
  }
  m_caption->setFixedWidth(type.px(captionWidth));
  grid->addWidget(m_caption, 0, 0, Qt::AlignVCenter);
  grid->addWidget(editor(), 0, 1);
  grid->addWidget(m_note, 1, 1);
  grid->setColumnStretch(1, 1);
}

void Field::setSpec(FieldSpec spec) {
  const bool columns = !looksLike(m_spec.columns, spec.columns);
  const bool same = looksLike(m_spec, spec) && !columns;
  m_spec = std::move(spec);
  if (same) return;
  if (m_records != nullptr && columns) m_records->setColumns(m_spec.columns);
  showSpec();
}

void Field::showSpec() {
  m_caption->setText(m_spec.caption);
  QStringList help{m_spec.help};
  if (const QString range = rangeText(m_spec); !range.isEmpty()) help << range;
  help.removeAll(QString());
  const QString tip = help.join(QLatin1Char('\n'));
  m_caption->setToolTip(tip);
  editor()->setToolTip(tip);
  editor()->setAccessibleName(m_spec.caption);
  editor()->setAccessibleDescription(tip);
  if (m_combo != nullptr) {
    const QSignalBlocker quiet(m_combo);
    m_combo->clear();
    for (const auto &[value, shown] : m_spec.choices) m_combo->addItem(shown);
  }
  showValue();
}

bool Field::isMixed() const {
  return std::adjacent_find(m_values.begin(), m_values.end(), std::not_equal_to<>()) !=
         m_values.end();
}

void Field::setValues(std::vector<FieldValue> values) {
  const bool same = values == m_values;
  m_values = std::move(values);
  if (same && !m_committing) return;
  // What is being typed is the person's; it is shown against the new value when it is left.
  if (!m_committing && m_line != nullptr && m_line->isDraft()) return;
  if (!m_committing && m_records != nullptr && m_records->isDraft()) return;
  showValue();
}

void Field::showValue() {
  const bool mixed = isMixed();
  const FieldValue value = m_values.empty() || mixed ? FieldValue() : m_values.front();
  const QString several = tr("several values");
  if (m_line != nullptr) {
    m_line->setPlaceholderText(mixed ? several : m_spec.whenEmpty);
    m_line->setShown(value ? fieldText(m_spec, *value) : QString());
  } else if (m_combo != nullptr) {
    const QSignalBlocker quiet(m_combo);
    m_combo->setPlaceholderText(mixed ? several : m_spec.whenEmpty);
    const QString shown = fieldText(m_spec, value ? *value : m_spec.byDefault);
    m_combo->setCurrentIndex(mixed ? -1 : m_combo->findText(shown));
  } else if (m_check != nullptr) {
    m_check->setTristate(mixed);
    const auto *on = std::get_if<bool>(value ? &*value : &m_spec.byDefault);
    m_check->setCheckState(mixed                  ? Qt::PartiallyChecked
                           : on != nullptr && *on ? Qt::Checked
                                                  : Qt::Unchecked);
    m_check->setText(mixed ? several : QString());
  } else if (m_records != nullptr) {
    const auto *rows = value ? std::get_if<std::vector<programs::ParameterRow>>(&*value) : nullptr;
    m_records->setRows(rows != nullptr ? *rows : std::vector<programs::ParameterRow>{}, mixed);
  }
}

void Field::setOrigin(FieldOrigin origin) {
  if (origin == m_origin) return;
  m_origin = origin;
  showSign();
}

void Field::showSign() {
  const bool chosen = m_origin == FieldOrigin::Chosen;
  const bool byHand = m_origin == FieldOrigin::ByHand;
  const QString help =
      chosen   ? tr("Chosen by Packetarium, and chosen anew when it no longer fits. Type to set it "
                      "by hand.")
      : byHand ? tr("Set by hand: it stays. Press, or empty the field, to let Packetarium choose.")
               : QString();
  if (m_line != nullptr)
    m_line->setSign(chosen ? tr("auto") : QString(), byHand ? "lock" : "", help, byHand);
  if (m_records != nullptr)
    m_records->setSign(chosen ? tr("auto") : QString(), byHand ? "lock" : "", help, byHand);
}

void Field::reset() {
  setError({});
  if (m_line != nullptr) m_line->setText(m_line->shown());
  if (m_records != nullptr) m_records->discard();
  showValue();
}

void Field::commitText() {
  if (!m_line->isDraft()) return setError({});
  const FieldInput input = readField(m_spec, m_line->text(), m_line->shown());
  if (!input.error.isEmpty()) return setError(input.error);
  // Several values stay as they are until one is typed for them all.
  if (!input.value && isMixed()) return reset();
  commit(input.value);
}

void Field::step(int steps) {
  FieldValue from;
  if (m_line->isDraft())
    from = readField(m_spec, m_line->text(), m_line->shown()).value;
  else if (!m_values.empty() && !isMixed())
    from = m_values.front();
  if (!from) {
    // From what stands there when nothing was set.
    if (m_line->isDraft() || isMixed() || m_spec.mayBeEmpty == false) return;
    from = m_spec.byDefault;
  }
  const programs::ParameterValue next = stepped(m_spec, *from, steps);
  if (!(next == *from)) commit(next);
}

void Field::commit(const FieldValue &value) {
  if (!m_commit) return;
  const QPointer<Field> self(this); // the form may be built anew
  m_committing = true;
  const QString fault = m_commit(value);
  if (self.isNull()) return;
  m_committing = false;
  setError(fault);
  if (fault.isEmpty()) {
    if (m_records != nullptr) m_records->discard();
    showValue();
  } else if (m_combo != nullptr || m_check != nullptr) {
    showValue(); // there is nothing typed to mend
  }
}

void Field::setError(const QString &error) {
  m_error = error;
  m_note->setText(error);
  m_note->setVisible(!error.isEmpty());
  QWidget *shown = editor();
  shown->setProperty("invalid", !error.isEmpty());
  shown->style()->unpolish(shown);
  shown->style()->polish(shown);
  if (!error.isEmpty()) shown->setAccessibleDescription(error);
}

} // namespace packetarium::ui
