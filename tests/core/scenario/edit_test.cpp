// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/program.h"
#include "core/scenario/build.h"
#include "core/scenario/chosen.h"
#include "core/scenario/conflicts.h"
#include "core/scenario/edit.h"
#include "core/scenario/json.h"
#include "core/session/runner.h"
#include "tests/support/catch.h"

#include <map>
#include <set>

using namespace packetarium;
using namespace packetarium::scenario;

namespace {

Scenario empty() {
  Scenario s;
  s.id = "drawn";
  return s;
}

std::string put(Scenario &s, std::string_view key) { return place(s, *findPlaceable(key), {}); }

std::string join(Scenario &s, const std::string &a, const std::string &b) {
  const auto link = connect(s, a, b);
  REQUIRE(link.ok());
  complete(s);
  return *link;
}

std::string addressOf(const Scenario &s, const std::string &node, std::size_t interface = 0) {
  const auto &address = s.node(node)->interfaces.at(interface).address;
  return address ? address->text() : "none";
}

/// An edit as the window makes it.
template <class Change> void edit(Scenario &s, Change change) {
  Scenario after = s;
  change(after);
  markSetByHand(s, after);
  complete(after);
  REQUIRE(validate(after, Accept::Conflicts).empty());
  s = std::move(after);
}

/// How many requests were answered with a page in so many simulated seconds.
std::size_t pagesFetched(const Scenario &s, int seconds) {
  const auto built = build(s);
  REQUIRE(built.ok());
  const SimTime end = SimTime::zero() + Duration::seconds(seconds);
  session::Runner runner(built->plan, built->script, end);
  std::size_t pages = 0;
  while (!runner.ended()) {
    runner.advance(end, 100'000);
    if (runner.ended()) runner.flush();
    for (const trace::ChunkPtr &chunk : runner.takeChunks())
      for (const trace::Record &r : chunk->records)
        pages += r.kind == trace::RecordKind::RequestEnded &&
                         r.detail == static_cast<std::uint16_t>(trace::RequestOutcome::Ok)
                     ? 1
                     : 0;
  }
  return pages;
}

} // namespace

TEST_CASE("Two networks drawn by hand fetch a page without an address being typed") {
  Scenario s = empty();
  const auto browser = put(s, "browser"), host = put(s, "host"), web = put(s, "web-server");
  const auto sw = put(s, "switch"), router = put(s, "router");
  join(s, browser, sw);
  join(s, host, sw);
  join(s, sw, router);
  join(s, router, web);
  CHECK(validate(s).empty());
  CHECK(conflicts(s).empty());
  CHECK(addressOf(s, browser) == "10.0.0.10/24");
  CHECK(addressOf(s, host) == "10.0.0.11/24");
  CHECK(s.node(browser)->gateway == wire::Ipv4Address::parse("10.0.0.1"));
  CHECK(s.node(host)->gateway == wire::Ipv4Address::parse("10.0.0.1"));
  CHECK(pagesFetched(s, 5) == 3); // at 0, 2 and 4 s
}

TEST_CASE("A name server that is added is found, asked, and knows the web server") {
  Scenario s = empty();
  const auto sw = put(s, "switch");
  for (const char *key : {"browser", "web-server", "dns-server"}) join(s, put(s, key), sw);
  const Node &browser = *s.node("browser");
  CHECK(std::get<std::string>(browser.programs[0].parameters.at("url")) ==
        "http://www.example.com/index.html");
  REQUIRE(browser.nameServers.size() == 1);
  CHECK(browser.nameServers[0].text() + "/24" == addressOf(s, "dns-server"));
  CHECK(pagesFetched(s, 5) == 3);
  edit(s, [](Scenario &after) { remove(after, {"dns-server"}); });
  CHECK(s.node("browser")->nameServers.empty());
  CHECK(s.node("browser")->programs.size() == 1); // the resolver went with it
  CHECK(pagesFetched(s, 5) == 3);                 // by address again
}

TEST_CASE(
    "A man in the middle that is placed knows the web server, and an authority certifies it") {
  Scenario s = empty();
  const auto sw = put(s, "switch");
  for (const char *key : {"browser", "web-server", "certificate-authority", "interceptor"})
    join(s, put(s, key), sw);
  CHECK(validate(s).empty());
  CHECK(std::get<std::string>(s.node("interceptor")->programs[0].parameters.at("server")) + "/24" ==
        addressOf(s, "web-server"));
  edit(s, [&](Scenario &after) {
    after.node("web-server")->programs[0].parameters["https"] = true;
    after.node("web-server")->programs[0].parameters["certificate_names"] =
        std::string("www.example.com");
    after.node("interceptor")->programs[0].parameters["attack"] = std::string("relay");
    const std::string address = after.node("interceptor")->interfaces[0].address->address.text();
    after.node("browser")->programs[0].parameters["url"] = "https://" + address + "/";
    after.node("browser")->programs[0].parameters["verify_certificates"] = false;
  });
  CHECK(pagesFetched(s, 5) == 3); // past the man in the middle, who only listens
}

TEST_CASE("What was set by hand is never overwritten") {
  Scenario s = empty();
  const auto a = put(s, "host"), b = put(s, "host"), sw = put(s, "switch");
  join(s, a, sw);
  edit(s, [&](Scenario &after) {
    after.node(a)->interfaces[0].address = wire::Ipv4Prefix::parse("192.168.7.9/24");
  });
  CHECK_FALSE(s.node(a)->chosen.contains("interfaces.eth0"));
  join(s, b, sw);
  CHECK(addressOf(s, a) == "192.168.7.9/24");
  CHECK(addressOf(s, b) == "192.168.7.10/24"); // follows the subnet that was set
  edit(s, [&](Scenario &after) {
    after.node(a)->interfaces[0].address = wire::Ipv4Prefix::parse("10.9.9.9/24");
  });
  CHECK(addressOf(s, b) == "10.9.9.10/24");
  edit(s, [&](Scenario &after) { after.node(a)->interfaces[0].address.reset(); });
  CHECK(addressOf(s, a) != "none"); // emptied: the program's again
  CHECK(s.node(a)->chosen.contains("interfaces.eth0"));
}

TEST_CASE("A host that moves to another switch gets an address there") {
  Scenario s = empty();
  const auto host = put(s, "host"), one = put(s, "host"), two = put(s, "host");
  const auto left = put(s, "switch"), right = put(s, "switch"), router = put(s, "router");
  const auto link = join(s, host, left);
  join(s, one, left);
  join(s, two, right);
  join(s, left, router);
  join(s, right, router);
  const std::string before = addressOf(s, host), neighbour = addressOf(s, two);
  edit(s, [&](Scenario &after) { remove(after, {link}); });
  CHECK(addressOf(s, host) == "none");
  CHECK_FALSE(s.node(host)->gateway.has_value());
  join(s, host, right);
  const auto other = wire::Ipv4Prefix::parse(neighbour);
  CHECK(wire::Ipv4Prefix{other->network(), other->length}.contains(
      s.node(host)->interfaces[0].address->address));
  CHECK(other->contains(*s.node(host)->gateway));
  CHECK(conflicts(s).empty());
}

TEST_CASE("Links are refused with a reason where they cannot be") {
  Scenario s = empty();
  const auto a = put(s, "switch"), b = put(s, "switch"), c = put(s, "switch");
  CHECK(linkFault(s, a, a) == "A link needs two nodes.");
  join(s, a, b);
  join(s, b, c);
  CHECK(linkFault(s, c, a).find("loop") != std::string::npos);
  CHECK_FALSE(connect(s, c, a).ok());
  CHECK(installFault(s, a).find("A switch runs no programs") != std::string::npos);
}

TEST_CASE("A clock that drifts further than the leases of its Raft member allow is told") {
  auto loaded = loadBuiltIn("leader-election");
  REQUIRE(loaded.ok());
  Scenario s = std::move(loaded).value();
  Node &node = s.nodes[0];
  REQUIRE(node.programs[0].kind == "raft");
  const auto drifting = [&](double ppm, const char *reads, std::int64_t leaseMs) {
    node.clockDriftPpm = ppm;
    node.programs[0].parameters["reads"] = std::string(reads);
    node.programs[0].parameters["election_min_ns"] = Duration::ms(1000).ns();
    node.programs[0].parameters["election_max_ns"] = Duration::ms(2000).ns();
    node.programs[0].parameters["lease_ns"] = Duration::ms(leaseMs).ns();
    return conflicts(s);
  };
  CHECK(drifting(-60'000, "read-index", 0).empty());
  CHECK(drifting(50'000, "lease", 0).empty());
  CHECK(drifting(-100'000, "lease", 800).empty());
  CHECK(drifting(10'000, "lease", 990).size() == 1);
  const auto found = drifting(-60'000, "lease", 0);
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == Conflict::Kind::LeaseDrift);
  CHECK(found[0].node == node.id);
  CHECK(found[0].sentence.find("runs wrong by 60000 ppm") != std::string::npos);
  CHECK(found[0].sentence.find("keep to 52631 ppm") != std::string::npos);
  CHECK(validate(s).empty()); // it may be what a lesson is about
  cure(s, found[0]);
  CHECK(node.clockDriftPpm == -52'631);
  CHECK(conflicts(s).empty());
}

TEST_CASE("Conflicts are told with their names and cured one by one") {
  Scenario s = empty();
  const auto a = put(s, "host"), b = put(s, "host"), sw = put(s, "switch"), r = put(s, "router");
  for (const auto &node : {a, b, r}) join(s, node, sw);
  const auto setting = [&](auto change, Conflict::Kind kind, const std::string &words) {
    Scenario broken = s;
    edit(broken, change);
    const auto found = conflicts(broken);
    REQUIRE(found.size() == 1);
    CHECK(found[0].kind == kind);
    INFO(found[0].sentence);
    CHECK(found[0].sentence.find(words) != std::string::npos);
    CHECK_FALSE(found[0].cure.empty());
    // A file for the command line is held to more; several subnets on a link may be meant.
    CHECK(validate(broken).empty() == (kind == Conflict::Kind::OtherSubnet));
    CHECK(build(broken).ok()); // but it runs
    const Conflict first = found[0];
    edit(broken, [&](Scenario &after) { cure(after, first); });
    CHECK(conflicts(broken).empty());
  };
  const auto address = [](const std::string &node, const char *text) {
    return [node, text](Scenario &after) {
      after.node(node)->interfaces[0].address = wire::Ipv4Prefix::parse(text);
    };
  };
  const auto own = s.node(a)->interfaces[0].address->text();
  edit(s, address(a, own.c_str()));
  edit(s, [&](Scenario &after) { after.node(a)->chosen.erase("interfaces.eth0"); });
  SECTION("the same address twice") {
    setting(address(b, own.c_str()), Conflict::Kind::DuplicateAddress, "have the same address");
  }
  SECTION("a prefix length of its own") {
    setting(address(b, "10.0.0.77/16"), Conflict::Kind::PrefixLength, "must agree");
  }
  SECTION("a gateway out of reach") {
    setting(
        [&](Scenario &after) { after.node(b)->gateway = wire::Ipv4Address::parse("172.16.0.1"); },
        Conflict::Kind::Gateway, "cannot be reached");
  }
  SECTION("a subnet with nobody in it") {
    setting(address(b, "172.16.0.5/24"), Conflict::Kind::OtherSubnet, "nobody else");
  }
}

TEST_CASE("Removing leaves nothing that names what is gone") {
  Scenario s = *loadBuiltIn("two-paths");
  std::vector<std::string> ids;
  for (const Node &node : s.nodes) ids.push_back(node.id);
  for (const std::string &id : ids) {
    INFO(id);
    Scenario less = s;
    edit(less, [&](Scenario &after) { remove(after, {id}); });
    CHECK(less.nodes.size() == s.nodes.size() - 1);
  }
  edit(s, [&](Scenario &after) { remove(after, ids); });
  CHECK(s.nodes.empty());
  CHECK(s.links.empty());
  CHECK(s.script.empty());
}

TEST_CASE("A copy has ids, names and addresses of its own and goes by way of its JSON") {
  Scenario s = empty();
  const auto sw = put(s, "switch");
  for (const char *key : {"browser", "web-server"}) join(s, put(s, key), sw);
  const Scenario cut = fragment(s, {"switch", "browser", "web-server"});
  const auto read = parse(toJson(cut), Accept::Conflicts);
  REQUIRE(read.ok());
  edit(s, [&](Scenario &after) { CHECK(paste(after, *read, {10, 20}).size() == 5); });
  CHECK(s.nodes.size() == 6);
  CHECK(s.links.size() == 4);
  CHECK(conflicts(s).empty());
  std::set<std::string> names, macs;
  for (const Node &node : s.nodes) {
    names.insert(node.name);
    for (const Interface &i : node.interfaces) macs.insert(i.mac->text());
  }
  CHECK(names.size() == 6);
  CHECK(names.contains("browser 2"));
  CHECK(macs.size() == 8);
}

TEST_CASE("Adding or renaming changes nobody else's ids") {
  Scenario s = empty();
  const auto first = put(s, "host"), second = put(s, "host");
  CHECK(first == "host");
  CHECK(second == "host-2");
  CHECK(s.node(second)->name == "host 2");
  remove(s, {first});
  CHECK(s.node(second)->name == "host 2");
  CHECK(put(s, "host") == "host");
}

TEST_CASE("A program of every kind can be put on a host and leaves a document that is valid") {
  for (const programs::ProgramType &kind : programs::programTypes()) {
    INFO(kind.kind);
    Scenario s = empty();
    const std::string host = put(s, "host");
    REQUIRE(install(s, host, kind.kind).ok());
    complete(s);
    CHECK(validate(s).empty());
  }
}
