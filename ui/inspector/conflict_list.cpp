// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/conflict_list.h"

#include "ui/document/edits.h"
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

constexpr std::size_t shownMax = 8;

}

ConflictList::ConflictList(ViewState &state, QWidget *parent) : QWidget(parent), m_state(state) {
  auto *column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  setSurface(*this, Surface::Panel);
  hide();
  connect(&state.hub(), &ThemeHub::changed, this, [this] { m_shape.clear(); });
}

void ConflictList::present(std::vector<std::string> nodes) {
  // Found once for each state of the document.
  if (m_of != m_state.document().snapshot()) {
    m_of = m_state.document().snapshot();
    m_all = scenario::conflicts(*m_of);
  }
  std::vector<scenario::Conflict> found = m_all;
  std::erase_if(found, [&](const scenario::Conflict &c) {
    return std::find(nodes.begin(), nodes.end(), c.node) == nodes.end();
  });
  std::string shape;
  for (const scenario::Conflict &c : found) shape += c.path + c.sentence + "\n";
  m_count = static_cast<int>(found.size());
  setVisible(!found.empty());
  if (shape == m_shape && m_content != nullptr) return;
  m_shape = std::move(shape);
  if (m_content != nullptr) {
    m_content->hide();
    m_content->deleteLater(); // its button may have been pressed
  }
  m_content = new QWidget(this);
  setSurface(*m_content, Surface::Panel);
  layout()->addWidget(m_content);
  auto *column = new QVBoxLayout(m_content);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(m_state.typography().px(8));
  for (std::size_t i = 0; i < found.size() && i < shownMax; ++i) add(found[i]);
  if (found.size() > shownMax) {
    auto *more = new QLabel(tr("and %1 more").arg(found.size() - shownMax), m_content);
    setTextRole(*more, TextRole::Secondary);
    column->addWidget(more);
  }
  m_content->show();
}

void ConflictList::add(const scenario::Conflict &conflict) {
  const Theme &theme = m_state.theme();
  const Typography &type = m_state.typography();
  auto *icon = new QLabel(m_content);
  icon->setPixmap(iconPixmap("warning", type.px(16), devicePixelRatioF(), theme.warn));
  auto *sentence =
      new QLabel(withWholePrefixes(QString::fromStdString(conflict.sentence)), m_content);
  sentence->setWordWrap(true);
  auto *cure = new QPushButton(QString::fromStdString(conflict.cure), m_content);
  cure->setFocusPolicy(Qt::TabFocus);
  cure->setToolTip(tr("Packetarium chooses what fits. Undo takes it back."));
  connect(cure, &QPushButton::clicked, this,
          [this, conflict] { (void)cureConflict(m_state.document(), conflict); });
  auto *words = new QVBoxLayout;
  words->setSpacing(type.px(4));
  words->addWidget(sentence);
  auto *line = new QHBoxLayout;
  line->addWidget(cure);
  line->addStretch(1);
  words->addLayout(line);
  auto *row = new QHBoxLayout;
  row->setSpacing(type.px(8));
  row->addWidget(icon, 0, Qt::AlignTop);
  row->addLayout(words, 1);
  static_cast<QVBoxLayout *>(m_content->layout())->addLayout(row);
}

} // namespace packetarium::ui
