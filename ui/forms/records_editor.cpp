// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/forms/records_editor.h"

#include "ui/theme/apply_theme.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme_hub.h"
#include "ui/widgets/icon_button.h"
#include "ui/widgets/tables.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace packetarium::ui {
namespace {

constexpr int rowsShownMax = 6;
constexpr int columnsStretched = 4;

/// A line of text for every cell, or a choice of a few.
class CellDelegate : public QStyledItemDelegate {
public:
  CellDelegate(RecordsModel &model, QObject *parent)
      : QStyledItemDelegate(parent), m_model(model) {}

  QWidget *createEditor(QWidget *parent, const QStyleOptionViewItem &option,
                        const QModelIndex &index) const override {
    QWidget *editor = makeEditor(parent, index);
    // As tall as the cell, not as a field of its own.
    editor->setStyleSheet(QStringLiteral("min-height: 0; padding: 0 4px; border-radius: 2px;"));
    editor->setMaximumHeight(option.rect.height());
    return editor;
  }

  // Over the whole cell: inside its padding there is room for half the words.
  void updateEditorGeometry(QWidget *editor, const QStyleOptionViewItem &option,
                            const QModelIndex &) const override {
    editor->setGeometry(option.rect);
  }

  QWidget *makeEditor(QWidget *parent, const QModelIndex &index) const {
    const FieldSpec &spec = m_model.columns()[static_cast<std::size_t>(index.column())];
    if (spec.kind != FieldKind::Choice && spec.kind != FieldKind::Boolean) {
      auto *line = new QLineEdit(parent);
      line->setPlaceholderText(spec.help);
      line->setAccessibleName(spec.caption);
      return line;
    }
    auto *combo = new QComboBox(parent);
    combo->setAccessibleName(spec.caption);
    if (spec.kind == FieldKind::Boolean)
      combo->addItems({fieldText(spec, true), fieldText(spec, false)});
    for (const auto &[value, shown] : spec.choices) combo->addItem(shown);
    auto *self = const_cast<CellDelegate *>(this);
    connect(combo, &QComboBox::activated, self, [self, combo] {
      Q_EMIT self->commitData(combo);
      Q_EMIT self->closeEditor(combo);
    });
    return combo;
  }

  void setEditorData(QWidget *editor, const QModelIndex &index) const override {
    if (auto *combo = qobject_cast<QComboBox *>(editor))
      combo->setCurrentIndex(combo->findText(index.data(Qt::EditRole).toString()));
    else
      QStyledItemDelegate::setEditorData(editor, index);
  }

  void setModelData(QWidget *editor, QAbstractItemModel *model,
                    const QModelIndex &index) const override {
    if (auto *combo = qobject_cast<QComboBox *>(editor))
      model->setData(index, combo->currentText(), Qt::EditRole);
    else
      QStyledItemDelegate::setModelData(editor, model, index);
  }

private:
  RecordsModel &m_model;
};

} // namespace

