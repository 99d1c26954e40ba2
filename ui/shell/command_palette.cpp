// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/command_palette.h"

#include "ui/theme/apply_theme.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme_hub.h"

#include <QAction>
#include <QApplication>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include <algorithm>

namespace packetarium::ui {
namespace {

// At scale 1.
constexpr int cardWide = 560;
constexpr int rowTall = 32;
constexpr int rowsMax = 11;
constexpr int fromTop = 52;

/// Icon, name with the letters that were typed in the accent, what it is, its shortcut.
class CommandDelegate : public QStyledItemDelegate {
public:
  CommandDelegate(const ThemeHub &hub, QObject *parent) : QStyledItemDelegate(parent), m_hub(hub) {}

  QSize sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const override {
    return {100, m_hub.typography().px(rowTall)};
  }

  void paint(QPainter *painter, const QStyleOptionViewItem &option,
             const QModelIndex &index) const override {
    const Theme &theme = m_hub.theme();
    const Typography &type = m_hub.typography();
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const bool current = option.state.testFlag(QStyle::State_Selected);
    if (current || option.state.testFlag(QStyle::State_MouseOver)) {
      painter->setPen(Qt::NoPen);
      painter->setBrush(current ? theme.selection : theme.hover);
      painter->drawRoundedRect(option.rect.adjusted(6, 1, -6, -1), 6, 6);
    }
    QRect room = option.rect.adjusted(type.px(16), 0, -type.px(16), 0);
    const int glyph = type.px(16);
    const QString iconName = index.data(CommandModel::IconRole).toString();
    if (!iconName.isEmpty())
      paintIcon(*painter, iconName.toStdString(),
                QRectF(room.left(), room.center().y() - glyph / 2.0, glyph, glyph),
                current ? theme.accent : theme.dim);
    room.setLeft(room.left() + glyph + type.px(10));
    const QString keys = index.data(CommandModel::ShortcutRole).toString();
    painter->setFont(type.secondary());
    painter->setPen(theme.dim);
    painter->drawText(room, Qt::AlignRight | Qt::AlignVCenter, keys);
    if (!keys.isEmpty())
      room.setRight(room.right() - painter->fontMetrics().horizontalAdvance(keys) - type.px(16));
    const int used = paintName(*painter, room, index);
    room.setLeft(room.left() + used + type.px(10));
    painter->setFont(type.secondary());
    painter->setPen(theme.dim);
    if (room.width() > type.px(24))
      painter->drawText(
          room, Qt::AlignLeft | Qt::AlignVCenter,
          painter->fontMetrics().elidedText(index.data(CommandModel::AboutRole).toString(),
                                            Qt::ElideRight, room.width()));
    painter->restore();
  }

private:
  /// Gives the width it took.
  int paintName(QPainter &painter, const QRect &room, const QModelIndex &index) const {
    const Theme &theme = m_hub.theme();
    const QFont plain = m_hub.typography().body();
    const QFont strong = m_hub.typography().name();
    const QString name =
        QFontMetrics(strong).elidedText(index.data().toString(), Qt::ElideRight, room.width());
    const QVariantList meant = index.data(CommandModel::PositionsRole).toList();
    int x = room.left();
    for (qsizetype i = 0; i < name.size();) {
      const bool hit = meant.contains(QVariant(static_cast<int>(i)));
      qsizetype end = i + 1;
      while (end < name.size() && meant.contains(QVariant(static_cast<int>(end))) == hit) ++end;
      const QString part = name.mid(i, end - i);
      painter.setFont(hit ? strong : plain);
      painter.setPen(hit ? theme.accent : theme.text);
      const int wide = painter.fontMetrics().horizontalAdvance(part);
      painter.drawText(QRect(x, room.top(), wide + 4, room.height()),
                       Qt::AlignLeft | Qt::AlignVCenter, part);
      x += wide;
      i = end;
    }
    return x - room.left();
  }

