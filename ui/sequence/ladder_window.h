// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/ladder.h"
#include "ui/playback/view_state.h"

#include <cstdint>
#include <vector>

namespace packetarium::ui {

struct LadderChoice {
  bool allHops = false;
  bool linkLayer = false;
  bool operator==(const LadderChoice &) const = default;
};

// The stretch of the sequence diagram about the moment that is shown. Reaches somewhat beyond it,
// so that playing on needs a new one only now and then; what lies beyond is for the painter to
// hide.
class LadderWindow {
public:
  static constexpr std::size_t arrowsBefore = 400;
  static constexpr std::size_t arrowsBeforeMax = 2000;

  // Makes a new ladder if the present one does not do for the state; tells whether it did.
  bool refresh(const ViewState &state, const LadderChoice &choice);
  // The run has grown, or an edit has voided a part of it.
  void traceChanged(const ViewState &state);
  void invalidate() { m_valid = false; }
  // Another network: not even the lifelines are the same.
  void clear();
  // Reaches further back from now on; false when it can't.
  bool reachBack();

  [[nodiscard]] const analysis::Ladder &ladder() const { return m_ladder; }
  // Nodes as columns from left to right; keep their places for as long as they can.
  [[nodiscard]] const std::vector<std::uint32_t> &lifelines() const { return m_lifelines; }
  // Earlier messages were left out.
  [[nodiscard]] bool isCut() const { return m_ladder.cut; }

private:
  [[nodiscard]] bool covers(analysis::Cursor cursor) const;
  void build(const ViewState &state);
  void addFaults(const ViewState &state);
  void trim(SimTime now);
  void arrangeLifelines();

  analysis::Ladder m_ladder;
  std::vector<std::uint32_t> m_lifelines;
  LadderChoice m_choice;
  SimTime m_to; // asked for
  std::size_t m_before = arrowsBefore;
  bool m_settled = false; // nothing that the run still does can change it
  bool m_valid = false;
};

} // namespace packetarium::ui
