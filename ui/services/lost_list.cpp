// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/lost_list.h"

#include "ui/theme/apply_theme.h"
#include "ui/theme/icons.h"
#include "ui/widgets/format.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace packetarium::ui {
namespace {

bool isSame(const analysis::LostWrite &a, const analysis::LostWrite &b) {
  return a.acknowledged == b.acknowledged && a.lost == b.lost && a.story == b.story;
}

} // namespace

LostList::LostList(const ThemeHub &hub, QWidget *parent)
    : QWidget(parent), m_hub(hub), m_head(new QLabel(this)), m_column(new QVBoxLayout(this)) {
  setAccessibleName(tr("Lost writes"));
  m_head->setWordWrap(true);
  m_column->setContentsMargins(12, 4, 12, 8);
  m_column->setSpacing(4);
  m_column->addWidget(m_head);
  m_column->addStretch(1);
  connect(&hub, &ThemeHub::changed, this, &LostList::rebuild);
  rebuild();
}

QString LostList::headline() const {
  const auto count = static_cast<std::int64_t>(m_writes.size());
  if (count == 0)
    return tr("No write was lost: whatever a client was told is done is still there.");
  if (count == 1) return tr("1 write was lost after its client had been told that it is done.");
  return tr("%1 writes were lost after their clients had been told that they are done.")
      .arg(formatCount(count));
}

void LostList::setWrites(std::vector<analysis::LostWrite> writes) {
  const bool same =
      std::equal(writes.begin(), writes.end(), m_writes.begin(), m_writes.end(), isSame);
  if (same) return;
  m_writes = std::move(writes);
  rebuild();
}

void LostList::rebuild() {
  m_head->setText(headline());
  setTextRole(*m_head, m_writes.empty() ? TextRole::Secondary : TextRole::Bad);
  delete m_rows;
  m_rows = new QWidget(this);
  auto *column = new QVBoxLayout(m_rows);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(2);
  m_column->insertWidget(1, m_rows);
  for (std::size_t i = 0; i < std::min(m_writes.size(), rowsMax); ++i) addRow(m_writes[i]);
  if (m_writes.size() > rowsMax) {
    auto *more = new QLabel(
        tr("and %1 more").arg(formatCount(static_cast<std::int64_t>(m_writes.size() - rowsMax))),
        m_rows);
    setTextRole(*more, TextRole::Secondary);
    column->addWidget(more);
  }
  m_rows->show();
}

void LostList::addRow(const analysis::LostWrite &write) {
  auto *column = static_cast<QVBoxLayout *>(m_rows->layout());
  const QString operation = QString::fromStdString(write.operation);
  const QString when =
      write.lost != 0
          ? tr("done at %1, lost at %2")
                .arg(formatTimeShort(write.acknowledgedAt.ns()), formatTimeShort(write.lostAt.ns()))
          : tr("done at %1, lost with its machine").arg(formatTimeShort(write.acknowledgedAt.ns()));
  auto *head = new QPushButton(QStringLiteral("%1\n%2").arg(operation, when), m_rows);
  setButtonRole(*head, ButtonRole::Quiet);
  head->setCheckable(true);
  head->setStyleSheet(QStringLiteral("text-align: left;"));
  head->setToolTip(tr("Show or hide how it came to be lost"));
  auto *body = new QWidget(m_rows);
  auto *inner = new QVBoxLayout(body);
  inner->setContentsMargins(28, 0, 0, 6);
  inner->setSpacing(2);
  auto *story = new QLabel(withShortDurations(QString::fromStdString(write.story)), body);
  story->setWordWrap(true);
  story->setTextInteractionFlags(Qt::TextSelectableByMouse);
  inner->addWidget(story);
  auto *line = new QHBoxLayout;
  const auto addGo = [&](const QString &text, trace::Sequence record) {
    if (record == 0) return;
    auto *go = new QPushButton(text, body);
    setButtonRole(*go, ButtonRole::Quiet);
    connect(go, &QPushButton::clicked, this, [this, record] { Q_EMIT recordWanted(record); });
    line->addWidget(go);
  };
  addGo(tr("Go to Its Acknowledgement"), write.acknowledged);
  addGo(tr("Go to Its Loss"), write.lost);
  line->addStretch(1);
  inner->addLayout(line);
  const trace::Sequence key = write.acknowledged;
  const auto present = [this, head, body, key](bool open) {
    body->setVisible(open);
    head->setIcon(icon(open ? "chevron-down" : "chevron-right", m_hub.theme(), m_hub.theme().dim));
    if (open)
      m_open.insert(key);
    else
      m_open.erase(key);
  };
  const bool isOpen = m_open.count(key) != 0;
  head->setChecked(isOpen);
  present(isOpen);
  connect(head, &QPushButton::toggled, this, present);
  column->addWidget(head);
  column->addWidget(body);
}

} // namespace packetarium::ui
