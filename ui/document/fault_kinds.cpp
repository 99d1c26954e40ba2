// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/document/fault_kinds.h"

#include "ui/widgets/format.h"

#include <QCoreApplication>

#include <array>
#include <cmath>

namespace packetarium::ui {
namespace {

using Kind = FaultAction;

constexpr const char *context = "Faults";

struct Row {
  Kind kind;
  const char *verb;
  const char *icon;
  const char *help;
};

// In the order of the actions.
constexpr std::array<Row, world::actionKinds> rows = {{
    {Kind::CrashNode, QT_TRANSLATE_NOOP("Faults", "Crash"), "crash",
     QT_TRANSLATE_NOOP("Faults", "Loses its memory and answers nothing until it is restarted")},
    {Kind::RestartNode, QT_TRANSLATE_NOOP("Faults", "Restart"), "restart-node",
     QT_TRANSLATE_NOOP("Faults", "Boots with an empty memory and with the disk it had")},
    {Kind::PauseNode, QT_TRANSLATE_NOOP("Faults", "Pause"), "pause-node",
     QT_TRANSLATE_NOOP("Faults",
                       "Stands still and keeps its memory, as in a long stop of a program")},
    {Kind::ResumeNode, QT_TRANSLATE_NOOP("Faults", "Resume"), "play",
     QT_TRANSLATE_NOOP("Faults", "Goes on where it stood still")},
    {Kind::CutLink, QT_TRANSLATE_NOOP("Faults", "Cut"), "cut",
     QT_TRANSLATE_NOOP("Faults", "Everything on the cable is lost; nothing gets through")},
    {Kind::RestoreLink, QT_TRANSLATE_NOOP("Faults", "Restore"), "restore",
     QT_TRANSLATE_NOOP("Faults", "The cable works again")},
    {Kind::SetRate, QT_TRANSLATE_NOOP("Faults", "Set rate"), "rate",
     QT_TRANSLATE_NOOP("Faults", "Bits per second it puts on the wire")},
    {Kind::SetDelay, QT_TRANSLATE_NOOP("Faults", "Set delay"), "latency",
     QT_TRANSLATE_NOOP("Faults", "How long a bit travels from end to end")},
    {Kind::SetJitter, QT_TRANSLATE_NOOP("Faults", "Set jitter"), "jitter",
     QT_TRANSLATE_NOOP("Faults", "Extra delay, drawn for each frame from 0 to this")},
    {Kind::SetLoss, QT_TRANSLATE_NOOP("Faults", "Set loss"), "loss",
     QT_TRANSLATE_NOOP("Faults", "Share of frames that vanish on the way")},
    {Kind::SetQueue, QT_TRANSLATE_NOOP("Faults", "Set queue"), "list",
     QT_TRANSLATE_NOOP("Faults", "Frames that may wait in each direction")},
    {Kind::SetDuplicate, QT_TRANSLATE_NOOP("Faults", "Set duplication"), "duplicate",
     QT_TRANSLATE_NOOP("Faults", "Share of frames that come twice")},
    {Kind::SetReorder, QT_TRANSLATE_NOOP("Faults", "Set reordering"), "reorder",
     QT_TRANSLATE_NOOP("Faults", "Share of frames that come late, behind those sent after them")},
    {Kind::SetCorrupt, QT_TRANSLATE_NOOP("Faults", "Set corruption"), "corrupt",
     QT_TRANSLATE_NOOP("Faults", "Share of frames whose bits turn over, so that they are refused")},
    {Kind::SetBlocked, QT_TRANSLATE_NOOP("Faults", "Set direction"), "one-way",
     QT_TRANSLATE_NOOP("Faults", "The cable carries frames one way only")},
    {Kind::SetFlap, QT_TRANSLATE_NOOP("Faults", "Set flapping"), "flap",
     QT_TRANSLATE_NOOP("Faults", "Half of each period the cable works, half of it is cut")},
    {Kind::SetSlowness, QT_TRANSLATE_NOOP("Faults", "Set slowness"), "slow",
     QT_TRANSLATE_NOOP("Faults", "Its processor needs so many times longer")},
    {Kind::SetClockOffset, QT_TRANSLATE_NOOP("Faults", "Set clock"), "clock",
     QT_TRANSLATE_NOOP("Faults", "Its clock is put ahead or behind the true time")},
    {Kind::SetClockDrift, QT_TRANSLATE_NOOP("Faults", "Set clock drift"), "drift",
     QT_TRANSLATE_NOOP("Faults", "From now on its clock runs fast or slow")},
    {Kind::SetPartition, QT_TRANSLATE_NOOP("Faults", "Set partition"), "partition",
     QT_TRANSLATE_NOOP("Faults", "Nodes on different sides do not hear each other; "
                                 "those on no side hear everybody")},
    {Kind::RestartEmpty, QT_TRANSLATE_NOOP("Faults", "Restart with an empty disk"), "disk",
     QT_TRANSLATE_NOOP("Faults", "Boots with an empty memory, and all it had stored is gone")},
    {Kind::Promote, QT_TRANSLATE_NOOP("Faults", "Promote"), "crown",
     QT_TRANSLATE_NOOP("Faults", "Tells its services by hand to take over")},
    {Kind::TimeOut, QT_TRANSLATE_NOOP("Faults", "Time out"), "time-out",
     QT_TRANSLATE_NOOP("Faults", "Its election time-out ends now: it stands for election")},
}};

const Row &rowOf(Kind kind) { return rows[static_cast<std::size_t>(kind)]; }

QString say(const char *text) { return QCoreApplication::translate(context, text); }

QString spanText(double ns) { return formatDuration(std::llround(std::abs(ns))); }

QString offsetText(double ns) {
  if (ns == 0) return say("right");
  return (ns > 0 ? say("%1 ahead") : say("%1 behind")).arg(spanText(ns));
}

QString driftText(double ppm) {
  if (ppm == 0) return say("none");
  return (ppm > 0 ? say("%1 ppm fast") : say("%1 ppm slow")).arg(formatNumber(std::abs(ppm)));
}

Asking ranged(Kind kind, const char *title, const char *suffix, double unit, int decimals) {
  const scenario::ValueRange range = scenario::valueRange(kind);
  const double least = range.minimum / unit;
  const double step = std::pow(10, -decimals);
  return {say(title),           say(suffix), unit, least > 0 && least < step ? step : least,
          range.maximum / unit, decimals};
}

} // namespace

bool isCondition(Kind action) { return !scenario::valueKey(action).empty(); }
QString actionVerb(Kind action) { return say(rowOf(action).verb); }
std::string_view actionIcon(Kind action) { return rowOf(action).icon; }
QString actionHelp(Kind action) { return say(rowOf(action).help); }

QString valueText(Kind action, double value) {
  switch (action) {
  case Kind::SetRate: return formatBitRate(value);
  case Kind::SetQueue: return say("%1 packets").arg(formatCount(std::llround(value)));
  case Kind::SetDelay:
  case Kind::SetJitter: return value == 0 ? say("none") : spanText(value);
  case Kind::SetLoss:
  case Kind::SetDuplicate:
  case Kind::SetReorder:
  case Kind::SetCorrupt: return value == 0 ? say("none") : formatPercent(value);
  case Kind::SetBlocked: return value == 0 ? say("both ways") : say("one way");
  case Kind::SetFlap: return value == 0 ? say("steady") : say("every %1").arg(spanText(value));
  case Kind::SetSlowness: return value == 1 ? say("full speed") : formatNumber(value) + u'×';
  case Kind::SetClockOffset: return offsetText(value);
  case Kind::SetClockDrift: return driftText(value);
  case Kind::SetPartition: return value == 0 ? say("no side") : say("side %1").arg(value);
  default: return {};
  }
}

std::vector<double> presetsOf(Kind action) {
  switch (action) {
  case Kind::SetRate: return {64e3, 1e6, 10e6, 100e6, 1e9};
  case Kind::SetDelay: return {1e6, 10e6, 50e6, 200e6};
  case Kind::SetJitter: return {0, 2e6, 20e6};
  case Kind::SetQueue: return {5, 20, 100, 1000};
  case Kind::SetLoss:
  case Kind::SetDuplicate:
  case Kind::SetReorder:
  case Kind::SetCorrupt: return {0, 0.01, 0.05, 0.2};
  case Kind::SetBlocked: return {0, 2, 1};
  case Kind::SetFlap: return {0, 200e6, 1e9, 5e9};
  case Kind::SetSlowness: return {1, 2, 10, 100};
  case Kind::SetClockOffset: return {0, 100e6, 1e9, 60e9, -100e6, -1e9, -60e9};
  case Kind::SetClockDrift: return {0, 50, 1000, 10000, -50, -1000, -10000};
  case Kind::SetPartition: return {0, 1, 2, 3};
  default: return {};
  }
}

Asking askingOf(Kind action) {
  switch (action) {
  case Kind::SetRate: return ranged(action, "Rate", " Mbit/s", 1e6, 3);
  case Kind::SetDelay: return ranged(action, "Delay", " ms", 1e6, 3);
  case Kind::SetJitter: return ranged(action, "Jitter", " ms", 1e6, 3);
  case Kind::SetLoss: return ranged(action, "Loss", " %", 0.01, 2);
  case Kind::SetDuplicate: return ranged(action, "Duplication", " %", 0.01, 2);
  case Kind::SetReorder: return ranged(action, "Reordering", " %", 0.01, 2);
  case Kind::SetCorrupt: return ranged(action, "Corruption", " %", 0.01, 2);
  case Kind::SetFlap: return ranged(action, "Period", " ms", 1e6, 3);
  case Kind::SetSlowness: return ranged(action, "Slowness", " times", 1, 1);
  case Kind::SetClockOffset: return ranged(action, "Clock ahead (behind below 0)", " ms", 1e6, 3);
  case Kind::SetClockDrift: return ranged(action, "Drift", " ppm", 1, 1);
  case Kind::SetPartition: return ranged(action, "Side", "", 1, 0);
  case Kind::SetQueue: return ranged(action, "Queue", " packets", 1, 0);
  default: return ranged(action, "Value", "", 1, 0);
  }
}

} // namespace packetarium::ui
