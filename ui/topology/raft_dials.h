// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/consensus.h"
#include "ui/theme/theme.h"
#include "ui/theme/typography.h"
#include "ui/topology/canvas_scene.h"

#include <QPainter>
#include <QString>

#include <optional>
#include <vector>

namespace packetarium::ui {

// A vote beside the candidate that asked for it, on the side where its voter is.
struct VoteDot {
  QPointF at;
  double radius = 0;
  analysis::VoteState state = analysis::VoteState::Asked;
  std::uint32_t voter = 0;
};

// What a member of a Raft cluster wears around its tile: a ring in the colour of its term, of which
// so much is left as its time-out (or its lease) has still to run, the term's number at its top,
// the votes for it, and a pointer towards the leader that it follows.
struct RaftDial {
  enum class Waits { Nothing, Election, Lease };
  std::uint32_t node = 0;
  std::uint64_t term = 0;
  bool leads = false, stands = false, pre = false, learns = false;
  QPointF centre;
  double radius = 0;
  Waits waits = Waits::Nothing;
  double left = 0; // share of what it waits for, 0..1
  QRectF badge;    // of the number
  QString number;  // "term 3", "3", of one who only asks whether it should stand "3?"
  std::vector<VoteDot> votes;
  std::optional<double> towardsLeader; // radians, clockwise from the right
};

// From this width of a tile on there are dials.
constexpr double dialsFromEdge = 15;
// The room that a dial takes around its tile, without votes.
[[nodiscard]] QRectF dialBox(const QRectF &tile);
[[nodiscard]] double dialRadius(const QRectF &tile);

// At the instant; members that are down have none, nor have tiles that are too small. A node that
// is in several clusters shows the first.
[[nodiscard]] std::vector<RaftDial> raftDials(const analysis::ConsensusState &state,
                                              const CanvasScene &scene, SimTime now,
                                              const Typography &type);
void paintDial(QPainter &painter, const RaftDial &dial, const Theme &theme, const Typography &type);
// The number and the votes, which lie above the tile and its marks.
void paintDialMarks(QPainter &painter, const RaftDial &dial, const Theme &theme,
                    const Typography &type);

} // namespace packetarium::ui
