// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/fault_actions.h"

#include "ui/cluster/consensus_watch.h"
#include "ui/theme/icons.h"
#include "ui/widgets/format.h"
#include "ui/widgets/menus.h"

#include <QApplication>
#include <QInputDialog>
#include <QMenu>

namespace packetarium::ui {
namespace {

using Kind = scenario::ScriptEntry::Kind;

QIcon iconOfAction(Kind kind, const Theme &theme) { return icon(actionIcon(kind), theme); }

} // namespace

FaultActions::FaultActions(ViewState &state, QObject *parent) : QObject(parent), m_state(state) {}

std::string FaultActions::idOf(const Selection &what) const {
  const auto &network = m_state.network();
  if (what.kind == Selection::Kind::Node && what.node.value < network.nodes.size())
    return network.nodes[what.node.value].id;
  if (what.kind == Selection::Kind::Link && what.link.value < network.links.size())
    return network.links[what.link.value].id;
  return {};
}

std::optional<Kind> FaultActions::toggleOf(const Selection &what) const {
  const analysis::Frame &frame = m_state.frame();
  if (what.kind == Selection::Kind::Node && what.node.value < frame.nodes.size()) {
    const auto health = frame.nodes[what.node.value];
    if (health == trace::NodeHealth::Paused) return Kind::ResumeNode;
    return health == trace::NodeHealth::Crashed ? Kind::RestartNode : Kind::CrashNode;
  }
  if (what.kind == Selection::Kind::Link && what.link.value < frame.links.size())
    return conditionAt(m_state.scenario(), idOf(what), Kind::CutLink, m_state.now()) != 0
               ? Kind::CutLink
               : Kind::RestoreLink;
  return std::nullopt;
}

QString FaultActions::toggleText(const Selection &what) const {
  const auto action = toggleOf(what);
  if (!action) return {};
  return QStringLiteral("%1 %2").arg(actionVerb(*action),
                                     targetLabel(m_state.scenario(), idOf(what)));
}

void FaultActions::toggle(const Selection &what) {
  if (const auto action = toggleOf(what)) apply(*action, what);
}

void FaultActions::apply(Kind action, const Selection &what, double value) {
  const FaultRequest request{action, idOf(what), value, m_state.now()};
  const QString label = faultLabel(m_state.scenario(), request);
  report(applyFault(m_state.document(), request), label);
}

void FaultActions::report(const Status &status, const QString &label) {
  if (status)
    Q_EMIT done(label);
  else
    Q_EMIT failed(QString::fromStdString(status.faults().front().text()));
}

void FaultActions::fill(QMenu &menu, const Selection &what) {
  const Theme &theme = m_state.theme();
  const std::string id = idOf(what);
  if (id.empty()) return;
  menu.setToolTipsVisible(true);
  const bool start = m_state.now() == SimTime::zero();
  addHeading(
      menu,
      targetLabel(m_state.scenario(), id) + QStringLiteral("  ·  ") +
          (start ? tr("from the start") : tr("at %1").arg(formatTimeShort(m_state.now().ns()))),
      theme);
  if (what.kind == Selection::Kind::Node)
    fillNode(menu, what);
  else
    fillLink(menu, what);
}

QAction *FaultActions::addAction(QMenu &menu, Kind kind, const Selection &what, bool isToggle) {
  QAction *action = menu.addAction(iconOfAction(kind, m_state.theme()), actionVerb(kind));
  action->setToolTip(actionHelp(kind));
  if (isToggle) action->setShortcut(QKeySequence(Qt::Key_F));
  connect(action, &QAction::triggered, this, [this, kind, what] { apply(kind, what); });
  return action;
}

void FaultActions::fillNode(QMenu &menu, const Selection &what) {
  const auto health = m_state.frame().nodes[what.node.value];
  const scenario::Node *node = m_state.documentNode(what.node.value);
  const bool down = health == trace::NodeHealth::Crashed;
  const bool paused = health == trace::NodeHealth::Paused;
  if (down) addAction(menu, Kind::RestartNode, what, true);
  if (paused) addAction(menu, Kind::ResumeNode, what, true);
  if (!down) addAction(menu, Kind::CrashNode, what, !paused);
  if (!down && !paused) addAction(menu, Kind::PauseNode, what);
  if (node != nullptr && !scenario::isRouter(node->kind) &&
      node->kind != scenario::NodeKind::Switch) {
    addAction(menu, Kind::RestartEmpty, what);
    if (!down && !paused && !node->programs.empty()) {
      addAction(menu, Kind::Promote, what);
      const bool waits = memberOf(consensusOf(m_state), what.node.value) != nullptr;
      if (waits) addAction(menu, Kind::TimeOut, what);
    }
  }
  menu.addSeparator();
  for (const Kind kind :
       {Kind::SetSlowness, Kind::SetClockOffset, Kind::SetClockDrift, Kind::SetPartition})
    addCondition(menu, kind, what);
}

void FaultActions::fillLink(QMenu &menu, const Selection &what) {
  // What the script says: a flapping cable is up and cut by turns.
  const bool up = conditionAt(m_state.scenario(), idOf(what), Kind::CutLink, m_state.now()) != 0;
  addAction(menu, up ? Kind::CutLink : Kind::RestoreLink, what, true);
  addCondition(menu, Kind::SetBlocked, what);
  addCondition(menu, Kind::SetFlap, what);
  menu.addSeparator();
  for (const Kind kind : {Kind::SetLoss, Kind::SetDuplicate, Kind::SetReorder, Kind::SetCorrupt})
    addCondition(menu, kind, what);
  menu.addSeparator();
  for (const Kind kind : {Kind::SetDelay, Kind::SetJitter, Kind::SetRate, Kind::SetQueue})
    addCondition(menu, kind, what);
}

void FaultActions::addCondition(QMenu &menu, Kind action, const Selection &what) {
  const std::string id = idOf(what);
  const scenario::Scenario &scenario = m_state.scenario();
  const double current = conditionAt(scenario, id, action, m_state.now());
  QMenu *choices =
      menu.addMenu(iconOfAction(action, m_state.theme()),
                   QStringLiteral("%1  ·  %2")
                       .arg(actionVerb(action), valueText(scenario, id, action, current)));
  choices->menuAction()->setToolTip(actionHelp(action));
  for (const double value : presetsOf(action)) {
    QAction *choice = choices->addAction(valueText(scenario, id, action, value));
    choice->setCheckable(true);
    choice->setChecked(value == current);
    connect(choice, &QAction::triggered, this,
            [this, action, what, value] { apply(action, what, value); });
  }
  if (action == Kind::SetBlocked) return; // there are no other values
  choices->addSeparator();
  QAction *other = choices->addAction(tr("Other…"));
  connect(other, &QAction::triggered, this,
          [this, action, what, current] { ask(action, what, current); });
}

void FaultActions::ask(Kind action, const Selection &what, double current) {
  const Asking asking = askingOf(action);
  auto *dialog = new QInputDialog(QApplication::activeWindow());
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setInputMode(QInputDialog::DoubleInput);
  dialog->setWindowTitle(actionVerb(action));
  dialog->setLabelText(
      tr("%1 of %2, in%3:")
          .arg(asking.title, targetLabel(m_state.scenario(), idOf(what)), asking.suffix));
  dialog->setDoubleDecimals(asking.decimals);
  dialog->setDoubleRange(asking.minimum, asking.maximum);
  dialog->setDoubleValue(current / asking.unit);
  connect(dialog, &QInputDialog::doubleValueSelected, this,
          [this, action, what, unit = asking.unit](double value) {
            apply(action, what, value * unit);
          });
  dialog->open();
}

} // namespace packetarium::ui
