// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/node_page.h"

#include "ui/document/faults.h"
#include "ui/inspector/node_form.h"
#include "ui/inspector/node_properties.h"
#include "ui/theme/apply_theme.h"
#include "ui/widgets/format.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/tab_strip.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScopedValueRollback>
#include <QScrollArea>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace packetarium::ui {
namespace {

constexpr int margin = 16;

QString escaped(const std::string &text) { return QString::fromStdString(text).toHtmlEscaped(); }

void appendRows(QString &html, const std::vector<programs::Described> &rows, const Theme &theme,
                int depth) {
  for (const auto &row : rows) {
    html += QStringLiteral("<tr><td style=\"padding:2px 8px 2px %1px; color:%2\">%3</td>"
                           "<td style=\"padding:2px 0\">%4")
                .arg(depth * 12)
                .arg(theme.dim.name(), escaped(row.name),
                     withShortDurations(QString::fromStdString(row.value)).toHtmlEscaped());
    if (!row.help.empty() && depth == 0)
      html += QStringLiteral("<br><span style=\"color:%1; font-size:small\">%2</span>")
                  .arg(theme.dim.name(), escaped(row.help));
    html += QStringLiteral("</td></tr>");
    appendRows(html, row.children, theme, depth + 1);
  }
}

QScrollArea *scrolled(QWidget *content, QWidget *parent) {
  auto *area = new QScrollArea(parent);
  area->setWidget(content);
  area->setWidgetResizable(true);
  area->setFrameShape(QFrame::NoFrame);
  area->setFocusPolicy(Qt::NoFocus);
  area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  return area;
}

} // namespace

QString tablesText(const std::vector<programs::Described> &tables, const Theme &theme) {
  QString html;
  for (const auto &table : tables) {
    html += QStringLiteral("<p style=\"margin-top:14px; margin-bottom:2px\"><b>%1</b>")
                .arg(escaped(table.name));
    if (!table.help.empty())
      html += QStringLiteral("<br><span style=\"color:%1\">%2</span>")
                  .arg(theme.dim.name(), escaped(table.help));
    html += QStringLiteral("</p>");
    if (table.children.empty()) {
      html += QStringLiteral("<span style=\"color:%1\">%2</span>")
                  .arg(theme.dim.name(), NodePage::tr("Empty so far."));
      continue;
    }
    html += QStringLiteral("<table width=\"100%\" cellspacing=\"0\">");
    appendRows(html, table.children, theme, 0);
    html += QStringLiteral("</table>");
  }
  return html;
}

QWidget *NodePage::makeHead() {
  auto *head = new QWidget(this);
  setSurface(*head, Surface::Panel);
  m_title = new ElidedLabel(m_state.hub(), {}, TextRole::Title, head);
  m_pill = new Pill(m_state.hub(), {}, Tone::Good, {}, head);
  m_subtitle = new QLabel(head);
  m_subtitle->setWordWrap(true);
  setTextRole(*m_subtitle, TextRole::Secondary);
  m_crash = new QPushButton(head);
  m_pause = new QPushButton(head);
  m_error = new QLabel(head);
  m_error->setWordWrap(true);
  m_error->hide();
  setTextRole(*m_error, TextRole::Bad);
  // The space bar stays with the run after a click.
  for (QPushButton *button : {m_crash, m_pause}) button->setFocusPolicy(Qt::TabFocus);
  auto *name = new QHBoxLayout;
  name->addWidget(m_title, 1);
  name->addWidget(m_pill);
  auto *buttons = new QHBoxLayout;
  buttons->addWidget(m_crash);
  buttons->addWidget(m_pause);
  buttons->addStretch(1);
  auto *column = new QVBoxLayout(head);
  column->setContentsMargins(margin, 12, margin, 4);
  column->setSpacing(8);
  column->addLayout(name);
  column->addWidget(m_subtitle);
  column->addLayout(buttons);
  column->addWidget(m_error);
  return head;
}

