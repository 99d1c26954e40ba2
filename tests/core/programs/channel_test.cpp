// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/programs/channel.h"
#include "tests/core/programs/fake_context.h"
#include "tests/support/catch.h"

#include <algorithm>

namespace packetarium::programs {
namespace {

using namespace testing;
using Kind = SocketEvent::Kind;
using Told = ChannelEvent::Kind;

const Endpoint peer{wire::Ipv4Address::of(192, 0, 2, 1), 443};

/// A small protocol with what every protection layer has: a handshake (hello, ok), a change of the
/// bytes (letters one further, in brackets), a goodbye ('.') and a way to fail ('!').
class Brackets final : public ChannelLayer {
public:
  std::unique_ptr<ChannelLayer> clone() const override { return std::make_unique<Brackets>(*this); }
  void onConnected(Context &, Flow &flow) override {
    flow.toPeer.push_back(wire::Payload::of("hello"));
  }
  void onBytes(Context &, const wire::Payload &bytes, Flow &flow) override {
    for (const char c : bytes.toText()) onByte(c, flow);
  }
  void onEnd(Context &, Flow &flow) override {
    flow.events.push_back(event(m_goodbye ? Told::PeerClosed : Told::Failed));
    if (!m_goodbye) flow.events.back().why = "cut short";
  }
  void protect(Context &, const wire::Payload &data, Flow &flow) override {
    std::string text = data.toText();
    for (char &c : text) ++c;
    flow.toPeer.push_back(wire::Payload::of("[" + text + "]"));
  }
  void onClose(Context &, Flow &flow) override { flow.toPeer.push_back(wire::Payload::of(".")); }

private:
  static ChannelEvent event(Told kind, std::string_view text = {}) {
    ChannelEvent e;
    e.kind = kind;
    if (!text.empty()) e.data = wire::Payload::of(text);
    return e;
  }
  void onByte(char c, Flow &flow) {
    if (c == 'K') flow.events.push_back(event(Told::Ready));
    if (c == '[') m_record.clear();
    if (c >= 'a' && c <= 'z') m_record += static_cast<char>(c - 1);
    if (c == ']') flow.events.push_back(event(Told::Data, m_record));
    if (c == '.') {
      m_goodbye = true;
      flow.events.push_back(event(Told::PeerClosed));
    }
    if (c != '!') return;
    flow.toPeer.push_back(wire::Payload::of("alert"));
    flow.events.push_back(event(Told::Failed));
    flow.events.back().why = "The record is broken.";
    flow.events.back().outcome = trace::RequestOutcome::ServerError;
  }
  std::string m_record;
  bool m_goodbye = false;
};

/// A channel, its hands and what it told, a line each.
struct Stage {
  FakeContext ctx;
  Channel channel;
  std::vector<std::string> told;

