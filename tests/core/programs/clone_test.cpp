// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/programs/fake_context.h"
#include "tests/core/programs/lab.h"
#include "tests/support/catch.h"

#include <limits>

namespace packetarium::programs {
namespace {

using namespace testing;

std::map<std::string, ParameterValue> requiredOf(const ProgramType &type, const std::string &far);

/// Something sensible for what a kind needs to be told, from its declaration alone.
ParameterValue valueFor(const Parameter &p, const std::string &far) {
  if (p.key == "url") return "http://web.example.com/";
  if (p.key == "name") return "www.example.com";
  if (p.key == "zone") return "example.com";
  if (p.key == "peer" || p.key == "server") return far;
  if (p.type == ParameterType::Address) return far;
  if (p.type == ParameterType::Records) {
    ParameterRow row;
    for (const Parameter &c : p.columns)
      if (c.required) row.values[c.key] = valueFor(c, far);
    return std::vector<ParameterRow>{row};
  }
  FAIL("no value known for the required parameter " + p.key);
  return {};
}

std::map<std::string, ParameterValue> requiredOf(const ProgramType &type, const std::string &far) {
  std::map<std::string, ParameterValue> given;
  for (const Parameter &p : type.parameters)
    if (p.required) given[p.key] = valueFor(p, far);
  return given;
}

bool isServer(const ProgramType &type) { return requiredOf(type, "192.0.2.2").empty(); }

/// Host a runs a resolver and the kind; host b runs every server there is. The link is bad.
Lab labFor(const ProgramType &type, std::uint64_t seed) {
  Lab lab(Lab::Shape::Direct, seed);
  lab.link().loss = 0.05;
  lab.link().jitter = Duration::ms(3);
  lab.link().rateBps = 2'000'000;
  lab.link().queuePackets = 10;
  if (type.kind != "dns-resolver")
    lab.run("a", "dns-resolver", {{"servers", rowsOf("address", {"192.0.2.2"})}});
  lab.run("a", std::string(type.kind), requiredOf(type, "192.0.2.2"));
  // Something to do for the kinds that only answer.
  if (type.kind != "browser")
    lab.run("a", "browser", {{"url", std::string("http://web.example.com/")}});
  for (const ProgramType &t : programTypes())
    if (isServer(t)) lab.run("b", std::string(t.kind));
  const ParameterRow web{{{"name", std::string("web")},
                          {"value", std::string("192.0.2.2")},
                          {"ttl_s", std::int64_t{1}}}};
  lab.run("b", "dns-server",
          {{"zone", std::string("example.com")},
           {"records", std::vector<ParameterRow>{web}},
           {"updates_from", rowsOf("address", {"192.0.2.1"})}});
  return lab;
}

std::string text(const std::vector<Described> &tables) {
  std::string all;
  for (const Described &d : tables) all += d.name + "=" + d.value + "{" + text(d.children) + "}\n";
  return all;
}

std::string state(const world::World &w) {
  return text(w.describe(NodeIndex{0}).tables) + text(w.describe(NodeIndex{1}).tables);
}

void runTo(world::World &w, Duration t) {
  w.runUntil(SimTime::zero() + t, std::numeric_limits<std::uint64_t>::max());
}

} // namespace

TEST_CASE("For every kind: a world copied in the middle goes on as the original does") {
  RandomStream random(11, "test", "clone");
  for (const ProgramType &type : programTypes()) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      INFO(std::string(type.kind) << ", seed " << seed);
      const Lab lab = labFor(type, seed);
      world::World straight(lab.plan());
      runTo(straight, Duration::seconds(8));

      world::World original(lab.plan());
      runTo(original, random.uniform(Duration{}, Duration::seconds(7)));
      const std::uint64_t inTheMiddle = original.fingerprint();
      world::World copy(original);
      runTo(copy, Duration::seconds(8));
      REQUIRE(original.fingerprint() == inTheMiddle); // the copy's life does not touch it
      runTo(original, Duration::seconds(8));

      for (const world::World *w : {&copy, &original}) {
        REQUIRE(w->fingerprint() == straight.fingerprint());
        REQUIRE(w->eventCount() == straight.eventCount());
        REQUIRE(w->nextSequence() == straight.nextSequence());
        REQUIRE(state(*w) == state(straight));
      }
      REQUIRE(straight.packetHops() > 10);
    }
  }
}

TEST_CASE("For every kind: a clone does what the original does, call for call") {
  for (const ProgramType &type : programTypes()) {
    INFO(type.kind);
    const auto program = make(type.kind, requiredOf(type, "192.0.2.2"));
    FakeContext ctx;
    program->start(ctx);
    ctx.runFor(*program, Duration::ms(700));
    FakeContext other = ctx;
    const auto clone = program->clone();
    for (auto [p, c] : {std::pair{program.get(), &ctx}, std::pair{clone.get(), &other}}) {
      p->onSocket(*c, datagram(1, {wire::Ipv4Address::of(192, 0, 2, 2), 9000},
                               wire::Payload::pattern(3, 100)));
      if (p->isResolver()) p->onResolve(*c, 0, 1, "www.example.com");
      for (const auto &[socket, to] : std::vector(c->connects))
        p->onSocket(*c, tcpEvent(SocketEvent::Kind::Connected, socket, to));
      c->runFor(*p, Duration::seconds(5));
    }
    REQUIRE(ctx.log == other.log);
    REQUIRE(text(program->describe(ctx.now())) == text(clone->describe(other.now())));
  }
}

TEST_CASE("For every kind: restarting its node begins again from fresh state") {
  for (const ProgramType &type : programTypes()) {
    INFO(type.kind);
    Run run(labFor(type, 4));
    using Kind = world::Action::Kind;
    run.apply(Duration::ms(1500), {Kind::CrashNode, NodeIndex{0}, {}, 0});
    run.apply(Duration::ms(2500), {Kind::RestartNode, NodeIndex{0}, {}, 0});
    run.apply(Duration::ms(3500), {Kind::PauseNode, NodeIndex{1}, {}, 0});
    run.apply(Duration::ms(4500), {Kind::ResumeNode, NodeIndex{1}, {}, 0});
    const std::uint64_t before = run.world().packetHops();
    run.until(Duration::seconds(10));
    REQUIRE(run.world().packetHops() > before);
  }
}

} // namespace packetarium::programs
