// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/kv_protocol.h"
#include "tests/core/programs/fake_context.h"
#include "tests/support/catch.h"

#include <algorithm>

/// Web servers as members of a service: roles, and sessions in a store.
namespace packetarium::programs {
namespace {

using namespace testing;
using trace::FactTopic;
using Kind = SocketEvent::Kind;
using Given = std::map<std::string, ParameterValue>;
using Words = std::vector<std::string>;

const Endpoint visitor{wire::Ipv4Address::of(192, 0, 2, 9), 50000};

struct Server {
  FakeContext ctx;
  std::unique_ptr<Program> program;
  SocketId socket = 0;

  explicit Server(Given given) : program(make("http-server", std::move(given))) {
    program->start(ctx);
  }
  void tell(std::string_view value) { program->onNews(ctx, "service.shop", value); }
  SocketId connect() {
    socket = ctx.freshSocket();
    program->onSocket(ctx, accepted(ctx.lastSocket() - 1, socket, visitor));
    return socket;
  }
  void ask(const std::string &path, const std::string &more = "") {
    program->onSocket(ctx,
                      tcpData(socket, "GET " + path + " HTTP/1.1\r\nHost: x\r\n" + more + "\r\n"));
    ctx.runFor(*program, Duration::ms(2));
  }
  std::string status() const {
    const std::string text = ctx.streamText(socket);
    const std::size_t last = text.rfind("HTTP/1.1 ");
    return last == text.npos ? "none" : text.substr(last + 9, 3);
  }
  Words roles() const {
    Words all;
    for (const Fact &f : ctx.facts)
      if (f.topic == FactTopic::Role) all.push_back(f.value);
    return all;
  }
  std::size_t listened() const {
    const auto names = ctx.phaseNames();
    return static_cast<std::size_t>(std::count(names.begin(), names.end(), "http.listening"));
  }
};

Given standby(const std::string &kind) {
  return {{"service_name", std::string("shop")},
          {"standby", kind},
          {"start_up_ns", Duration::seconds(5).ns()}};
}

} // namespace

TEST_CASE("A server without a service has no role and always serves") {
  Server s({});
  REQUIRE(s.listened() == 1);
  REQUIRE(s.roles().empty());
  s.tell("standby");
  REQUIRE(s.ctx.closed.empty());
}

TEST_CASE("A hot standby listens at once when it becomes active, and stops when it steps down") {
  Server s(standby("hot"));
  REQUIRE(s.listened() == 0);
  REQUIRE(s.roles() == Words{"standby"});
  s.tell("active");
  REQUIRE(s.listened() == 1);
  s.connect();
  s.ask("/");
  REQUIRE(s.status() == "200");
  s.tell("standby");
  REQUIRE(s.ctx.closed.size() == 1); // the listener
  REQUIRE(s.ctx.aborted == std::vector<SocketId>{s.socket});
  REQUIRE(s.roles() == Words{"standby"}); // whoever told it to has told the rest, with the reason
  s.tell("active");
  REQUIRE(s.listened() == 2);
}

TEST_CASE("A cold standby serves only when it has started up, and tells that it does") {
  Server s(standby("cold"));
  s.tell("active");
  REQUIRE(s.roles() == Words{"standby", "starting"});
  s.ctx.runFor(*s.program, Duration::ms(4'999));
  REQUIRE(s.listened() == 0);
  s.ctx.runFor(*s.program, Duration::ms(1));
  REQUIRE(s.listened() == 1);
  REQUIRE(s.roles() == Words{"standby", "starting", "active"});
  const auto active = std::find_if(s.ctx.facts.begin(), s.ctx.facts.end(),
                                   [](const Fact &f) { return f.topic == FactTopic::Failover; });
  REQUIRE(active != s.ctx.facts.end());
  REQUIRE(active->value == "active");
  REQUIRE(active->name == "shop");
}

TEST_CASE("A standby that is told to step down while it starts up does not serve") {
  Server s(standby("warm"));
  s.tell("active");
  s.ctx.runFor(*s.program, Duration::seconds(2));
  s.tell("standby");
  s.tell("active"); // and again: the start-up begins anew
  s.ctx.runFor(*s.program, Duration::seconds(4));
  REQUIRE(s.listened() == 0);
  s.ctx.runFor(*s.program, Duration::seconds(1));
  REQUIRE(s.listened() == 1);
}

TEST_CASE("A standby whose configuration is not what it must be takes over and answers 500") {
  Server s(standby("hot"));
  s.tell("broken");
  s.connect();
  s.ask("/");
  REQUIRE(s.status() == "500");
  REQUIRE(s.roles() == Words{"standby", "broken"});
}

namespace {

Given stored() {
  const auto page = [](const std::string &path, const std::string &session) {
    return ParameterRow{{{"path", path}, {"session", session}}};
  };
  return {{"pages", std::vector<ParameterRow>{page("/login", "start"), page("/basket", "require"),
                                              page("/", "none")}},
          {"session_store", std::string("10.0.0.20")}};
}

/// The store's side, by hand.
struct WithStore : Server {
  WithStore() : Server(stored()) { connect(); }
  SocketId store() const { return ctx.connects.back().first; }
  void open() { program->onSocket(ctx, tcpEvent(Kind::Connected, store())); }
  void reply(const std::string &line) { program->onSocket(ctx, tcpData(store(), line + "\n")); }
  /// What was asked last.
  wire::cluster::Message asked() const {
    wire::cluster::Reader reader;
    REQUIRE(reader.feed(wire::Payload::of(ctx.streamText(store()))).ok());
    wire::cluster::Message last;
    while (const auto m = reader.take()) last = *m;
    return last;
  }
};

} // namespace

TEST_CASE("A session is stored before its cookie is given out") {
  WithStore s;
  s.ask("/");
  REQUIRE(s.status() == "200"); // no session, no store
  REQUIRE(s.ctx.connects.empty());
  s.ask("/login");
  REQUIRE(s.ctx.connects.back().second.text() == "10.0.0.20:7400");
  s.open();
  const auto set = s.asked();
  REQUIRE(set.is(kv::set));
  REQUIRE(set.text("key").substr(0, 8) == "session/");
  const std::string before = s.ctx.streamText(s.socket);
  REQUIRE(before.find("Set-Cookie") == std::string::npos);
  s.reply("PCM1 ok id=1");
  const std::string after = s.ctx.streamText(s.socket);
  REQUIRE(after.find("Set-Cookie: session=" + std::string(set.text("key").substr(8))) !=
          std::string::npos);
}

TEST_CASE("Any server knows a session that is in the store, and none that is not") {
  WithStore s;
  s.ask("/basket", "Cookie: session=abc\r\n");
  s.open();
  REQUIRE(s.asked().is(kv::get));
  REQUIRE(s.asked().text("key") == "session/abc");
  s.reply("PCM1 value id=1 key=session/abc value=12345");
  REQUIRE(s.status() == "200");
  REQUIRE(s.ctx.streamText(s.socket).find("visitor 12345") != std::string::npos);
  s.ask("/basket", "Cookie: session=abc\r\n"); // it is asked each time: it may be gone
  s.reply("PCM1 value id=2 key=session/abc");
  REQUIRE(s.status() == "403");
}

TEST_CASE("A store that does not answer, refuses or cannot be reached means 503") {
  WithStore s;
  s.ask("/basket", "Cookie: session=abc\r\n");
  SECTION("silence") {
    s.open();
    s.ctx.runFor(*s.program, Duration::seconds(1));
  }
  SECTION("it refuses") {
    s.open();
    s.reply("PCM1 refused id=1 why=no");
  }
  SECTION("nobody listens") {
    for (int i = 0; i < 5 && s.status() == "none"; ++i)
      s.program->onSocket(s.ctx, failed(s.store(), transport::SocketError::Refused));
  }
  REQUIRE(s.status() == "503");
}

TEST_CASE("A store that leads elsewhere is followed") {
  WithStore s;
  s.ask("/basket", "Cookie: session=abc\r\n");
  s.open();
  s.reply("PCM1 redirect id=1 to=10.0.0.21:7400");
  REQUIRE(s.ctx.connects.back().second.text() == "10.0.0.21:7400");
  s.open();
  s.reply("PCM1 value id=1 key=session/abc value=7");
  REQUIRE(s.status() == "200");
}

} // namespace packetarium::programs