  explicit Stage(bool layered)
      : channel(7, layered ? std::make_unique<Brackets>() : std::unique_ptr<Brackets>{}) {}
  void take(const std::vector<ChannelEvent> &events) {
    constexpr const char *names[] = {"ready",    "data",   "peer-closed",
                                     "writable", "closed", "failed"};
    for (const ChannelEvent &e : events)
      told.push_back(std::string(names[static_cast<int>(e.kind)]) +
                     (e.data.empty() ? "" : " " + e.data.toText()) +
                     (e.why.empty() ? "" : " " + e.why));
  }
  void happen(Kind kind) { take(channel.onSocket(ctx, tcpEvent(kind, 7, peer))); }
  void hear(std::string_view text) { take(channel.onSocket(ctx, tcpData(7, text))); }
  void open() {
    happen(Kind::Connected);
    hear("oK");
    told.clear();
  }
  std::uint32_t send(std::string_view text) { return channel.send(ctx, wire::Payload::of(text)); }
  std::string sent() const { return ctx.streamText(7); }
};

using Lines = std::vector<std::string>;

} // namespace

TEST_CASE("A plain channel is the socket itself") {
  Stage s(false);
  s.happen(Kind::Connected);
  CHECK(s.send("abc") == 3);
  s.hear("xyz");
  s.happen(Kind::Writable);
  s.happen(Kind::PeerClosed);
  s.channel.close(s.ctx);
  s.happen(Kind::Closed);
  CHECK(s.told == Lines{"ready", "data xyz", "writable", "peer-closed", "closed"});
  CHECK(s.sent() == "abc");
  CHECK(s.ctx.closed == std::vector<SocketId>{7});
  CHECK_FALSE(s.channel.exists());
  CHECK_FALSE(s.channel.secure());
}

TEST_CASE("A plain channel takes what the socket takes, and keeps nothing back") {
  Stage s(false);
  s.happen(Kind::Accepted);
  s.ctx.streamRoom = 2;
  CHECK(s.send("abc") == 2);
  s.channel.close(s.ctx);
  CHECK_FALSE(s.channel.lingers());
  CHECK(s.ctx.closed.size() == 1);
}

TEST_CASE("A failed connection says so in the words of sockets") {
  Stage s(false);
  const auto events = s.channel.onSocket(s.ctx, failed(7, transport::SocketError::Refused));
  REQUIRE(events.size() == 1);
  CHECK(outcomeOf(events[0]) == trace::RequestOutcome::Refused);
  CHECK(sentence(events[0], "x:1") == "x:1 refused the connection: nothing listens on that port.");
  CHECK_FALSE(s.channel.exists());
}

TEST_CASE("With a layer nothing of the program's leaves before the handshake is done") {
  Stage s(true);
  CHECK(s.channel.secure());
  s.happen(Kind::Connected);
  CHECK(s.sent() == "hello");
  CHECK_FALSE(s.channel.established());
  CHECK(s.send("abc") == 0);
  s.hear("oK");
  CHECK(s.channel.established());
  CHECK(s.told == Lines{"ready"});
  CHECK(s.send("abc") == 3);
  CHECK(s.sent() == "hello[bcd]");
  s.hear("[bc");
  s.hear("d][e]");
  CHECK(s.told == Lines{"ready", "data abc", "data d"});
}

TEST_CASE("A goodbye and the FIN after it are one end, and closing says goodbye first") {
  Stage s(true);
  s.open();
  s.hear(".");
  s.happen(Kind::PeerClosed);
  CHECK(s.told == Lines{"peer-closed"});
  s.channel.close(s.ctx);
  CHECK(s.sent() == "hello.");
  CHECK(s.ctx.closed == std::vector<SocketId>{7});
  s.happen(Kind::Closed);
  CHECK(s.told == Lines{"peer-closed", "closed"});
}

TEST_CASE("A FIN without a goodbye is the layer's to judge") {
  Stage s(true);
  s.open();
  s.happen(Kind::PeerClosed);
  CHECK(s.told == Lines{"failed cut short"});
  CHECK(s.ctx.closed == std::vector<SocketId>{7});
  CHECK_FALSE(s.channel.exists());
}

TEST_CASE("A layer that fails sends its alert, closes, and what came before still counts") {
  Stage s(true);
  s.open();
  const auto events = s.channel.onSocket(s.ctx, tcpData(7, "[bc]![d]"));
  s.take(events);
  CHECK(s.told == Lines{"data ab", "failed The record is broken."});
  CHECK(outcomeOf(events.back()) == trace::RequestOutcome::ServerError);
  CHECK(sentence(events.back(), "x:1") == "The record is broken.");
  CHECK(s.sent() == "helloalert");
  CHECK(s.ctx.closed == std::vector<SocketId>{7});
  CHECK(s.send("more") == 0);
}

TEST_CASE("What the socket has no room for waits in the channel and leaves when there is room") {
  Stage s(true);
  s.open();
  s.ctx.streamRoom = 3;
  CHECK(s.send("abcd") == 4); // a short message is always taken
  CHECK(s.sent() == "hello[bc");
  s.channel.close(s.ctx);
  CHECK(s.channel.lingers());
  CHECK(s.ctx.closed.empty());
  s.ctx.streamRoom = 2;
  s.happen(Kind::Writable);
  CHECK(s.channel.lingers());
  s.ctx.streamRoom = 1000;
  s.happen(Kind::Writable);
  CHECK_FALSE(s.channel.lingers());
  CHECK(s.sent() == "hello[bcde].");
  CHECK(s.ctx.closed == std::vector<SocketId>{7});
  CHECK(s.told.empty());
}

TEST_CASE("A stalled connection makes the channel stop taking, and say when it goes on") {
  Stage s(true);
  s.open();
  s.ctx.streamRoom = 0;
  const std::string big(1'000'000, 'a');
  const std::uint32_t taken = s.send(big);
  CHECK(taken >= channelChunk);
  CHECK(taken < 200'000);
  CHECK(s.send("a") == 0);
  s.ctx.streamRoom = 1U << 30;
  s.happen(Kind::Writable);
  CHECK(s.told == Lines{"writable"});
  CHECK(s.send(std::string_view(big).substr(taken)) == big.size() - taken);
  std::string letters = s.sent();
  CHECK(std::count(letters.begin(), letters.end(), 'b') == 1'000'000);
}

TEST_CASE("A copy of a channel goes on by itself, its layer with it") {
  Stage s(true);
  s.open();
  s.hear("[b");
  Stage copy = s;
  copy.hear("c]");
  s.hear("z]");
  CHECK(copy.told == Lines{"data ab"});
  CHECK(s.told == Lines{"data ay"});
}

TEST_CASE("Breaking off forgets the connection") {
  Stage s(true);
  s.open();
  s.channel.abort(s.ctx);
  CHECK(s.ctx.aborted == std::vector<SocketId>{7});
  CHECK_FALSE(s.channel.exists());
  s.channel.abort(s.ctx);
  s.channel.close(s.ctx);
  CHECK(s.ctx.aborted.size() == 1);
  CHECK(s.ctx.closed.empty());
}

} // namespace packetarium::programs
