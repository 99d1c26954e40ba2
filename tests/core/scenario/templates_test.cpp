// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/build.h"
#include "core/scenario/json.h"
#include "core/scenario/templates.h"
#include "core/scenario/units.h"
#include "core/world/world.h"
#include "tests/support/catch.h"

#include <algorithm>
#include <set>

using namespace packetarium;
using namespace packetarium::scenario;

namespace {

TemplateOptions optionsFor(Shape shape, Workload workload) {
  TemplateOptions o;
  o.shape = shape;
  o.workload = workload;
  return o;
}

std::size_t countKind(const Scenario &s, std::string_view kind) {
  std::size_t count = 0;
  for (const Node &node : s.nodes)
    for (const Program &program : node.programs) count += program.kind == kind ? 1 : 0;
  return count;
}

} // namespace

TEST_CASE("Every template with every workload is valid, complete and carries traffic") {
  for (int shape = 0; shape < 4; ++shape)
    for (int load = 0; load < 5; ++load) {
      const auto options = optionsFor(static_cast<Shape>(shape), static_cast<Workload>(load));
      INFO(name(options.shape) << " with " << name(options.workload));
      const auto s = generate(options);
      REQUIRE(s.ok());
      Scenario completed = *s;
      complete(completed);
      CHECK(completed == *s);
      CHECK(parse(toJson(*s)).ok());
      const auto built = build(*s);
      REQUIRE(built.ok());
      world::World world(built->plan);
      world.runUntil(SimTime::fromNs(500'000'000), 100'000);
      CHECK((world.packetHops() > 0) == (options.workload != Workload::None));
    }
}

TEST_CASE("Sizes give the numbers of nodes and links they say") {
  TemplateOptions o = optionsFor(Shape::Star, Workload::None);
  o.hosts = 5;
  CHECK(generate(o)->nodes.size() == 6);
  CHECK(generate(o)->links.size() == 5);
  o.shape = Shape::Ring;
  CHECK(generate(o)->nodes.size() == 10);
  CHECK(generate(o)->links.size() == 10);
  o.shape = Shape::Dumbbell;
  CHECK(generate(o)->nodes.size() == 12);
  CHECK(generate(o)->links.size() == 11);
  o.shape = Shape::Grid;
  o.rows = 3;
  o.columns = 4;
  CHECK(generate(o)->nodes.size() == 12);
  CHECK(generate(o)->links.size() == 3 * 3 + 2 * 4);
}

TEST_CASE("Options reach the links and programs") {
  TemplateOptions o = optionsFor(Shape::Dumbbell, Workload::Udp);
  o.rateBps = 123;
  o.delay = Duration::ms(7);
  o.queuePackets = 9;
  o.loss = 0.5;
  o.packetsPerSecond = 33;
  o.bytes = 44;
  const auto s = generate(o);
  REQUIRE(s.ok());
  CHECK(s->links[0].rateBps == 123);
  CHECK(s->links[0].delay == Duration::ms(7));
  CHECK(s->links[0].queuePackets == 9);
  CHECK(s->links[0].loss == 0.5);
  CHECK(s->links[1].rateBps == o.edgeRateBps);
  const Program &source = s->node("sender-1")->programs[0];
  CHECK(std::get<double>(source.parameters.at("rate_pps")) == 33);
  CHECK(std::get<std::int64_t>(source.parameters.at("bytes")) == 44);
}

TEST_CASE("What is out of range is refused by the name of its option") {
  TemplateOptions o;
  o.hosts = 0;
  o.loss = 2;
  const auto s = generate(o);
  REQUIRE_FALSE(s.ok());
  CHECK(s.faults()[0].path == "--hosts");
  CHECK(s.faults()[1].path == "--loss");
}

TEST_CASE("The canonical loads are the ones that are compared elsewhere") {
  const auto grid = generate(gridBenchmark());
  REQUIRE(grid.ok());
  CHECK(grid->nodes.size() == 25 * 40);
  CHECK(grid->links.size() == 24 * 40 + 25 * 39);
  CHECK(countKind(*grid, "udp-source") == 200);
  CHECK(grid->duration == Duration::seconds(10));
  for (const Link &l : grid->links) {
    CHECK(l.rateBps == 1'000'000'000);
    CHECK(l.delay == Duration::ms(1));
  }
  const auto dumbbell = generate(dumbbellBenchmark());
  REQUIRE(dumbbell.ok());
  CHECK(dumbbell->links[0].rateBps == 10'000'000);
  CHECK(dumbbell->links[0].delay == Duration::ms(20));
  CHECK(dumbbell->links[0].queuePackets == 100);
  CHECK(dumbbell->duration == Duration::seconds(60));
  CHECK(countKind(*dumbbell, "bulk-sender") == 1);
}

TEST_CASE("Nodes of a template lie far enough apart for their labels") {
  for (int shape = 0; shape < 4; ++shape) {
    TemplateOptions o = optionsFor(static_cast<Shape>(shape), Workload::None);
    o.hosts = 20;
    const auto s = generate(o);
    REQUIRE(s.ok());
    for (std::size_t i = 0; i < s->nodes.size(); ++i)
      for (std::size_t j = i + 1; j < s->nodes.size(); ++j) {
        const double dx = s->nodes[i].position.x - s->nodes[j].position.x;
        const double dy = s->nodes[i].position.y - s->nodes[j].position.y;
        INFO(name(o.shape) << ": " << s->nodes[i].id << " and " << s->nodes[j].id);
        CHECK(dx * dx + dy * dy >= 110.0 * 110.0);
      }
  }
}

TEST_CASE("Times and rates are read exactly, with their unit") {
  CHECK(parseDuration("10s") == Duration::seconds(10));
  CHECK(parseDuration("1.25s") == Duration::ms(1250));
  CHECK(parseDuration("0.000000001s") == Duration::ns(1));
  CHECK(parseDuration("250ms") == Duration::ms(250));
  CHECK(parseDuration("3us") == Duration::us(3));
  CHECK(parseDuration("2min") == Duration::seconds(120));
  CHECK(parseDuration("0s") == Duration{});
  for (const char *bad : {"", "10", "s", "-1s", "1.s", ".5s", "1.2.3s", "0.0000000001s", "1e3s",
                          "9d9", "99999999999999999999s", "100000d", "10 parsecs"})
    CHECK_FALSE(parseDuration(bad));
  CHECK(parseRate("1000000") == 1'000'000);
  CHECK(parseRate("10M") == 10'000'000);
  CHECK(parseRate("1.5Gbit/s") == 1'500'000'000);
  CHECK(parseRate("64 kbit/s") == 64'000);
  for (const char *bad : {"", "fast", "-1", "1.5", "10m", "2T", "1e6"}) CHECK_FALSE(parseRate(bad));
}

TEST_CASE("byte counts and percentages are read as people type them") {
  CHECK(parseBytes("1500") == 1500);
  CHECK(parseBytes("1 byte") == 1);
  CHECK(parseBytes("64 kB") == 64'000);
  CHECK(parseBytes("64KiB") == 65'536);
  CHECK(parseBytes("1.5 MB") == 1'500'000);
  for (const char *bad : {"", "kB", "-1", "1.5", "1 kb", "9999999999 GB"})
    CHECK_FALSE(parseBytes(bad));
  CHECK(parsePercent("1 %") == 0.01);
  CHECK(parsePercent("0.1%") == 0.001);
  CHECK(parsePercent("12.5") == 0.125);
  CHECK(parsePercent("100 %") == 1.0);
  CHECK(parsePercent("0") == 0.0);
  for (const char *bad : {"", "%", "-1 %", "1 % loss", "half"}) CHECK_FALSE(parsePercent(bad));
}
