// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/several_page.h"

#include "ui/inspector/conditions_form.h"
#include "ui/inspector/conflict_list.h"
#include "ui/inspector/node_properties.h"
#include "ui/theme/apply_theme.h"
#include "ui/widgets/labels.h"

#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>

#include <map>

namespace packetarium::ui {
namespace {

QString counted(int n, const QString &one, const QString &many) {
  return QStringLiteral("%1 %2").arg(n).arg(n == 1 ? one : many);
}

QString pluralOf(scenario::NodeKind kind) {
  using Kind = scenario::NodeKind;
  switch (kind) {
  case Kind::Host: return SeveralPage::tr("hosts");
  case Kind::Laptop: return SeveralPage::tr("laptops");
  case Kind::Server: return SeveralPage::tr("servers");
  case Kind::Switch: return SeveralPage::tr("switches");
  case Kind::Router: return SeveralPage::tr("routers");
  case Kind::HomeRouter: return SeveralPage::tr("home routers");
  }
  return {};
}

} // namespace

QString countedKinds(const scenario::Scenario &scenario, const std::vector<std::string> &ids) {
  std::map<scenario::NodeKind, int> kinds;
  int links = 0, notes = 0;
  for (const std::string &id : ids) {
    if (const scenario::Node *node = scenario.node(id))
      ++kinds[node->kind];
    else
      ++(scenario.link(id) != nullptr ? links : notes);
  }
  QStringList parts;
  for (const auto &[kind, n] : kinds) parts << counted(n, kindName(kind).toLower(), pluralOf(kind));
  if (links > 0) parts << counted(links, SeveralPage::tr("link"), SeveralPage::tr("links"));
  if (notes > 0) parts << counted(notes, SeveralPage::tr("note"), SeveralPage::tr("notes"));
  return parts.join(QStringLiteral(", "));
}

SeveralPage::SeveralPage(ViewState &state, QWidget *parent) : QWidget(parent), m_state(state) {
  auto *content = new QWidget(this);
  setSurface(*content, Surface::Panel);
  m_title = new ElidedLabel(state.hub(), {}, TextRole::Title, content);
  m_kinds = new QLabel(content);
  m_kinds->setWordWrap(true);
  setTextRole(*m_kinds, TextRole::Secondary);
  m_conflicts = new ConflictList(state, content);
  m_nodes = new PropertyForm(state.document(), state.hub(), content);
  m_links = new ConditionsForm(state, content);
  auto *column = new QVBoxLayout(content);
  column->setContentsMargins(16, 12, 16, 16);
  column->setSpacing(8);
  column->addWidget(m_title);
  column->addWidget(m_kinds);
  column->addWidget(m_conflicts);
  column->addWidget(m_nodes);
  column->addWidget(m_links);
  column->addStretch(1);
  auto *area = new QScrollArea(this);
  area->setWidget(content);
  area->setWidgetResizable(true);
  area->setFrameShape(QFrame::NoFrame);
  area->setFocusPolicy(Qt::NoFocus);
  area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  auto *whole = new QVBoxLayout(this);
  whole->setContentsMargins(0, 0, 0, 0);
  whole->addWidget(area);
  connect(&state, &ViewState::markedChanged, this, &SeveralPage::refresh);
  connect(&state, &ViewState::documentChanged, this, &SeveralPage::refresh);
  refresh();
}

void SeveralPage::showEvent(QShowEvent *event) {
  QWidget::showEvent(event);
  refresh();
}

void SeveralPage::refresh() {
  if (!isVisible()) return;
  const std::vector<std::string> &ids = m_state.marked();
  if (!m_state.selection().isNone() || ids.empty()) return;
  const scenario::Scenario &s = m_state.scenario();
  std::vector<const scenario::Node *> nodes;
  std::vector<std::string> nodeIds, linkIds;
  for (const std::string &id : ids) {
    if (const scenario::Node *node = s.node(id)) {
      nodes.push_back(node);
      nodeIds.push_back(id);
    } else if (s.link(id) != nullptr) {
      linkIds.push_back(id);
    }
  }
  const QString kinds = countedKinds(s, ids);
  const bool oneKind = !kinds.contains(QLatin1Char(','));
  m_title->setText(oneKind ? kinds : tr("%1 things").arg(ids.size()));
  m_kinds->setText(oneKind ? QString() : kinds);
  m_kinds->setVisible(!oneKind);
  m_conflicts->present(nodeIds);
  PropertySection shared;
  shared.title = tr("For all of them");
  if (!linkIds.empty()) shared.title = tr("For all nodes");
  shared.properties = sharedNodeProperties(nodes);
  const bool any = !shared.properties.empty();
  m_nodes->setVisible(any);
  if (any) m_nodes->present({std::move(shared)}, nodeIds);
  const std::vector<std::string> &conditioned = linkIds.empty() ? nodeIds : linkIds;
  m_links->setVisible(!conditioned.empty());
  m_links->present(conditioned);
}

} // namespace packetarium::ui
