// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/catch.h"
#include "ui/sequence/label_board.h"

#include <QPainterPath>
#include <QTransform>

#include <random>

using namespace packetarium::ui;

namespace {

QPolygonF tilted(double x, double y, double width, double height, double degrees) {
  QTransform turn;
  turn.translate(x, y);
  turn.rotate(degrees);
  const double w = width / 2, h = height / 2;
  return turn.map(QPolygonF(QList<QPointF>{{-w, -h}, {w, -h}, {w, h}, {-w, h}}));
}

double sharedArea(const QPolygonF &a, const QPolygonF &b) {
  const QPolygonF both = a.intersected(b);
  double area = 0;
  for (qsizetype i = 0; i < both.size(); ++i) {
    const QPointF p = both[i], q = both[(i + 1) % both.size()];
    area += p.x() * q.y() - q.x() * p.y();
  }
  return std::abs(area) / 2;
}

} // namespace

TEST_CASE("two tilted boxes overlap exactly when they share area, as Qt's own clipping says") {
  std::mt19937 random(5);
  const auto number = [&](double to) { return to * double(random() % 10'000) / 10'000; };
  int overlapping = 0;
  for (int i = 0; i < 2000; ++i) {
    const auto a =
        tilted(number(200), number(100), 20 + number(80), 8 + number(10), number(80) - 40);
    const auto b =
        tilted(number(200), number(100), 20 + number(80), 8 + number(10), number(80) - 40);
    const double area = sharedArea(a, b);
    if (area > 0 && area < 0.5) continue; // a touch is neither
    INFO("case " << i << " area " << area);
    REQUIRE(overlaps(a, b) == (area > 0));
    overlapping += area > 0 ? 1 : 0;
  }
  REQUIRE(overlapping > 100);
}

TEST_CASE("the board knows what is taken, near and far") {
  LabelBoard board;
  board.put(tilted(100, 63, 60, 12, 10));
  REQUIRE_FALSE(board.isFree(tilted(100, 66, 60, 12, 0)));
  REQUIRE(board.isFree(tilted(100, 90, 60, 12, 0)));
  REQUIRE(board.isFree(tilted(300, 63, 60, 12, 0)));
  board.put(tilted(100, -500, 10, 10, 0));
  REQUIRE_FALSE(board.isFree(tilted(100, -500, 4, 4, 45)));
}
