// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/palette/palette_panel.h"

#include "core/scenario/groups.h"
#include "ui/palette/palette_model.h"
#include "ui/palette/tile_list.h"
#include "ui/theme/apply_theme.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme_hub.h"
#include "ui/widgets/labels.h"

#include <QAction>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>
#include <iterator>

namespace packetarium::ui {

PalettePanel::PalettePanel(const ThemeHub &hub, QWidget *parent)
    : QWidget(parent),
      m_hub(hub),
      m_search(new QLineEdit(this)),
      m_nothing(new QLabel(this)),
      m_ground(new QWidget) {
  setSurface(*this, Surface::Panel);
  setSurface(*m_ground, Surface::Panel);
  m_search->setObjectName(QStringLiteral("paletteSearch"));
  m_search->setPlaceholderText(tr("Search"));
  m_search->setAccessibleName(tr("Search devices and services"));
  m_search->setToolTip(tr("Enter places the first that fits"));
  m_search->setClearButtonEnabled(true);
  m_search->installEventFilter(this);
  QAction *glass = m_search->addAction(QIcon(), QLineEdit::LeadingPosition);
  const auto tint = [this, glass] {
    glass->setIcon(icon("search", m_hub.theme(), m_hub.theme().dim));
  };
  tint();
  connect(&hub, &ThemeHub::changed, this, tint);
  setTextRole(*m_nothing, TextRole::Secondary);
  m_nothing->setWordWrap(true);
  m_nothing->hide();

  auto *tiles = new QVBoxLayout(m_ground);
  tiles->setContentsMargins(9, 4, 9, 12);
  tiles->setSpacing(2);
  m_devices = makeSection(new PaletteModel(scenario::placeableDevices(), this), tr("Devices"));
  m_services = makeSection(new PaletteModel(scenario::placeableServices(), this), tr("Services"));
  m_groups = makeSection(new PaletteModel(scenario::placeableGroups(), this), tr("Arrangements"));
  tiles->addWidget(m_nothing);
  tiles->addStretch(1);
  auto *area = new QScrollArea(this);
  area->setWidgetResizable(true);
  area->setFrameShape(QFrame::NoFrame);
  area->setFocusPolicy(Qt::NoFocus);
  area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  area->setWidget(m_ground);
  auto *field = new QVBoxLayout;
  field->setContentsMargins(12, 12, 12, 4);
  field->addWidget(m_search);
  auto *column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addLayout(field);
  column->addWidget(area, 1);
  connect(m_search, &QLineEdit::textChanged, this, &PalettePanel::filter);
}

PalettePanel::Section PalettePanel::makeSection(PaletteModel *model, const QString &title) {
  Section section{model, new SectionHeader(m_hub, title, {}, m_ground),
                  new TileList(m_hub, model, m_ground)};
  section.tiles->setObjectName(title);
  section.tiles->setAccessibleName(title);
  auto *head = new QHBoxLayout; // in line with the frames of the tiles
  head->setContentsMargins(TileList::gap, 4, TileList::gap, 0);
  head->addWidget(section.header);
  static_cast<QVBoxLayout *>(m_ground->layout())->addLayout(head);
  m_ground->layout()->addWidget(section.tiles);
  connect(section.tiles, &TileList::placeRequested, this, &PalettePanel::placeRequested);
  connect(section.tiles, &TileList::left, this,
          [this, from = section.tiles](bool below, int at) { walk(from, below, at); });
  return section;
}

void PalettePanel::startSearch() {
  m_search->setFocus(Qt::ShortcutFocusReason);
  m_search->selectAll();
}

void PalettePanel::filter(const QString &words) {
  int found = 0;
  for (const Section &section : sections()) {
    section.model->setFilter(words);
    section.header->setVisible(section.model->rowCount() > 0);
    section.tiles->setVisible(section.model->rowCount() > 0);
    found += section.model->rowCount();
  }
  m_nothing->setText(tr("Nothing here is called “%1”.").arg(words.trimmed()));
  m_nothing->setVisible(found == 0);
}

void PalettePanel::walk(const TileList *from, bool below, int column) {
  const std::vector<Section> all = sections();
  const auto at =
      std::find_if(all.begin(), all.end(), [from](const Section &s) { return s.tiles == from; });
  const auto shown = [](const Section &s) { return s.model->rowCount() > 0; };
  if (below) {
    const auto next = std::find_if(std::next(at), all.end(), shown);
    if (next != all.end()) next->tiles->enter(true, column);
    return;
  }
  const auto before = std::find_if(std::make_reverse_iterator(at), all.rend(), shown);
  if (before != all.rend())
    before->tiles->enter(false, column);
  else
    startSearch();
}

bool PalettePanel::eventFilter(QObject *watched, QEvent *event) {
  if (watched != m_search || event->type() != QEvent::KeyPress)
    return QWidget::eventFilter(watched, event);
  const int key = static_cast<QKeyEvent *>(event)->key();
  const std::vector<Section> all = sections();
  if (key == Qt::Key_Down) {
    const auto first = std::find_if(all.begin(), all.end(),
                                    [](const Section &s) { return s.model->rowCount() > 0; });
    if (first != all.end()) first->tiles->enter(true, 0);
    return true;
  }
  if (key == Qt::Key_Escape && !m_search->text().isEmpty()) {
    m_search->clear();
    return true;
  }
  const bool enter = key == Qt::Key_Return || key == Qt::Key_Enter;
  const PaletteModel *best =
      std::min_element(all.begin(), all.end(), [](const Section &a, const Section &b) {
        return a.model->nearest() < b.model->nearest();
      })->model;
  if (enter && !m_search->text().trimmed().isEmpty() && best->rowCount() > 0) {
    Q_EMIT placeRequested(best->index(0, 0).data(PaletteModel::KeyRole).toString());
    return true;
  }
  return QWidget::eventFilter(watched, event);
}

} // namespace packetarium::ui
