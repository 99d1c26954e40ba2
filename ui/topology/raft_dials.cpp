// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/raft_dials.h"

#include <QCoreApplication>
#include <QFontMetricsF>

#include <algorithm>
#include <cmath>
#include <set>

namespace packetarium::ui {
namespace {

constexpr double dialRadiusPx = 34; // at 100 %: just clear of the tile's corners
constexpr double dialStroke = 3;
constexpr double orbitPx = 10;       // of the votes, beyond the ring
constexpr double wordsFromEdge = 44; // "term 3"; on smaller tiles only "3"
constexpr double dotPx = 5.6;
constexpr double apartDeg = 21; // of two votes, as seen from the candidate

double dialScale(const QRectF &tile) { return tile.width() / CanvasScene::tileEdge; }

double shareLeft(SimTime since, SimTime until, SimTime now) {
  const auto whole = static_cast<double>((until - since).ns());
  if (whole <= 0) return 0;
  return std::clamp(static_cast<double>((until - now).ns()) / whole, 0.0, 1.0);
}

// Degrees clockwise from the top, in 0..360.
double bearing(QPointF from, QPointF to) {
  const double degrees = std::atan2(to.x() - from.x(), from.y() - to.y()) * 180 / M_PI;
  return degrees < 0 ? degrees + 360 : degrees;
}

// At the top stands the term's number and below the name: votes come at the right and the left,
// as near to their voter's direction as there is room, and never on one another.
void spread(std::vector<double> &bearings, double least, double most, double apartMost) {
  if (bearings.empty()) return;
  const auto count = static_cast<double>(bearings.size() - 1);
  const double apart = count > 0 ? std::min(apartMost, (most - least) / count) : apartMost;
  double from = least;
  for (double &at : bearings) {
    at = std::clamp(at, from, most);
    from = at + apart;
  }
  double until = most;
  for (auto at = bearings.rbegin(); at != bearings.rend(); ++at) {
    *at = std::min(*at, until);
    until = *at - apart;
  }
}

void placeVotes(RaftDial &dial, const analysis::MemberView &member, const CanvasScene &scene,
                double scale) {
  struct Seen {
    const analysis::VoteView *vote;
    double bearing;
  };
  std::vector<Seen> right, left;
  const double dot = dotPx * std::clamp(scale, 0.7, 1.3);
  const double reach = dial.radius + std::max(orbitPx * scale, dot + 2.5);
  const double apart = std::max(apartDeg, 2 * std::asin(dot / reach) * 180 / M_PI + 3);
  for (const analysis::VoteView &vote : member.votes) {
    if (vote.voter == member.node || vote.voter >= scene.tiles().size()) continue;
    const double at = bearing(dial.centre, scene.tiles()[vote.voter].center());
    (at < 180 ? right : left).push_back({&vote, at});
  }
  const auto take = [&](std::vector<Seen> &side, double least, double most) {
    std::stable_sort(side.begin(), side.end(),
                     [](const Seen &a, const Seen &b) { return a.bearing < b.bearing; });
    std::vector<double> bearings;
    for (const Seen &seen : side) bearings.push_back(seen.bearing);
    spread(bearings, least, most, apart);
    for (std::size_t i = 0; i < side.size(); ++i) {
      const double turn = bearings[i] * M_PI / 180;
      dial.votes.push_back({dial.centre + QPointF(std::sin(turn), -std::cos(turn)) * reach, dot,
                            side[i].vote->state, side[i].vote->voter});
    }
  };
  take(right, 48, 138);
  take(left, 222, 292); // above is the mark of its role
}

void placeNumber(RaftDial &dial, double edge, const Typography &type) {
  const QString bare = QString::number(dial.term) + (dial.pre ? QStringLiteral("?") : QString());
  dial.number =
      edge < wordsFromEdge ? bare : QCoreApplication::translate("Canvas", "term %1").arg(bare);
  const QFontMetricsF metrics(type.tiny());
  const QSizeF size(std::ceil(metrics.horizontalAdvance(dial.number)) + 10, metrics.height() + 1);
  dial.badge = QRectF(QPointF(), size);
  dial.badge.moveCenter(dial.centre - QPointF(0, dial.radius));
}

RaftDial dialOf(const analysis::MemberView &member, const CanvasScene &scene, SimTime now,
                const Typography &type) {
  const QRectF &tile = scene.tiles()[member.node];
  const double scale = dialScale(tile);
  RaftDial dial;
  dial.node = member.node;
  dial.term = member.term;
  dial.leads = member.role == "leader";
  dial.pre = member.role == "pre-candidate";
  dial.stands = dial.pre || member.role == "candidate";
  dial.learns = member.role == "learner";
  dial.centre = tile.center();
  dial.radius = dialRadius(tile);
  if (member.leaseSince && member.leaseUntil && *member.leaseUntil > now) {
    dial.waits = RaftDial::Waits::Lease;
    dial.left = shareLeft(*member.leaseSince, *member.leaseUntil, now);
  } else if (member.electionSince && member.electionAt) {
    dial.waits = RaftDial::Waits::Election;
    dial.left = shareLeft(*member.electionSince, *member.electionAt, now);
  }
  if (dial.stands) placeVotes(dial, member, scene, scale);
  placeNumber(dial, tile.width(), type);
  if (member.leader && *member.leader != member.node && *member.leader < scene.tiles().size()) {
    const QPointF way = scene.tiles()[*member.leader].center() - dial.centre;
    dial.towardsLeader = std::atan2(way.y(), way.x());
  }
  return dial;
}

void paintVote(QPainter &painter, const VoteDot &vote, const Theme &theme) {
  const double r = vote.radius;
  const bool granted = vote.state == analysis::VoteState::Granted;
  const bool refused = vote.state == analysis::VoteState::Refused;
  const QColor ink = granted ? theme.good : refused ? theme.bad : theme.dim;
  QPen rim(ink, 1.3);
  if (!granted && !refused) rim.setDashPattern({1.6, 1.6});
  painter.setPen(rim);
  painter.setBrush(granted ? ink : refused ? theme.badSoft : theme.canvas);
  painter.drawEllipse(vote.at, r, r);
  painter.setPen(QPen(granted ? theme.onAccent : ink, 1.5, Qt::SolidLine, Qt::RoundCap));
  painter.setBrush(Qt::NoBrush);
  const auto at = [&](double x, double y) { return vote.at + QPointF(x, y) * r; };
  if (granted) painter.drawPolyline(QPolygonF({at(-0.45, 0.05), at(-0.1, 0.4), at(0.5, -0.35)}));
  if (refused) {
    painter.drawLine(at(-0.38, -0.38), at(0.38, 0.38));
    painter.drawLine(at(-0.38, 0.38), at(0.38, -0.38));
  }
}

} // namespace

double dialRadius(const QRectF &tile) { return dialRadiusPx * dialScale(tile); }

QRectF dialBox(const QRectF &tile) {
  const double reach = dialRadius(tile) + 4;
  return QRectF(tile.center() - QPointF(reach, reach), QSizeF(2 * reach, 2 * reach));
}

std::vector<RaftDial> raftDials(const analysis::ConsensusState &state, const CanvasScene &scene,
                                SimTime now, const Typography &type) {
  std::vector<RaftDial> dials;
  std::set<std::uint32_t> seen;
  for (const analysis::MemberView &member : state.members) {
    if (member.node >= scene.tiles().size() || member.role == "down" || member.role.empty())
      continue;
    if (scene.tiles()[member.node].width() < dialsFromEdge) continue;
    if (seen.insert(member.node).second) dials.push_back(dialOf(member, scene, now, type));
  }
  return dials;
}

void paintDial(QPainter &painter, const RaftDial &dial, const Theme &theme, const Typography &) {
  const QColor &hue = theme.term(dial.term);
  const double stroke = dialStroke * std::clamp(dial.radius / dialRadiusPx, 0.6, 1.3);
  const QRectF ring(dial.centre - QPointF(dial.radius, dial.radius),
                    QSizeF(2 * dial.radius, 2 * dial.radius));
  painter.setBrush(Qt::NoBrush);
  // All of the way lies there faintly; of one who has no say it is dotted.
  QPen track(mix(hue, theme.canvas, theme.isDark() ? 0.3 : 0.25), stroke * 0.6);
  if (dial.learns) track.setDashPattern({1, 2});
  painter.setPen(track);
  painter.drawEllipse(ring);
  const bool whole = dial.waits == RaftDial::Waits::Nothing && dial.leads;
  if (whole || dial.left > 0) {
    QPen pen(hue, stroke, Qt::SolidLine, Qt::FlatCap);
    if (dial.waits == RaftDial::Waits::Lease) pen.setDashPattern({1.6, 0.8});
    painter.setPen(pen);
    const double share = whole ? 1 : dial.left;
    painter.drawArc(ring, 90 * 16, static_cast<int>(std::lround(-share * 360 * 16)));
  }
  if (!dial.towardsLeader) return;
  const QPointF way(std::cos(*dial.towardsLeader), std::sin(*dial.towardsLeader));
  const QPointF side(-way.y(), way.x());
  const double size = stroke * 1.5;
  const QPointF foot = dial.centre + way * (dial.radius + stroke * 0.7);
  painter.setPen(Qt::NoPen);
  painter.setBrush(hue);
  painter.drawPolygon(
      QPolygonF({foot + side * size * 0.8, foot - side * size * 0.8, foot + way * size * 1.2}));
}

void paintDialMarks(QPainter &painter, const RaftDial &dial, const Theme &theme,
                    const Typography &type) {
  if (!dial.badge.isEmpty()) {
    const QColor &hue = theme.term(dial.term);
    const double round = dial.badge.height() / 2;
    QPen rim(dial.stands ? hue : theme.canvas, 1.4);
    if (dial.pre) rim.setDashPattern({2, 1.6});
    painter.setPen(rim);
    painter.setBrush(dial.stands ? theme.canvas : hue);
    painter.drawRoundedRect(dial.badge, round, round);
    QFont font = type.tiny();
    font.setWeight(QFont::DemiBold);
    painter.setFont(font);
    painter.setPen(dial.stands ? hue : dial.term == 0 ? theme.canvas : theme.onTerm);
    painter.drawText(dial.badge, Qt::AlignCenter, dial.number);
  }
  for (const VoteDot &vote : dial.votes) paintVote(painter, vote, theme);
}

} // namespace packetarium::ui
