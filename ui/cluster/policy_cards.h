// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/cluster_state.h"

#include <QString>
#include <QStringList>

#include <vector>

namespace packetarium::ui {

// What one merge policy makes of a conflict.
struct PolicyCard {
  QString name, help;
  QString kept;       // the value that readers see from then on
  QStringList lost;   // writes that nobody sees any more, one each
  bool hands = false; // the application has to decide
};

// The versions that met, each as a line for people.
[[nodiscard]] QStringList versionLines(const analysis::ConflictView &conflict);
// What the service's own policy made of it, as a sentence or two; empty when it handed it on.
[[nodiscard]] QString ownOutcome(const analysis::ConflictView &conflict);
// Each policy's answer to the conflict; empty when its versions cannot be read.
[[nodiscard]] std::vector<PolicyCard> policyCards(const analysis::ConflictView &conflict);

} // namespace packetarium::ui
