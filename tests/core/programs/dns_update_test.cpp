// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/dns.h"
#include "tests/core/programs/fake_context.h"
#include "tests/core/programs/lab.h"
#include "tests/core/programs/switched_network.h"
#include "tests/support/catch.h"

#include <algorithm>

/// A zone that changes while its server runs (RFC 2136), and the programs that change and read it.
namespace packetarium::programs {
namespace {

using namespace testing;
using namespace wire::dns;
using Action = world::Action;
using Given = std::map<std::string, ParameterValue>;

const Endpoint admin{wire::Ipv4Address::of(192, 0, 2, 9), 50000};
const Endpoint stranger{wire::Ipv4Address::of(192, 0, 2, 66), 50000};

ParameterRow zoneRow(const std::string &name, const std::string &type, const std::string &value) {
  return {{{"name", name}, {"type", type}, {"value", value}, {"ttl_s", std::int64_t{60}}}};
}

Record address(const std::string &name, std::uint8_t last, std::uint32_t ttl = 30) {
  return Record::a(name, wire::Ipv4Address::of(192, 0, 2, last), ttl);
}

struct Updated {
  FakeContext ctx;
  std::unique_ptr<Program> program;

  explicit Updated(const std::vector<std::string> &from = {"192.0.2.9"}) {
    const std::vector<ParameterRow> records = {
        zoneRow("web", "A", "192.0.2.1"), zoneRow("web", "A", "192.0.2.2"),
        zoneRow("web", "TXT", "hello"), zoneRow("alias", "CNAME", "web")};
    program = make("dns-server", {{"zone", std::string("example.com")},
                                  {"records", records},
                                  {"serial", std::int64_t{4294967295}},
                                  {"updates_from", rowsOf("address", from)}});
    program->start(ctx);
  }
  Message ask(const Message &query, Endpoint from = admin) {
    program->onSocket(ctx, datagram(1, from, wire::Payload::of(*encode(query))));
    ctx.runFor(*program, Duration::ms(1));
    ctx.runFor(*program, Duration::ms(1));
    REQUIRE_FALSE(ctx.datagrams.empty());
    REQUIRE(ctx.datagrams.back().to == from);
    return *decode(ctx.datagrams.back().data);
  }
  std::string lookUp(const std::string &name, RecordType type = RecordType::A) {
    const Message m = ask(Message::query(1, name, type));
    std::string all(m.code == ResponseCode::NoError ? "" : wire::dns::name(m.code));
    for (const Record &r : m.answers) all += (all.empty() ? "" : " ") + r.dataText();
    return all;
  }
  std::uint32_t serial() {
    return std::get<Soa>(ask(Message::query(1, "example.com", RecordType::Soa)).answers[0].data)
        .serial;
  }
  ResponseCode change(const std::vector<Record> &changes,
                      const std::vector<Record> &expected = {}) {
    Message m = Message::update(7, "example.com");
    m.authority = changes;
    m.answers = expected;
    const Message reply = ask(m);
    REQUIRE(reply.id == 7);
    REQUIRE(reply.response);
    REQUIRE(reply.opcode == opcodeUpdate);
    return reply.code;
  }
};

Record inClass(Record r, std::uint16_t recordClass) {
  r.recordClass = recordClass;
  return r;
}

} // namespace

TEST_CASE("An update adds and deletes records, and the serial number goes up") {
  Updated s;
  CHECK(s.lookUp("web.example.com") == "192.0.2.1 192.0.2.2");
  CHECK(s.change({Record::deletion("WEB.example.com", RecordType::A),
                  address("web.example.com", 7)}) == ResponseCode::NoError);
  CHECK(s.lookUp("web.example.com") == "192.0.2.7");
  CHECK(s.lookUp("web.example.com", RecordType::Txt) == "\"hello\"");
  CHECK(s.serial() == 1); // after the greatest comes 1: RFC 1982, and 0 is passed over
  CHECK(s.change({address("web.example.com", 7)}) == ResponseCode::NoError);
  CHECK(s.serial() == 1); // nothing was changed
  CHECK(s.change({address("new.example.com", 8), address("new.example.com", 9)}) ==
        ResponseCode::NoError);
  CHECK(s.serial() == 2);
  CHECK(s.change({Record::deletionOf(address("new.example.com", 8))}) == ResponseCode::NoError);
  CHECK(s.lookUp("new.example.com") == "192.0.2.9");
  CHECK(s.change({Record::deletion("new.example.com")}) == ResponseCode::NoError);
  CHECK(s.lookUp("new.example.com") == "No such name");
  CHECK(s.serial() == 4);
}

TEST_CASE("Records of one name and type have one TTL, the newest (RFC 2181 section 5.2)") {
  Updated s;
  CHECK(s.change({address("web.example.com", 3, 5)}) == ResponseCode::NoError);
  for (const Record &r : s.ask(Message::query(1, "web.example.com")).answers) CHECK(r.ttl == 5);
}

TEST_CASE("An alias does not stand beside other records, and changes into another one") {
  Updated s;
  CHECK(s.change({address("alias.example.com", 5),
                  Record::cname("web.example.com", "x.example.com", 9)}) == ResponseCode::NoError);
  CHECK(s.lookUp("alias.example.com", RecordType::Cname) == "web.example.com");
  CHECK(s.lookUp("web.example.com") == "192.0.2.1 192.0.2.2");
  CHECK(s.change({Record::cname("alias.example.com", "other.example.com", 9)}) ==
        ResponseCode::NoError);
  CHECK(s.lookUp("alias.example.com", RecordType::Cname) == "other.example.com");
}

TEST_CASE("The zone keeps its SOA and its last name server whatever an update says") {
  Updated s;
  const Record ns = Record::ns("example.com", "ns1.example.com", 0);
  CHECK(s.change({Record::deletion("example.com"), Record::deletion("example.com", RecordType::Ns),
                  Record::deletion("example.com", RecordType::Soa), Record::deletionOf(ns)}) ==
        ResponseCode::NoError);
  CHECK(s.serial() == 4294967295U);
  CHECK(s.lookUp("example.com", RecordType::Ns) == "ns1.example.com");
  // An older SOA is passed over, a newer one is taken (RFC 2136 section 3.4.2.2).
  Soa soa{"ns2.example.com", "boss.example.com", 4294967290U, 1, 2, 3, 4};
  CHECK(s.change({Record::soa("example.com", soa, 9)}) == ResponseCode::NoError);
  CHECK(s.serial() == 4294967295U);
  soa.serial = 10;
  CHECK(s.change({Record::soa("example.com", soa, 9)}) == ResponseCode::NoError);
  CHECK(s.serial() == 10);
}

TEST_CASE("What an update wants to find decides whether it is done") {
  const std::string web = "web.example.com", nobody = "nobody.example.com";
  const auto wanted = [](const Record &expected) {
    Updated s;
    const ResponseCode code = s.change({address("done.example.com", 1)}, {expected});
    CHECK((s.lookUp("done.example.com") == "192.0.2.1") == (code == ResponseCode::NoError));
    return code;
  };
  // RFC 2136 sections 2.4.1 to 2.4.5.
  CHECK(wanted(Record::deletion(web, RecordType::A)) == ResponseCode::NoError);
  CHECK(wanted(Record::deletion(web, RecordType::Mx)) == ResponseCode::NoSuchRecords);
  CHECK(wanted(inClass(Record::deletion(web, RecordType::Mx), classNone)) == ResponseCode::NoError);
  CHECK(wanted(inClass(Record::deletion(web, RecordType::A), classNone)) ==
        ResponseCode::RecordsExist);
  CHECK(wanted(Record::deletion(web)) == ResponseCode::NoError);
  CHECK(wanted(Record::deletion(nobody)) == ResponseCode::NameError);
  CHECK(wanted(inClass(Record::deletion(nobody), classNone)) == ResponseCode::NoError);
  CHECK(wanted(inClass(Record::deletion(web), classNone)) == ResponseCode::NameExists);
  CHECK(wanted(address(web, 1, 0)) == ResponseCode::NoSuchRecords); // not the whole set
  CHECK(wanted(address(web, 1, 60)) == ResponseCode::FormatError);  // with a TTL
  CHECK(wanted(address("web.example.net", 1, 0)) == ResponseCode::NotInZone);
  Updated s;
  CHECK(s.change({address("done.example.com", 1)}, {address(web, 2, 0), address(web, 1, 0)}) ==
        ResponseCode::NoError);
}

TEST_CASE("An update that cannot be done says why, and changes nothing at all") {
  Updated s;
  const auto refused = [&s](const Record &bad) {
    return s.change({address("good.example.com", 1), bad});
  };
  CHECK(refused(address("www.example.net", 1)) == ResponseCode::NotInZone);
  CHECK(refused(inClass(address("www.example.com", 1), 3)) == ResponseCode::FormatError);
  CHECK(refused(inClass(address("www.example.com", 1), classNone)) == ResponseCode::FormatError);
  Record any = Record::deletion("www.example.com");
  any.ttl = 5;
  CHECK(refused(any) == ResponseCode::FormatError);
  CHECK(refused(inClass(Record::deletion("www.example.com"), classInternet)) ==
        ResponseCode::FormatError);
  CHECK(s.lookUp("good.example.com") == "No such name");
  CHECK(s.serial() == 4294967295U);
  Message twoZones = Message::update(7, "example.com");
  twoZones.questions.push_back(twoZones.questions.front());
  CHECK(s.ask(twoZones).code == ResponseCode::FormatError);
  Message noSoa = Message::update(7, "example.com");
  noSoa.questions.front().type = RecordType::A;
  CHECK(s.ask(noSoa).code == ResponseCode::FormatError);
  CHECK(s.ask(Message::update(7, "example.net")).code == ResponseCode::NotAuthoritative);
}

TEST_CASE("Nobody may change a zone unless the document says so") {
  Message m = Message::update(7, "example.com");
  m.authority.push_back(address("www.example.com", 1));
  Updated closed(std::vector<std::string>{}), open;
  CHECK(closed.ask(m).code == ResponseCode::Refused);
  CHECK(open.ask(m, stranger).code == ResponseCode::Refused);
  CHECK(open.lookUp("www.example.com") == "No such name");
  CHECK(open.ask(m).code == ResponseCode::NoError);
  CHECK(open.lookUp("www.example.com") == "192.0.2.1");
}

TEST_CASE("Bytes that are no update are answered as such or not at all") {
  Message m = Message::update(7, "example.com");
  m.authority.push_back(address("www.example.com", 1));
  const wire::Bytes whole = *encode(m);
  RandomStream random(5, "test", "updates");
  for (int i = 0; i < 3000; ++i) {
    Updated s;
    wire::Bytes bytes = whole;
    for (std::uint64_t n = 1 + random.below(4); n > 0; --n) {
      const std::size_t at = random.below(bytes.size());
      bytes[at] = static_cast<std::uint8_t>(random.below(256));
    }
    if (random.chance(.3)) bytes.resize(random.below(bytes.size()));
    s.program->onSocket(s.ctx, datagram(1, admin, wire::Payload::of(bytes)));
    s.ctx.runFor(*s.program, Duration::ms(1));
    s.ctx.runFor(*s.program, Duration::ms(1));
    REQUIRE(s.ctx.datagrams.size() <= 1);
    for (const Sent &sent : s.ctx.datagrams) {
      REQUIRE(decode(sent.data)->response);
      REQUIRE(decode(sent.data)->id == (bytes[0] << 8 | bytes[1]));
    }
    REQUIRE_FALSE(s.lookUp("web.example.com").empty());
  }
}

TEST_CASE("A change is on the disk before it is answered or seen, one after the other") {
  Updated s;
  const auto send = [&s](std::uint16_t id, std::uint8_t last) {
    Message m = Message::update(id, "example.com");
    m.authority = {Record::deletion("www.example.com"), address("www.example.com", last)};
    s.program->onSocket(s.ctx, datagram(1, admin, wire::Payload::of(*encode(m))));
  };
  send(1, 11);
  send(2, 12);
  CHECK(s.ctx.datagrams.empty());
  CHECK(s.ctx.syncs.size() == 1);
  s.program->onSocket(
      s.ctx, datagram(1, admin, wire::Payload::of(*encode(Message::query(3, "www.example.com")))));
  s.ctx.runFor(*s.program, Duration::ms(1)); // the first is on the disk at its beginning
  std::vector<std::uint16_t> answered;
  for (const Sent &sent : s.ctx.datagrams) answered.push_back(decode(sent.data)->id);
  CHECK(answered == std::vector<std::uint16_t>{3, 1});
  CHECK(decode(s.ctx.datagrams[0].data)->code == ResponseCode::NameError);
  CHECK(s.ctx.syncs.size() == 1); // of the second
  s.ctx.runFor(*s.program, Duration::ms(1));
  CHECK(decode(s.ctx.datagrams.back().data)->id == 2);
  CHECK(s.lookUp("www.example.com") == "192.0.2.12");
}

namespace {

/// admin changes www at the server ns; reader looks it up.
Lab changing(Given updater = {}, Given reader = {}, Given server = {}) {
  Lab lab(switchedNetwork({"ns", "admin", "reader"}));
  server["zone"] = std::string("example.com");
  server.try_emplace("updates_from", rowsOf("address", {"10.0.0.2"}));
  server.try_emplace("negative_ttl_s", std::int64_t{0});
  lab.run("ns", "dns-server", server);
  updater["server"] = std::string("10.0.0.1");
  updater["name"] = std::string("www.example.com");
  std::vector<std::string> addresses;
  for (int i = 1; i <= 200; ++i) addresses.push_back("10.1.0." + std::to_string(i));
  updater.try_emplace("addresses", rowsOf("address", addresses));
  lab.run("admin", "dns-updater", updater);
  lab.run("reader", "dns-resolver", {{"servers", rowsOf("address", {"10.0.0.1"})}});
  reader["name"] = std::string("www.example.com");
  lab.run("reader", "dns-reader", reader);
  return lab;
}

std::vector<std::string> told(const Run &run, std::uint32_t node) {
  std::vector<std::string> all;
  for (const Line &l : run.facts(node, trace::FactTopic::Operation))
    all.push_back(l.first + " " + l.second);
  return all;
}

std::ptrdiff_t timesTold(const Run &run, std::uint32_t node, const std::string &what) {
  const auto all = told(run, node);
  return std::count_if(all.begin(), all.end(),
                       [&](const std::string &line) { return line.starts_with(what); });
}

constexpr std::int64_t oneSecond = 1'000'000'000;

} // namespace

TEST_CASE("An updater tells each change as a write and a reader each answer as a read") {
  Run run(changing({{"period_ns", 10 * oneSecond}, {"ttl_s", std::int64_t{4}}},
                   {{"start_ns", oneSecond / 2}, {"period_ns", 3 * oneSecond}}));
  run.until(Duration::seconds(14));
  const std::vector<std::string> writes = {
      "invoke write www.example.com 10.1.0.1", "ok write www.example.com 10.1.0.1",
      "invoke write www.example.com 10.1.0.2", "ok write www.example.com 10.1.0.2"};
  CHECK(told(run, 1) == writes);
  // Asked at 0.5, 6.5 and 12.5 s; the answers of 3.5 and 9.5 s are the cache's.
  std::vector<std::string> reads;
  for (const char *address : {"10.1.0.1", "10.1.0.1", "10.1.0.1", "10.1.0.1", "10.1.0.2"}) {
    reads.push_back("invoke read www.example.com -");
    reads.push_back(std::string("ok read www.example.com ") + address);
  }
  CHECK(told(run, 2) == reads);
  CHECK(run.described(2, "answered from the cache") == "2");
  std::vector<std::string> sources;
  for (const Line &l : run.facts(2, trace::FactTopic::Try)) sources.push_back(l.first);
  CHECK(sources ==
        std::vector<std::string>{"answered", "cached", "answered", "cached", "answered"});
  for (const auto &[outcome, count] : run.outcomes()) CHECK(outcome == trace::RequestOutcome::Ok);
}

TEST_CASE("A name that does not exist is read as nothing") {
  Run run(changing({{"start_ns", 60 * oneSecond}}));
  run.until(Duration::seconds(3));
  CHECK(timesTold(run, 2, "ok read www.example.com -") == 3);
}

TEST_CASE("Refused changes have failed; of unanswered ones nobody knows") {
  Run refused(changing({{"period_ns", oneSecond}}, {}, {{"updates_from", rowsOf("address", {})}}));
  refused.until(Duration::ms(4500));
  CHECK(timesTold(refused, 1, "fail write") == 5);
  CHECK(refused.described(1, "refused") == "5");
  Run silent(changing({{"period_ns", 5 * oneSecond}, {"retries", std::int64_t{1}}},
                      {{"timeout_ns", oneSecond}}));
  silent.apply(Duration::ms(1500), {Action::Kind::CrashNode, NodeIndex{0}, {}, 0});
  silent.until(Duration::seconds(20));
  CHECK(timesTold(silent, 1, "ok write") == 1);
  CHECK(timesTold(silent, 1, "info write") == 3);
  CHECK(silent.described(1, "without an answer") == "3");
  // Its cache keeps the answer for 30 s, whoever is dead.
  CHECK(timesTold(silent, 2, "fail read") == 0);
  silent.until(Duration::seconds(60));
  CHECK(timesTold(silent, 2, "fail read") >= 10);
}

TEST_CASE(
    "What was acknowledged survives a crash of the name server, but not the loss of its disk") {
  for (const bool empty : {false, true}) {
    Run run(changing(
        {{"period_ns", oneSecond}, {"count", std::int64_t{4}}, {"ttl_s", std::int64_t{0}}}));
    run.apply(Duration::seconds(5), {Action::Kind::CrashNode, NodeIndex{0}, {}, 0});
    const auto restart = empty ? Action::Kind::RestartEmpty : Action::Kind::RestartNode;
    run.apply(Duration::seconds(6), {restart, NodeIndex{0}, {}, 0});
    run.until(Duration::ms(19'500));
    CHECK(timesTold(run, 1, "ok write") == 4);
    CHECK(told(run, 2).back() ==
          (empty ? "ok read www.example.com -" : "ok read www.example.com 10.1.0.4"));
  }
}

TEST_CASE("A change broken off by a crash is there or not, and acknowledged ones always are") {
  for (int i = 0; i < 100; ++i) {
    Run run(changing({{"period_ns", 100'000'000},
                      {"ttl_s", std::int64_t{0}},
                      {"count", std::int64_t{20}},
                      {"retries", std::int64_t{0}}}));
    // Instants all over one change: 1 ms on the way, then on the disk, then on the way back.
    const Duration crash = Duration::ms(1000) + Duration::us(40 * i);
    run.apply(crash, {Action::Kind::CrashNode, NodeIndex{0}, {}, 0});
    run.until(crash + Duration::ms(20));
    std::string acknowledged = told(run, 1).back();
    for (const std::string &line : told(run, 1))
      if (line.starts_with("ok ")) acknowledged = line.substr(line.rfind(' ') + 1);
    run.apply(crash + Duration::ms(30), {Action::Kind::RestartNode, NodeIndex{0}, {}, 0});
    run.until(crash + Duration::ms(60)); // before the next change
    const std::string records = run.described(0, "www.example.com A");
    const bool known = records.starts_with(acknowledged + " ");
    const std::string begun = told(run, 1).back();
    const bool next = records.starts_with(begun.substr(begun.rfind(' ') + 1) + " ");
    INFO(i << ": " << records << " after " << acknowledged << ", " << begun);
    REQUIRE((known || next));
  }
}

} // namespace packetarium::programs
