// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/scenario/build.h"
#include "tests/ui/topology/board.h"
#include "ui/cluster/server_watch.h"

#include <QLineF>

using namespace packetarium;
using namespace packetarium::ui;

namespace {

/// Two servers with one address between them; the one that holds it crashes at 20 s.
struct TakeOver : Board {
  const wire::Ipv4Address address = *wire::Ipv4Address::parse("192.0.2.10");
  TakeOver() : Board(scenario::loadBuiltIn("active-passive-hot").value()) {
    playback.pause();
    seek(19'000);
  }
  void seek(std::int64_t ms) {
    const SimTime at = SimTime::fromNs(ms * 1'000'000);
    playback.seek(at);
    REQUIRE(QTest::qWaitFor([&] { return !playback.isPending() && state.frame().cursor.at == at; },
                            30'000));
    paint();
  }
  std::uint32_t node(const std::string &name) const {
    const auto &nodes = state.network().nodes;
    for (std::uint32_t i = 0; i < nodes.size(); ++i)
      if (nodes[i].name == name) return i;
    FAIL("there is no " << name);
    return 0;
  }
  double distance(const QRectF &box, const std::string &name) {
    return QLineF(box.center(), canvas.scene().tiles()[node(name)].center()).length();
  }
  QString words(const std::string &name) {
    const auto *server = ServerWatch::of(state).of(node(name));
    return server == nullptr ? QString() : serverHealthWords(*server);
  }
};

} // namespace

TEST_CASE("the tag of an address glides from the node that held it to the one that takes it over") {
  TakeOver board;
  const HeldTags &tags = board.canvas.tags();
  const QRectF before = tags.boxOf(board.address);
  REQUIRE_FALSE(before.isEmpty());
  CHECK(board.distance(before, "server A") < board.distance(before, "server B"));
  CHECK(tags.shownBoxOf(board.address) == before);
  board.seek(26'000);
  const QRectF after = tags.boxOf(board.address);
  CHECK(board.distance(after, "server B") < board.distance(after, "server A"));
  REQUIRE(tags.isGliding());
  // It is on its way: neither here nor there any more.
  const auto share = [&] {
    return QLineF(before.center(), tags.shownBoxOf(board.address).center()).length() /
           QLineF(before.center(), after.center()).length();
  };
  REQUIRE(QTest::qWaitFor([&] { return share() > 0.2; }));
  CHECK(share() < 1);
  REQUIRE(QTest::qWaitFor([&] { return !tags.isGliding(); }));
  CHECK(tags.shownBoxOf(board.address) == after);
}

TEST_CASE("where motion is reduced a tag stands at its new node at once") {
  TakeOver board;
  board.hub.setReduceMotion(true);
  board.seek(26'000);
  const HeldTags &tags = board.canvas.tags();
  CHECK_FALSE(tags.isGliding());
  CHECK(tags.shownBoxOf(board.address) == tags.boxOf(board.address));
  CHECK(board.distance(tags.boxOf(board.address), "server B") < 120);
}

TEST_CASE("a server wears what its clients find it to be, and tells the numbers") {
  using Health = analysis::ServiceHealth;
  TakeOver board;
  const auto healthOf = [&](const std::string &name) {
    const auto *server = ServerWatch::of(board.state).of(board.node(name));
    return server == nullptr ? Health::Unknown : server->health;
  };
  CHECK(healthOf("server A") == Health::Up);
  CHECK(healthOf("server B") == Health::Unknown); // nobody asks it yet
  CHECK(board.words("server A").contains(QStringLiteral("to its clients it is up")));
  board.seek(23'500); // requests to the one that crashed run into their time-outs
  CHECK(healthOf("server A") == Health::Down);
  CHECK(healthOf("server B") == Health::Up); // it is not blamed for them
  board.seek(30'000);
  CHECK(healthOf("server B") == Health::Up);
  CHECK(healthOf("server A") == Health::Unknown);
  CHECK(board.words("server B").contains(QStringLiteral("to its clients it is up")));
}
