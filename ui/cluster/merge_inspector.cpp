// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/cluster/merge_inspector.h"

#include "ui/theme/apply_theme.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/format.h"
#include "ui/widgets/labels.h"

#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include <algorithm>

namespace packetarium::ui {
MergeInspector::MergeInspector(ViewState &state, QWidget *parent)
    : QWidget(parent), m_state(state) {
  const ThemeHub &hub = state.hub();
  m_empty = new EmptyState(hub, "duplicate", {}, this);
  m_content = new QWidget(this);
  m_list = new QListWidget(m_content);
  m_list->setAccessibleName(tr("Conflicts"));
  m_list->setFixedWidth(state.typography().px(190));
  m_list->setFrameShape(QFrame::NoFrame);
  m_title = new ElidedLabel(hub, {}, TextRole::Name, m_content);
  m_go = new QPushButton(tr("Go There"), m_content);
  m_go->setFocusPolicy(Qt::TabFocus);
  m_go->setToolTip(tr("Puts the cursor where the versions met"));
  setButtonRole(*m_go, ButtonRole::Quiet);
  m_versions = new QLabel(m_content);
  m_versions->setWordWrap(true);
  setTextRole(*m_versions, TextRole::Secondary);
  m_own = new QLabel(m_content);
  m_own->setWordWrap(true);
  m_own->setTextInteractionFlags(Qt::TextSelectableByMouse);
  auto *inner = new QWidget(m_content);
  setSurface(*inner, Surface::Panel);
  m_row = new QWidget(inner);
  auto *head = new QHBoxLayout;
  head->addWidget(m_title, 1);
  head->addWidget(m_go);
  auto *right = new QVBoxLayout(inner);
  right->setContentsMargins(8, 0, 4, 4);
  right->setSpacing(6);
  right->addLayout(head);
  right->addWidget(m_row); // first, where there is little height
  right->addWidget(m_versions);
  right->addWidget(m_own);
  right->addStretch(1);
  new QHBoxLayout(m_row);
  auto *area = new QScrollArea(m_content);
  area->setWidget(inner);
  area->setWidgetResizable(true);
  area->setFrameShape(QFrame::NoFrame);
  area->setFocusPolicy(Qt::NoFocus);
  auto *across = new QHBoxLayout(m_content);
  across->setContentsMargins(0, 0, 0, 0);
  across->setSpacing(4);
  across->addWidget(m_list);
  across->addWidget(area, 1);
  auto *whole = new QVBoxLayout(this);
  whole->setContentsMargins(0, 0, 0, 0);
  whole->addWidget(m_empty);
  whole->addWidget(m_content);
  connect(m_list, &QListWidget::currentRowChanged, this, &MergeInspector::choose);
  connect(m_go, &QPushButton::clicked, this, [this] {
    if (m_chosen != 0) m_state.playback().seekToRecord(m_chosen);
  });
  connect(&hub, &ThemeHub::changed, this, &MergeInspector::showChosen);
  sayEmpty();
}

void MergeInspector::sayEmpty() {
  m_content->setVisible(!m_conflicts.empty());
  m_empty->setVisible(m_conflicts.empty());
  m_empty->setSentence(
      tr("No conflict so far. Let two primaries write the same key while they cannot hear each "
         "other: cut the link between them with the knife (K), or open “Two primaries in "
         "conflict”."));
}

void MergeInspector::setConflicts(std::vector<analysis::ConflictView> conflicts) {
  const auto same = [](const auto &a, const auto &b) {
    return a.record == b.record && a.merged == b.merged;
  };
  if (!conflicts.empty() && conflicts.size() == m_conflicts.size() &&
      std::equal(conflicts.begin(), conflicts.end(), m_conflicts.begin(), same))
    return;
  m_conflicts = std::move(conflicts);
  sayEmpty();
  const QSignalBlocker quiet(m_list);
  m_list->clear();
  int row = static_cast<int>(m_conflicts.size()) - 1;
  for (std::size_t i = 0; i < m_conflicts.size(); ++i) {
    const analysis::ConflictView &conflict = m_conflicts[i];
    m_list->addItem(
        tr("%1 at %2")
            .arg(QString::fromStdString(conflict.key), formatTimeShort(conflict.at.ns())));
    if (conflict.record == m_chosen) row = static_cast<int>(i);
  }
  m_list->setCurrentRow(row);
  choose(row);
}

void MergeInspector::choose(int index) {
  if (index < 0 || index >= static_cast<int>(m_conflicts.size())) return;
  m_chosen = m_conflicts[static_cast<std::size_t>(index)].record;
  if (m_list->currentRow() != index) m_list->setCurrentRow(index);
  showChosen();
}

QWidget *MergeInspector::makeCard(const PolicyCard &card) {
  const Theme &theme = m_state.theme();
  auto *frame = new QFrame(m_row);
  frame->setObjectName(QStringLiteral("policyCard"));
  frame->setStyleSheet(QStringLiteral("#policyCard { border: 1px solid %1; border-radius: 6px; "
                                      "background: %2; }")
                           .arg(theme.line.name(), theme.well.name()));
  frame->setMinimumWidth(m_state.typography().px(128));
  auto *column = new QVBoxLayout(frame);
  column->setContentsMargins(10, 8, 10, 8);
  column->setSpacing(4);
  const auto say = [&](const QString &text, TextRole role) {
    auto *label = new QLabel(text, frame);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    setTextRole(*label, role);
    column->addWidget(label);
  };
  say(card.name, TextRole::Name);
  say(card.help, TextRole::Secondary);
  say(card.hands ? tr("hands on: %1").arg(card.kept) : tr("keeps %1").arg(card.kept),
      TextRole::Body);
  if (card.lost.isEmpty()) say(tr("✓ loses no write"), TextRole::Good);
  for (const QString &lost : card.lost) say(tr("✕ loses %1").arg(lost), TextRole::Bad);
  column->addStretch(1);
  return frame;
}

void MergeInspector::showChosen() {
  const auto at = std::find_if(m_conflicts.begin(), m_conflicts.end(),
                               [this](const auto &c) { return c.record == m_chosen; });
  if (at == m_conflicts.end()) return;
  m_title->setText(tr("“%1” at %2: versions that did not know of each other met on %3")
                       .arg(QString::fromStdString(at->key), formatTimeShort(at->at.ns()),
                            m_state.nodeName(at->node)));
  m_versions->setText(versionLines(*at).join(u'\n'));
  const QString own = at->merged.empty()
                          ? tr("Here it was handed on: the application has to decide.")
                          : tr("Here: %1").arg(ownOutcome(*at));
  m_own->setText(own);
  m_cards = policyCards(*at);
  for (QWidget *old : m_row->findChildren<QWidget *>(QString(), Qt::FindDirectChildrenOnly)) {
    old->hide();
    old->deleteLater();
  }
  auto *row = m_row->layout();
  while (QLayoutItem *item = row->takeAt(0)) delete item;
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(8);
  for (const PolicyCard &card : m_cards) row->addWidget(makeCard(card));
  m_row->setVisible(!m_cards.empty());
}

} // namespace packetarium::ui
