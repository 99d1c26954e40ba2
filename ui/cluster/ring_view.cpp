// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/cluster/ring_view.h"

#include "core/cluster/ring.h"
#include "ui/cluster/consensus_watch.h"
#include "ui/theme/apply_theme.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/labels.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QScrollArea>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <variant>

namespace packetarium::ui {
namespace {

constexpr std::size_t replicasUnlessSaid = 3; // as the program's own parameter

// N of the store, as its document says.
std::size_t replicasOf(const scenario::Scenario &scenario, const std::string &service) {
  for (const scenario::Node &node : scenario.nodes)
    for (const scenario::Program &program : node.programs) {
      if (program.kind != "quorum-store") continue;
      const auto named = program.parameters.find("service");
      const auto *name =
          named == program.parameters.end() ? nullptr : std::get_if<std::string>(&named->second);
      if (name != nullptr ? *name != service : service != "store") continue;
      const auto found = program.parameters.find("n");
      if (found == program.parameters.end()) return replicasUnlessSaid;
      if (const auto *n = std::get_if<std::int64_t>(&found->second))
        return static_cast<std::size_t>(*n);
    }
  return replicasUnlessSaid;
}

} // namespace

RingView::RingView(ViewState &state, QWidget *parent) : QWidget(parent), m_state(state) {
  const ThemeHub &hub = state.hub();
  auto *content = new QWidget(this);
  m_key = new QLineEdit(content);
  m_key->setPlaceholderText(tr("A key, such as cart"));
  m_key->setAccessibleName(tr("Key"));
  m_key->setToolTip(tr("Which nodes hold this key"));
  m_key->setClearButtonEnabled(true);
  m_key->setFixedWidth(hub.typography().px(180));
  m_words = new ElidedLabel(hub, {}, TextRole::Secondary, content);
  m_plot = new RingPlot(hub, content);
  setSurface(*m_plot, Surface::Panel);
  auto *area = new QScrollArea(content);
  area->setWidget(m_plot);
  area->viewport()->installEventFilter(m_plot);
  area->setWidgetResizable(true);
  area->setFrameShape(QFrame::NoFrame);
  area->setFocusPolicy(Qt::NoFocus);
  area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setSurface(*area, Surface::Panel);
  auto *line = new QHBoxLayout;
  line->setSpacing(10);
  line->addWidget(m_key);
  line->addWidget(m_words, 1);
  auto *column = new QVBoxLayout(content);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(2);
  column->addLayout(line);
  column->addWidget(area, 1);
  m_pages = new QStackedWidget(this);
  m_pages->addWidget(content);
  m_pages->addWidget(new EmptyState(
      hub, "ring",
      tr("The members of this service lie on no ring. Open “Quorums N R W” to see one."), this));
  auto *whole = new QVBoxLayout(this);
  whole->setContentsMargins(0, 0, 0, 0);
  whole->addWidget(m_pages);
  connect(m_key, &QLineEdit::textChanged, this, &RingView::chooseKey);
  connect(m_plot, &RingPlot::pointChosen, this, [this](quint32 point) {
    const QSignalBlocker quiet(m_key);
    m_key->clear();
    m_plot->setPoint(point, {});
    tell();
  });
  connect(m_plot, &RingPlot::nodeChosen, this,
          [this](quint32 node) { m_state.select(Selection::ofNode({node})); });
  tell();
}

void RingView::chooseKey() {
  const QString key = m_key->text().trimmed();
  if (key.isEmpty())
    m_plot->setPoint(std::nullopt, {});
  else
    m_plot->setPoint(cluster::Ring::pointOf(key.toStdString()), key);
  tell();
}

void RingView::tell() { m_words->setText(m_plot->describe()); }

bool RingView::refresh(const std::string &service) {
  m_service = service;
  std::vector<RingNode> nodes;
  const auto &health = m_state.frame().nodes;
  for (const analysis::RingView &ring : consensusOf(m_state).rings) {
    if (ring.service != service) continue;
    RingNode node;
    node.node = ring.node;
    node.name = m_state.nodeName(ring.node);
    node.down = ring.node < health.size() && health[ring.node] == trace::NodeHealth::Crashed;
    node.tokens = ring.tokens;
    for (const auto &[key, target] : ring.hints)
      node.hints.push_back({QString::fromStdString(key), m_state.nodeName(target)});
    nodes.push_back(std::move(node));
  }
  const bool any = !nodes.empty();
  m_pages->setCurrentIndex(any ? 0 : 1);
  m_plot->setNodes(std::move(nodes), replicasOf(m_state.scenario(), service));
  tell();
  return any;
}

} // namespace packetarium::ui
