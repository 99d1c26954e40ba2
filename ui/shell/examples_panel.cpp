// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/examples_panel.h"

#include "core/scenario/build.h"
#include "ui/theme/apply_theme.h"

#include <QFontMetrics>
#include <QListWidget>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QTextLayout>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>
#include <vector>

namespace packetarium::ui {
namespace {

constexpr int idRole = Qt::UserRole;
constexpr int summaryRole = Qt::UserRole + 1;
constexpr int sidePad = 14;

/// Two lines for an example: its title and what it shows; spaced capitals for a group.
class ExampleDelegate : public QStyledItemDelegate {
public:
  ExampleDelegate(const ThemeHub &hub, QObject *parent) : QStyledItemDelegate(parent), m_hub(hub) {}

  QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override {
    const Typography &type = m_hub.typography();
    if (isGroup(index)) return {100, type.px(index.row() == 0 ? 30 : 36)};
    const int wide =
        std::max(80, option.rect.width() > 0 ? option.rect.width() : 220) - 2 * sidePad;
    return {100, type.px(16) + titleHeight(index, wide) + 2 + summaryHeight(index, wide)};
  }

  void paint(QPainter *painter, const QStyleOptionViewItem &option,
             const QModelIndex &index) const override {
    const Theme &theme = m_hub.theme();
    const Typography &type = m_hub.typography();
    const QRect box = option.rect.adjusted(sidePad, 0, -sidePad, 0);
    if (isGroup(index)) {
      painter->setFont(type.section());
      painter->setPen(theme.dim);
      painter->drawText(box.adjusted(0, 0, 0, -type.px(6)), Qt::AlignLeft | Qt::AlignBottom,
                        index.data().toString().toUpper());
      return;
    }
    painter->save();
    const bool selected = option.state.testFlag(QStyle::State_Selected);
    const bool hovered = option.state.testFlag(QStyle::State_MouseOver);
    if (selected || hovered) {
      painter->setRenderHint(QPainter::Antialiasing);
      painter->setPen(Qt::NoPen);
      painter->setBrush(selected ? theme.selection : theme.hover);
      painter->drawRoundedRect(option.rect.adjusted(6, 1, -6, -1), 6, 6);
    }
    if (selected) {
      painter->setBrush(theme.accent);
      painter->drawRoundedRect(
          QRectF(option.rect.left() + 6, option.rect.top() + 8, 3, option.rect.height() - 16), 1.5,
          1.5);
    }
    const QRect inner = box.adjusted(0, type.px(7), 0, -type.px(7));
    painter->setFont(type.name());
    painter->setPen(theme.text);
    painter->drawText(inner, Qt::TextWordWrap, index.data().toString());
    painter->setFont(type.secondary());
    painter->setPen(theme.dim);
    painter->drawText(inner.adjusted(0, titleHeight(index, inner.width()) + 2, 0, 0),
                      Qt::TextWordWrap, index.data(summaryRole).toString());
    if (option.state.testFlag(QStyle::State_HasFocus) && option.widget->hasFocus()) {
      painter->setPen(QPen(theme.accent, 1));
      painter->setBrush(Qt::NoBrush);
      painter->drawRoundedRect(option.rect.adjusted(6, 1, -7, -2), 6, 6);
    }
    painter->restore();
  }

private:
  static bool isGroup(const QModelIndex &index) { return !index.data(idRole).isValid(); }
  static int heightOf(const QFont &font, const QString &words, int wide) {
    return QFontMetrics(font)
        .boundingRect(QRect(0, 0, wide, 1000), Qt::TextWordWrap, words)
        .height();
  }
  int titleHeight(const QModelIndex &index, int wide) const {
    return heightOf(m_hub.typography().name(), index.data().toString(), wide);
  }
  int summaryHeight(const QModelIndex &index, int wide) const {
    return heightOf(m_hub.typography().secondary(), index.data(summaryRole).toString(), wide);
  }

  const ThemeHub &m_hub;
};

} // namespace

ExamplesPanel::ExamplesPanel(ViewState &state, QWidget *parent)
    : QWidget(parent), m_state(state), m_list(new QListWidget(this)) {
  setSurface(*this, Surface::Panel);
  m_list->setObjectName(QStringLiteral("examples"));
  m_list->setAccessibleName(tr("Examples"));
  m_list->setFrameShape(QFrame::NoFrame);
  m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
  m_list->setResizeMode(QListView::Adjust);
  m_list->setMouseTracking(true);
  m_list->setItemDelegate(new ExampleDelegate(state.hub(), m_list));
  auto *column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->addWidget(m_list);
  fill();
  const auto open = [this](QListWidgetItem *item) {
    const QString id = item->data(idRole).toString();
    if (!id.isEmpty()) Q_EMIT openRequested(id);
  };
  connect(m_list, &QListWidget::itemClicked, this, open);
  connect(m_list, &QListWidget::itemActivated, this, open);
  connect(&state, &ViewState::documentChanged, this, &ExamplesPanel::markCurrent);
  connect(&state.hub(), &ThemeHub::changed, m_list, [this] { m_list->doItemsLayout(); });
}

void ExamplesPanel::fill() {
  std::vector<std::pair<std::string, std::vector<scenario::Scenario>>> groups;
  for (const std::string &id : scenario::builtInIds()) {
    auto loaded = scenario::loadBuiltIn(id);
    if (!loaded) continue;
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const auto &g) { return g.first == loaded->tab; });
    if (group == groups.end()) group = groups.insert(groups.end(), {loaded->tab, {}});
    group->second.push_back(std::move(loaded).value());
  }
  for (const auto &[tab, scenarios] : groups) {
    auto *header = new QListWidgetItem(QString::fromStdString(tab), m_list);
    header->setFlags(Qt::NoItemFlags);
    for (const scenario::Scenario &example : scenarios) {
      auto *item = new QListWidgetItem(QString::fromStdString(example.title), m_list);
      item->setData(idRole, QString::fromStdString(example.id));
      item->setData(summaryRole, QString::fromStdString(example.summary));
    }
  }
  markCurrent();
}

void ExamplesPanel::markCurrent() {
  const QString id = QString::fromStdString(m_state.scenario().id);
  for (int i = 0; i < m_list->count(); ++i) {
    if (m_list->item(i)->data(idRole).toString() == id && !id.isEmpty())
      return m_list->setCurrentRow(i, QItemSelectionModel::ClearAndSelect);
  }
  m_list->clearSelection();
}

} // namespace packetarium::ui
