// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/cluster_facts.h"
#include "core/analysis/names.h"
#include "tests/support/catch.h"

using namespace packetarium;
using namespace packetarium::analysis;
using trace::FactTopic;

namespace {

net::Blueprint threeMembers() {
  net::Blueprint network;
  for (const char *name : {"A", "B", "C"}) {
    net::NodeSpec node;
    node.id = std::string("node-") + name;
    node.name = std::string("member ") + name;
    net::InterfaceSpec card;
    card.address =
        wire::Ipv4Prefix::parse("10.0.0." + std::to_string(network.nodes.size() + 1) + "/24");
    node.interfaces.push_back(card);
    network.nodes.push_back(node);
  }
  return network;
}

std::string told(FactTopic topic, std::string_view value, std::string_view detail = {}) {
  const net::Blueprint network = threeMembers();
  return serviceSentence(network, {topic, 0, "shop", value, detail});
}

} // namespace

TEST_CASE("each fact of consensus and quorums is a sentence that names nodes as people do") {
  CHECK(told(FactTopic::Term, "3", "node-B") == "member A follows member B in term 3 of shop.");
  CHECK(told(FactTopic::Term, "3", "node-A") == "member A leads shop in term 3.");
  CHECK(told(FactTopic::Term, "3") ==
        "member A is in term 3 of shop and knows of no leader in it.");
  CHECK(told(FactTopic::Vote, "ask 3", "it hears no leader") ==
        "member A stood for election in term 3 of shop: it hears no leader.");
  CHECK(told(FactTopic::Vote, "grant 3", "node-B") ==
        "member A gave member B its vote in term 3 of shop.");
  CHECK(told(FactTopic::Vote, "pre-refuse 3", "node-C") ==
        "member A refused member C a vote beforehand in term 3 of shop.");
  CHECK(told(FactTopic::Vote, "won 3", "10.0.0.2") ==
        "member A heard that member B votes for it in term 3 of shop.");
  CHECK(told(FactTopic::Vote, "pre-missed 3", "node-B") ==
        "member A heard that member B would not vote for it in term 3 of shop.");
  CHECK(told(FactTopic::Progress, "9 8", "node-B") ==
        "member A knows that member B has the log of shop up to entry 8, and will send entry 9 "
        "next.");
  CHECK(told(FactTopic::Apply, "8 3", "write cart 17") ==
        "member A applied entry 8 (“write cart 17”) of shop.");
  CHECK(told(FactTopic::Snapshot, "taken 40 3", "digest") ==
        "member A took a snapshot of shop that stands for all entries up to 40.");
  CHECK(told(FactTopic::Members, "node-A,node-B|node-A,node-B,node-C", "7") ==
        "For member A the members of shop change: until that is settled most of node-A, node-B and "
        "most of node-A, node-B, node-C must agree.");
  CHECK(told(FactTopic::Ring, "00000001 80000000") == "member A has 2 places on the ring of shop.");
  CHECK(told(FactTopic::Hint, "kept cart", "node-B") ==
        "member A keeps cart for member B, which it could not reach.");
  CHECK(told(FactTopic::Repair, "read cart", "node-B") ==
        "A read showed member A that member B has an old cart, and it sent it the newer one.");
  CHECK(told(FactTopic::Evicted, "cart", "it is full") == "member A let cart go: it is full.");
}

TEST_CASE("a countdown is told with its deadline") {
  const net::Blueprint network = threeMembers();
  trace::Record r;
  r.kind = trace::RecordKind::Countdown;
  r.node = 1;
  r.args[0] = 1'250'000'000;
  CHECK(countdownSentence(network, r, "shop") ==
        "member B waits until 1.250 s to hear from the leader of shop.");
  r.args[0] = ~std::uint64_t{0};
  CHECK(countdownSentence(network, r, "shop") == "member B no longer waits for a leader of shop.");
  r.detail = static_cast<std::uint16_t>(trace::CountdownKind::Lease);
  CHECK(countdownSentence(network, r, "shop") ==
        "member B no longer answers reads of shop by itself.");
}

TEST_CASE("a node is found by its id, its name or an address of it") {
  const net::Blueprint network = threeMembers();
  CHECK(nodeNamed(network, "node-C") == 2U);
  CHECK(nodeNamed(network, "member C") == 2U);
  CHECK(nodeNamed(network, "10.0.0.3:7401") == 2U);
  CHECK_FALSE(nodeNamed(network, "10.0.0.9"));
  CHECK_FALSE(nodeNamed(network, ""));
  CHECK(nodesNamed(network, "node-B,node-A|node-A,nobody") == std::vector<std::uint32_t>{1, 0});
}

TEST_CASE("a snapshot that was sent away is none that a member has") {
  REQUIRE(snapshotHeld("installed 40 3"));
  CHECK(snapshotHeld("installed 40 3")->index == 40);
  CHECK(snapshotHeld("installed 40 3")->term == 3);
  CHECK(snapshotHeld("installed 40 3")->installed);
  CHECK_FALSE(snapshotHeld("taken 7 1")->installed);
  CHECK_FALSE(snapshotHeld("sent 40 3"));
  CHECK_FALSE(snapshotHeld("taken many"));
  CHECK(isServing("leader"));
  CHECK(isStandingBy("follower"));
  CHECK(isStandingBy("candidate"));
  CHECK_FALSE(isStandingBy("down"));
}
