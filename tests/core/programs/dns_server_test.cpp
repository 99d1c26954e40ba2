// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wire/dns.h"
#include "tests/core/programs/fake_context.h"
#include "tests/support/catch.h"

namespace packetarium::programs {
namespace {

using namespace testing;
using namespace wire::dns;

const Endpoint client{wire::Ipv4Address::of(192, 0, 2, 9), 50000};

ParameterRow entry(const std::string &name, const std::string &type, const std::string &value,
                   std::int64_t ttl = 300) {
  return {{{"name", name}, {"type", type}, {"value", value}, {"ttl_s", ttl}}};
}

struct Server {
  FakeContext ctx;
  std::unique_ptr<Program> program;
  Server() {
    const std::vector<ParameterRow> records = {
        entry("@", "A", "192.0.2.1"),
        entry("www.example.com", "CNAME", "web"),
        entry("web", "A", "192.0.2.1", 60),
        entry("web", "A", "192.0.2.2", 60),
        entry("out", "CNAME", "www.example.net"),
        entry("note", "TXT", "hello"),
        entry("deep.down", "A", "192.0.2.3"),
        entry("sub", "NS", "ns.sub.example.com"),
        entry("ns.sub.example.com.", "A", "192.0.2.77"),
    };
    program = make("dns-server", {{"zone", std::string("example.com")},
                                  {"records", records},
                                  {"negative_ttl_s", std::int64_t{45}}});
    program->start(ctx);
  }
  Message ask(const Message &query) {
    program->onSocket(ctx, datagram(1, client, wire::Payload::of(*encode(query))));
    ctx.runFor(*program, Duration::ms(1));
    REQUIRE_FALSE(ctx.datagrams.empty());
    REQUIRE(ctx.datagrams.back().to == client);
    return *decode(ctx.datagrams.back().data);
  }
  Message ask(const std::string &name, RecordType type = RecordType::A) {
    return ask(Message::query(77, name, type));
  }
};

} // namespace

TEST_CASE("An address in the zone is answered with authority, id and question as asked") {
  Server s;
  const Message m = s.ask("WEB.example.com");
  REQUIRE(m.response);
  REQUIRE(m.authoritative);
  REQUIRE(m.id == 77);
  REQUIRE(m.recursionDesired);
  REQUIRE_FALSE(m.recursionAvailable);
  REQUIRE(m.questions.size() == 1);
  REQUIRE(m.answers.size() == 2);
  REQUIRE(std::get<wire::Ipv4Address>(m.answers[1].data) == wire::Ipv4Address::of(192, 0, 2, 2));
  REQUIRE(m.answers[0].ttl == 60);
}

TEST_CASE("The answer leaves after the processing time") {
  Server s;
  s.program->onSocket(
      s.ctx, datagram(1, client, wire::Payload::of(*encode(Message::query(1, "example.com")))));
  REQUIRE(s.ctx.datagrams.empty());
  s.ctx.runFor(*s.program, Duration::ms(1));
  REQUIRE(s.ctx.datagrams[0].at == at(Duration::us(200)));
}

TEST_CASE("An alias is answered with what it stands for") {
  Server s;
  const Message m = s.ask("www.example.com");
  REQUIRE(m.answers.size() == 3);
  REQUIRE(m.answers[0].type == RecordType::Cname);
  REQUIRE(std::get<NameData>(m.answers[0].data).name == "web.example.com");
  REQUIRE(m.answers[1].name == "web.example.com");
}

TEST_CASE("An alias that leads out of the zone is answered alone") {
  Server s;
  const Message m = s.ask("out.example.com");
  REQUIRE(m.code == ResponseCode::NoError);
  REQUIRE(m.answers.size() == 1);
  REQUIRE(m.authority.empty());
}

TEST_CASE("A name that does not exist is denied with the SOA") {
  Server s;
  const Message m = s.ask("nowhere.example.com");
  REQUIRE(m.code == ResponseCode::NameError);
  REQUIRE(m.answers.empty());
  REQUIRE(m.authority.size() == 1);
  REQUIRE(m.authority[0].type == RecordType::Soa);
  REQUIRE(m.authority[0].name == "example.com");
  REQUIRE(negativeTtl(m) == 45);
}

TEST_CASE("A name without records of the type, and one above a name, exist without data") {
  Server s;
  for (const auto &m : {s.ask("web.example.com", RecordType::Txt), s.ask("down.example.com")}) {
    REQUIRE(m.code == ResponseCode::NoError);
    REQUIRE(m.answers.empty());
    REQUIRE(negativeTtl(m) == 45);
  }
}

TEST_CASE("A name outside the zone is refused") {
  Server s;
  const Message m = s.ask("www.example.net");
  REQUIRE(m.code == ResponseCode::Refused);
  REQUIRE_FALSE(m.authoritative);
  REQUIRE(s.ask("notexample.com").code == ResponseCode::Refused);
}

TEST_CASE("A name below a delegation is referred, with glue and without authority") {
  Server s;
  const Message m = s.ask("host.sub.example.com");
  REQUIRE_FALSE(m.authoritative);
  REQUIRE(m.answers.empty());
  REQUIRE(m.authority.size() == 1);
  REQUIRE(m.authority[0].type == RecordType::Ns);
  REQUIRE(m.additional.size() == 1);
  REQUIRE(std::get<wire::Ipv4Address>(m.additional[0].data) ==
          wire::Ipv4Address::of(192, 0, 2, 77));
}

TEST_CASE("SOA, NS and TXT can be asked for") {
  Server s;
  REQUIRE(std::get<Soa>(s.ask("example.com", RecordType::Soa).answers.at(0).data).primary ==
          "ns1.example.com");
  REQUIRE(s.ask("example.com", RecordType::Ns).answers.size() == 1);
  REQUIRE(std::get<Txt>(s.ask("note.example.com", RecordType::Txt).answers.at(0).data).strings ==
          std::vector<std::string>{"hello"});
}

TEST_CASE("What is no standard query gets the error that says so") {
  Server s;
  Message status = Message::query(5, "example.com");
  status.opcode = 2;
  REQUIRE(s.ask(status).code == ResponseCode::NotImplemented);
  Message empty;
  empty.id = 6;
  REQUIRE(s.ask(empty).code == ResponseCode::FormatError);
}

TEST_CASE("A malformed query is answered with FORMERR, a malformed answer with silence") {
  Server s;
  wire::Bytes bytes = *encode(Message::query(0x1234, "example.com"));
  bytes.resize(bytes.size() - 3);
  s.program->onSocket(s.ctx, datagram(1, client, wire::Payload::of(bytes)));
  s.ctx.runFor(*s.program, Duration::ms(1));
  REQUIRE(s.ctx.datagrams.size() == 1);
  const Message m = *decode(s.ctx.datagrams[0].data);
  REQUIRE(m.id == 0x1234);
  REQUIRE(m.code == ResponseCode::FormatError);
  bytes[2] |= 0x80;
  s.program->onSocket(s.ctx, datagram(1, client, wire::Payload::of(bytes)));
  s.program->onSocket(s.ctx, datagram(1, client, wire::Payload::of("short")));
  s.ctx.runFor(*s.program, Duration::ms(1));
  REQUIRE(s.ctx.datagrams.size() == 1);
}

TEST_CASE("Records that cannot be are refused with their row") {
  const auto faultOf = [](ParameterRow row) {
    const auto result = complete(findProgramType("dns-server")->parameters,
                                 {{"zone", std::string("example.com")},
                                  {"records", std::vector<ParameterRow>{std::move(row)}}},
                                 "p");
    return result ? std::string() : result.faults()[0].text();
  };
  REQUIRE(faultOf(entry("www", "A", "web.example.com")) ==
          "p.records[0]: value of an A record must be an IPv4 address, got \"web.example.com\"");
  REQUIRE_FALSE(faultOf(entry("a..b", "A", "192.0.2.1")).empty());
  REQUIRE_FALSE(faultOf(entry("www", "CNAME", "a..b")).empty());
  REQUIRE(faultOf(entry("@", "TXT", "anything goes")).empty());
}

} // namespace packetarium::programs