  const ThemeHub &m_hub;
};

} // namespace

CommandPalette::CommandPalette(const ThemeHub &hub, QWidget *parent)
    : FloatingCard(hub, parent),
      m_model(new CommandModel(this)),
      m_field(new QLineEdit(this)),
      m_list(new QListView(this)),
      m_nothing(new QLabel(this)) {
  setObjectName(QStringLiteral("commandPalette"));
  setAccessibleName(tr("Find anything"));
  m_field->setPlaceholderText(tr("Find an action, a node or a link"));
  m_field->setAccessibleName(tr("Find an action, a node or a link"));
  m_field->setToolTip(tr("Up and Down choose, Enter does it, Escape closes"));
  m_field->installEventFilter(this);
  QAction *glass = m_field->addAction(QIcon(), QLineEdit::LeadingPosition);
  m_list->setModel(m_model);
  m_list->setAccessibleName(tr("What fits"));
  m_list->setItemDelegate(new CommandDelegate(hub, m_list));
  m_list->setFocusPolicy(Qt::NoFocus); // the field keeps the keyboard
  m_list->setFrameShape(QFrame::NoFrame);
  m_list->setUniformItemSizes(true);
  m_list->setMouseTracking(true);
  m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setTextRole(*m_nothing, TextRole::Secondary);
  m_nothing->setContentsMargins(16, 8, 16, 8);

  auto *field = new QVBoxLayout;
  field->setContentsMargins(10, 10, 10, 6);
  field->addWidget(m_field);
  auto *column = new QVBoxLayout(this);
  const QMargins shade = shadowMargins();
  column->setContentsMargins(shade.left() + 1, shade.top() + 1, shade.right() + 1,
                             shade.bottom() + 6);
  column->setSpacing(0);
  column->addLayout(field);
  column->addWidget(m_list);
  column->addWidget(m_nothing);

  const auto tint = [this, glass] {
    glass->setIcon(icon("search", m_hub.theme(), m_hub.theme().dim));
    m_list->doItemsLayout();
  };
  tint();
  connect(&hub, &ThemeHub::changed, this, tint);
  connect(m_field, &QLineEdit::textChanged, this, [this](const QString &text) {
    m_model->setQuery(text);
    refresh();
  });
  connect(m_list, &QListView::clicked, this, &CommandPalette::runCurrent);
  parent->installEventFilter(this);
  hide();
}

void CommandPalette::toggle(std::vector<Command> commands) {
  if (isVisible()) return dismiss();
  m_before = window()->focusWidget();
  m_field->clear();
  m_model->setQuery({});
  m_model->setCommands(std::move(commands));
  refresh();
  show();
  raise();
  m_field->setFocus(Qt::ShortcutFocusReason);
}

void CommandPalette::dismiss() {
  if (!isVisible()) return;
  const bool hadKeyboard = m_field->hasFocus();
  hide();
  m_model->setCommands({});
  if (hadKeyboard && m_before != nullptr) m_before->setFocus(Qt::OtherFocusReason);
}

void CommandPalette::refresh() {
  const int rows = m_model->rowCount();
  m_list->setVisible(rows > 0);
  m_list->setFixedHeight(std::min(rows, rowsMax) * m_hub.typography().px(rowTall) + 2);
  if (rows > 0) m_list->setCurrentIndex(m_model->index(0, 0));
  m_nothing->setText(tr("Nothing fits “%1”.").arg(m_field->text().trimmed()));
  m_nothing->setVisible(rows == 0);
  place();
}

void CommandPalette::place() {
  const QMargins shade = shadowMargins();
  const int wide = std::min(m_hub.typography().px(cardWide) + shade.left() + shade.right(),
                            parentWidget()->width());
  layout()->activate();
  setGeometry((parentWidget()->width() - wide) / 2, fromTop - shade.top(), wide,
              layout()->totalSizeHint().height());
}

void CommandPalette::move(int rows) {
  const int count = m_model->rowCount();
  if (count == 0) return;
  int row = m_list->currentIndex().row() + rows;
  if (rows == 1 || rows == -1) row = (row + count) % count; // round from the last to the first
  m_list->setCurrentIndex(m_model->index(std::clamp(row, 0, count - 1), 0));
}

void CommandPalette::runCurrent() {
  const QModelIndex index = m_list->currentIndex();
  if (!index.isValid()) return;
  const auto run = m_model->at(index.row()).run; // the model is emptied on closing
  dismiss();
  if (run) run();
}

bool CommandPalette::eventFilter(QObject *watched, QEvent *event) {
  if (watched == parentWidget() && event->type() == QEvent::Resize && isVisible()) place();
  if (watched != m_field) return FloatingCard::eventFilter(watched, event);
  if (event->type() == QEvent::FocusOut) {
    const auto reason = static_cast<QFocusEvent *>(event)->reason();
    if (reason != Qt::ActiveWindowFocusReason && reason != Qt::PopupFocusReason) dismiss();
    return false;
  }
  if (event->type() != QEvent::KeyPress) return FloatingCard::eventFilter(watched, event);
  const auto *key = static_cast<QKeyEvent *>(event);
  switch (key->key()) {
  case Qt::Key_Up: move(-1); return true;
  case Qt::Key_Down: move(1); return true;
  case Qt::Key_PageUp: move(-rowsMax + 1); return true;
  case Qt::Key_PageDown: move(rowsMax - 1); return true;
  case Qt::Key_Tab:
  case Qt::Key_Backtab: return true;
  case Qt::Key_Return:
  case Qt::Key_Enter: runCurrent(); return true;
  case Qt::Key_Escape: dismiss(); return true;
  default: return FloatingCard::eventFilter(watched, event);
  }
}

} // namespace packetarium::ui
