// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/judge/verdict_words.h"

#include "ui/widgets/format.h"

#include <QCoreApplication>

namespace packetarium::ui {
namespace {

QString tr(const char *text) { return QCoreApplication::translate("Judge", text); }

QString valueOf(const judge::Value &value) {
  return value ? QString::fromStdString(*value) : QStringLiteral("–");
}

} // namespace

LightState stateAt(const analysis::Light &light, trace::Sequence upTo) {
  if (light.verdict == judge::Verdict::Unknown) return LightState::Unknown;
  if (light.verdict == judge::Verdict::False && light.record <= upTo) return LightState::Broken;
  return LightState::Kept;
}

LightLook lookOf(LightState state) {
  switch (state) {
  case LightState::Kept: return {"check", Tone::Good, tr("kept so far")};
  case LightState::Broken: return {"close", Tone::Bad, tr("broken")};
  case LightState::Unknown: break;
  }
  return {"question", Tone::Neutral, tr("not decided")};
}

QString lightWords(const analysis::Light &light, trace::Sequence upTo) {
  const LightState state = stateAt(light, upTo);
  QString head = QString::fromStdString(light.title) + QStringLiteral(": ") + lookOf(state).word;
  if (state == LightState::Broken) head += tr(" since %1").arg(formatTimeShort(light.since.ns()));
  head += QLatin1Char('\n') + QString::fromStdString(light.promise);
  if (state == LightState::Unknown && !light.why.empty())
    head += QLatin1Char('\n') + withShortDurations(QString::fromStdString(light.why));
  return head;
}

LightCount countLights(const std::vector<analysis::Light> &lights, trace::Sequence upTo) {
  LightCount count;
  for (const analysis::Light &light : lights) {
    const LightState state = stateAt(light, upTo);
    ++(state == LightState::Kept     ? count.kept
       : state == LightState::Broken ? count.broken
                                     : count.unknown);
  }
  return count;
}

QString operationLabel(const judge::Operation &o, LabelSize size) {
  const QString key =
      size == LabelSize::Short || o.key.empty() ? QString() : QString::fromStdString(o.key) + u' ';
  const QString arrow = QStringLiteral("→ ");
  switch (o.kind) {
  case judge::OperationKind::Write: return QStringLiteral("w ") + key + valueOf(o.argument);
  case judge::OperationKind::Append: return QStringLiteral("a ") + key + valueOf(o.argument);
  case judge::OperationKind::Cas:
    return QStringLiteral("cas ") + key + valueOf(o.expected) + u' ' + arrow + valueOf(o.argument);
  case judge::OperationKind::Read: break;
  }
  const QString read = QStringLiteral("r ") + key;
  return o.resultKnown ? read + arrow + valueOf(o.result) : read.trimmed();
}

QString outcomeWords(const judge::Operation &o) {
  switch (o.outcome) {
  case judge::Outcome::Ok: return tr("done");
  case judge::Outcome::Fail: return tr("refused: it did not take effect");
  case judge::Outcome::Info: break;
  }
  return o.returned ? tr("given up: it may have taken effect, or may yet")
                    : tr("no answer yet: it may have taken effect");
}

QString operationWords(const judge::Operation &o) {
  const QString from = formatTimeShort(o.invoked.ns());
  const QString when = o.returned ? tr("%1 to %2").arg(from, formatTimeShort(o.returned->ns()))
                                  : tr("from %1 on").arg(from);
  return QString::fromStdString(judge::text(o)) +
         QStringLiteral("\n%1 · %2").arg(when).arg(outcomeWords(o));
}

QString freshnessWords(const analysis::ReadMark *mark) {
  if (mark == nullptr) return {};
  switch (mark->freshness) {
  case analysis::Freshness::Fresh: return tr("fresh");
  case analysis::Freshness::Refused: return tr("refused");
  case analysis::Freshness::Unknown: return tr("not known whether fresh");
  case analysis::Freshness::Stale: break;
  }
  const QString behind = mark->versionsBehind == 1
                             ? tr("1 write")
                             : tr("%1 writes").arg(static_cast<qulonglong>(mark->versionsBehind));
  return tr("stale: %1 and %2 behind").arg(behind, formatDuration(mark->staleBy.ns()));
}

} // namespace packetarium::ui
