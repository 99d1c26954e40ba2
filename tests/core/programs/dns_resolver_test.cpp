// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/dns.h"
#include "tests/core/programs/fake_context.h"
#include "tests/support/catch.h"

namespace packetarium::programs {
namespace {

using namespace testing;
using namespace wire::dns;
using Status = Resolution::Status;

const Endpoint first{wire::Ipv4Address::of(192, 0, 2, 53), 53};
const Endpoint second{wire::Ipv4Address::of(198, 51, 100, 53), 53};
const auto web = wire::Ipv4Address::of(192, 0, 2, 1);

/// A resolver and its hands.
struct Resolver {
  FakeContext ctx;
  std::unique_ptr<Program> program;

  explicit Resolver(std::map<std::string, ParameterValue> given = {}) {
    if (given.count("servers") == 0) given["servers"] = rowsOf("address", {first.address.text()});
    program = make("dns-resolver", std::move(given));
    program->start(ctx);
  }
  void ask(std::string_view name, std::uint64_t tag = 1) { program->onResolve(ctx, 0, tag, name); }
  Message lastQuery() const { return *decode(ctx.datagrams.back().data); }
  void answer(const Message &m, Endpoint from = first) {
    program->onSocket(ctx,
                      datagram(ctx.datagrams.back().socket, from, wire::Payload::of(*encode(m))));
  }
  void answerWithAddress(std::uint32_t ttl, const std::string &name = "www.example.com") {
    Message m = Message::responseTo(lastQuery());
    m.answers.push_back(Record::a(name, web, ttl));
    answer(m);
  }
  Message noSuchName(std::uint32_t soaTtl, std::uint32_t minimum) const {
    Message m = Message::responseTo(lastQuery());
    m.code = ResponseCode::NameError;
    Soa soa;
    soa.primary = "ns1.example.com";
    soa.mailbox = "hostmaster.example.com";
    soa.minimum = minimum;
    m.authority.push_back(Record::soa("example.com", soa, soaTtl));
    return m;
  }
};

} // namespace

TEST_CASE("A numeric name is answered without asking anybody") {
  Resolver r;
  r.ask("192.0.2.7");
  REQUIRE(r.ctx.datagrams.empty());
  REQUIRE(r.ctx.completed.size() == 1);
  REQUIRE(r.ctx.completed[0].answer.addresses ==
          std::vector<wire::Ipv4Address>{wire::Ipv4Address::of(192, 0, 2, 7)});
}

TEST_CASE("A query asks for the A record with recursion desired") {
  Resolver r;
  r.ask("WWW.Example.com");
  REQUIRE(r.ctx.datagrams.size() == 1);
  REQUIRE(r.ctx.datagrams[0].to == first);
  const Message q = r.lastQuery();
  REQUIRE(q.recursionDesired);
  REQUIRE_FALSE(q.response);
  REQUIRE(q.questions == std::vector<Question>{{"www.example.com", RecordType::A, 1}});
}

TEST_CASE("Unanswered queries go out at 0, 1, 3 and 7 s and fail at 15 s") {
  Resolver r;
  r.ask("www.example.com", 42);
  r.ctx.runUntil(*r.program, at(Duration::seconds(60)));
  std::vector<std::int64_t> seconds;
  for (const Sent &s : r.ctx.datagrams) {
    REQUIRE(s.at.ns() % 1'000'000'000 == 0);
    seconds.push_back(s.at.ns() / 1'000'000'000);
  }
  REQUIRE(seconds == std::vector<std::int64_t>{0, 1, 3, 7});
  REQUIRE(r.ctx.completed.size() == 1);
  REQUIRE(r.ctx.completed[0].at == at(Duration::seconds(15)));
  REQUIRE(r.ctx.completed[0].tag == 42);
  REQUIRE(r.ctx.completed[0].answer.status == Status::NoAnswer);
  REQUIRE(r.ctx.timersPending() == 0);
}

TEST_CASE("Retries take turns among the name servers") {
  Resolver r({{"servers", rowsOf("address", {first.address.text(), second.address.text()})},
              {"attempts", std::int64_t{3}}});
  r.ask("www.example.com");
  r.ctx.runUntil(*r.program, at(Duration::seconds(60)));
  REQUIRE(r.ctx.datagrams.size() == 3);
  REQUIRE(r.ctx.datagrams[0].to == first);
  REQUIRE(r.ctx.datagrams[1].to == second);
  REQUIRE(r.ctx.datagrams[2].to == first);
}

TEST_CASE("A late answer to the first try is still believed after the second") {
  Resolver r;
  r.ask("www.example.com");
  const Message query = r.lastQuery();
  r.ctx.runUntil(*r.program, at(Duration::ms(1500)));
  REQUIRE(r.ctx.datagrams.size() == 2);
  REQUIRE(decode(r.ctx.datagrams[1].data)->id == query.id);
  Message m = Message::responseTo(query);
  m.answers.push_back(Record::a("www.example.com", web, 10));
  r.answer(m);
  REQUIRE(r.ctx.completed.size() == 1);
  REQUIRE(r.ctx.completed[0].answer.status == Status::Ok);
}

TEST_CASE("An answer is kept exactly until its TTL runs out") {
  Resolver r;
  r.ask("www.example.com");
  r.ctx.runFor(*r.program, Duration::ms(20));
  r.answerWithAddress(5);
  REQUIRE_FALSE(r.ctx.completed[0].answer.fromCache);

  r.ctx.runUntil(*r.program, at(Duration::ms(5020) - Duration::ns(1)));
  r.ask("www.EXAMPLE.com");
  REQUIRE(r.ctx.completed.size() == 2);
  REQUIRE(r.ctx.completed[1].answer.fromCache);
  REQUIRE(r.ctx.completed[1].answer.addresses == std::vector<wire::Ipv4Address>{web});
  REQUIRE(r.ctx.datagrams.size() == 1);

  r.ctx.runUntil(*r.program, at(Duration::ms(5020)));
  r.ask("www.example.com");
  REQUIRE(r.ctx.datagrams.size() == 2);
}

TEST_CASE("A TTL of zero is used once and not kept") {
  Resolver r;
  r.ask("www.example.com");
  r.answerWithAddress(0);
  r.ask("www.example.com");
  REQUIRE(r.ctx.datagrams.size() == 2);
}

TEST_CASE("A TTL with the highest bit set counts as zero (RFC 2181 section 8)") {
  Resolver r;
  r.ask("www.example.com");
  r.answerWithAddress(0x80000000U);
  r.ask("www.example.com");
  REQUIRE(r.ctx.datagrams.size() == 2);
}

TEST_CASE("That a name does not exist is remembered for the lesser of SOA TTL and minimum") {
  const auto [soaTtl, minimum] = GENERATE(std::pair{30U, 300U}, std::pair{300U, 30U});
  Resolver r;
  r.ask("nowhere.example.com");
  r.answer(r.noSuchName(soaTtl, minimum));
  REQUIRE(r.ctx.completed[0].answer.status == Status::NoSuchName);
  r.ctx.runUntil(*r.program, at(Duration::seconds(30) - Duration::ns(1)));
  r.ask("nowhere.example.com");
  REQUIRE(r.ctx.completed.size() == 2);
  REQUIRE(r.ctx.completed[1].answer.status == Status::NoSuchName);
  REQUIRE(r.ctx.completed[1].answer.fromCache);
  REQUIRE(r.ctx.datagrams.size() == 1);
  r.ctx.runUntil(*r.program, at(Duration::seconds(30)));
  r.ask("nowhere.example.com");
  REQUIRE(r.ctx.datagrams.size() == 2);
}

TEST_CASE("A negative answer without an SOA is not remembered (RFC 2308 section 5)") {
  Resolver r;
  r.ask("nowhere.example.com");
  Message m = Message::responseTo(r.lastQuery());
  m.code = ResponseCode::NameError;
  r.answer(m);
  r.ask("nowhere.example.com");
  REQUIRE(r.ctx.datagrams.size() == 2);
}

TEST_CASE("Identical questions share one query, and all who asked are answered") {
  Resolver r;
  r.ask("www.example.com", 1);
  r.ask("www.example.com", 2);
  r.ask("other.example.com", 3);
  REQUIRE(r.ctx.datagrams.size() == 2);
  Message m = Message::responseTo(*decode(r.ctx.datagrams[0].data));
  m.answers.push_back(Record::a("www.example.com", web, 60));
  r.program->onSocket(r.ctx,
                      datagram(r.ctx.datagrams[0].socket, first, wire::Payload::of(*encode(m))));
  REQUIRE(r.ctx.completed.size() == 2);
  REQUIRE(r.ctx.completed[0].tag == 1);
  REQUIRE(r.ctx.completed[1].tag == 2);
}

TEST_CASE("An answer that does not fit the question is not believed") {
  Resolver r;
  r.ask("www.example.com");
  Message good = Message::responseTo(r.lastQuery());
  good.answers.push_back(Record::a("www.example.com", web, 60));

  Message wrongId = good;
  ++wrongId.id;
  r.answer(wrongId);
  Message wrongName = good;
  wrongName.questions[0].name = "www.example.org";
  r.answer(wrongName);
  Message query = good;
  query.response = false;
  r.answer(query);
  r.answer(good, second);
  r.answer(good, {first.address, 5353});
  REQUIRE(r.ctx.completed.empty());
  r.answer(good);
  REQUIRE(r.ctx.completed.size() == 1);
}

TEST_CASE("Aliases are followed within one answer, each kept for its own TTL") {
  Resolver r;
  r.ask("www.example.com");
  Message m = Message::responseTo(r.lastQuery());
  m.answers.push_back(Record::cname("www.example.com", "web.example.com", 100));
  m.answers.push_back(Record::a("web.example.com", web, 10));
  r.answer(m);
  REQUIRE(r.ctx.completed[0].answer.addresses == std::vector<wire::Ipv4Address>{web});
  r.ctx.runUntil(*r.program, at(Duration::seconds(50)));
  r.ask("www.example.com");
  // The alias is still known, so the question is for what it stands for.
  REQUIRE(r.lastQuery().questions[0].name == "web.example.com");
}

TEST_CASE("An alias out of the zone is asked for in a query of its own") {
  Resolver r;
  r.ask("www.example.com");
  Message m = Message::responseTo(r.lastQuery());
  m.answers.push_back(Record::cname("www.example.com", "cdn.example.net", 100));
  r.answer(m);
  REQUIRE(r.ctx.completed.empty());
  REQUIRE(r.ctx.datagrams.size() == 2);
  REQUIRE(r.lastQuery().questions[0].name == "cdn.example.net");
  r.answerWithAddress(60, "cdn.example.net");
  REQUIRE(r.ctx.completed.size() == 1);
  REQUIRE(r.ctx.completed[0].answer.status == Status::Ok);
}

TEST_CASE("Aliases in a circle end in no answer") {
  Resolver r;
  r.ask("a.example.com");
  Message m = Message::responseTo(r.lastQuery());
  m.answers.push_back(Record::cname("a.example.com", "b.example.com", 100));
  m.answers.push_back(Record::cname("b.example.com", "a.example.com", 100));
  r.answer(m);
  REQUIRE(r.ctx.completed.size() == 1);
  REQUIRE(r.ctx.completed[0].answer.status == Status::NoAnswer);
}

TEST_CASE("A server that refuses is left for the next one without waiting") {
  Resolver r({{"servers", rowsOf("address", {first.address.text(), second.address.text()})}});
  r.ask("www.example.com");
  Message m = Message::responseTo(r.lastQuery());
  m.code = ResponseCode::Refused;
  r.answer(m);
  REQUIRE(r.ctx.datagrams.size() == 2);
  REQUIRE(r.ctx.datagrams[1].to == second);
  REQUIRE(r.ctx.datagrams[1].at == SimTime::zero());
  m.id = r.lastQuery().id;
  r.answer(m, second);
  REQUIRE(r.ctx.completed.size() == 1);
  REQUIRE(r.ctx.completed[0].answer.status == Status::NoAnswer);
}

TEST_CASE("Without a way to any server the answer is at once that there is none") {
  Resolver r;
  r.ctx.routeExists = false;
  r.ask("www.example.com");
  REQUIRE(r.ctx.completed.size() == 1);
  REQUIRE(r.ctx.completed[0].answer.status == Status::NoServer);
}

TEST_CASE("Ids and ports differ from query to query") {
  Resolver r;
  std::set<std::uint16_t> ids;
  for (int i = 0; i < 20; ++i) {
    r.ask("host" + std::to_string(i) + ".example.com");
    ids.insert(r.lastQuery().id);
  }
  REQUIRE(ids.size() > 15);
  std::set<std::string> ports;
  for (const std::string &line : r.ctx.log)
    if (line.find("udpOpen") != std::string::npos) ports.insert(line);
  REQUIRE(ports.size() > 15);
}

TEST_CASE("A full cache gives up what would expire first") {
  Resolver r({{"cache_entries", std::int64_t{2}}});
  const auto fetch = [&r](const std::string &name, std::uint32_t ttl) {
    r.ask(name);
    r.answerWithAddress(ttl, name);
  };
  fetch("a.example.com", 50);
  fetch("b.example.com", 10);
  fetch("c.example.com", 30);
  REQUIRE(r.ctx.datagrams.size() == 3);
  r.ask("a.example.com");
  r.ask("c.example.com");
  REQUIRE(r.ctx.datagrams.size() == 3);
  r.ask("b.example.com");
  REQUIRE(r.ctx.datagrams.size() == 4);
}

} // namespace packetarium::programs
