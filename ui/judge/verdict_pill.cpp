// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/judge/verdict_pill.h"

#include "ui/judge/verdict_words.h"

namespace packetarium::ui {

VerdictPill::VerdictPill(ViewState &state, QWidget *parent)
    : Pill(state.hub(), {}, Tone::Good, "check", parent), m_state(state) {
  setObjectName(QStringLiteral("verdict"));
  setVariant(Variant::Tint);
  setClickable(true);
  setToolTip(tr("Which guarantees hold, whether or not a store promises them. Click for the "
                "history."));
  connect(&JudgeWatch::of(state), &JudgeWatch::changed, this, &VerdictPill::refresh);
  connect(&state, &ViewState::frameChanged, this, &VerdictPill::refresh);
  connect(this, &Pill::clicked, this, &VerdictPill::ask);
  refresh();
}

void VerdictPill::refresh() {
  LightCount count;
  QStringList lines;
  const trace::Sequence upTo = m_state.frame().cursor.upTo;
  for (const ServiceJudgement &service : JudgeWatch::of(m_state).known()->services) {
    const LightCount more = countLights(service.lights, upTo);
    count.kept += more.kept;
    count.broken += more.broken;
    count.unknown += more.unknown;
    for (const analysis::Light &light : service.lights)
      if (stateAt(light, upTo) == LightState::Broken)
        lines << QString::fromStdString(service.service) + QStringLiteral(": ") +
                     lightWords(light, upTo);
  }
  setVisible(count.all() > 0);
  const QString words = count.broken == 1  ? tr("1 guarantee not held")
                        : count.broken > 1 ? tr("%1 guarantees not held").arg(count.broken)
                        : count.kept == 1  ? tr("1 guarantee held")
                        : count.kept > 0   ? tr("%1 guarantees held").arg(count.kept)
                                           : tr("not judged yet");
  const LightState all = count.broken > 0 ? LightState::Broken
                         : count.kept > 0 ? LightState::Kept
                                          : LightState::Unknown;
  if (words == m_words) return;
  m_words = words;
  setText(words);
  setTone(lookOf(all).tone);
  setIconName(lookOf(all).icon);
  lines << tr("Click for the history of what clients did.");
  setToolTip(lines.join(QStringLiteral("\n\n")));
}

void VerdictPill::ask() {
  const trace::Sequence upTo = m_state.frame().cursor.upTo;
  QString service;
  int wantedLight = -1;
  trace::Sequence earliest = 0;
  for (const ServiceJudgement &judged : JudgeWatch::of(m_state).known()->services)
    for (std::size_t i = 0; i < judged.lights.size(); ++i) {
      const analysis::Light &light = judged.lights[i];
      if (stateAt(light, upTo) != LightState::Broken) continue;
      if (wantedLight >= 0 && light.record >= earliest) continue;
      earliest = light.record;
      wantedLight = static_cast<int>(i);
      service = QString::fromStdString(judged.service);
    }
  Q_EMIT wanted(service, wantedLight);
}

} // namespace packetarium::ui
