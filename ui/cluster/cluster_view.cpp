// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/cluster/cluster_view.h"

#include "ui/cluster/cluster_watch.h"
#include "ui/cluster/consensus_watch.h"
#include "ui/cluster/role_words.h"
#include "ui/shell/views.h"
#include "ui/theme/apply_theme.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/format.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/segmented_control.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <set>

namespace packetarium::ui {
namespace {

QString fromStd(const std::string &text) { return QString::fromStdString(text); }

} // namespace

ClusterView::ClusterView(ViewState &state, QWidget *parent) : QWidget(parent), m_state(state) {
  const ThemeHub &hub = state.hub();
  setSurface(*this, Surface::Panel);
  setAccessibleName(tr("Cluster"));
  m_empty = new EmptyState(hub, "database", {}, this);
  m_content = new QWidget(this);
  m_tabs = new SegmentedControl(hub, m_content);
  m_tabs->setAccessibleName(tr("What to show of the cluster"));
  m_tabs->addSegment(tr("Logs"), tr("The replicated log of each member"));
  m_tabs->addSegment(tr("Conflicts"), tr("Writes that did not know of each other"));
  m_tabs->addSegment(tr("Ring"), tr("Which members of a quorum store hold which keys"));
  m_choice = new QComboBox(m_content);
  m_choice->setAccessibleName(tr("Service"));
  m_choice->setToolTip(tr("The service that is shown"));
  m_choice->setMinimumWidth(56);
  m_summary = new ElidedLabel(hub, {}, TextRole::Secondary, m_content);
  m_strips = new LogStrips(hub, m_content);
  m_noLogs = new EmptyState(
      hub, "list",
      tr("This service keeps no replicated log. Open “Primary and replicas” to see one."),
      m_content);
  auto *area = new QScrollArea(m_content);
  area->setWidget(m_strips);
  area->setWidgetResizable(true);
  area->setFrameShape(QFrame::NoFrame);
  area->setFocusPolicy(Qt::NoFocus);
  area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setSurface(*area, Surface::Panel);
  setSurface(*m_strips, Surface::Panel);
  m_logPages = new QStackedWidget(m_content);
  m_logPages->addWidget(area);
  m_logPages->addWidget(m_noLogs);
  m_inspector = new MergeInspector(state, m_content);
  m_pages = new QStackedWidget(m_content);
  m_pages->addWidget(m_logPages);
  m_pages->addWidget(m_inspector);
  m_ring = new RingView(state, m_content);
  m_pages->addWidget(m_ring);

  auto *bar = new QHBoxLayout;
  bar->setSpacing(8);
  bar->addWidget(m_tabs);
  bar->addWidget(m_summary, 1);
  bar->addWidget(m_choice);
  auto *column = new QVBoxLayout(m_content);
  column->setContentsMargins(12, 6, 12, 4);
  column->setSpacing(6);
  column->addLayout(bar);
  column->addWidget(m_pages, 1);
  auto *whole = new QVBoxLayout(this);
  whole->setContentsMargins(0, 0, 0, 0);
  whole->addWidget(m_empty);
  whole->addWidget(m_content);

  for (const auto signal : {&ViewState::selectionChanged, &ViewState::rebuilt,
                            &ViewState::traceGrown, &ViewState::frameChanged})
    connect(&state, signal, this, &ClusterView::refresh);
  connect(&state, &ViewState::truncated, this, &ClusterView::refresh);
  connect(m_tabs, &SegmentedControl::currentChanged, m_pages, &QStackedWidget::setCurrentIndex);
  connect(m_tabs, &SegmentedControl::chosen, this, [this] { m_pageByUser = true; });
  connect(m_choice, &QComboBox::activated, this, [this](int index) {
    if (index < 0 || index >= static_cast<int>(m_services.size())) return;
    m_chosen = m_services[static_cast<std::size_t>(index)];
    refresh();
  });
  connect(m_strips, &LogStrips::recordChosen, this, [this](quint64 record) {
    if (record != 0) m_state.playback().seekToRecord(record);
  });
  connect(m_strips, &LogStrips::nodeChosen, this,
          [this](quint32 node) { m_state.select(Selection::ofNode({node})); });
  refresh();
}

void ClusterView::setPage(Page page) {
  m_pageByUser = true; // what is asked for stays in front
  turnTo(page);
}

void ClusterView::turnTo(Page page) { m_tabs->setCurrentIndex(static_cast<int>(page)); }

void ClusterView::refresh() {
  if (!isVisible()) return;
  const analysis::ClusterState &cluster = clusterOf(m_state);
  std::set<std::string> services;
  for (const auto &role : cluster.roles) services.insert(role.service);
  for (const auto &log : cluster.logs) services.insert(log.service);
  for (const auto &conflict : cluster.conflicts) services.insert(conflict.service);
  for (const auto &ring : consensusOf(m_state).rings) services.insert(ring.service);
  std::vector<std::string> names(services.begin(), services.end());
  m_content->setVisible(!names.empty());
  m_empty->setVisible(names.empty());
  if (names.empty()) return sayEmpty();
  if (names != m_services) {
    m_services = std::move(names);
    const QSignalBlocker quiet(m_choice);
    m_choice->clear();
    for (const std::string &name : m_services) m_choice->addItem(fromStd(name));
  }
  chooseService(cluster);
  fillLogs(cluster);
  fillConflicts(cluster);
  tell(cluster);
}

// The one that the selected node has to do with; else the one chosen in the list; else the first
// that has a log.
void ClusterView::chooseService(const analysis::ClusterState &cluster) {
  const auto isThere = [this](const std::string &name) {
    return std::find(m_services.begin(), m_services.end(), name) != m_services.end();
  };
  const Selection &selection = m_state.selection();
  std::string wanted = isThere(m_chosen) ? m_chosen : std::string();
  if (wanted.empty() && selection.kind == Selection::Kind::Node)
    for (const auto &role : cluster.roles)
      if (wanted.empty() && role.node == selection.node.value) wanted = role.service;
  if (wanted.empty() && isThere(m_service)) wanted = m_service;
  if (wanted.empty() && !cluster.logs.empty()) wanted = cluster.logs.front().service;
  if (wanted.empty()) wanted = m_services.front();
  m_service = wanted;
  const auto at = std::find(m_services.begin(), m_services.end(), wanted);
  m_choice->setCurrentIndex(static_cast<int>(at - m_services.begin()));
  m_choice->setVisible(m_services.size() > 1);
}

void ClusterView::fillLogs(const analysis::ClusterState &cluster) {
  std::vector<LogRow> rows;
  bool any = false;
  const auto add = [&](std::uint32_t node, const std::string &role, const analysis::LogView *log) {
    LogRow row;
    row.name = m_state.nodeName(node);
    row.role = fromStd(role);
    const auto &nodes = m_state.frame().nodes;
    row.down = node < nodes.size() && nodes[node] == trace::NodeHealth::Crashed;
    if (log != nullptr) row.log = *log;
    row.log.node = node;
    if (const auto *member = memberOf(consensusOf(m_state), node, m_service))
      fillMember(row, *member);
    any = any || log != nullptr || row.raft;
    rows.push_back(std::move(row));
  };
  for (const auto &role : cluster.roles)
    if (role.service == m_service) add(role.node, role.role, logOf(cluster, role.node, m_service));
  for (const auto &log : cluster.logs) {
    const bool known = std::any_of(rows.begin(), rows.end(),
                                   [&](const LogRow &r) { return r.log.node == log.node; });
    if (log.service == m_service && !known) add(log.node, {}, &log);
  }
  m_logPages->setCurrentIndex(any ? 0 : 1);
  if (any) m_strips->setRows(std::move(rows));
}

void ClusterView::fillMember(LogRow &row, const analysis::MemberView &member) const {
  row.raft = true;
  row.role = fromStd(member.role);
  row.term = member.term;
  row.applied = member.applied;
  row.snapshotIndex = member.snapshotIndex;
  row.snapshotTerm = member.snapshotTerm;
  const analysis::MemberView *leader = leaderOf(consensusOf(m_state), m_service);
  if (leader == nullptr) return;
  for (const analysis::ProgressView &known : leader->progress)
    if (known.follower == member.node) row.progress = {known.nextIndex, known.matchIndex};
}

void ClusterView::fillConflicts(const analysis::ClusterState &cluster) {
  std::vector<analysis::ConflictView> conflicts;
  for (const auto &conflict : cluster.conflicts)
    if (conflict.service == m_service) conflicts.push_back(conflict);
  m_inspector->setConflicts(std::move(conflicts));
  // What there is to see comes to the front until somebody chooses.
  const bool logs = m_logPages->currentIndex() == 0;
  const bool ring = m_ring->refresh(m_service);
  if (!m_pageByUser && !logs && ring) return turnTo(Page::Ring);
  if (!m_pageByUser && !logs && !m_inspector->conflicts().empty()) turnTo(Page::Conflicts);
}

// Who is what, in one line.
void ClusterView::tell(const analysis::ClusterState &cluster) {
  QStringList parts;
  for (const auto &role : cluster.roles)
    if (role.service == m_service)
      parts << tr("%1 %2").arg(m_state.nodeName(role.node), fromStd(role.role));
  if (const auto met = m_inspector->conflicts().size(); met > 0)
    parts << (met == 1 ? tr("1 conflict") : tr("%1 conflicts").arg(met));
  const QString service =
      m_services.size() > 1 ? QString() : fromStd(m_service) + QStringLiteral(": ");
  m_summary->setText(service + parts.join(QStringLiteral(" · ")));
}

void ClusterView::sayEmpty() {
  m_empty->setSentence(
      tr("No replicated service has told anything yet. Run the scenario, put a “Primary with "
         "replicas” on the canvas, or open the example “Primary and replicas”."));
}

void ClusterView::showEvent(QShowEvent *event) {
  QWidget::showEvent(event);
  refresh(); // what happened behind another tab was not followed
}

QWidget *makeClusterView(ViewState &state, QWidget *parent) {
  return new ClusterView(state, parent);
}

} // namespace packetarium::ui