NodePage::NodePage(ViewState &state, QWidget *parent) : QWidget(parent), m_state(state) {
  m_tables = new QLabel(this);
  m_tables->setTextFormat(Qt::RichText);
  m_tables->setWordWrap(true);
  m_tables->setAlignment(Qt::AlignTop | Qt::AlignLeft);
  m_tables->setTextInteractionFlags(Qt::TextSelectableByMouse);
  auto *content = new QWidget(this);
  setSurface(*content, Surface::Panel);
  auto *inner = new QVBoxLayout(content);
  inner->setContentsMargins(margin, 8, margin, margin);
  inner->addWidget(m_tables);
  inner->addStretch(1);
  m_form = new NodeForm(state, this);
  m_tabs = new TabStrip(state.hub(), this);
  m_tabs->addTab(tr("Live"));
  m_tabs->addTab(tr("Properties"));
  m_tabs->setTabToolTip(Live, tr("Its tables at the cursor"));
  m_tabs->setTabToolTip(Properties, tr("What can be set of it"));
  m_stack = new QStackedWidget(this);
  m_stack->addWidget(scrolled(content, m_stack));
  m_stack->addWidget(scrolled(m_form, m_stack));
  auto *column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(makeHead());
  column->addWidget(m_tabs);
  column->addWidget(m_stack, 1);
  connect(m_tabs, &QTabBar::currentChanged, m_stack, &QStackedWidget::setCurrentIndex);
  connect(m_tabs, &QTabBar::tabBarClicked, this,
          [this](int index) { m_keep = index == Properties; });
  connect(m_tabs, &QTabBar::currentChanged, this, [this] {
    if (m_tabs->hasFocus() && !m_turning) m_keep = tab() == Properties; // by its keys
    if (tab() == Live) ask();
  });

  using Kind = scenario::ScriptEntry::Kind;
  connect(m_crash, &QPushButton::clicked, this, [this] {
    const bool down = m_state.frame().nodes.at(m_node.value) == trace::NodeHealth::Crashed;
    act(down ? Kind::RestartNode : Kind::CrashNode);
  });
  connect(m_pause, &QPushButton::clicked, this, [this] {
    const bool paused = m_state.frame().nodes.at(m_node.value) == trace::NodeHealth::Paused;
    act(paused ? Kind::ResumeNode : Kind::PauseNode);
  });
  m_asking.setSingleShot(true);
  m_asking.setInterval(150);
  connect(&m_asking, &QTimer::timeout, this, &NodePage::ask);
  connect(&state, &ViewState::selectionChanged, this, &NodePage::refresh);
  connect(&state, &ViewState::rebuilt, this, &NodePage::refresh);
  connect(&state, &ViewState::frameChanged, this, [this] {
    showHealth();
    if (isVisible() && m_state.now() != m_askedAt && !m_asking.isActive()) m_asking.start();
  });
  connect(&state.playback(), &Playback::nodeDescribed, this, &NodePage::show);
  connect(&state.hub(), &ThemeHub::changed, this, [this] {
    m_askedAt = SimTime::max();
    ask();
  });
}

void NodePage::refresh() {
  const Selection &selection = m_state.selection();
  if (selection.kind != Selection::Kind::Node) return;
  const bool another = !(m_node == selection.node) || m_shownId != idOf(selection.node);
  m_node = selection.node;
  m_shownId = idOf(selection.node);
  if (another) {
    m_tables->clear();
    m_error->hide();
  }
  m_form->present(m_shownId);
  if (another) chooseTab();
  m_title->setText(m_state.nodeName(m_node.value));
  const scenario::Node *node = m_state.documentNode(m_node.value);
  if (node != nullptr) {
    QStringList parts{kindName(node->kind)};
    for (const auto &i : node->interfaces)
      if (i.address) parts << QString::fromStdString(i.address->text());
    if (node->gateway) parts << tr("gateway %1").arg(QString::fromStdString(node->gateway->text()));
    m_subtitle->setText(parts.join(QStringLiteral(" · ")));
  }
  showHealth();
  m_askedAt = SimTime::max();
  ask();
}

std::string NodePage::idOf(NodeIndex node) const {
  const auto &nodes = m_state.network().nodes;
  return node.value < nodes.size() ? nodes[node.value].id : std::string();
}

NodePage::Tab NodePage::tab() const { return static_cast<Tab>(m_tabs->currentIndex()); }

void NodePage::setTab(Tab tab) {
  m_keep = tab == Properties;
  m_tabs->setCurrentIndex(tab);
}

/// For a node that was just chosen; a run anew leaves the tab as it is.
void NodePage::chooseTab() {
  const bool playing = m_state.playback().isPlaying();
  const bool atWork = m_state.document().isModified() || m_state.now() == SimTime::zero();
  const QScopedValueRollback turning(m_turning, true);
  m_tabs->setCurrentIndex(m_keep || (!playing && atWork) ? Properties : Live);
}

void NodePage::ask() {
  if (m_state.selection().kind != Selection::Kind::Node) return;
  m_askedAt = m_state.now();
  m_state.playback().askNode(m_node);
}

void NodePage::show(const world::NodeDescription &description) {
  if (!(description.node == m_node)) return;
  const QString html = tablesText(description.tables, m_state.theme());
  if (html == m_shown && !m_tables->text().isEmpty()) return;
  m_shown = html;
  m_tables->setText(html);
}

void NodePage::showHealth() {
  const auto &nodes = m_state.frame().nodes;
  if (m_state.selection().kind != Selection::Kind::Node || m_node.value >= nodes.size()) return;
  const trace::NodeHealth health = nodes[m_node.value];
  const bool crashed = health == trace::NodeHealth::Crashed;
  const bool paused = health == trace::NodeHealth::Paused;
  m_pill->setText(crashed ? tr("crashed") : paused ? tr("paused") : tr("up"));
  m_pill->setTone(crashed ? Tone::Bad : paused ? Tone::Warn : Tone::Good);
  m_crash->setText(crashed ? tr("Restart") : tr("Crash"));
  m_crash->setToolTip(crashed ? tr("Start it again, with nothing in memory  (F)")
                              : tr("Lose everything in memory and stop answering  (F)"));
  m_pause->setText(paused ? tr("Resume") : tr("Pause"));
  m_pause->setToolTip(paused ? tr("Go on with what waited")
                             : tr("Stop for a while, as in a long garbage collection"));
  m_pause->setVisible(!crashed);
}

void NodePage::act(scenario::ScriptEntry::Kind action) {
  const scenario::Node *node = m_state.documentNode(m_node.value);
  if (node == nullptr) return;
  const Status status = applyFault(m_state.document(), {action, node->id, 0, m_state.now()});
  m_error->setText(sentenceOf(status));
  m_error->setVisible(!status.ok());
}

} // namespace packetarium::ui
