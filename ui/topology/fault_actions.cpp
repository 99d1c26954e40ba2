// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/fault_actions.h"

#include "ui/theme/icons.h"
#include "ui/widgets/format.h"
#include "ui/widgets/menus.h"

#include <QApplication>
#include <QInputDialog>
#include <QMenu>

#include <cmath>

namespace packetarium::ui {
namespace {

using Kind = scenario::ScriptEntry::Kind;

// How a value is asked for: shown = stored / unit.
struct Asking {
  QString title, suffix;
  double unit = 1, minimum = 0, maximum = 1;
  int decimals = 0;
};

Asking askingOf(Kind kind) {
  switch (kind) {
  case Kind::SetRate:
    return {FaultActions::tr("Rate"), FaultActions::tr(" Mbit/s"), 1e6, 0.001, 1e6, 3};
  case Kind::SetDelay:
    return {FaultActions::tr("Delay"), FaultActions::tr(" ms"), 1e6, 0, 3.6e6, 3};
  case Kind::SetJitter:
    return {FaultActions::tr("Jitter"), FaultActions::tr(" ms"), 1e6, 0, 3.6e6, 3};
  case Kind::SetLoss: return {FaultActions::tr("Loss"), FaultActions::tr(" %"), 0.01, 0, 100, 2};
  default: return {FaultActions::tr("Queue"), FaultActions::tr(" packets"), 1, 0, 1e6, 0};
  }
}

QString valueText(Kind kind, double value) {
  switch (kind) {
  case Kind::SetRate: return formatBitRate(value);
  case Kind::SetLoss: return value == 0 ? FaultActions::tr("none") : formatPercent(value);
  case Kind::SetQueue: return FaultActions::tr("%1 packets").arg(formatCount(std::llround(value)));
  default: return value == 0 ? FaultActions::tr("none") : formatDuration(std::llround(value));
  }
}

std::string_view iconNameOf(Kind kind) {
  switch (kind) {
  case Kind::CrashNode: return "crash";
  case Kind::RestartNode: return "restart-node";
  case Kind::PauseNode: return "pause-node";
  case Kind::ResumeNode: return "play";
  case Kind::CutLink: return "cut";
  case Kind::RestoreLink: return "restore";
  case Kind::SetRate: return "rate";
  case Kind::SetDelay: return "latency";
  case Kind::SetJitter: return "jitter";
  case Kind::SetLoss: return "loss";
  case Kind::SetQueue: return "list";
  }
  return "info";
}

QIcon iconOfAction(Kind kind, const Theme &theme) { return icon(iconNameOf(kind), theme); }

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
    return frame.links[what.link.value].up ? Kind::CutLink : Kind::RestoreLink;
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
  const Status status = applyFault(m_state.document(), request);
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
  const auto add = [&](Kind kind, const QString &help) {
    QAction *action = menu.addAction(iconOfAction(kind, theme), actionVerb(kind));
    action->setToolTip(help);
    connect(action, &QAction::triggered, this, [this, kind, what] { apply(kind, what); });
    return action;
  };
  const auto markToggle = [&](QAction *action) { action->setShortcut(QKeySequence(Qt::Key_F)); };
  const analysis::Frame &frame = m_state.frame();
  if (what.kind == Selection::Kind::Node) {
    const auto health = frame.nodes[what.node.value];
    if (health == trace::NodeHealth::Crashed)
      return markToggle(add(Kind::RestartNode, tr("Boots with an empty memory")));
    if (health == trace::NodeHealth::Paused)
      markToggle(add(Kind::ResumeNode, tr("Goes on where it stood still")));
    QAction *crash =
        add(Kind::CrashNode, tr("Loses its memory and answers nothing until it is restarted"));
    if (health == trace::NodeHealth::Paused) return;
    markToggle(crash);
    add(Kind::PauseNode, tr("Stands still and keeps its memory, as in a long stop of a program"));
    return;
  }
  const analysis::LinkView &link = frame.links[what.link.value];
  markToggle(link.up
                 ? add(Kind::CutLink, tr("Everything on the cable is lost; nothing gets through"))
                 : add(Kind::RestoreLink, tr("The cable works again")));
  menu.addSeparator();
  addCondition(menu, Kind::SetLoss, what, {0, 0.01, 0.05, 0.2}, link.loss);
  addCondition(menu, Kind::SetDelay, what, {1e6, 10e6, 50e6, 200e6},
               static_cast<double>(link.delay.ns()));
  addCondition(menu, Kind::SetJitter, what, {0, 2e6, 20e6}, static_cast<double>(link.jitter.ns()));
  addCondition(menu, Kind::SetRate, what, {64e3, 1e6, 10e6, 100e6, 1e9},
               static_cast<double>(link.rateBps));
  addCondition(menu, Kind::SetQueue, what, {5, 20, 100, 1000}, link.queueLimit);
}

void FaultActions::addCondition(QMenu &menu, Kind action, const Selection &what,
                                const std::vector<double> &presets, double current) {
  QMenu *choices =
      menu.addMenu(iconOfAction(action, m_state.theme()),
                   QStringLiteral("%1  ·  %2").arg(actionVerb(action), valueText(action, current)));
  for (const double value : presets) {
    QAction *choice = choices->addAction(valueText(action, value));
    choice->setCheckable(true);
    choice->setChecked(value == current);
    connect(choice, &QAction::triggered, this,
            [this, action, what, value] { apply(action, what, value); });
  }
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
