// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/catch.h"
#include "ui/topology/raft_dials.h"

#include <QLineF>

#include <algorithm>

using namespace packetarium;
using namespace packetarium::ui;

namespace {

SimTime at(std::int64_t ms) { return SimTime::fromNs(ms * 1'000'000); }

/// Members at the given places, all followers of term 1 that wait from 100 to 300 ms.
struct Cluster {
  CanvasScene scene;
  analysis::ConsensusState state;
  Typography type{QStringLiteral("Sans"), QStringLiteral("Mono"), 1.0};

  explicit Cluster(const std::vector<QPointF> &places) {
    CanvasModel model;
    for (const QPointF place : places) {
      CanvasModel::Node node;
      node.at = place;
      model.nodes.push_back(node);
    }
    scene.setModel(std::move(model));
    scene.setTransform({1, {400, 300}});
    for (std::uint32_t i = 0; i < places.size(); ++i) {
      analysis::MemberView member;
      member.node = i;
      member.service = "ledger";
      member.role = "follower";
      member.term = 1;
      member.electionSince = at(100);
      member.electionAt = at(300);
      state.members.push_back(member);
    }
  }
  std::vector<RaftDial> dials(std::int64_t ms) const {
    return raftDials(state, scene, at(ms), type);
  }
};

const std::vector<QPointF> five{{0, -170}, {162, -53}, {100, 137}, {-100, 137}, {-162, -53}};

} // namespace

TEST_CASE("a ring shrinks with the cursor's time from whole to nothing") {
  const Cluster cluster(five);
  const std::pair<std::int64_t, double> shown[] = {
      {100, 1}, {150, 0.75}, {200, 0.5}, {300, 0}, {400, 0}};
  for (const auto &[ms, left] : shown) {
    const auto dials = cluster.dials(ms);
    REQUIRE(dials.size() == 5);
    CHECK(dials[0].left == Approx(left));
    CHECK(dials[0].waits == RaftDial::Waits::Election);
  }
  CHECK(cluster.dials(200)[0].left == cluster.dials(200)[0].left); // of the instant alone
}

TEST_CASE("a lease is shown before the time-out of who has both") {
  Cluster cluster(five);
  cluster.state.members[2].role = "leader";
  cluster.state.members[2].leaseSince = at(100);
  cluster.state.members[2].leaseUntil = at(200);
  const RaftDial dial = cluster.dials(175)[2];
  CHECK(dial.waits == RaftDial::Waits::Lease);
  CHECK(dial.left == Approx(0.25));
  CHECK(dial.leads);
  CHECK(cluster.dials(250)[2].waits == RaftDial::Waits::Election); // it ran out
}

TEST_CASE("who is down wears no ring, and on tiny tiles there is none") {
  Cluster cluster(five);
  cluster.state.members[1].role = "down";
  CHECK(cluster.dials(200).size() == 4);
  cluster.scene.setTransform({0.3, {400, 300}});
  CHECK(cluster.dials(200).empty());
}

TEST_CASE("a follower points towards its leader") {
  Cluster cluster(five);
  for (auto &member : cluster.state.members) member.leader = 0;
  const auto dials = cluster.dials(200);
  CHECK_FALSE(dials[0].towardsLeader);
  for (std::size_t i = 1; i < dials.size(); ++i) {
    const QPointF way = cluster.scene.tiles()[0].center() - dials[i].centre;
    CHECK(std::cos(*dials[i].towardsLeader) == Approx(way.x() / std::hypot(way.x(), way.y())));
    CHECK(std::sin(*dials[i].towardsLeader) == Approx(way.y() / std::hypot(way.x(), way.y())));
  }
}

TEST_CASE("votes come on their voter's side and lie on nothing, wherever the voters are") {
  std::vector<std::vector<QPointF>> layouts{five, {}, {}, {}};
  for (int i = 0; i < 7; ++i) {
    layouts[1].push_back({120.0 * i, 0});                   // all at the right of the first
    layouts[2].push_back({0, -120.0 * i});                  // all above
    layouts[3].push_back({i % 2 ? 140.0 * i : 0, 9.0 * i}); // nearly in one direction
  }
  for (const auto &places : layouts) {
    Cluster cluster(places);
    auto &candidate = cluster.state.members[0];
    candidate.role = "candidate";
    for (std::uint32_t voter = 0; voter < places.size(); ++voter)
      candidate.votes.push_back({voter, analysis::VoteState::Granted, false});
    const RaftDial dial = cluster.dials(200)[0];
    REQUIRE(dial.votes.size() == places.size() - 1); // not its own
    const QRectF &tile = cluster.scene.tiles()[0];
    for (std::size_t i = 0; i < dial.votes.size(); ++i) {
      const VoteDot &dot = dial.votes[i];
      const QRectF box(dot.at - QPointF(dot.radius, dot.radius),
                       QSizeF(2 * dot.radius, 2 * dot.radius));
      CHECK_FALSE(box.intersects(tile));
      CHECK_FALSE(box.intersects(dial.badge));
      for (std::size_t j = i + 1; j < dial.votes.size(); ++j)
        CHECK(QLineF(dot.at, dial.votes[j].at).length() > 2 * dot.radius);
    }
  }
  Cluster cluster(five);
  cluster.state.members[0].role = "candidate";
  cluster.state.members[0].votes = {{1, analysis::VoteState::Asked, false},
                                    {4, analysis::VoteState::Refused, false}};
  const RaftDial dial = cluster.dials(200)[0];
  for (const VoteDot &dot : dial.votes) CHECK((dot.at.x() > dial.centre.x()) == (dot.voter == 1));
}

TEST_CASE("the term stands on the ring in words where there is room, else as a number") {
  Cluster cluster(five);
  cluster.state.members[0].term = 12;
  cluster.state.members[1].role = "pre-candidate";
  CHECK(cluster.dials(200)[0].number == QStringLiteral("term 12"));
  CHECK(cluster.dials(200)[1].number == QStringLiteral("term 1?"));
  cluster.scene.setTransform({0.7, {400, 300}});
  CHECK(cluster.dials(200)[0].number == QStringLiteral("12"));
}

TEST_CASE("rings of different states look different without their colour") {
  Cluster cluster(five);
  const Theme &theme = Theme::light();
  cluster.state.members[1].role = "leader";
  cluster.state.members[1].electionAt.reset();
  cluster.state.members[2].role = "learner";
  cluster.state.members[3].role = "leader";
  cluster.state.members[3].leaseSince = at(100);
  cluster.state.members[3].leaseUntil = at(300);
  std::vector<QImage> pictures;
  for (const RaftDial &dial : cluster.dials(200)) {
    QImage picture(100, 100, QImage::Format_RGB32);
    picture.fill(theme.canvas);
    QPainter painter(&picture);
    painter.translate(QPointF(50, 50) - dial.centre);
    paintDial(painter, dial, theme, cluster.type);
    painter.end();
    pictures.push_back(picture.convertToFormat(QImage::Format_Grayscale8));
  }
  for (std::size_t i = 0; i < 4; ++i)
    for (std::size_t j = i + 1; j < 4; ++j) CHECK(pictures[i] != pictures[j]);
}
