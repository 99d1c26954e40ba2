// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/catch.h"
#include "ui/topology/hint_arrow.h"

#include <algorithm>

using namespace packetarium::ui;

namespace {

const QRectF ring(180, 180, 60, 60);

bool crosses(const QLineF &arrow, const QRectF &box) {
  for (int i = 0; i <= 100; ++i)
    if (box.contains(arrow.pointAt(i / 100.0))) return true;
  return false;
}

} // namespace

TEST_CASE("an arrow lies on the side of its words and ends at the ring, which is taken itself") {
  LabelPlacer placer(QRectF(0, 0, 420, 420));
  placer.block(ring);
  for (const QPointF &words : {QPointF(20, 210), QPointF(400, 400), QPointF(210, 10)}) {
    const QLineF arrow = aimedArrow(placer, ring, words);
    const QLineF straight(ring.center(), words);
    CHECK(arrow.length() == Approx(30));
    CHECK(QLineF(ring.center(), arrow.p1()).length() == Approx(34));
    CHECK(std::abs(std::remainder(arrow.angleTo(straight), 360.0)) < 0.01);
  }
}

TEST_CASE("an arrow goes round a name that stands where it would lie") {
  LabelPlacer placer(QRectF(0, 0, 420, 420));
  placer.block(ring);
  const QRectF name(90, 190, 84, 30), below(170, 246, 80, 30);
  placer.block(name);
  placer.block(below);
  for (const QPointF &words : {QPointF(10, 210), QPointF(30, 330), QPointF(210, 400)}) {
    const QLineF arrow = aimedArrow(placer, ring, words);
    CHECK_FALSE(crosses(arrow, name));
    CHECK_FALSE(crosses(arrow, below));
  }
}

TEST_CASE("labels leave the whole arrow free") {
  const QLineF arrow(100, 100, 130, 140);
  LabelPlacer placer(QRectF(0, 0, 420, 420));
  for (const QRectF &part : partsOf(arrow)) placer.block(part);
  for (int i = 0; i <= 20; ++i) {
    const QPointF at = arrow.pointAt(i / 20.0);
    CHECK_FALSE(placer.isFree(QRectF(at.x() - 1, at.y() - 1, 2, 2)));
  }
}
