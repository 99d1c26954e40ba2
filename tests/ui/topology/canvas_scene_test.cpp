// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/catch.h"
#include "ui/topology/canvas_scene.h"

#include <QLineF>

#include <cmath>

using namespace packetarium;
using namespace packetarium::ui;

namespace {

CanvasModel square() {
  CanvasModel model;
  for (const QPointF at : {QPointF(0, 0), QPointF(300, 0), QPointF(300, 200), QPointF(0, 200)})
    model.nodes.push_back({at, QStringLiteral("n"), {}, "host"});
  model.links = {{0, 1, 0}, {1, 2, 0}, {2, 3, 0}, {3, 0, 0}};
  return model;
}

analysis::Frame frameWith(std::vector<analysis::PacketView> packets) {
  analysis::Frame frame;
  frame.nodes.assign(4, trace::NodeHealth::Up);
  frame.links.resize(4);
  frame.packets = std::move(packets);
  return frame;
}

analysis::PacketView packetOn(std::uint32_t link, std::uint8_t end, float progress,
                              trace::Sequence sent) {
  analysis::PacketView packet;
  packet.link = link;
  packet.end = end;
  packet.progress = progress;
  packet.sent = sent;
  return packet;
}

} // namespace

TEST_CASE("every tile, cable and packet is found where it is painted, at any zoom") {
  for (const double zoom : {0.4, 1.0, 2.5}) {
    CanvasScene scene;
    scene.setModel(square());
    scene.setTransform({zoom, QPointF(500, 400)});
    const auto frame = frameWith({packetOn(2, 1, 0.3F, 77)});
    for (std::uint32_t i = 0; i < 4; ++i) {
      CHECK(scene.hitAt(scene.tiles()[i].center(), frame, {}) ==
            CanvasHit{CanvasHit::Kind::Node, i, 0});
      CHECK(scene.hitAt(scene.lines()[i].center(), frame, {}) ==
            CanvasHit{CanvasHit::Kind::Link, i, 0});
    }
    const CanvasHit hit = scene.hitAt(scene.pointOn(2, 1, 0.3), frame, {});
    CHECK(hit.kind == CanvasHit::Kind::Packet);
    CHECK(hit.record == 77);
    CHECK(scene.hitAt(QPointF(-4000, -4000), frame, {}).kind == CanvasHit::Kind::Nothing);
  }
}

TEST_CASE("of two packets the nearer one is hit") {
  CanvasScene scene;
  scene.setModel(square());
  const auto frame = frameWith({packetOn(0, 0, 0.5F, 1), packetOn(0, 0, 0.53F, 2)});
  CHECK(scene.hitAt(scene.pointOn(0, 0, 0.5), frame, {}).record == 1);
  CHECK(scene.hitAt(scene.pointOn(0, 0, 0.53), frame, {}).record == 2);
}

TEST_CASE("the two directions of a cable do not cover each other") {
  CanvasScene scene;
  scene.setModel(square());
  const QPointF there = scene.pointOn(0, 0, 0.5);
  const QPointF back = scene.pointOn(0, 1, 0.5);
  CHECK(std::abs(there.y() - back.y()) == Approx(6));
  CHECK(scene.pointOn(0, 0, 0).x() < scene.pointOn(0, 0, 1).x());
  CHECK(scene.pointOn(0, 1, 0).x() > scene.pointOn(0, 1, 1).x());
}

TEST_CASE("a lost packet falls from where it died and is gone after a while") {
  CanvasScene scene;
  scene.setModel(square());
  analysis::Frame frame = frameWith({});
  analysis::DropView drop;
  drop.record = 5;
  drop.reason = trace::DropReason::LinkCut;
  drop.link = 0;
  drop.onLink = true;
  drop.position = 0.5F;
  frame.drops = {drop};
  const auto after = [&](double seconds) {
    return scene.falling(frame, [&](Duration) { return seconds; });
  };
  REQUIRE(after(0).size() == 1);
  CHECK(CanvasScene::fallenTo(after(0)[0]) == scene.pointOn(0, 0, 0.5));
  CHECK(CanvasScene::fallenTo(after(0.5)[0]).y() > scene.pointOn(0, 0, 0.5).y() + 5);
  CHECK(after(CanvasScene::fallSeconds + 0.1).empty());
  const auto falling = after(0.3);
  const CanvasHit hit = scene.hitAt(CanvasScene::fallenTo(falling[0]), frame, falling);
  CHECK(hit.kind == CanvasHit::Kind::Drop);
  CHECK(hit.record == 5);
}

TEST_CASE("what dies at a node on its way to a cable falls clear of the node and its name") {
  CanvasScene scene;
  scene.setModel(square());
  scene.setTransform({0.8, QPointF(500, 400)});
  for (const std::uint32_t node : {0U, 1U}) { // to the right and to the left
    analysis::Frame frame = frameWith({});
    analysis::DropView drop;
    drop.reason = trace::DropReason::NoCarrier;
    drop.link = 0;
    drop.node = node;
    frame.drops = {drop};
    const QRectF tile = scene.tiles()[node];
    const QRectF name(tile.center().x() - 30, tile.bottom(), 60, 22);
    for (const double seconds : {0.0, 0.3, 0.7, 1.5}) {
      const auto falling = scene.falling(frame, [&](Duration) { return seconds; });
      REQUIRE(falling.size() == 1);
      const QPointF at = CanvasScene::fallenTo(falling[0]);
      const QRectF sprite(at - QPointF(8, 6), QSizeF(16, 12));
      CHECK_FALSE(sprite.intersects(tile));
      CHECK_FALSE(sprite.intersects(name));
    }
  }
}

TEST_CASE("a copy that a switch flooded to the wrong host is not shown as lost") {
  CanvasScene scene;
  scene.setModel(square());
  analysis::Frame frame = frameWith({});
  analysis::DropView drop;
  drop.reason = trace::DropReason::NotForMe;
  drop.node = 1;
  frame.drops = {drop};
  CHECK(scene.falling(frame, [](Duration) { return 0.0; }).empty());
}

TEST_CASE("the arrow keys go to the neighbour in that direction") {
  CanvasScene scene;
  scene.setModel(square());
  CHECK(scene.nodeTowards(0, {1, 0}) == 1U);
  CHECK(scene.nodeTowards(0, {0, 1}) == 3U);
  CHECK_FALSE(scene.nodeTowards(0, {-1, 0}));
  CHECK(scene.nodeTowards(2, {-1, 0}) == 3U);
}

TEST_CASE("zooming at a point keeps what is under it, and fitting shows everything") {
  CanvasTransform t;
  t.origin = {40, 70};
  const QPointF under = t.toPlane({300, 200});
  t.zoomAt({300, 200}, 1.7);
  CHECK(QLineF(t.toPlane({300, 200}), under).length() < 1e-9);
  const QRectF viewport(10, 20, 800, 400);
  t.fit(QRectF(-1000, -50, 5000, 300), viewport, 1.35);
  CHECK(viewport.adjusted(-1, -1, 1, 1)
            .contains(QRectF(t.toScreen({-1000, -50}), t.toScreen({4000, 250}))));
  t.fit(QRectF(0, 0, 10, 10), viewport, 1.35);
  CHECK(t.zoom == Approx(1.35));
}