RecordsEditor::RecordsEditor(const ThemeHub &hub, std::vector<FieldSpec> columns, QWidget *parent)
    : QWidget(parent),
      m_hub(hub),
      m_model(std::move(columns)),
      m_table(new QTableView(this)),
      m_add(new IconButton(hub, "plus", tr("Add a row"), IconButton::Variant::Flat, this)),
      m_remove(new IconButton(hub, "minus", tr("Remove the row  (Delete)"),
                              IconButton::Variant::Flat, this)),
      m_remark(new QLabel(this)),
      m_sign(new QToolButton(this)) {
  prepareTable(hub, *m_table);
  m_table->setModel(&m_model);
  m_table->setItemDelegate(new CellDelegate(m_model, m_table));
  m_table->setTabKeyNavigation(false);
  m_table->setSelectionBehavior(QAbstractItemView::SelectItems);
  m_table->setSelectionMode(QAbstractItemView::SingleSelection);
  m_table->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed |
                           QAbstractItemView::AnyKeyPressed | QAbstractItemView::SelectedClicked);
  m_table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
  m_table->installEventFilter(this);
  setTextRole(*m_remark, TextRole::Tiny);
  m_add->setEdge(22);
  m_remove->setEdge(22);
  m_sign->hide();
  m_sign->setFocusPolicy(Qt::TabFocus);
  auto *row = new QHBoxLayout;
  row->setSpacing(2);
  row->addWidget(m_add);
  row->addWidget(m_remove);
  row->addWidget(m_remark, 1);
  row->addWidget(m_sign);
  auto *column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(2);
  column->addWidget(m_table);
  column->addLayout(row);
  connect(m_add, &QToolButton::clicked, this, &RecordsEditor::addRow);
  connect(m_remove, &QToolButton::clicked, this, &RecordsEditor::removeRow);
  connect(m_sign, &QToolButton::clicked, this, &RecordsEditor::givenBack);
  connect(&m_model, &RecordsModel::edited, this, &RecordsEditor::onEdited);
  connect(&m_model, &RecordsModel::refused, this, &RecordsEditor::refused);
  connect(&hub, &ThemeHub::changed, this, &RecordsEditor::fitHeight);
  fitHeight();
}

const std::vector<programs::ParameterRow> &RecordsEditor::rows() const { return m_model.rows(); }

void RecordsEditor::setColumns(std::vector<FieldSpec> columns) {
  m_model.setColumns(std::move(columns));
}

void RecordsEditor::setRows(std::vector<programs::ParameterRow> rows, bool mixed) {
  m_draft = false;
  m_committed = rows;
  m_model.setRows(std::move(rows));
  m_mixed = mixed;
  fitHeight();
}

void RecordsEditor::discard() {
  m_draft = false;
  m_model.setRows(m_committed);
  fitHeight();
}

void RecordsEditor::setSign(const QString &word, std::string_view icon, const QString &help,
                            bool press) {
  const Theme &theme = m_hub.theme();
  m_sign->setText(word);
  m_sign->setFont(m_hub.typography().tiny());
  m_sign->setIcon(icon.empty() ? QIcon() : ui::icon(icon, theme, theme.dim));
  m_sign->setToolButtonStyle(icon.empty() ? Qt::ToolButtonTextOnly : Qt::ToolButtonIconOnly);
  m_sign->setToolTip(help);
  m_sign->setAccessibleName(help);
  m_sign->setAttribute(Qt::WA_TransparentForMouseEvents, false);
  m_sign->setFocusPolicy(press ? Qt::TabFocus : Qt::NoFocus);
  m_sign->blockSignals(!press);
  m_sign->setVisible(!word.isEmpty() || !icon.empty());
}

void RecordsEditor::addRow() {
  m_filling = true;
  const int row = m_model.addRow();
  m_filling = false;
  m_draft = true;
  fitHeight();
  const QModelIndex missing = m_model.firstMissing();
  const QModelIndex at = missing.isValid() ? missing : m_model.index(row, 0);
  m_table->setFocus();
  m_table->setCurrentIndex(at);
  m_table->scrollTo(at);
  m_table->edit(at);
}

void RecordsEditor::removeRow() {
  const QModelIndex current = m_table->currentIndex();
  if (current.isValid()) m_model.removeRow(current.row());
}

void RecordsEditor::onEdited() {
  fitHeight();
  if (m_filling) return;
  m_draft = true;
  const QModelIndex missing = m_model.firstMissing();
  if (missing.isValid()) {
    const FieldSpec &spec = m_model.columns()[static_cast<std::size_t>(missing.column())];
    Q_EMIT refused(tr("Row %1 still needs: %2.").arg(missing.row() + 1).arg(spec.caption));
    return;
  }
  Q_EMIT edited();
}

