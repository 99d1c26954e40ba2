// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/catch.h"
#include "ui/topology/label_placer.h"
#include "ui/topology/link_path.h"

#include <cmath>
#include <random>

using namespace packetarium::ui;

TEST_CASE("of three hundred labels at random none overlaps another, a tile or the edge") {
  std::mt19937 random(3);
  const auto upTo = [&random](unsigned bound) { return static_cast<double>(random() % bound); };
  const QRectF viewport(0, 0, 900, 600);
  LabelPlacer placer(viewport);
  std::vector<QRectF> taken;
  for (int i = 0; i < 40; ++i) {
    const QRectF tile(upTo(850), upTo(550), 48, 48);
    placer.block(tile);
    taken.push_back(tile);
  }
  int placed = 0;
  for (int i = 0; i < 300; ++i) {
    const QRectF tile = taken[random() % 40];
    const auto places = placesAround(tile, QSizeF(20 + upTo(90), 14), 3);
    const auto place = placer.place(places);
    if (!place) continue;
    ++placed;
    const QRectF &box = places[*place];
    CHECK(viewport.contains(box));
    for (const QRectF &other : taken) CHECK_FALSE(box.intersects(other)); // naive oracle
    taken.push_back(box);
  }
  CHECK(placed > 30);
}

TEST_CASE("a place that crosses no line goes before one that does") {
  LabelPlacer placer(QRectF(0, 0, 400, 400));
  const QRectF tile(176, 176, 48, 48);
  placer.block(tile);
  placer.avoid(QLineF(200, 224, 200, 400)); // a cable straight down
  const auto places = placesAround(tile, QSizeF(60, 14), 3);
  const auto place = placer.place(places);
  REQUIRE(place);
  CHECK(*place == 1); // to the right instead of below
}

TEST_CASE("the length of a line within a box is that of sampling it") {
  std::mt19937 random(4);
  for (int i = 0; i < 200; ++i) {
    const auto any = [&] { return static_cast<double>(random() % 400); };
    const QLineF line(any(), any(), any(), any());
    const QRectF box(any() / 2, any() / 2, 20 + any() / 3, 20 + any() / 3);
    LabelPlacer placer(QRectF(-50, -50, 600, 600));
    placer.avoid(line);
    constexpr int samples = 20'000;
    int inside = 0;
    for (int k = 0; k < samples; ++k)
      inside += box.contains(line.pointAt((k + 0.5) / samples)) ? 1 : 0;
    const double sampled = line.length() * inside / samples;
    CHECK(std::abs(placer.crossing(box) - sampled) < 1.0);
  }
}

TEST_CASE("a label beside a line does not touch it, whatever the slope") {
  for (int degrees = 0; degrees < 360; degrees += 7) {
    const double a = degrees * 3.14159265358979 / 180;
    const QLineF line(300, 300, 300 + 200 * std::cos(a), 300 + 200 * std::sin(a));
    LabelPlacer placer(QRectF(0, 0, 600, 600));
    placer.avoid(line);
    for (const QRectF &box : placesAlong(line, QSizeF(90, 14), 4)) CHECK(placer.crossing(box) == 0);
  }
}

TEST_CASE("a link is drawn from edge to edge of its tiles") {
  const QRectF a(0, 0, 48, 48);
  const QRectF b(200, 0, 48, 48);
  const QLineF line = linkLine(a, b, 0);
  CHECK(line.p1() == QPointF(48, 24));
  CHECK(line.p2() == QPointF(200, 24));
  CHECK(linkLine(a, QRectF(20, 10, 48, 48), 0).length() == 0); // they touch
}
