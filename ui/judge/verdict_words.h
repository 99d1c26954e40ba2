// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/judgement.h"
#include "ui/widgets/labels.h"

#include <QString>

#include <string_view>
#include <vector>

namespace packetarium::ui {

/// A light as it is at an instant: broken from the offending record on, kept before.
enum class LightState { Kept, Broken, Unknown };
[[nodiscard]] LightState stateAt(const analysis::Light &light, trace::Sequence upTo);
struct LightLook {
  std::string_view icon;
  Tone tone = Tone::Neutral;
  QString word; ///< "kept so far", "broken", "not decided"
};
[[nodiscard]] LightLook lookOf(LightState state);
/// "Linearizable: broken since 12.3 s", and what it promises.
[[nodiscard]] QString lightWords(const analysis::Light &light, trace::Sequence upTo);

/// Of many lights.
struct LightCount {
  int kept = 0, broken = 0, unknown = 0;
  [[nodiscard]] int all() const { return kept + broken + unknown; }
};
[[nodiscard]] LightCount countLights(const std::vector<analysis::Light> &lights,
                                     trace::Sequence upTo);

/// "w cart 17", "r cart → 17", "cas seat free → ann", "a list x"; without its key "w 17".
enum class LabelSize { Full, Short };
[[nodiscard]] QString operationLabel(const judge::Operation &operation, LabelSize size);
/// "write cart 17, 1.25 s to 1.27 s, done".
[[nodiscard]] QString operationWords(const judge::Operation &operation);
[[nodiscard]] QString outcomeWords(const judge::Operation &operation);
/// "stale: 2 writes behind, the first of them since 40 ms"; empty for what is no read.
[[nodiscard]] QString freshnessWords(const analysis::ReadMark *mark);

} // namespace packetarium::ui
