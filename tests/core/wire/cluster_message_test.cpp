// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/wire/dissect.h"
#include "tests/core/wire/samples.h"
#include "tests/support/catch.h"

using namespace packetarium;
using namespace packetarium::wire;
using cluster::Message;

namespace {

Message randomMessage(RandomStream &r) {
  const std::string verbs[] = {"append", "beat", "lease-ask", "V2"};
  Message m(verbs[r.below(4)]);
  for (auto n = r.below(5); n > 0; --n) {
    std::string value;
    for (auto k = r.below(12); k > 0; --k) value.push_back(static_cast<char>(r.next()));
    m.add("k" + std::to_string(r.below(9)), value);
  }
  return m;
}

Packet inTcp(std::string_view text) {
  Packet p = samples::tcp(TcpFlags::Psh | TcpFlags::Ack, 1, 1, Payload::of(text));
  p.tcp.destinationPort = 6000;
  seal(p);
  return p;
}

std::string firstFault(std::string_view line) {
  const auto decoded = cluster::decode(line);
  return decoded ? std::string() : decoded.faults()[0].message;
}

} // namespace

TEST_CASE("A cluster message is one line that anybody can read") {
  const Message m = Message("append").add("index", 7).add("key", "café 100%").add("note", "a=b");
  CHECK(cluster::encode(m) == "PCM1 append index=7 key=caf%C3%A9%20100%25 note=a=b\n");
  const auto back = cluster::decode(cluster::encode(m));
  REQUIRE(back.ok());
  CHECK(*back == m);
  CHECK(back->is("append"));
  CHECK(back->number("index") == 7);
  CHECK(back->number("key") == std::nullopt);
  CHECK(back->number("epoch", 3) == 3);
  CHECK(back->text("key") == "café 100%");
  CHECK(back->text("nothing").empty());
  CHECK(back->has("note"));
}

TEST_CASE("Any message comes back as it was, and each damaged byte is noticed") {
  RandomStream r(5, "test", "cluster");
  for (int round = 0; round < 200; ++round) {
    const Message m = randomMessage(r);
    const std::string line = cluster::encode(m);
    const auto back = cluster::decode(line);
    REQUIRE(back.ok());
    REQUIRE(*back == m);
    for (std::size_t i = 0; i < line.size(); ++i) {
      std::string damaged = line;
      damaged[i] = static_cast<char>(damaged[i] ^ static_cast<char>(1 + r.below(255)));
      const auto other = cluster::decode(damaged);
      REQUIRE((!other.ok() || *other != m));
    }
  }
}

TEST_CASE("A line that is no message is refused with its reason") {
  CHECK(firstFault("PCM2 beat\n") == "does not begin with PCM1 (byte 0)");
  CHECK(firstFault("PCM1 \n") == "needs a verb of letters, digits and - (byte 5)");
  CHECK(firstFault("PCM1 be?t\n") == "a word has letters, digits and - only (byte 7)");
  CHECK(firstFault("PCM1 beat \n") == "needs key=value after each space (byte 10)");
  CHECK(firstFault("PCM1 beat a=%2f\n").find("percent") != std::string::npos);
  CHECK(firstFault("PCM1 beat a=%41\n").find("percent") != std::string::npos);
  std::string many = "PCM1 beat";
  for (std::size_t i = 0; i <= cluster::fieldsMax; ++i) many += " a=1";
  CHECK(firstFault(many).find("too many fields") != std::string::npos);
  CHECK(firstFault("PCM1 beat a=" + std::string(cluster::lineBytesMax, 'x')).find("longer") !=
        std::string::npos);
}

TEST_CASE("A stream is cut into its messages however it arrives") {
  RandomStream r(6, "test", "cluster");
  std::string stream;
  std::vector<Message> sent;
  for (int i = 0; i < 300; ++i) {
    sent.push_back(randomMessage(r));
    stream += cluster::encode(sent.back());
  }
  cluster::Reader reader;
  std::vector<Message> got;
  for (std::size_t at = 0; at < stream.size();) {
    const std::size_t bytes = std::min<std::size_t>(1 + r.below(90), stream.size() - at);
    REQUIRE(reader.feed(Payload::of(stream.substr(at, bytes))).ok());
    at += bytes;
    if (r.chance(0.5))
      while (auto m = reader.take()) got.push_back(*m);
  }
  while (auto m = reader.take()) got.push_back(*m);
  CHECK(got == sent);
  CHECK_FALSE(reader.feed(Payload::of("GET / HTTP/1.1\r\n")).ok());
  cluster::Reader endless;
  CHECK_FALSE(endless.feed(Payload::pattern(0, cluster::lineBytesMax + 1)).ok());
}

TEST_CASE("A label says the verb and what matters most") {
  const auto label = [](const Message &m) { return m.label(); };
  CHECK(label(Message("append").add("epoch", 2).add("index", 7)) == "append 7");
  CHECK(label(Message("write").add("value", 3).add("key", "cart")) == "write cart");
  CHECK(label(Message("vote").add("epoch", 3)) == "vote 3");
  CHECK(label(Message("fence").add("node", "web-1")) == "fence web-1");
  CHECK(label(Message("beat")) == "beat");
  CHECK(label(Message("write").add("key", std::string(90, 'k'))).size() == 24);
}

TEST_CASE("Messages of Raft are called what its paper calls them") {
  const auto label = [](std::string_view verb, std::int64_t index) {
    Message m(verb);
    m.add("from", "alpha").add("term", 3);
    if (index > 0) m.add("index", index);
    return m.label();
  };
  CHECK(label("vote", 0) == "RequestVote 3");
  CHECK(label("vote-yes", 0) == "vote granted 3");
  CHECK(label("pre-vote", 0) == "PreVote 3");
  CHECK(label("pre-vote-no", 0) == "pre-vote refused 3");
  CHECK(label("append", 12) == "AppendEntries 12");
  CHECK(label("append-no", 1234) == "entries refused 1234");
  CHECK(label("snapshot", 40) == "InstallSnapshot 40");
  CHECK(label("snapshot-ok", 123456) == "snapshot accepted 123456");
  CHECK(label("timeout-now", 0) == "TimeoutNow 3");
  CHECK(label("heartbeat", 0) == "heartbeat 3");
}

TEST_CASE("Cluster messages are told by their magic on any port of UDP and TCP") {
  const std::string line = cluster::encode(samples::append());
  const Packet one = inTcp(line);
  CHECK(one.protocol == ProtocolClass::Cluster);
  CHECK(samples::udp(1, 2, Payload::of(line)).protocol == ProtocolClass::Cluster);
  CHECK(samples::udp(1, 2, Payload::of("PCM2 beat")).protocol == ProtocolClass::Udp);
  const Packet three = inTcp(line + cluster::encode(Message("beat")) + "PCM1 half key=");
  CHECK(summarise(three).label == "append 7 (+1)");
  const Dissection d = dissect(three);
  CHECK(d.protocol == "Cluster");
  REQUIRE(findField(d, "cluster.verb") != nullptr);
  CHECK(findField(d, "cluster.field")->value == "epoch = 2");
  const auto &messages = d.layers.back().children;
  REQUIRE(messages.size() == 3);
  CHECK(messages[1].value == "beat");
  CHECK(messages[2].value == "goes on in another segment");
  CHECK_FALSE(d.layers.back().malformed);
  const Dissection broken = dissect(samples::udp(1, 2, Payload::of("PCM1 half key\n")));
  CHECK(broken.layers.back().malformed);
}
