// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/tap_view.h"

#include "ui/inspector/overheard_view.h"
#include "ui/inspector/tap_model.h"
#include "ui/theme/apply_theme.h"
#include "ui/widgets/format.h"
#include "ui/widgets/labels.h"

#include <QLabel>
#include <QListView>
#include <QVBoxLayout>

#include <algorithm>

namespace packetarium::ui {
namespace {

constexpr int refreshMs = 120; // no oftener while the run plays
constexpr int rowsInSight = 5;

} // namespace

TapView::TapView(ViewState &state, QWidget *parent) : QWidget(parent), m_state(state) {
  m_intro = new QLabel(this);
  m_intro->setWordWrap(true);
  setTextRole(*m_intro, TextRole::Secondary);
  m_model = new TapModel(this);
  m_list = new QListView(this);
  m_list->setModel(m_model);
  m_list->setItemDelegate(new TapDelegate(state.hub(), m_list));
  m_list->setFrameShape(QFrame::NoFrame);
  m_list->setUniformItemSizes(true);
  m_list->setMouseTracking(true);
  m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
  m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  m_list->setAccessibleName(tr("Conversations that passed this link"));
  m_head = new SectionHeader(state.hub(), {}, {}, this);
  m_summary = new QLabel(this);
  m_summary->setWordWrap(true);
  m_words = new OverheardView(state, this);
  auto *column = new QVBoxLayout(this);
  column->setContentsMargins(0, 4, 0, 0);
  column->setSpacing(8);
  column->addWidget(m_intro);
  column->addWidget(m_list);
  column->addWidget(m_head);
  column->addWidget(m_summary);
  column->addWidget(m_words);
  m_timer.setSingleShot(true);
  m_timer.setInterval(refreshMs);
  connect(&m_timer, &QTimer::timeout, this, &TapView::refresh);
  connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this,
          [this](const QModelIndex &now) {
            if (m_settling || !now.isValid()) return;
            choose(m_model->row(now.row()).number);
          });
  connect(&state, &ViewState::frameChanged, this, &TapView::soon);
  connect(&state, &ViewState::truncated, this, [this](quint64 from) {
    m_ears = nullptr;
    if (m_history) m_history->truncate(from);
    soon();
  });
  connect(&state, &ViewState::rebuilt, this, [this] {
    m_ears = nullptr;
    m_history.reset();
    m_chosen.reset();
  });
}

void TapView::setLink(LinkIndex link) {
  m_ears = nullptr;
  m_history.emplace(link.value);
  m_chosen.reset();
  if (isVisible()) refresh();
}

void TapView::choose(std::uint64_t number) {
  m_chosen = number;
  showChosen();
}

void TapView::showEvent(QShowEvent *event) {
  QWidget::showEvent(event);
  refresh();
}

void TapView::soon() {
  if (isVisible() && !m_timer.isActive()) m_timer.start();
}

void TapView::refresh() {
  if (!isVisible() || !m_history) return;
  m_ears = &m_history->at(m_state.trace(), m_state.cursor().upTo);
  m_settling = true;
  m_model->show(*m_ears);
  const Typography &type = m_state.typography();
  const int rows = std::clamp(m_model->rowCount(), 0, rowsInSight);
  m_list->setVisible(rows > 0);
  m_list->setFixedHeight(rows * type.px(38) + type.px(2));
  m_settling = false;
  const bool any = m_ears->count() > 0;
  QString intro = any ? tr("Somebody who listens on this cable sees this up to now, without any "
                           "key. The icons: an eye where it can be read, a lock where it cannot.")
                      : tr("No conversation has passed this cable yet.");
  if (m_ears->missed())
    intro += QLatin1Char(' ') + tr("Parts of this run are no longer in memory, and missing here.");
  if (intro != m_intro->text()) m_intro->setText(intro);
  showChosen();
}

std::optional<std::size_t> TapView::shownIndex() const {
  if (m_ears == nullptr || m_ears->count() == 0) return std::nullopt;
  const std::uint64_t first = m_ears->forgotten();
  if (m_chosen && *m_chosen >= first && *m_chosen < first + m_ears->count())
    return static_cast<std::size_t>(*m_chosen - first);
  return m_ears->count() - 1;
}

void TapView::showChosen() {
  const auto index = shownIndex();
  m_head->setVisible(index.has_value());
  m_summary->setVisible(index.has_value());
  m_words->setVisible(index.has_value());
  if (!index) return m_words->setConversation(nullptr);
  const analysis::Conversation &c = m_ears->conversation(*index);
  const QModelIndex at = m_model->index(m_model->indexOf(m_ears->forgotten() + *index));
  m_settling = true;
  if (m_list->currentIndex() != at) m_list->setCurrentIndex(at);
  m_settling = false;
  m_head->setTitle(QString::fromStdString(c.name.empty() ? c.kindText() : c.name));
  m_head->setRemark(tr("→ %1  ← %2 bytes")
                        .arg(formatCount(static_cast<std::int64_t>(c.ways[0].bytes)),
                             formatCount(static_cast<std::int64_t>(c.ways[1].bytes))));
  m_summary->setText(QString::fromStdString(c.summary()));
  m_words->setConversation(&c);
}

} // namespace packetarium::ui