/// A few columns share the width; more of them are as wide as what they hold, and scroll.
void RecordsEditor::fitColumns() {
  QHeaderView *header = m_table->horizontalHeader();
  const bool stretch = m_model.columnCount() <= columnsStretched;
  m_table->setHorizontalScrollBarPolicy(stretch ? Qt::ScrollBarAlwaysOff : Qt::ScrollBarAsNeeded);
  const Typography &type = m_hub.typography();
  header->setMinimumSectionSize(type.px(48));
  if (stretch) return stretchColumns();
  header->setSectionResizeMode(QHeaderView::Interactive);
  m_table->resizeColumnsToContents();
  for (int c = 0; c < m_model.columnCount(); ++c)
    m_table->setColumnWidth(
        c, std::clamp(m_table->columnWidth(c) + type.px(4), type.px(56), type.px(150)));
}

// Names and addresses share what numbers and choices leave of the width.
void RecordsEditor::stretchColumns() {
  QHeaderView *header = m_table->horizontalHeader();
  bool any = false;
  for (int c = 0; c < m_model.columnCount(); ++c) {
    const FieldKind kind = m_model.columns()[static_cast<std::size_t>(c)].kind;
    const bool words = kind == FieldKind::Text || kind == FieldKind::Address ||
                       kind == FieldKind::Prefix || kind == FieldKind::Network ||
                       kind == FieldKind::Addresses;
    header->setSectionResizeMode(c, words ? QHeaderView::Stretch : QHeaderView::ResizeToContents);
    any = any || words;
  }
  header->setStretchLastSection(!any);
}

void RecordsEditor::fitHeight() {
  const int shown = std::clamp(m_model.rowCount(), 1, rowsShownMax);
  fitColumns();
  const int header = m_table->horizontalHeader()->sizeHint().height();
  const int bar = m_model.columnCount() > columnsStretched ? m_hub.typography().px(10) : 0;
  m_table->setFixedHeight(header + shown * m_hub.typography().px(24) + 2 * m_table->frameWidth() +
                          2 + bar);
  const bool any = m_model.rowCount() > 0;
  m_table->setVisible(any);
  m_remove->setVisible(any);
  m_remark->setText(m_mixed ? tr("several values") : any ? QString() : tr("none"));
}

KeyHelpGroup RecordsEditor::keyHelp() {
  return {tr("In a table of properties"),
          {{tr("From cell to cell"), {Qt::Key_Left, Qt::Key_Right, Qt::Key_Up, Qt::Key_Down}, {}},
           {tr("Edit the cell"), {Qt::Key_Return, Qt::Key_F2}, {}},
           {tr("Remove the row"), {Qt::Key_Delete, Qt::Key_Backspace}, {}},
           {tr("Take back a row that is not whole"), {Qt::Key_Escape}, {}}}};
}

bool RecordsEditor::eventFilter(QObject *watched, QEvent *event) {
  const bool press = event->type() == QEvent::KeyPress;
  if (watched == m_table && (press || event->type() == QEvent::ShortcutOverride)) {
    const auto *key = static_cast<QKeyEvent *>(event);
    const bool removes = key->key() == Qt::Key_Delete || key->key() == Qt::Key_Backspace;
    const bool takesBack = key->key() == Qt::Key_Escape && m_draft;
    const bool walks = key->key() >= Qt::Key_Left && key->key() <= Qt::Key_Down &&
                       key->modifiers() == Qt::NoModifier;
    const bool opens =
        key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter || key->key() == Qt::Key_F2;
    const bool types = !key->text().isEmpty() && key->text().front().isPrint() &&
                       !(key->modifiers() & (Qt::ControlModifier | Qt::AltModifier));
    if (!press && (removes || takesBack || walks || opens || types)) {
      event->accept();
      return true;
    }
    if (press && removes) {
      removeRow();
      return true;
    }
    if (press && takesBack) {
      discard();
      Q_EMIT refused({});
      return true;
    }
    if (press && opens && m_table->currentIndex().isValid()) {
      m_table->edit(m_table->currentIndex());
      return true;
    }
  }
  return QWidget::eventFilter(watched, event);
}

} // namespace packetarium::ui
