// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/tls_story.h"

#include <QRectF>
#include <QSizeF>
#include <QString>

#include <vector>

namespace packetarium::ui {

/// A secret's place in the schedule of keys, whether it exists yet or not.
struct KeyBox {
  QString title;
  QString value;  ///< hex; empty: not there yet, or nothing that could be shown
  QString detail; ///< how it is derived
  QString reference;
  std::string key; ///< names its hue, as keyColour takes it
  bool exists = false;
  bool client = false, server = false; ///< who has it
  bool differs = false;                ///< they have different ones
  analysis::TlsInstant when;
  int column = 0, span = 1, row = 0;
  std::vector<int> parents; ///< indices into KeyTree::boxes
};

/// The whole schedule of a version: all boxes that a connection can have, those of the story
/// filled.
struct KeyTree {
  std::vector<KeyBox> boxes;
  int columns = 1, rows = 1;
  /// The one that came last; -1: none yet.
  [[nodiscard]] int newest() const;
};
[[nodiscard]] KeyTree keyTree(const analysis::TlsStory &story, bool tls12);

/// Where the boxes stand; pixels.
struct KeyLayout {
  std::vector<QRectF> boxes;
  QSizeF size;
};
struct KeyMeasures {
  double columnMin = 104; ///< a box is never narrower
  double boxMax = 190;    ///< nor wider
  double boxHeight = 44;
  double gapX = 10, gapY = 16, margin = 8;
};
[[nodiscard]] KeyLayout layoutKeys(const KeyTree &tree, double width, const KeyMeasures &measures);

} // namespace packetarium::ui
